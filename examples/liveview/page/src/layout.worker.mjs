// The layout of a graph takes long if the graph is large, so a worker does it. Nodes are numbers
// here: no name of a producer's is a key of anything.
import { Graph, layout } from "@dagrejs/dagre";

onmessage = ({ data: { id, nodes, edges, direction } }) => {
  const g = new Graph({ multigraph: true });
  g.setGraph({ rankdir: direction, nodesep: 28, ranksep: 46, edgesep: 14, marginx: 12,
    marginy: 12 });
  nodes.forEach((n, i) => g.setNode(String(i), { width: n.width, height: n.height }));
  const turned = turn(nodes.length, edges);
  const ends = (i) => (turned[i] ? [edges[i].to, edges[i].from] : [edges[i].from, edges[i].to])
    .map(String);
  edges.forEach((e, i) => g.setEdge(...ends(i), { width: e.width, height: e.width ? 16 : 0,
    labelpos: "c", minlen: 1 }, String(i)));
  layout(g);
  const { width, height } = nodes.length ? g.graph() : { width: 0, height: 0 };
  postMessage({ id, width, height,
    nodes: nodes.map((_, i) => ({ x: g.node(String(i)).x, y: g.node(String(i)).y })),
    edges: edges.map((e, i) => {
      const { points, x, y } = g.edge(...ends(i), String(i));
      return { points: turned[i] ? points.toReversed() : points, x, y };
    }) });
};

// turn says which edges lead back: those of a loop that lead nearer to the start. Nodes come in the
// order of their distance from it.
function turn(size, edges) {
  const next = Array.from({ length: size }, () => []);
  for (const e of edges) next[e.from].push(e.to);
  const entered = new Set(edges.map((e) => e.to));
  const distance = new Map();
  for (let i = 0; i < size; i++) {
    if (distance.has(i) || (entered.has(i) && i > 0)) continue;
    distance.set(i, 0);
    const queue = [i];
    for (const n of queue) {
      for (const to of next[n]) {
        if (distance.has(to)) continue;
        distance.set(to, distance.get(n) + 1);
        queue.push(to);
      }
    }
  }
  const reaches = (from, to) => {
    const seen = new Set([from]);
    for (const n of seen) for (const m of next[n]) seen.add(m);
    return seen.has(to);
  };
  return edges.map((e) => e.from !== e.to && distance.get(e.to) < distance.get(e.from) &&
    reaches(e.to, e.from));
}
