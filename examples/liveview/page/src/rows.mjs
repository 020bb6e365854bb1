// A list that may be long: only the rows that can be seen are in the document. One row has the
// tab stop; the arrow keys, Home, End and the page keys move it.
import { h, keyed, set } from "./dom.mjs";

const spare = 6; // rows above and below what can be seen

export class Rows {
  items = [];
  active = null; // the key of the row with the tab stop
  #scheduled = 0;

  // options: label, height of a row, role and rowRole, key, make and update of a row, open (called
  // for Enter and clicks), moved (called with the item that became active), fit (it is no taller
  // than its rows), follow (it stays at its end).
  constructor(options) {
    this.options = { role: "list", rowRole: "listitem", open() {}, moved() {}, ...options };
    this.space = h("div", { class: "rows-space", role: "presentation" });
    this.element = h("div", {
      class: `rows ${this.options.class ?? ""}`, role: this.options.role,
      "aria-label": this.options.label, onscroll: () => this.#later(),
      onkeydown: (e) => this.#key(e),
    }, this.space);
    if (this.options.head) this.element.prepend(this.options.head);
    new ResizeObserver(() => this.#later()).observe(this.element);
  }

  show(items) {
    const { fit, height } = this.options;
    const tall = fit ? `${items.length * height + 2}px` : "";
    if (this.element.style.height !== tall) this.element.style.height = tall;
    const following = this.options.follow && this.atEnd();
    this.items = items;
    this.index = new Map(items.map((item, i) => [this.options.key(item), i]));
    if (!this.index.has(this.active)) this.active = null;
    this.draw();
    if (following) this.element.scrollTop = this.element.scrollHeight;
  }

  atEnd() {
    const e = this.element;
    return e.scrollTop + e.clientHeight >= e.scrollHeight - this.options.height;
  }

  reveal(key) {
    const i = this.index?.get(key);
    if (i === undefined) return;
    const { height } = this.options;
    const e = this.element;
    const top = i * height;
    const room = e.clientHeight - (this.options.head?.offsetHeight ?? 0);
    if (top < e.scrollTop) e.scrollTop = top;
    else if (top + height > e.scrollTop + room) e.scrollTop = top + height - room;
    this.draw();
  }

  #later() {
    this.#scheduled ||= requestAnimationFrame(() => {
      this.#scheduled = 0;
      this.draw();
    });
  }

  draw() {
    const { height, key, make, update, rowRole, role } = this.options;
    const e = this.element;
    const from = Math.max(0, Math.floor(e.scrollTop / height) - spare);
    const to = Math.min(this.items.length,
      Math.ceil((e.scrollTop + (e.clientHeight || 600)) / height) + spare);
    const size = `${this.items.length * height}px`;
    if (this.space.style.height !== size) this.space.style.height = size;
    const shown = this.items.slice(from, to).map((item, i) => ({ item, at: from + i }));
    const a = this.index?.get(this.active);
    if (a !== undefined && (a < from || a >= to)) shown.push({ item: this.items[a], at: a });
    const stop = this.active ?? (shown.length ? key(shown[0].item) : null);
    keyed(this.space, shown, (s) => key(s.item), (s) => {
      const row = make(s.item);
      set(row, "role", rowRole);
      row.classList.add("row");
      row.addEventListener("click", (event) => this.#click(event, row));
      return row;
    }, (row, s) => {
      row.rowKey = key(s.item);
      const top = `${s.at * height}px`;
      if (row.style.top !== top) row.style.top = top;
      if (role === "table") {
        set(row, "aria-rowindex", s.at + 2);
      } else {
        set(row, "aria-posinset", s.at + 1);
        set(row, "aria-setsize", this.items.length);
      }
      set(row, "tabindex", row.rowKey === stop ? 0 : -1);
      update(row, s.item);
    });
    if (role === "table") set(e, "aria-rowcount", this.items.length + 1);
  }

  #click(event, row) {
    if (event.target.closest("a") || String(getSelection())) return;
    this.#move(row.rowKey, false);
    const item = this.items[this.index.get(row.rowKey)];
    if (item) this.options.open(item);
  }

  #move(key, focus) {
    this.active = key;
    this.reveal(key);
    this.draw();
    if (focus) {
      for (const row of this.space.children) if (row.rowKey === key) row.focus();
    }
    const item = this.items[this.index.get(key)];
    if (item) this.options.moved(item);
  }

  #key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || !this.items.length) return;
    const row = event.target.closest(".row");
    if (!row) return;
    const at = this.index.get(row.rowKey) ?? 0;
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.options.height) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page,
      Home: -at, End: this.items.length - 1 - at };
    if (event.key === "Enter" && event.target === row) {
      const item = this.items[at];
      if (item) this.options.open(item);
    } else if (event.key in steps) {
      const to = Math.min(this.items.length - 1, Math.max(0, at + steps[event.key]));
      this.#move(this.options.key(this.items[to]), true);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}
