// The keyboard: one letter each, unless something is typed.
import { h } from "./dom.mjs";
import { button } from "./marks.mjs";

const all = [["/", "find runs by text"], ["↑ ↓ Enter", "move in a list, open"],
  ["[ and ]", "one step back, one step on"], ["L", "back to live"],
  ["G W T", "graph, waterfall, timeline"], ["C S", "calls, state"],
  ["U", "up to the runs"], ["P, H", "producers, health"], ["?", "these keys"]];

export class Keys {
  constructor(app) {
    this.app = app;
    this.dialog = h("dialog", { "aria-labelledby": "keys-title" },
      h("h2", { id: "keys-title" }, "Keys"), h("dl", {}, all.map(([key, what]) => h("div", {},
        h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)))),
      button("Close", () => this.dialog.close()));
    document.body.append(this.dialog);
    addEventListener("keydown", (e) => this.#key(e));
  }

  help() {
    this.dialog.showModal();
  }

  #key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || this.dialog.open) return;
    const { target } = event;
    const typed = target.matches("select, textarea, input:not([type=range], [type=checkbox])");
    if (typed) {
      if (event.key === "Escape") target.blur();
      return;
    }
    if (this.#do(event.key.toLowerCase())) event.preventDefault();
  }

  #do(key) {
    const { app } = this;
    const pages = { u: "runs", p: "producers", h: "health" };
    if (key === "?") {
      this.help();
    } else if (key === "/") {
      location.hash = "#/runs";
      requestAnimationFrame(() => app.views.runs.focusFilter());
    } else if (app.name === "run" && app.views.run.key(key)) {
      return true;
    } else if (pages[key]) {
      location.hash = `#/${pages[key]}`;
    } else {
      return false;
    }
    return true;
  }
}
