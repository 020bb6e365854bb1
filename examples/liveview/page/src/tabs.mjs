// Tabs, with the keys that the ARIA pattern has, and one letter each.
import { h, set, show } from "./dom.mjs";

let made = 0;

export class Tabs {
  // tabs are [name, title, view, letter].
  constructor(label, tabs, changed) {
    this.tabs = tabs;
    this.changed = changed;
    const id = `tabs${made++}`;
    this.buttons = tabs.map(([name, title, , letter]) => h("button", { type: "button", role: "tab",
      id: `${id}-${name}`, "aria-controls": `${id}-panel-${name}`, title: `${title} (${
        letter.toUpperCase()})`, onclick: () => this.choose(name) }, title));
    this.panels = tabs.map(([name, , view]) => h("div", { role: "tabpanel", class: "panel",
      id: `${id}-panel-${name}`, "aria-labelledby": `${id}-${name}` }, view.element));
    this.list = h("div", { role: "tablist", "aria-label": label, class: "tabs",
      onkeydown: (e) => this.#arrow(e) }, this.buttons);
    this.element = h("section", { class: "tabbed", "aria-label": label }, this.list, this.panels);
    this.choose(tabs[0][0]);
  }

  choose(name) {
    this.chosen = name;
    this.tabs.forEach(([other], i) => {
      const on = other === name;
      set(this.buttons[i], "aria-selected", String(on));
      set(this.buttons[i], "tabindex", on ? 0 : -1);
      show(this.panels[i], on);
    });
    this.changed();
  }

  // key chooses the tab of a letter, and reports whether there is one.
  key(letter) {
    const tab = this.tabs.find((t) => t[3] === letter);
    if (tab) this.choose(tab[0]);
    return Boolean(tab);
  }

  #arrow(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const at = this.tabs.findIndex(([name]) => name === this.chosen);
    const to = (at + by + this.tabs.length) % this.tabs.length;
    this.choose(this.tabs[to][0]);
    this.buttons[to].focus();
    event.preventDefault();
  }
}
