// Elements are made here and nowhere else: text becomes text nodes, so that nothing that a
// producer wrote can become markup.

const SVG = "http://www.w3.org/2000/svg";
const inSVG = new Set(["svg", "g", "path", "rect", "text", "circle", "title", "defs", "marker"]);

// h makes an element: attributes, then children (elements, texts, nothing). "on…" is a listener.
export function h(tag, attributes = {}, ...children) {
  const e = inSVG.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) e.addEventListener(name.slice(2), value);
    else set(e, name, value);
  }
  e.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  return e;
}

// set changes an attribute only if it is another one: the browser restyles less then.
export function set(e, name, value) {
  if (value === false || value === null || value === undefined) {
    if (e.hasAttribute(name)) e.removeAttribute(name);
  } else {
    const text = value === true ? "" : String(value);
    if (e.getAttribute(name) !== text) e.setAttribute(name, text);
  }
}

// say changes an element's text only if it is another one.
export function say(e, text) {
  const s = String(text ?? "");
  if (e.textContent !== s) e.textContent = s;
}

// show hides or shows an element.
export function show(e, is) {
  if (e.hidden === Boolean(is)) e.hidden = !is;
}

// keyed makes the children of parent those of items, in their order, and keeps the elements of
// those that stay: focus and selection survive an update.
export function keyed(parent, items, key, make, update) {
  const old = parent.keyed ?? new Map();
  const now = new Map();
  let place = parent.firstChild;
  for (const item of items) {
    const k = key(item);
    if (now.has(k)) continue;
    let e = old.get(k);
    if (!e) e = make(item);
    old.delete(k);
    now.set(k, e);
    update(e, item);
    if (e === place) place = place.nextSibling;
    else parent.insertBefore(e, place);
  }
  for (const e of old.values()) e.remove();
  parent.keyed = now;
}

// once remembers what a function last drew, and calls it only for something else.
export function once(draw) {
  let before;
  return (...now) => {
    if (before && before.length === now.length && now.every((v, i) => v === before[i])) return;
    before = now;
    draw(...now);
  };
}
