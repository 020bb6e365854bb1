// The graph that GRAPH_START brings, as a browser draws it.

const types = [
	"transform",
	"llm",
	"tool",
	"router",
	"aggregator",
	"validator",
	"human_in_loop",
	"checkpoint",
	"custom",
];

const isName = (v) => typeof v === "string" && v !== "";

// draw returns the names of the nodes and the lines between them. It throws where a browser shows
// no graph, or another one than was meant: a node that is shown as something else, a line that
// leads nowhere or is drawn twice.
export function draw(json) {
	const { nodes, edges, entry_point: entry } = JSON.parse(json);
	if (!Array.isArray(nodes) || !Array.isArray(edges))
		throw new Error("nodes and edges are no lists");
	const there = new Set(["__end__"]);
	for (const { name, node_type: type } of nodes) {
		if (!isName(name)) throw new Error(`a node called ${name}`);
		if (!types.includes(type)) throw new Error(`node ${name} is of type ${type}`);
		there.add(name);
	}
	if (nodes.length > 0 && !there.has(entry))
		throw new Error(`the entry point ${entry} is no node`);
	const lines = new Map();
	for (const { from, to, edge_type: type, conditional_targets: targets } of edges) {
		if (!["direct", "conditional", "parallel"].includes(type))
			throw new Error(`an edge of type ${type}`);
		for (const end of targets === undefined ? [to] : targets.map(String)) {
			if (!there.has(from) || !there.has(end))
				throw new Error(`an edge from ${from} to ${end}`);
			const line = JSON.stringify([from, end, type]);
			if (lines.has(line) && (targets !== undefined || lines.get(line)))
				throw new Error(`two edges from ${from} to ${end}`);
			lines.set(line, targets !== undefined);
		}
	}
	return { nodes: there.size - 1, lines: lines.size };
}
