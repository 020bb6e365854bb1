// The thread's state as lines, with what changed marked.
import { h, say, set, show } from "./dom.mjs";
import { bytes, plural } from "./format.mjs";
import { button } from "./marks.mjs";
import { changesOf, lines } from "./model.mjs";
import { Rows } from "./rows.mjs";

const signs = { add: "+", replace: "~", inside: "" };
const labels = { add: "added", replace: "changed", inside: "has changes" };
const longest = 300;

const trusts = {
  current: "",
  unknown: "No state has been seen yet.",
  suspect: "A message that may have changed the state is missing: it may be wrong.",
  lost: "The state could not be followed: what is shown is the last that was certain.",
};

export class StateView {
  closed = new Set();

  constructor(again) {
    this.again = again;
    this.summary = h("p", { class: "summary" });
    this.trust = h("p", { class: "note bad", role: "status" });
    this.next = button("Next change", () => this.#next());
    this.removed = h("p", { class: "note" });
    this.full = h("pre", { class: "full", tabindex: 0, "aria-label": "The value of the line" });
    this.rows = new Rows({ label: "State", height: 22, class: "state", fit: true,
      key: (l) => l.path,
      make: () => this.#row(), update: (e, l) => e.put(l), open: (l) => this.#toggle(l),
      moved: (l) => this.#show(l) });
    this.element = h("div", { class: "state-view" }, h("div", { class: "title-line" },
      this.summary, this.next), this.trust, this.removed, this.rows.element, this.full);
    this.full.hidden = true;
  }

  draw(channel) {
    const state = channel.one("state", "state");
    if (this.of !== state || this.stale) {
      this.of = state;
      this.stale = false;
      this.#lines(state);
    }
    this.rows.show(this.lines);
  }

  #lines(state) {
    const value = state?.value;
    this.changed = changesOf(state);
    const has = state?.known && value?.json !== undefined;
    this.lines = has ? lines(value.json, this.closed, this.changed) : [];
    const n = state?.changed?.length ?? 0;
    say(this.summary, !state?.known ? "" : `${bytes(value?.bytes ?? 0)}, from message ${
      state.sequence}: ${plural(n, "change")} against the state before`);
    const rejected = value?.rejected ? `The state was rejected, ${
      value.rejected.replaceAll("_", " ")}: ${bytes(value.bytes)}.` : "";
    say(this.trust, rejected || trusts[state?.trust ?? "unknown"] || "");
    set(this.trust, "class", state?.trust === "unknown" || !state ? "empty" : "note bad");
    show(this.trust, this.trust.textContent);
    show(this.next, n > this.changed.removed.length);
    const gone = this.changed.removed;
    say(this.removed, gone.length ? `− removed: ${gone.slice(0, 20).join(", ")}` : "");
    show(this.removed, gone.length);
    show(this.rows.element, this.lines.length);
  }

  #toggle(line) {
    if (!line.holds) {
      this.#show(line);
      return;
    }
    if (!this.closed.delete(line.path)) this.closed.add(line.path);
    this.stale = true;
    this.again();
  }

  #show(line) {
    const text = typeof line.value === "string" ? line.value : "";
    show(this.full, text.length > 60);
    say(this.full, text);
  }

  // next scrolls to the next change, and opens what hides it.
  #next() {
    const at = this.lines.findIndex((l) => l.path === this.rows.active);
    const marked = (l) => l.mark === "add" || l.mark === "replace";
    const to = this.lines.find((l, i) => i > at && marked(l)) ?? this.lines.find(marked);
    if (!to) return;
    this.rows.active = to.path;
    this.rows.reveal(to.path);
  }

  #row() {
    const sign = h("span", { class: "sign", "aria-hidden": "true" });
    const name = h("span", { class: "key" });
    const value = h("span", { class: "scalar" });
    const e = h("div", {}, sign, name, value);
    e.put = (l) => {
      set(e, "data-mark", l.mark);
      set(e, "aria-label", `${l.path || "the state"}${l.holds ? "" : `: ${text(l)}`}${
        l.mark ? `, ${labels[l.mark] ?? l.mark}` : ""}`);
      set(e, "aria-expanded", null);
      say(sign, l.mark ? signs[l.mark] ?? "~" : "");
      name.style.paddingLeft = `${Math.min(l.depth, 24) * 14}px`;
      say(name, `${l.holds ? (l.closed ? "▸ " : "▾ ") : ""}${l.path ? l.name : "state"}`);
      say(value, l.holds ? (l.array ? `[${l.size}]` : `{${l.size}}`) : text(l));
      set(value, "data-type", l.holds ? "holds" : l.value === null ? "null" : typeof l.value);
    };
    return e;
  }
}

function text(line) {
  const s = JSON.stringify(line.value);
  return s.length > longest ? `${s.slice(0, longest)}…` : s;
}
