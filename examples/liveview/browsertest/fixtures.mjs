// What a view says of a topic: an agent that failed in a tool, and whatever a test changes of it.
const start = Date.now() * 1000 - 60e6;
const began = () => start;

export function row(thread, more = {}) {
  const started = began();
  return { thread, run: `${thread}-run`, graph: "gopher", tenant: "acme", status: "ended",
    started_us: started, ended_us: started + 2_400_000, duration_us: 2_400_000,
    updated_us: started + 2_400_000, error: "", waiting: "", node: "", nodes: 3, calls: 2,
    tokens: 1234, retries: 1, producer: "producer-1", flags: [], ...more };
}

export const rows = (...list) => Object.fromEntries(list.map((r) => [`${r.thread}/${r.run}`, r]));

export function producer(id, more = {}) {
  return { id, service: "answers", host: "vm", pid: "42", version: "1.0.0", status: "live",
    level: "ok", reported_us: Date.now() * 1000 - 2e6, started_us: began(), interval_us: 10e6,
    seconds_to_loss: null, queue_depth: 120, queue_max: 1000, permits: 3, permits_max: 8,
    emitted: 5000, delivered: 4990, lost: {}, latency_p50: 0.012, latency_p99: 0.3, running: 1,
    ...more };
}

export function health(more = {}) {
  return { status: "live", reason: "", topic: "events", partitions: 4, records: 41, messages: 41,
    lag_records: 0, lag_seconds: 0, last_kafka_message_us: Date.now() * 1000,
    last_infrastructure_error_us: 0, clients: 1, undecoded: 0, by_reason: [], threads: 3,
    kept_bytes: 4096, kept_max_bytes: 1 << 20, started_us: began(), ...more };
}

const json = (value) => ({ json: value, bytes: JSON.stringify(value).length, cut: false });

// thread is the data of a run channel: plan, search (fails in a tool) and answer (not run).
export function thread(name, more = {}) {
  const t = began();
  const run = `${name}-run`;
  const node = (id, n, status, from, to, error = "") => ({ id, parent: run, run, name: n, status,
    attempt: 1, sequence: from, started_us: t + from * 1e5, ended_us: to ? t + to * 1e5 : 0,
    duration_us: to ? (to - from) * 1e5 : 0, error, percent: 0, message: "" });
  const entry = (n, kind, level = "info", text = "") => [String(n), { n, sequence: n,
    time_us: t + n * 1e5, kind, level, run, node: "", node_name: "", text }];
  return {
    meta: { thread: { thread: name, tenant: "acme", sequence: 9, first_sequence: 1, first_us: t,
      last_us: t + 9e5, flags: [], resync_reason: "", gaps: [], missing: 0, rejected: 0,
      hashes_verified: 3, hashes_wrong: 0, producer: "producer-1", producer_status: "live",
      ...more } },
    runs: { [run]: { id: run, graph: "gopher", schema: { name: "gopher", entry: "plan",
      nodes: ["plan", "search", "answer"].map((n) => ({ name: n, type: "custom",
        description: `${n}s` })),
      edges: [["plan", "search"], ["search", "answer"], ["answer", "__end__"]].map(
        ([from, to]) => ({ from, to, type: "direct", label: "" })), cut: false },
    status: "failed", error: "search: connection refused", waiting: "", sequence: 1,
    started_us: t, ended_us: t + 9e5, duration_us: 9e5, tokens: 1234 } },
    nodes: { a: node("a", "plan", "ended", 2, 4), b: node("b", "search", "failed", 5, 8,
      "connection refused") },
    edges: { 1: { run, from: "plan", to: "search", type: "direct", condition: "", count: 1,
      last_us: t } },
    calls: {
      "llm:1": { id: "llm:1", kind: "llm", run, node: "a", node_name: "plan", name: "gpt-test",
        status: "ended", sequence: 3, started_us: t + 3e5, ended_us: t + 4e5, duration_us: 1e5,
        input: json([{ role: "user", content: "How is the weather?" }]),
        output: { text: "I look it up.", bytes: 13, cut: false }, streaming: false, error: "",
        retries: 0, prompt_tokens: 1000, completion_tokens: 234, total_tokens: 1234,
        finish_reason: "stop" },
      "tool:1": { id: "tool:1", kind: "tool", run, node: "b", node_name: "search",
        name: "weather", status: "failed", sequence: 6, started_us: t + 6e5, ended_us: t + 7e5,
        duration_us: 1e5, input: json({ city: "Ulm", days: 3 }), output: null, streaming: false,
        error: "connection refused", retries: 1, prompt_tokens: 0, completion_tokens: 0,
        total_tokens: 0, finish_reason: "" },
    },
    timeline: Object.fromEntries([entry(1, "graph_start"), entry(2, "node_start"),
      entry(3, "llm_start"), entry(4, "node_end"), entry(5, "state_diff"),
      entry(6, "tool_start"), entry(7, "tool_error", "error", "connection refused"),
      entry(8, "node_error", "error", "connection refused"), entry(9, "graph_error", "error")]),
    state: { state: { known: true, sequence: 5, trust: "current",
      value: json({ question: "How is the weather?", plan: ["look it up"], tries: 2 }),
      changed: [{ op: "add", path: "/plan" }, { op: "replace", path: "/tries" }] } },
  };
}

// before is the thread as it was before its tool failed.
export function before(name) {
  const data = thread(name);
  const run = Object.values(data.runs)[0];
  Object.assign(run, { status: "running", error: "", ended_us: 0, duration_us: 0 });
  Object.assign(data.nodes.b, { status: "running", error: "", ended_us: 0, duration_us: 0 });
  delete data.calls["tool:1"];
  data.meta.thread.at = data.meta.thread.sequence = 5;
  data.state.state.value = json({ question: "How is the weather?", plan: [], tries: 1 });
  return data;
}

// fill gives a fake view a topic with runs of each status.
export function fill(fake) {
  const open = { ended_us: 0, duration_us: 0 };
  fake.data.runs = rows(
    row("ended-1", { graph: "planner", tenant: "other" }),
    row("running-1", { status: "running", node: "search", ...open }),
    row("waiting-1", { status: "waiting", waiting: "approve the refund", ...open }),
    row("failed-1", { status: "failed", error: "search: connection refused" }));
  for (const name of ["ended-1", "running-1", "waiting-1", "failed-1"]) {
    fake.data.threads[name] = thread(name);
  }
  fake.data.producers = { producers: { "producer-1": producer("producer-1") } };
  fake.data.health = { meta: { health: health() }, failures: {}, warnings: {} };
  return fake;
}
