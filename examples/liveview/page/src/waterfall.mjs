// The waterfall of a run: when each node and call began, and how long it took.
import { h, say, set, show } from "./dom.mjs";
import { duration, elapsed } from "./format.mjs";
import { statusOf } from "./honesty.mjs";
import { waterfallOf } from "./model.mjs";
import { Rows } from "./rows.mjs";

const kinds = { run: "run", node: "node", llm: "model", tool: "tool" };

export class WaterfallView {
  constructor(opened) {
    this.rows = new Rows({ label: "Waterfall of the run", height: 30, class: "waterfall",
      fit: true, key: (r) => r.key, make: () => this.#row(), update: (e, r) => e.put(r),
      open: (r) => opened(r) });
    this.scale = h("div", { class: "scale", "aria-hidden": "true" }, h("span"), h("span"),
      h("span"));
    this.note = h("p", { class: "empty" }, "Nothing has run yet.");
    this.element = h("div", { class: "waterfall-view" }, this.scale, this.rows.element, this.note);
  }

  draw(channel, run, now) {
    const rows = waterfallOf(channel, run);
    const starts = rows.map((r) => r.entity.started_us).filter(Boolean);
    this.from = Math.min(...starts);
    const ends = rows.map((r) => this.#end(r.entity, now)).filter(Boolean);
    this.length = Math.max(1, Math.max(...ends) - this.from);
    this.now = now;
    show(this.note, !rows.length);
    [0, 0.5, 1].forEach((part, i) => say(this.scale.children[i],
      rows.length ? (part ? duration(this.length * part) : "0") : ""));
    this.rows.show(rows);
  }

  #end(entity, now) {
    if (entity.ended_us) return entity.ended_us;
    const open = entity.status === "running" || entity.status === "waiting";
    return open ? now : entity.started_us + Math.max(0, entity.duration_us);
  }

  #row() {
    const sign = h("span", { class: "sign", "aria-hidden": "true" });
    const name = h("span", { class: "name" });
    const kind = h("small");
    const bar = h("span", { class: "bar" });
    const took = h("span", { class: "took" });
    const e = h("div", {}, h("span", { class: "what" }, sign, kind, name),
      h("span", { class: "track", "aria-hidden": "true" }, bar), took);
    e.put = (r) => {
      const x = r.entity;
      set(e, "data-status", x.status);
      set(e, "data-kind", r.kind);
      say(sign, statusOf(x.status).sign);
      say(kind, kinds[r.kind] ?? r.kind);
      say(name, r.name);
      set(name, "title", r.name);
      const time = duration(elapsed(x, this.now));
      say(took, time);
      set(e, "aria-label", `${kinds[r.kind] ?? r.kind} ${r.name}: ${statusOf(x.status).label}, ${
        time}, level ${r.depth + 1}`);
      e.firstChild.style.paddingLeft = `${Math.min(r.depth, 8) * 14}px`;
      const left = x.started_us ? (x.started_us - this.from) / this.length : 0;
      const right = x.started_us ? (this.#end(x, this.now) - this.from) / this.length : 0;
      bar.style.left = `${(100 * Math.min(1, Math.max(0, left))).toFixed(2)}%`;
      bar.style.width = `${(100 * Math.max(0, Math.min(1, right) - left)).toFixed(2)}%`;
    };
    return e;
  }
}
