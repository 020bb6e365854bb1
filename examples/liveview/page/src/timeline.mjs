// The timeline: what happened, in its order. Opening an entry goes to its moment.
import { h, say, set, show } from "./dom.mjs";
import { clock, plural, whole, words } from "./format.mjs";
import { entriesOf } from "./model.mjs";
import { Rows } from "./rows.mjs";

const signs = { info: "·", warning: "▲", error: "✕" };

export class TimelineView {
  constructor(opened) {
    this.rows = new Rows({ label: "Timeline", height: 30, class: "timeline", follow: true,
      fit: true, key: (e) => String(e.n), make: () => this.#row(),
      update: (e, entry) => e.put(entry),
      open: (entry) => entry.sequence && opened(String(entry.sequence)) });
    this.only = h("input", { type: "checkbox", onchange: () => this.again?.() });
    this.note = h("p", { class: "empty" }, "Nothing has happened yet.");
    this.element = h("div", { class: "timeline-view" },
      h("label", { class: "check" }, this.only, " only errors and warnings"), this.rows.element,
      this.note);
  }

  draw(channel, run, at) {
    this.again = () => this.draw(channel, run, at);
    this.at = at ? whole(at) : null;
    const all = entriesOf(channel, run?.id);
    const items = this.only.checked ? all.filter((e) => e.level !== "info") : all;
    show(this.note, !items.length);
    this.rows.show(items);
  }

  // goTo scrolls to a moment.
  goTo(at) {
    const entry = this.rows.items.findLast((e) => whole(e.sequence) <= whole(at));
    if (entry) this.rows.reveal(String(entry.n));
  }

  #row() {
    const sign = h("span", { class: "sign" });
    const time = h("time");
    const number = h("span", { class: "number" });
    const kind = h("b");
    const node = h("span", { class: "node-name" });
    const text = h("span", { class: "text" });
    const e = h("div", {}, sign, time, number, kind, node, text);
    e.put = (x) => {
      set(e, "data-level", x.level);
      const n = whole(x.sequence);
      set(e, "data-future", this.at !== null && n > this.at ? "" : null);
      set(e, "aria-current", this.at !== null && n === this.at ? "step" : null);
      say(sign, signs[x.level] ?? "·");
      set(sign, "title", x.level);
      say(time, clock(x.time_us, true));
      say(number, `#${x.sequence}`);
      say(kind, words(x.kind));
      say(node, x.node_name);
      const others = x.others ? `${plural(x.others, "attribute")} not in the contract: ${
        (x.other_names ?? []).join(", ")}` : "";
      const full = [x.text, others].filter(Boolean).join(" · ");
      say(text, full);
      set(text, "title", full);
    };
    return e;
  }
}
