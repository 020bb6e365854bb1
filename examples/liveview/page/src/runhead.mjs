// What is known of a run at first sight: what became of it, and what has to be known of its thread.
import { h, keyed, say, set, show } from "./dom.mjs";
import { clock, count, duration, elapsed } from "./format.mjs";
import { flagOf, producerStatuses } from "./honesty.mjs";
import { producerLink, runLink } from "./links.mjs";
import { button, fact, statusBadge } from "./marks.mjs";

export class RunHead {
  constructor(app, link) {
    this.app = app;
    this.link = link;
    this.title = h("h1");
    this.status = statusBadge("large");
    this.why = h("p", { class: "why" });
    this.choice = h("select", { "aria-label": "Run of the thread", onchange: () => {
      location.hash = runLink(this.thread, this.choice.value);
    } });
    this.json = h("a", { class: "button", download: "" }, "JSON");
    this.copied = button("Copy link", () => this.#copy(), { title: "Link to this moment" });
    this.facts = ["started", "took", "tokens", "calls", "retries", "hashes verified"].map(fact);
    this.producer = fact("producer");
    this.producerLink = h("a");
    this.producerState = h("span");
    this.producer.value.append(this.producerLink, " ", this.producerState);
    this.notices = h("ul", { class: "notices", "aria-label": "What has to be known" });
    this.element = h("header", { class: "run-head" },
      h("div", { class: "title-line" }, h("a", { href: "#/runs", class: "back" }, "‹ Runs"),
        this.title, this.status, h("span", { class: "actions" }, this.choice, this.copied,
          this.json)),
      this.why, h("dl", { class: "facts" }, this.facts, this.producer), this.notices);
  }

  draw(channel, live, runs, run, now) {
    const thread = channel.one("meta", "thread");
    const name = this.app.views.run.thread;
    this.thread = name;
    say(this.title, `${run?.graph || "graph not known"} · ${name}`);
    show(this.status, run);
    if (run) this.status.status(run.status);
    say(this.why, run?.error || (run?.status === "waiting"
      ? `Waits for a human: ${run.waiting || "it does not say what for"}` : ""));
    show(this.why, this.why.textContent);
    set(this.why, "class", run?.error ? "why bad" : "why");
    this.#choice(runs, run);
    const at = this.app.views.run.at;
    set(this.json, "href", `api/run?thread=${encodeURIComponent(name)}${
      at ? `&sequence=${at}` : ""}`);
    this.#facts(channel, run, thread, now);
    this.#notices(thread);
  }

  #choice(runs, run) {
    show(this.choice, runs.length > 1);
    keyed(this.choice, runs, (r) => r.id, (r) => h("option", { value: r.id }), (o, r) => say(o,
      `run ${clock(r.started_us)} ${r.status}`));
    if (run && this.choice.value !== run.id) this.choice.value = run.id;
  }

  #facts(channel, run, thread, now) {
    const calls = [...(channel.collections.calls?.values() ?? [])]
      .filter((c) => !run || !c.run || c.run === run.id);
    const retries = calls.reduce((n, c) => n + c.retries, 0);
    const figures = [clock(run?.started_us), run ? duration(elapsed(run, now)) : "–",
      count(run?.tokens), count(calls.length), count(retries),
      `${count(thread?.hashes_verified)}${thread?.hashes_wrong && thread.hashes_wrong !== "0"
        ? `, ${count(thread.hashes_wrong)} wrong` : ""}`];
    this.facts.forEach((f, i) => f.put(figures[i]));
    show(this.producer, thread?.producer);
    say(this.producerLink, thread?.producer);
    set(this.producerLink, "href", producerLink(thread?.producer ?? ""));
    const s = producerStatuses[thread?.producer_status];
    say(this.producerState, s ? `${s.sign} ${s.label}` : "? sends no reports");
    set(this.producerState, "data-level", s?.level);
  }

  #notices(thread) {
    const list = (thread?.flags ?? []).map((name) => ({ name, ...flagOf(name) }));
    keyed(this.notices, list, (n) => n.name, (n) => h("li", { class: "notice",
      "data-flag": n.name }, h("span", { class: "sign", "aria-hidden": "true" }, n.sign),
    h("b", {}, n.label), h("span")), (e, n) => {
      set(e, "data-level", n.level);
      say(e.lastChild, this.#more(n, thread));
    });
    show(this.notices, list.length);
  }

  // more says what is known beside a flag's meaning.
  #more(flag, thread) {
    const range = (g) => (String(g.from) === String(g.to) ? `${g.from}` : `${g.from}–${g.to}`) +
      (g.reason ? ` (${g.reason})` : "");
    const said = (explained) => (thread.gaps ?? []).filter((g) => g.explained === explained)
      .slice(-5).map(range).join(", ");
    const more = {
      needs_resync: () => thread.resync_reason && `Why: ${thread.resync_reason}`,
      gap: () => `Numbers ${said(false)}; ${count(thread.missing)} in all`,
      gap_explained: () => `Numbers ${said(true)}`,
      rejected: () => `${count(thread.rejected)} in all`,
    }[flag.name]?.();
    return more ? `${flag.text} ${more}.` : flag.text;
  }

  async #copy() {
    const url = new URL(this.link(), location.href).href;
    history.replaceState(null, "", this.link());
    let said = "Copied";
    try {
      await navigator.clipboard.writeText(url);
    } catch {
      said = "It is in the address bar";
    }
    say(this.copied, said);
    setTimeout(() => say(this.copied, "Copy link"), 2000);
  }
}
