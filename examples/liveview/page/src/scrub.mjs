// Time travel: a slider over what happened, and one key back to live.
import { h, say, set, show } from "./dom.mjs";
import { clock, count, whole } from "./format.mjs";
import { button } from "./marks.mjs";
import { stepsOf } from "./model.mjs";

export class Scrubber {
  steps = [];

  // go is called with a sequence number, "" for live.
  constructor(go) {
    this.go = go;
    this.slider = h("input", { type: "range", min: 0, value: 0, "aria-label": "Moment",
      oninput: () => this.#slid() });
    this.where = h("output", { class: "where" });
    this.live = button("Live", () => go(""), { class: "live", title: "Back to live (L)" });
    this.back = button("◀", () => this.step(-1), { "aria-label": "One step back",
      title: "One step back ( [ )" });
    this.on = button("▶", () => this.step(1), { "aria-label": "One step on",
      title: "One step on ( ] )" });
    this.marks = h("div", { class: "marks", "aria-hidden": "true" });
    this.element = h("div", { class: "scrub", role: "group", "aria-label": "Time travel" },
      this.back, h("div", { class: "slide" }, this.slider, this.marks), this.on, this.where,
      this.live);
  }

  // draw shows where in the live channel a moment is.
  draw(live, at, moment) {
    if (this.of !== live || this.version !== live.version) {
      [this.of, this.version] = [live, live.version];
      this.steps = stepsOf(live);
      this.#mark(live);
    }
    const last = Math.max(0, this.steps.length - 1);
    set(this.slider, "max", last);
    const place = at ? this.#place(at) : last;
    if (Number(this.slider.value) !== place) this.slider.value = place;
    const thread = moment?.one("meta", "thread");
    const end = live.one("meta", "thread")?.sequence ?? 0;
    const said = at ? `#${count(at)} of ${count(end)}${
      thread?.last_us ? `, ${clock(thread.last_us, true)}` : ""}` : `live, #${count(end)}`;
    say(this.where, said);
    set(this.slider, "aria-valuetext", said);
    set(this.live, "aria-pressed", String(!at));
    set(this.element, "data-moment", at ? "" : null);
    this.at = at;
    this.back.disabled = place <= 0;
    this.on.disabled = !at;
  }

  step(by) {
    const last = this.steps.length - 1;
    const place = (this.at ? this.#place(this.at) : last) + by;
    if (place < 0) return;
    this.go(place >= last && by > 0 ? "" : this.steps[place]);
  }

  #slid() {
    const place = Number(this.slider.value);
    this.go(place >= this.steps.length - 1 ? "" : this.steps[place]);
  }

  #place(at) {
    const n = whole(at);
    let place = 0;
    for (let i = 0; i < this.steps.length && whole(this.steps[i]) <= n; i++) place = i;
    return place;
  }

  // mark shows where errors are.
  #mark(live) {
    const errors = new Set([...(live.collections.timeline?.values() ?? [])]
      .filter((e) => e.level === "error").map((e) => String(e.sequence)));
    const last = this.steps.length - 1;
    const at = last > 0 ? this.steps.flatMap((s, i) => errors.has(s) ? [i / last] : []) : [];
    const key = at.join();
    if (key === this.marked) return;
    this.marked = key;
    this.marks.replaceChildren(...at.slice(-50).map((part) => {
      const mark = h("span");
      mark.style.left = `${part * 100}%`;
      return mark;
    }));
    show(this.marks, at.length);
  }
}
