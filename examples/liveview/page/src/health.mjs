// The health of the view itself.
import { h, keyed, say, set, show } from "./dom.mjs";
import { bytes, clock, count, date, duration, plural, words } from "./format.mjs";
import { healths } from "./honesty.mjs";
import { badge, fact } from "./marks.mjs";

const names = ["topic", "partitions", "records", "messages", "behind", "last record",
  "last error of the cluster", "viewers", "threads kept", "memory of threads", "did not decode",
  "view started"];

export class HealthView {
  constructor(app) {
    this.app = app;
    this.channel = app.socket.subscribe("health", { kind: "health" });
    this.status = badge("large");
    this.reason = h("p", { class: "why bad" });
    this.facts = names.map(fact);
    this.warnings = h("ul", { class: "notices", "aria-label": "Warnings" });
    this.noWarnings = h("p", { class: "empty" }, "Nothing in the last minutes.");
    this.reasons = table("Decode failures by reason", ["reason", "leads to", "since start"]);
    this.failures = table("The last records that did not decode", ["time", "reason", "leads to",
      "partition", "offset", "size", "detail"]);
    this.element = h("div", { class: "view" }, h("div", { class: "title-line" },
      h("h1", {}, "Health of the view"), this.status), this.reason,
    h("dl", { class: "facts wide" }, this.facts),
    h("section", { "aria-labelledby": "warnings-title" },
      h("h2", { id: "warnings-title" }, "Warnings about the recent past"), this.warnings,
      this.noWarnings),
    h("section", { "aria-labelledby": "undecoded-title" },
      h("h2", { id: "undecoded-title" }, "Records that did not decode"),
      this.none = h("p", { class: "empty" }, "Every record decoded."), this.reasons.element,
      this.failures.element));
  }

  health() {
    return this.channel.one("meta", "health");
  }

  warningsNow() {
    return [...(this.channel.collections.warnings?.values() ?? [])];
  }

  draw() {
    const x = this.health();
    if (!x) return;
    this.status.put({ ...(healths[x.status] ?? { sign: "?", label: x.status }), name: x.status });
    say(this.reason, x.reason);
    show(this.reason, x.reason);
    const now = this.app.socket.now();
    const ago = (us) => (us ? `${duration(Math.max(0, now - us))} ago, ${clock(us)}` : "never");
    const figures = [x.topic, count(x.partitions), count(x.records), count(x.messages),
      `${plural(x.lag_records, "record")}, ${duration(x.lag_seconds * 1e6)}`,
      ago(x.last_kafka_message_us), ago(x.last_infrastructure_error_us), count(x.clients),
      count(x.threads), `${bytes(x.kept_bytes)} of ${bytes(x.kept_max_bytes)}`,
      count(x.undecoded), date(x.started_us)];
    this.facts.forEach((f, i) => f.put(figures[i]));
    this.#warnings();
    this.reasons.put((x.by_reason ?? []).map((r) => [r.reason, [words(r.reason),
      words(r.leads_to), count(r.count)]]));
    const failures = [...(this.channel.collections.failures?.values() ?? [])];
    this.failures.put(failures.sort((a, b) => b.n - a.n).map((f) => [f.n, [clock(f.time_us),
      words(f.reason), words(f.leads_to), f.partition, f.offset, bytes(f.bytes), f.detail]]));
    show(this.none, !failures.length && !x.by_reason?.length);
  }

  #warnings() {
    const list = this.warningsNow();
    keyed(this.warnings, list, (w) => w.name, () => h("li", { class: "notice",
      "data-level": "warn" }, h("span", { class: "sign", "aria-hidden": "true" }, "▲"), h("b"),
    h("span")), (e, w) => {
      set(e, "data-warning", w.name);
      say(e.children[1], `${count(w.count)} ${w.text}`);
      say(e.lastChild, `in the last ${duration(w.window_us)}, since ${clock(w.since_us)}; ${
        count(w.total)} since the view was started`);
    });
    show(this.warnings, list.length);
    show(this.noWarnings, !list.length);
  }
}

function table(caption, columns) {
  const body = h("tbody");
  const element = h("div", { class: "scroll-x", tabindex: 0, role: "region",
    "aria-label": caption }, h("table", {}, h("caption", {}, caption), h("thead", {}, h("tr", {},
    columns.map((c) => h("th", { scope: "col" }, c)))), body));
  const put = (rows) => {
    show(element, rows.length);
    keyed(body, rows, ([key]) => key, () => h("tr", {}, columns.map(() => h("td"))),
      (tr, [, cells]) => cells.forEach((c, i) => say(tr.children[i], c)));
  };
  return { element, put };
}
