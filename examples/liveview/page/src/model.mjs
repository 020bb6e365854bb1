// What a run's graph, waterfall and calls show, derived from a run channel's entities. There is no
// document here.
import { ordered, whole } from "./format.mjs";

const values = (channel, name) => [...(channel.collections[name]?.values() ?? [])];

export const runsOf = (channel) => values(channel, "runs").sort((a, b) =>
  a.started_us - b.started_us || ordered(whole(a.sequence), whole(b.sequence)));

const bySequence = (a, b) => ordered(whole(a.sequence), whole(b.sequence)) ||
  ordered(a.id, b.id);

export const nodesOf = (channel, run) =>
  values(channel, "nodes").filter((n) => mine(n, run)).sort(bySequence);

export const callsOf = (channel, run) =>
  values(channel, "calls").filter((c) => mine(c, run)).sort(bySequence);

export const entriesOf = (channel, run) =>
  values(channel, "timeline").filter((e) => mine(e, run)).sort((a, b) => a.n - b.n);

export const edgesOf = (channel, run) =>
  values(channel, "edges").filter((e) => mine(e, run));

// mine reports whether something belongs to a run. What belongs to no known run is shown with each.
const mine = (entity, run) => !run || !entity.run || entity.run === run;

export const endName = "__end__";
export const startName = "__start__";

// graphOf returns the nodes and edges to draw: those that the producer described, and what was seen
// beside it.
export function graphOf(channel, run) {
  const schema = run?.schema;
  const nodes = new Map();
  const edges = new Map();
  const node = (name, more = {}) => {
    if (!nodes.has(name)) {
      nodes.set(name, { name, type: "", description: "", described: false, executions: [],
        ...more });
    }
    return nodes.get(name);
  };
  const edge = (from, to, more) => {
    const key = JSON.stringify([from, to]);
    node(from);
    node(to);
    edges.set(key, { key, from, to, type: "", label: "", count: 0, condition: "", last: 0,
      ...edges.get(key), ...more });
  };
  for (const n of schema?.nodes ?? []) node(n.name, { ...n, described: true });
  if (schema?.entry && !schema.edges.some((e) => e.from === startName)) {
    edge(startName, schema.entry, {});
  }
  for (const e of schema?.edges ?? []) edge(e.from, e.to, { type: e.type, label: e.label });
  const executions = nodesOf(channel, run?.id);
  const byID = new Map(executions.map((n) => [n.id, n]));
  for (const n of executions) {
    node(n.name).executions.push(n);
    const parent = byID.get(n.parent);
    if (parent) edge(parent.name, n.name, { type: "nested", count: 1 });
  }
  for (const e of edgesOf(channel, run?.id)) {
    edge(e.from, e.to, { count: e.count, condition: e.condition, last: e.last_us,
      type: edges.get(JSON.stringify([e.from, e.to]))?.type || e.type });
  }
  const entered = schema?.entry && nodes.get(schema.entry)?.executions.length;
  if (entered) edge(startName, schema.entry, { count: 1 });
  return { nodes: forward(nodes, edges), edges: [...edges.values()],
    described: Boolean(schema), cut: Boolean(schema?.cut) };
}

// forward orders nodes by how far they are from the start: a layout then turns only those edges
// that lead back.
function forward(nodes, edges) {
  const next = new Map();
  const entered = new Set();
  for (const e of edges.values()) {
    if (!next.has(e.from)) next.set(e.from, []);
    next.get(e.from).push(e.to);
    entered.add(e.to);
  }
  const order = new Set([startName, ...[...nodes.keys()].filter((n) => !entered.has(n))]
    .filter((n) => nodes.has(n)));
  for (const name of order) for (const to of next.get(name) ?? []) order.add(to);
  for (const name of nodes.keys()) order.add(name);
  return [...order].map((name) => nodes.get(name));
}

// statusOfNode is the state of a node of the graph: of its executions, one that runs counts before
// the last one.
export function statusOfNode(node, run) {
  if (!node.executions.length) return "idle";
  const running = node.executions.some((n) => n.status === "running");
  if (running) return run?.status === "waiting" ? "waiting" : "running";
  return node.executions.at(-1).status;
}

// waterfallOf returns the rows of the waterfall: the run, its nodes and their calls, nested.
export function waterfallOf(channel, run) {
  const nodes = nodesOf(channel, run?.id);
  const known = new Set(nodes.map((n) => n.id));
  const children = new Map();
  const add = (parent, row) => {
    if (!children.has(parent)) children.set(parent, []);
    children.get(parent).push(row);
  };
  for (const n of nodes) {
    add(known.has(n.parent) && n.parent !== n.id ? n.parent : "", { key: `n${n.id}`, id: n.id,
      kind: "node", name: n.name, entity: n });
  }
  for (const c of callsOf(channel, run?.id)) {
    add(known.has(c.node) ? c.node : "", { key: `c${c.id}`, kind: c.kind, name: c.name,
      entity: c });
  }
  const out = [];
  const seen = new Set();
  const walk = (parent, depth) => {
    const rows = children.get(parent) ?? [];
    rows.sort((a, b) => a.entity.started_us - b.entity.started_us ||
      bySequence(a.entity, b.entity));
    for (const row of rows) {
      if (seen.has(row.key)) continue;
      seen.add(row.key);
      out.push({ ...row, depth });
      if (row.id && depth < 64) walk(row.id, depth + 1);
    }
  };
  if (run) out.push({ key: `r${run.id}`, kind: "run", name: run.graph || "run", entity: run,
    depth: 0 });
  walk("", run ? 1 : 0);
  return out;
}

const spread = 200; // steps before the oldest entry of the timeline that is kept

// stepsOf returns the sequence numbers that time travel stops at, as strings.
export function stepsOf(channel) {
  const numbers = new Set(values(channel, "timeline").map((e) => String(e.sequence || 0)));
  for (const name of ["runs", "nodes", "calls"]) {
    for (const e of values(channel, name)) numbers.add(String(e.sequence || 0));
  }
  const thread = channel.one("meta", "thread");
  const first = whole(thread?.first_sequence);
  if (thread?.sequence) numbers.add(String(thread.sequence));
  numbers.delete("0");
  const sorted = [...numbers].map(BigInt).sort(ordered).filter((n) => n >= first);
  const oldest = sorted[0] ?? 0n;
  if (first > 0n && oldest > first) {
    const width = (oldest - first) / BigInt(spread) || 1n;
    const before = [];
    for (let n = first; n < oldest; n += width) before.push(n);
    sorted.unshift(...before);
  }
  return sorted.map(String);
}

// lines returns a JSON value as lines with their depth and JSON pointer. What is closed has one.
export function lines(value, closed, changed) {
  const out = [];
  const walk = (v, name, path, depth) => {
    const mark = changed.get(path) ?? (changed.inside.has(path) ? "inside" : "");
    const holds = v !== null && typeof v === "object";
    const size = holds ? (Array.isArray(v) ? v.length : Object.keys(v).length) : 0;
    const line = { path, name, depth, mark, holds, size, array: Array.isArray(v),
      closed: closed.has(path), value: holds ? null : v };
    out.push(line);
    if (!holds || line.closed) return;
    if (Array.isArray(v)) v.forEach((x, i) => walk(x, String(i), `${path}/${i}`, depth + 1));
    else for (const k of Object.keys(v)) walk(v[k], k, `${path}/${escape(k)}`, depth + 1);
  };
  walk(value, "", "", 0);
  return out;
}

const escape = (key) => key.replaceAll("~", "~0").replaceAll("/", "~1");

// changesOf returns which paths changed and how, and (in inside) which contain a change.
export function changesOf(state) {
  const changed = new Map();
  changed.inside = new Set();
  changed.removed = [];
  for (const c of state?.changed ?? []) {
    if (c.op === "remove") changed.removed.push(c.path);
    else changed.set(c.path, c.op);
    for (let p = c.path; p;) {
      p = p.slice(0, p.lastIndexOf("/"));
      changed.inside.add(p);
    }
  }
  return changed;
}
