// The layout of a graph takes long if the graph is large, so a worker does it. Nodes are numbers
// here: no name of a producer's is a key of anything.
import { Graph, layout } from "@dagrejs/dagre";

onmessage = ({ data: { id, nodes, edges, direction } }) => {
  const g = new Graph({ multigraph: true });
  g.setGraph({ rankdir: direction, nodesep: 28, ranksep: 46, edgesep: 14, marginx: 12,
    marginy: 12 });
  nodes.forEach((n, i) => g.setNode(String(i), { width: n.width, height: n.height }));
  edges.forEach((e, i) => g.setEdge(String(e.from), String(e.to), {
    width: e.width, height: e.width ? 16 : 0, labelpos: "c", minlen: 1 }, String(i)));
  layout(g);
  const { width, height } = g.graph();
  postMessage({ id, width, height,
    nodes: nodes.map((_, i) => ({ x: g.node(String(i)).x, y: g.node(String(i)).y })),
    edges: edges.map((e, i) => {
      const { points, x, y } = g.edge(String(e.from), String(e.to), String(i));
      return { points, x, y };
    }) });
};
