// The producers: each instance's pipe, as its in-band reports say.
import { h, keyed, say, set, show } from "./dom.mjs";
import { count, duration, ordered, percent, words } from "./format.mjs";
import { levels, producerStatuses } from "./honesty.mjs";
import { badge, fact } from "./marks.mjs";

const order = { died: 0, live: 1, ended: 2 };
const worst = ["dropping", "critical", "elevated"];
// rank puts what somebody should look at first.
const rank = (p) => (order[p.status] ?? 9) * 10 + (p.status === "live"
  ? (worst.indexOf(p.level) + 1 || 9) : 0);
const most = 200; // are shown
const firstLoss = (s) => (s === null || s === undefined ? "none"
  : s > 0 ? `in ${inSeconds(s)}` : "now");
const inSeconds = (s) => (s === null || s === undefined ? "–" : duration(s * 1e6));

export class Producers {
  constructor(app) {
    this.app = app;
    this.channel = app.socket.subscribe("producers", { kind: "producers" });
    this.list = h("ul", { class: "producers" });
    this.empty = h("p", { class: "empty", role: "status" });
    this.summary = h("p", { class: "summary", role: "status" });
    this.element = h("div", { class: "view" }, h("div", { class: "title-line" },
      h("h1", {}, "Producers"), this.summary), this.empty, this.list);
  }

  all() {
    return [...(this.channel.collections.producers?.values() ?? [])];
  }

  // alarming counts those that somebody should look at.
  alarming() {
    return this.all().filter((p) => p.status === "died" || (p.status === "live" &&
      (p.level === "critical" || p.level === "dropping"))).length;
  }

  open({ producer }) {
    this.wanted = producer;
  }

  draw() {
    const all = this.all().sort((a, b) => rank(a) - rank(b) ||
      ordered(a.service, b.service) || ordered(a.id, b.id));
    const wanted = all.find((p) => p.id === this.wanted);
    const shown = all.slice(0, most);
    if (wanted && !shown.includes(wanted)) shown.push(wanted);
    keyed(this.list, shown, (p) => p.id, () => this.#card(), (e, p) => e.put(p));
    show(this.empty, !all.length);
    say(this.empty, this.channel.known ? "No producer has reported yet." : "Waiting for the view.");
    const of = (s) => all.filter((p) => p.status === s).length;
    say(this.summary, `${count(of("live"))} live, ${count(of("died"))} died, ${
      count(of("ended"))} ended`);
    if (wanted) {
      const e = this.list.keyed.get(wanted.id);
      e.scrollIntoView({ block: "nearest" });
      e.focus();
      this.wanted = "";
    }
  }

  #card() {
    const name = h("h2");
    const id = h("small");
    const status = badge();
    const level = badge();
    const queue = meter("queue");
    const permits = meter("permits");
    const facts = ["first loss", "emitted", "delivered", "lost", "latency p50", "latency p99",
      "open runs", "last report"].map(fact);
    const lost = h("p", { class: "lost" });
    const e = h("li", { class: "card producer", tabindex: -1 }, h("div", { class: "title-line" },
      name, status, level), id, queue, permits, h("dl", { class: "facts" }, facts), lost);
    e.put = (p) => {
      set(e, "data-status", p.status);
      set(e, "data-level", p.status === "live" ? p.level : null);
      say(name, p.service || "no service name");
      say(id, [p.id, p.host, p.pid && `pid ${p.pid}`, p.version].filter(Boolean).join(" · "));
      status.put({ ...(producerStatuses[p.status] ?? { sign: "?", label: p.status }),
        name: p.status });
      const l = levels[p.level] ?? { sign: "?", label: "level not reported", level: "note" };
      level.put({ ...l, name: p.level });
      show(level, p.status === "live");
      queue.put(p.queue_depth, p.queue_max);
      permits.put(p.permits, p.permits_max);
      const total = Object.values(p.lost ?? {}).reduce((a, b) => a + b, 0);
      const figures = [p.status === "live" ? firstLoss(p.seconds_to_loss) : "–",
        count(p.emitted), count(p.delivered), count(total), inSeconds(p.latency_p50),
        inSeconds(p.latency_p99), count(p.running), this.#reported(p)];
      facts.forEach((f, i) => f.put(figures[i]));
      set(facts[3], "class", total ? "fact bad" : "fact");
      const near = p.status === "live" && p.seconds_to_loss !== null;
      set(facts[0], "class", near ? "fact bad" : "fact");
      const reasons = Object.entries(p.lost ?? {}).map(([r, n]) => `${words(r)} ${count(n)}`);
      say(lost, reasons.length ? `Lost: ${reasons.join(", ")}` : "");
      show(lost, reasons.length);
    };
    return e;
  }

  #reported(p) {
    const ago = this.app.socket.now() - p.reported_us;
    return p.reported_us ? `${duration(Math.max(0, ago))} ago` : "never";
  }
}

// meter shows how full something is, in figures too.
function meter(label) {
  const fill = h("span", { class: "fill" });
  const text = h("span", { class: "figures" });
  const bar = h("span", { class: "track", role: "meter", "aria-label": label, "aria-valuemin": 0,
    "aria-valuemax": 100, "aria-valuenow": 0 }, fill);
  const e = h("div", { class: "meter" }, h("span", {}, label), bar, text);
  e.put = (used, max) => {
    const part = max > 0 ? Math.min(1, used / max) : 0;
    fill.style.width = `${(100 * part).toFixed(1)}%`;
    set(fill, "data-full", part >= 0.9 ? "critical" : part >= 0.5 ? "elevated" : "ok");
    set(bar, "aria-valuenow", Math.round(100 * part));
    set(bar, "aria-valuetext", `${count(used)} of ${count(max)}`);
    say(text, max > 0 ? `${count(used)} of ${count(max)}, ${percent(used, max)}` : "not reported");
  };
  return e;
}
