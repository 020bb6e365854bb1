// Small things that several parts of the page show the same way.
import { h, keyed, say, set } from "./dom.mjs";
import { flagOf, statusOf } from "./honesty.mjs";

// badge shows a sign and a label; its class tells the color.
export function badge(className = "") {
  const sign = h("span", { class: "sign", "aria-hidden": "true" });
  const label = h("span", { class: "label" });
  const e = h("span", { class: `badge ${className}` }, sign, label);
  e.put = ({ sign: s, label: l, level, name }) => {
    say(sign, s);
    say(label, l);
    set(e, "data-level", level);
    set(e, "data-status", name);
  };
  return e;
}

export function statusBadge(className) {
  const e = badge(className);
  e.status = (name) => e.put({ ...statusOf(name), name });
  return e;
}

// flagList shows flags as badges with their meaning as a title.
export function flagList() {
  const e = h("span", { class: "flags" });
  e.flags = (names) => keyed(e, names ?? [], (n) => n, () => badge("flag"), (b, n) => {
    const f = flagOf(n);
    b.put({ ...f, name: n });
    set(b, "title", f.text);
  });
  return e;
}

// fact is a term and its figure.
export function fact(term) {
  const value = h("dd");
  const e = h("div", { class: "fact" }, h("dt", {}, term), value);
  e.put = (text) => say(value, text);
  e.value = value;
  return e;
}

// button makes a button with a text.
export function button(text, onclick, attributes = {}) {
  return h("button", { type: "button", onclick, ...attributes }, text);
}
