// The list of runs with its filters, and above it what goes on now and what it waits for.
import { h, keyed, say, set, show } from "./dom.mjs";
import { clock, count, duration, elapsed, ordered, plural } from "./format.mjs";
import { runLink } from "./links.mjs";
import { flagList, statusBadge } from "./marks.mjs";
import { Rows } from "./rows.mjs";

const order = { failed: 0, waiting: 1, running: 2, ended: 3 };
const keyOf = (row) => `${row.thread}/${row.run}`;
const typing = 200; // ms after the last key before a filter is asked for

const times = [["", "any time"], ["900", "last 15 min"], ["3600", "last hour"],
  ["86400", "last day"]];

export class List {
  filter = {};
  sort = "status";
  #timer = 0;

  constructor(app) {
    this.app = app;
    this.channel = app.socket.subscribe("runs", { kind: "runs", filter: {}, limit: 500 });
    this.running = this.#now("running");
    this.waiting = this.#now("waiting");
    this.#filters();
    this.#table();
    this.now = h("ul", { class: "now" });
    this.nothing = h("p", { class: "empty" }, "Nothing runs and nothing waits for a human.");
    this.summary = h("p", { class: "summary", role: "status" });
    this.element = h("div", { class: "view list-view" },
      h("section", { "aria-labelledby": "now-title" },
        h("h2", { id: "now-title" }, "Going on now"), this.now, this.nothing),
      h("section", { "aria-labelledby": "runs-title", class: "grow" },
        h("div", { class: "title-line" }, h("h2", { id: "runs-title" }, "Runs"), this.summary),
        this.more, this.rows.element, this.empty));
  }

  #now(outcome) {
    return this.app.socket.subscribe(outcome, { kind: "runs", filter: { outcome }, limit: 12 });
  }

  #filters() {
    const select = (label, name, options) => h("label", {}, h("span", {}, label),
      h("select", { name }, options.map(([value, text]) => h("option", { value }, text))));
    this.form = h("form", { class: "filters", role: "search", "aria-label": "Filter runs",
      oninput: () => this.#ask(), onsubmit: (e) => e.preventDefault(),
      onreset: () => setTimeout(() => this.#ask()) },
    h("label", { class: "wide" }, h("span", {}, "Text"), h("input", { name: "text",
      type: "search", maxlength: 256, placeholder: "in thread or error  ( / )",
      autocomplete: "off", spellcheck: "false" })),
    select("Outcome", "outcome", [["", "all"], ["failed", "failed"], ["waiting", "waiting"],
      ["running", "running"], ["ended", "ended"]]),
    select("Graph", "graph", [["", "all"]]), select("Tenant", "tenant", [["", "all"]]),
    select("Started", "time", times),
    select("Order", "order", [["status", "errors first"], ["updated", "latest first"],
      ["duration", "longest first"], ["tokens", "most tokens"], ["retries", "most retries"]]),
    h("button", { type: "reset" }, "Clear"));
    const phone = matchMedia("(max-width: 40rem)");
    this.more = h("details", { class: "more", open: !phone.matches }, h("summary", {},
      "Filters and order"), this.form);
    phone.addEventListener("change", () => set(this.more, "open", !phone.matches));
  }

  #ask() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const f = Object.fromEntries(new FormData(this.form));
      this.sort = f.order;
      const filter = {};
      for (const name of ["text", "outcome", "graph", "tenant"]) {
        if (f[name]) filter[name] = f[name];
      }
      if (f.time) filter.from_us = this.app.socket.now() - Number(f.time) * 1e6;
      if (JSON.stringify(filter) !== JSON.stringify(this.filter)) {
        this.filter = filter;
        this.channel = this.app.socket.subscribe("runs", { kind: "runs", filter, limit: 500 });
      }
      this.drawn = undefined;
      this.app.changed();
    }, typing);
  }

  #table() {
    const columns = { status: "status", graph: "graph", thread: "thread", at: "where, or why",
      started: "started", took: "took", tokens: "tokens", retries: "retries" };
    const head = h("div", { class: "row-head", role: "row", "aria-rowindex": 1 },
      Object.entries(columns).map(([c, title]) => h("span", { role: "columnheader",
        class: `c-${c}` }, title)));
    this.rows = new Rows({ label: "Runs", role: "table", rowRole: "row", height: 52, head,
      class: "runs", key: keyOf, make: () => this.#row(), update: (e, r) => e.put(r),
      open: (r) => this.#open(r) });
    this.empty = h("p", { class: "empty", role: "status" });
  }

  #open(r) {
    if (!r.flags.includes("line_only")) location.hash = runLink(r.thread, r.run);
  }

  #row() {
    const status = statusBadge();
    const cells = {};
    const cell = (name, ...children) => (cells[name] = h("span", { role: "cell",
      class: `c-${name}` }, children));
    const link = h("a", { tabindex: -1 });
    const graph = h("b");
    const why = h("small", { class: "why" });
    const flags = flagList();
    const e = h("div", {}, cell("status", status), cell("graph", graph, h("small")),
      cell("thread", link, flags), cell("at", why), cell("started"), cell("took"),
      cell("tokens"), cell("retries"));
    e.put = (r) => {
      status.status(r.status);
      say(graph, r.graph || "graph not known");
      say(graph.nextSibling, r.tenant);
      say(link, r.thread);
      set(link, "href", r.flags.includes("line_only") ? null : runLink(r.thread, r.run));
      flags.flags(r.flags);
      say(why, r.error || r.waiting || r.node);
      set(why, "class", `why ${r.error ? "bad" : ""}`);
      set(why, "title", r.error || r.waiting || r.node);
      say(cells.started, clock(r.started_us));
      say(cells.took, duration(elapsed(r, this.app.socket.now())));
      say(cells.tokens, count(r.tokens));
      say(cells.retries, count(r.retries));
    };
    return e;
  }

  // focusFilter is what the key / does.
  focusFilter() {
    this.more.open = true;
    this.form.elements.text.focus();
  }

  draw() {
    const second = Math.floor(this.app.socket.now() / 1e6);
    const drawn = [this.channel, this.channel.version, this.running.version,
      this.waiting.version, second].join();
    if (drawn === this.drawn && this.channel === this.of) return;
    [this.drawn, this.of] = [drawn, this.channel];
    this.#drawNow();
    const list = this.sorted();
    this.rows.show(list);
    show(this.rows.element, list.length);
    show(this.empty, !list.length);
    const filtered = Object.keys(this.filter).length > 0;
    say(this.empty, !this.channel.known ? "Waiting for the view." : filtered
      ? "No run matches the filter." : "No run has been seen yet. They appear as they start.");
    this.#drawSummary(list.length);
  }

  sorted() {
    const list = [...(this.channel.collections.runs?.values() ?? [])];
    const by = { updated: "updated_us", tokens: "tokens", retries: "retries" }[this.sort];
    const now = this.app.socket.now();
    return list.sort((a, b) => {
      if (this.sort === "duration") {
        const d = elapsed(b, now) - elapsed(a, now);
        if (d) return d;
      } else if (by && a[by] !== b[by]) {
        return b[by] - a[by];
      } else if (!by && a.status !== b.status) {
        return (order[a.status] ?? 9) - (order[b.status] ?? 9);
      }
      return b.updated_us - a.updated_us || ordered(keyOf(a), keyOf(b));
    });
  }

  #drawNow() {
    const byStart = (a, b) => a.started_us - b.started_us || ordered(keyOf(a), keyOf(b));
    const of = (c) => [...(c.collections.runs?.values() ?? [])].sort(byStart);
    const items = [...of(this.waiting), ...of(this.running)].slice(0, 16);
    keyed(this.now, items, keyOf, () => this.#card(), (e, r) => e.put(r));
    show(this.now, items.length);
    show(this.nothing, !items.length && this.running.known);
  }

  #card() {
    const link = h("a");
    const status = statusBadge();
    const took = h("span", { class: "took" });
    const at = h("span", { class: "at" });
    const flags = flagList();
    const e = h("li", { class: "card" }, h("div", { class: "card-top" }, status, took), link, at,
      flags);
    e.put = (r) => {
      set(e, "data-status", r.status);
      set(link, "href", runLink(r.thread, r.run));
      say(link, r.thread);
      status.status(r.status);
      say(took, duration(elapsed(r, this.app.socket.now())));
      const where = r.status === "waiting" ? `for: ${r.waiting || "it does not say what"}`
        : r.node ? `in ${r.node}` : "between nodes";
      say(at, `${where} · ${r.graph || "graph not known"}`);
      flags.flags(r.flags);
    };
    return e;
  }

  #drawSummary(shown) {
    const s = this.channel.one("meta", "summary");
    if (!s) return;
    const matches = s.matches > shown ? `, the first ${count(shown)} are shown` : "";
    say(this.summary, `${count(s.matches)} of ${plural(s.total, "run")}${matches}: ${
      count(s.failed)} failed, ${count(s.waiting)} waiting, ${count(s.running)} running, ${
      count(s.ended)} ended`);
    this.#options(this.form.elements.graph, s.graphs);
    this.#options(this.form.elements.tenant, s.tenants);
  }

  // options offers what the view has seen, and keeps what is chosen.
  #options(select, names) {
    const values = ["", ...(names ?? [])];
    if (select.value && !values.includes(select.value)) values.push(select.value);
    keyed(select, values, (v) => v, (v) => {
      for (const o of select.options) if (!v && !o.value) return o;
      return h("option", { value: v }, v || "all");
    }, () => {});
  }
}
