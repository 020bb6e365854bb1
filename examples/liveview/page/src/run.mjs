// One run: live, or as it was at a moment.
import { CallsView } from "./calls.mjs";
import { Channel } from "./channels.mjs";
import { h, say, set, show } from "./dom.mjs";
import { date } from "./format.mjs";
import { GraphView } from "./graph.mjs";
import { runLink } from "./links.mjs";
import { button } from "./marks.mjs";
import { runsOf } from "./model.mjs";
import { RunHead } from "./runhead.mjs";
import { Scrubber } from "./scrub.mjs";
import { StateView } from "./state.mjs";
import { Tabs } from "./tabs.mjs";
import { TimelineView } from "./timeline.mjs";
import { WaterfallView } from "./waterfall.mjs";

const between = 90; // ms between two requests for moments: a page may send 20 frames a second

export class RunView {
  thread = "";
  run = "";
  at = "";
  node = "";
  moment = null; // the channel of the moment that is shown
  #asking = false;
  #dirty = true;

  constructor(app) {
    this.app = app;
    const again = () => this.again();
    this.head = new RunHead(app, () => this.link());
    this.scrubber = new Scrubber((at) => this.go(at));
    this.failed = h("p", { class: "notice bad", role: "alert" });
    this.graph = new GraphView(app, (name) => this.choose(name));
    this.waterfall = new WaterfallView((row) => this.#openRow(row));
    this.timeline = new TimelineView((at) => this.go(at));
    this.calls = new CallsView(again, () => this.choose(""));
    this.state = new StateView(again);
    this.left = new Tabs("How it ran", [["graph", "Graph", this.graph, "g"],
      ["waterfall", "Waterfall", this.waterfall, "w"],
      ["timeline", "Timeline", this.timeline, "t"]], again);
    this.right = new Tabs("What it did", [["calls", "Calls", this.calls, "c"],
      ["state", "State", this.state, "s"]], again);
    this.then = h("p", { class: "notice moment", role: "status" },
      h("span"), button("Back to live (L)", () => this.go("")));
    this.body = h("div", { class: "run-body" }, this.left.element, this.right.element);
    this.element = h("div", { class: "view run-view" }, this.head.element, this.failed,
      this.scrubber.element, this.then, this.body);
  }

  // open shows what a link says.
  open({ thread, run, at, node }) {
    if (thread !== this.thread) {
      this.thread = thread;
      this.live = this.app.socket.subscribe("run", { kind: "run", thread });
      this.moment = null;
      this.node = "";
      this.calls.chosen = "";
      this.state.closed.clear();
    }
    this.run = run;
    this.node = node || this.node;
    if (at !== this.at || (at && !this.moment)) {
      this.at = at;
      if (!at) this.moment = null;
      this.#ask();
    }
    this.again();
  }

  close() {
    this.app.socket.unsubscribe("run");
    this.thread = "";
    this.live = null;
    this.at = "";
    this.moment = null;
  }

  again() {
    this.#dirty = true;
    this.app.changed();
  }

  link() {
    return runLink(this.thread, this.run || this.shownRun, this.at);
  }

  // go shows a moment, or what is live for "".
  go(at) {
    if (at === this.at) return;
    this.at = at;
    if (!at) this.moment = null;
    history.replaceState(null, "", runLink(this.thread, this.run, at));
    this.#ask();
    this.again();
  }

  choose(name) {
    this.node = name === this.node ? "" : name;
    this.calls.chosen = "";
    if (this.node) this.right.choose("calls");
    this.again();
  }

  #openRow(row) {
    if (row.kind === "node") {
      this.node = row.name;
    } else if (row.kind !== "run") {
      this.node = "";
      this.calls.chosen = row.entity.id;
    }
    this.right.choose("calls");
    this.again();
  }

  // ask gets the moment that is wanted: one at a time, and the latest.
  async #ask() {
    if (this.#asking) return;
    this.#asking = true;
    while (this.at && this.app.socket.hello) {
      const { thread, at } = this;
      try {
        const data = await this.app.socket.moment(thread, at);
        if (thread === this.thread && this.at) {
          this.moment = new Channel();
          this.moment.replace(data);
          this.moment.at = at;
          this.momentError = null;
        }
      } catch (error) {
        this.momentError = { ...error, at };
        break;
      }
      this.again();
      await new Promise((done) => setTimeout(done, between));
      if (this.at === at && this.thread === thread) break;
    }
    this.#asking = false;
    this.again();
  }

  // wants reports whether a moment is missing that was not refused: the connection was cut.
  #wants() {
    const e = this.momentError;
    return this.at && this.moment?.at !== this.at && !this.#asking && this.app.socket.hello &&
      !(e?.at === this.at && e.code !== "disconnected");
  }

  key(key) {
    if (key === "l") this.go("");
    else if (key === "[") this.scrubber.step(-1);
    else if (key === "]") this.scrubber.step(1);
    else return this.left.key(key) || this.right.key(key);
    return true;
  }

  error() {
    const at = this.app.socket.subscriptions.get("run")?.error;
    const e = at ?? (this.at && this.momentError?.at === this.at ? this.momentError : null);
    if (!e) return "";
    return { unknown_thread: "The view does not know this thread: it was never seen, or forgotten.",
      line_only: "Line only: the details of this thread are no longer kept.",
    }[e.code] ?? `The view could not show it: ${e.message}`;
  }

  draw() {
    const now = this.app.socket.now();
    const tick = Math.floor(now / 250_000);
    const open = this.current?.status === "running" || this.current?.status === "waiting";
    if (this.#wants()) this.#ask();
    if (!this.#dirty && this.version === this.live.version && (tick === this.tick ||
      (!open && tick % 4))) return;
    this.#dirty = false;
    [this.version, this.tick] = [this.live.version, tick];
    const channel = this.moment ?? this.live;
    const runs = runsOf(channel);
    const run = runs.find((r) => r.id === this.run) ?? runs.at(-1);
    this.current = run;
    this.shownRun = run?.id ?? "";
    const shownNow = this.moment ? channel.one("meta", "thread")?.last_us || now : now;
    say(this.failed, this.error());
    show(this.failed, this.failed.textContent);
    show(this.body, channel.known);
    show(this.scrubber.element, this.live.known);
    this.head.draw(channel, this.live, runs, run, shownNow);
    this.scrubber.draw(this.live, this.at, this.moment);
    this.#then(channel);
    if (!channel.known) return;
    this.#panels(channel, run, shownNow);
  }

  #panels(channel, run, now) {
    const on = [this.left.chosen, this.right.chosen];
    if (on[0] === "graph") this.graph.draw(channel, run, this.node, now);
    if (on[0] === "waterfall") this.waterfall.draw(channel, run, now);
    if (on[0] === "timeline") {
      this.timeline.draw(this.live, run, this.at);
      if (this.at !== this.went && this.at) this.timeline.goTo(this.at);
      this.went = this.at;
    }
    if (on[1] === "calls") this.calls.draw(channel, run, this.node, now);
    if (on[1] === "state") this.state.draw(channel);
  }

  #then(channel) {
    show(this.then, this.at);
    if (!this.at) return;
    const t = channel.one("meta", "thread");
    set(this.element, "data-at", this.moment?.at ?? null);
    say(this.then.firstChild, this.moment ? `This is how it was at message ${
      this.moment.at}, ${date(t?.last_us)}.` : `Asking for message ${this.at}.`);
  }
}
