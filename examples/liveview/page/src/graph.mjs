// The graph of a run, drawn as it runs.
import { h, keyed, say, set, show } from "./dom.mjs";
import { duration, elapsed } from "./format.mjs";
import { statusOf } from "./honesty.mjs";
import { endName, graphOf, startName, statusOfNode } from "./model.mjs";

const chunk = 120; // elements that are made in one frame
const height = 48;
const titles = new Map([[startName, "start"], [endName, "end"]]);
const title = (name) => titles.get(name) ?? name;
const short = (name, most = 22) => (name.length > most ? `${name.slice(0, most - 1)}…` : name);

export class GraphView {
  #worker = null;
  #request = 0;
  #shape = "";
  #drawn = new Map();
  #paths = new Map();

  constructor(app, chosen) {
    this.app = app;
    this.chosen = chosen; // called with the name of a node
    this.svg = h("svg", { class: "graph", role: "group" });
    this.note = h("p", { class: "empty", role: "status" });
    this.edgeList = h("ol");
    this.text = h("details", { class: "as-text" }, h("summary", {}, "Edges as text"),
      this.edgeList);
    this.frame = h("div", { class: "graph-frame" }, this.svg);
    this.element = h("div", { class: "graph-view" }, this.note, this.frame, this.text);
    this.svg.addEventListener("keydown", (e) => this.#key(e));
  }

  draw(channel, run, selected, now) {
    const graph = graphOf(channel, run);
    this.run = run;
    this.selected = selected;
    set(this.svg, "aria-label", `Graph of ${run?.graph || "a run"}`);
    const narrow = this.element.clientWidth > 0 && this.element.clientWidth < 560;
    const direction = narrow || graph.nodes.length > 5 ? "TB" : "LR";
    const shape = JSON.stringify([direction, graph.nodes.map((n) => n.name),
      graph.edges.map((e) => [e.key, e.label])]);
    this.graph = graph;
    this.byName = new Map(graph.nodes.map((n) => [n.name, n]));
    if (shape !== this.#shape) {
      this.#shape = shape;
      this.#layout(graph, direction);
    }
    this.now = now;
    this.#update();
    if (!graph.nodes.length) say(this.note, "No node has been seen yet.");
    else if (!graph.described) {
      say(this.note, "The producer's description of the graph was not seen: this is what ran.");
    } else if (graph.cut) say(this.note, "The graph is too large to be drawn whole.");
    else say(this.note, "");
    show(this.note, this.note.textContent);
    if (this.text.open) this.#texts();
  }

  #layout(graph, direction) {
    this.#worker ??= this.#start();
    set(this.svg, "aria-busy", "true");
    const index = new Map(graph.nodes.map((n, i) => [n.name, i]));
    const nodes = graph.nodes.map((n) => titles.has(n.name) ? { width: 64, height: 28 }
      : { width: Math.min(216, Math.max(120, short(n.name).length * 8 + 52)), height });
    const edges = graph.edges.map((e) => ({ from: index.get(e.from), to: index.get(e.to),
      width: e.label && e.label !== e.to ? short(e.label, 18).length * 7 : 0 }));
    this.pending = { graph, nodes };
    this.#worker.postMessage({ id: ++this.#request, nodes, edges, direction });
  }

  #start() {
    const worker = new Worker("layout.js");
    worker.onmessage = ({ data }) => data.id === this.#request && this.#place(data);
    return worker;
  }

  // place makes the elements, some in each frame.
  #place(layout) {
    const { graph, nodes } = this.pending;
    const edgeLayer = h("g");
    const nodeLayer = h("g");
    const drawn = new Map();
    const paths = new Map();
    const work = [...graph.edges.map((e, i) => () => {
      const made = edgeElement(e, layout.edges[i]);
      edgeLayer.append(made);
      paths.set(e.key, made);
    }), ...graph.nodes.map((n, i) => () => {
      const made = this.#node(n, layout.nodes[i], nodes[i]);
      nodeLayer.append(made);
      drawn.set(n.name, made);
    })];
    const step = () => {
      if (layout.id !== this.#request) return;
      for (const make of work.splice(0, chunk)) make();
      if (work.length) {
        requestAnimationFrame(step);
        return;
      }
      const focused = this.svg.contains(document.activeElement)
        ? document.activeElement.nodeName_ : null;
      this.#drawn = drawn;
      this.#paths = paths;
      set(this.svg, "viewBox", `0 0 ${layout.width} ${layout.height}`);
      this.svg.style.width = `${layout.width}px`;
      this.svg.style.minWidth = `${Math.min(layout.width, layout.width * 0.7)}px`;
      set(this.svg, "aria-busy", null);
      this.svg.replaceChildren(markers(), edgeLayer, nodeLayer);
      this.#update();
      if (focused) drawn.get(focused)?.focus();
    };
    step();
  }

  #node(n, at, size) {
    const terminal = titles.has(n.name);
    const { width, height: tall } = size;
    const rect = h("rect", { x: -width / 2, y: -tall / 2, width, height: tall,
      rx: terminal ? tall / 2 : 8 });
    if (terminal) {
      return h("g", { class: "terminal", transform: `translate(${at.x} ${at.y})` }, rect,
        h("text", { y: 4, "text-anchor": "middle" }, title(n.name)));
    }
    const sign = h("text", { class: "sign", x: -width / 2 + 17, y: 5, "text-anchor": "middle" });
    const time = h("text", { class: "time", x: -width / 2 + 34, y: 15 });
    const about = h("title");
    const e = h("g", { class: "node", role: "button", tabindex: 0,
      transform: `translate(${at.x} ${at.y})`, onclick: () => this.chosen(n.name) },
    // its title is what a screen reader says, and what a pointer shows
    about, rect, sign, h("text", { class: "name", x: -width / 2 + 34, y: -2 }, short(n.name)),
    time);
    e.nodeName_ = n.name;
    e.put = (status, text, label, selected) => {
      set(e, "data-status", status);
      say(about, n.description ? `${label}. ${n.description}` : label);
      set(e, "aria-pressed", String(selected));
      say(sign, statusOf(status).sign);
      say(time, text);
    };
    return e;
  }

  #update() {
    if (!this.graph) return;
    for (const [name, e] of this.#drawn) {
      const n = this.byName.get(name);
      if (!n || !e.put) continue;
      const status = statusOfNode(n, this.run);
      const last = n.executions.find((x) => x.status === "running") ?? n.executions.at(-1);
      const took = last ? duration(elapsed(last, this.now)) : "";
      const times = n.executions.length > 1 ? ` · ${n.executions.length}×` : "";
      const progress = status === "running" && last?.percent
        ? ` · ${Math.round(last.percent * 100)} %` : "";
      const kind = n.type && n.type !== "custom" ? n.type.replaceAll("_", " ") : "";
      e.put(status, took ? took + times + progress : kind || statusOf(status).label,
        `${name}: ${statusOf(status).label}${took ? `, ${took}` : ""}${
          n.executions.length > 1 ? `, ${n.executions.length} executions` : ""}`,
        name === this.selected);
    }
    const byKey = new Map(this.graph.edges.map((e) => [e.key, e]));
    for (const [key, path] of this.#paths) path.put(byKey.get(key));
  }

  #texts() {
    keyed(this.edgeList, this.graph.edges, (e) => e.key, () => h("li"), (li, e) => say(li,
      `${title(e.from)} → ${title(e.to)}: ${e.count ? `taken ${e.count}×` : "not taken"}${
        e.condition ? `, ${e.condition}` : e.label ? `, if ${e.label}` : ""}`));
  }

  #key(event) {
    const name = event.target.nodeName_;
    if (name === undefined || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    this.chosen(name);
  }
}

function edgeElement(edge, { points, x, y }) {
  const path = h("path", { d: curve(points), "marker-end": "url(#arrow)" });
  const label = h("text", { "text-anchor": "middle", x: x ?? points[1].x,
    y: (y ?? points[1].y) + 4 });
  const e = h("g", { class: "edge", "aria-hidden": "true" }, path, label);
  e.put = (now) => {
    const taken = now?.count > 0;
    set(e, "class", `edge ${now?.type ?? ""} ${taken ? "taken" : ""}`);
    set(path, "marker-end", taken ? "url(#arrow-taken)" : "url(#arrow)");
    const said = [now?.label, now?.condition].find((s) => s && s !== now.to);
    const times = now?.count > 1 ? `${now.count}×` : "";
    say(label, [said ? short(said, 18) : "", times].filter(Boolean).join(" "));
  };
  e.put(edge);
  return e;
}

// curve leads through the middles between the points, so that no edge has a corner.
function curve(points) {
  const p = points.map(({ x, y }) => [x.toFixed(1), y.toFixed(1)]);
  if (p.length < 3) return `M${p.map((q) => q.join(" ")).join("L")}`;
  let d = `M${p[0].join(" ")}`;
  for (let i = 1; i < points.length - 1; i++) {
    const last = i === points.length - 2;
    const to = last ? points[i + 1]
      : { x: (points[i].x + points[i + 1].x) / 2, y: (points[i].y + points[i + 1].y) / 2 };
    d += `Q${p[i].join(" ")} ${to.x.toFixed(1)} ${to.y.toFixed(1)}`;
  }
  return d;
}

function markers() {
  const marker = (id) => h("marker", { id, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7,
    markerHeight: 7, orient: "auto-start-reverse" }, h("path", { d: "M0 0L8 4L0 8z" }));
  return h("defs", {}, marker("arrow"), marker("arrow-taken"));
}
