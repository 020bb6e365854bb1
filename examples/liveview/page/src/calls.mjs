// The calls of models and tools, and of the one that is chosen its input and output as they come.
import { h, say, set, show } from "./dom.mjs";
import { count, duration, elapsed, plural } from "./format.mjs";
import { statusOf } from "./honesty.mjs";
import { button, fact, statusBadge } from "./marks.mjs";
import { callsOf, nodesOf } from "./model.mjs";
import { Rows } from "./rows.mjs";
import { showValue } from "./values.mjs";

const kinds = { llm: "model", tool: "tool" };

export class CallsView {
  chosen = ""; // the id of a call, "" for the one that matters most

  constructor(changed, clearNode) {
    this.changed = changed;
    this.rows = new Rows({ label: "Calls", height: 34, class: "calls", key: (c) => c.id,
      fit: true, make: () => this.#row(), update: (e, c) => e.put(c),
      open: (c) => this.choose(c.id),
      moved: (c) => this.choose(c.id) });
    this.node = h("div", { class: "node-detail" });
    this.nodeText = h("div");
    this.node.append(this.nodeText, button("Show all nodes", clearNode, { class: "quiet" }));
    this.none = h("p", { class: "empty" });
    this.#detail();
    this.element = h("div", { class: "calls-view" }, this.node, this.rows.element, this.none,
      this.detail);
  }

  choose(id) {
    this.chosen = id;
    this.changed();
  }

  draw(channel, run, nodeName, now) {
    this.now = now;
    const all = callsOf(channel, run?.id);
    const calls = nodeName ? all.filter((c) => c.node_name === nodeName) : all;
    this.#node(channel, run, nodeName, now);
    const chosen = calls.find((c) => c.id === this.chosen) ?? first(calls);
    const moved = this.shown !== chosen?.id;
    this.shown = chosen?.id;
    show(this.rows.element, calls.length);
    show(this.none, !calls.length);
    say(this.none, nodeName ? "This node has made no call." : "No model or tool was called yet.");
    this.rows.show(calls);
    if (moved && chosen) this.rows.reveal(chosen.id);
    this.#put(chosen);
  }

  #node(channel, run, name, now) {
    show(this.node, name);
    if (!name) return;
    const list = nodesOf(channel, run?.id).filter((n) => n.name === name);
    const text = list.slice(-8).map((n) => [`attempt ${n.attempt}: ${statusOf(n.status).label}`,
      duration(elapsed(n, now)), n.message, n.error].filter(Boolean).join(" · "));
    const key = JSON.stringify([name, list.length, text]);
    if (this.nodeKey === key) return;
    this.nodeKey = key;
    const items = list.slice(-8).map((n, i) => h("li", { class: n.error ? "bad" : "" }, text[i]));
    this.nodeText.replaceChildren(h("b", {}, name), ` has run ${plural(list.length, "time")}`,
      h("ul", {}, items));
  }

  #row() {
    const sign = h("span", { class: "sign", "aria-hidden": "true" });
    const kind = h("small");
    const name = h("b");
    const node = h("span", { class: "node-name" });
    const took = h("span", { class: "took" });
    const e = h("div", {}, sign, kind, name, node, took);
    e.put = (c) => {
      set(e, "data-status", c.status);
      set(e, "data-kind", c.kind);
      set(e, "aria-current", c.id === this.shown ? "true" : null);
      say(sign, statusOf(c.status).sign);
      say(kind, kinds[c.kind] ?? c.kind);
      say(name, nameOf(c));
      say(node, c.node_name);
      say(took, c.streaming ? "streaming" : duration(elapsed(c, this.now)));
      set(e, "aria-label", `${kinds[c.kind] ?? c.kind} ${nameOf(c)}: ${statusOf(c.status).label}${
        c.node_name ? `, of ${c.node_name}` : ""}`);
    };
    return e;
  }

  #detail() {
    this.title = h("h3");
    this.status = statusBadge();
    this.error = h("p", { class: "error-text" });
    this.facts = ["took", "prompt tokens", "completion tokens", "retries", "finish"].map(fact);
    this.inputTitle = h("h4");
    this.input = h("div", { class: "value" });
    this.outputTitle = h("h4");
    this.output = h("div", { class: "value" });
    this.detail = h("section", { class: "call-detail", "aria-label": "The call" },
      h("div", { class: "title-line" }, this.title, this.status), this.error,
      h("dl", { class: "facts" }, this.facts), this.inputTitle, this.input, this.outputTitle,
      this.output);
  }

  #put(c) {
    show(this.detail, c);
    if (!c) return;
    say(this.title, nameOf(c));
    this.status.status(c.status);
    say(this.error, c.error);
    show(this.error, c.error);
    const figures = [duration(elapsed(c, this.now)), c.kind === "llm" && count(c.prompt_tokens),
      c.kind === "llm" && count(c.completion_tokens), c.retries && count(c.retries),
      c.finish_reason];
    this.facts.forEach((f, i) => {
      show(f, figures[i]);
      f.put(figures[i] || "");
    });
    const model = c.kind === "llm";
    say(this.inputTitle, model ? "Prompt" : "Arguments");
    say(this.outputTitle, c.streaming ? "Answer, streaming" : model ? "Answer" : "Result");
    if (this.of !== c.id) this.input.value = this.output.value = undefined;
    this.of = c.id;
    showValue(this.input, c.input ?? { text: "none", bytes: 0 });
    showValue(this.output, c.output ?? { text: c.ended_us ? "none" : "not yet", bytes: 0 });
    set(this.output, "data-streaming", c.streaming ? "" : null);
  }
}

// first is the call that matters most: the last that failed, or the last one.
const first = (calls) => calls.findLast((c) => c.status === "failed") ?? calls.at(-1);

const nameOf = (c) => c.name || `a ${kinds[c.kind] ?? "call"} without a name`;
