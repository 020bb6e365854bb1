// The page of the live view: it connects, follows its address, and draws what changed once a frame.
import { h, say, set, show } from "./dom.mjs";
import { count, duration } from "./format.mjs";
import { healths } from "./honesty.mjs";
import { HealthView } from "./health.mjs";
import { Keys } from "./keys.mjs";
import { List } from "./list.mjs";
import { readLink } from "./links.mjs";
import { badge } from "./marks.mjs";
import { Producers } from "./producers.mjs";
import { RunView } from "./run.mjs";
import { Socket } from "./socket.mjs";

const titles = { runs: "Runs", producers: "Producers", health: "Health" };
const silent = 4; // s without a frame after which the page says so

class App {
  #frame = 0;

  constructor() {
    const url = new URL("ws", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.hash = "";
    this.socket = new Socket(url, () => this.changed());
    this.views = { runs: new List(this), producers: new Producers(this),
      health: new HealthView(this), run: new RunView(this) };
    this.main = document.getElementById("main");
    this.#bar();
    this.keys = new Keys(this);
    addEventListener("hashchange", () => this.#go());
    setInterval(() => this.changed(), 250); // times that run
    this.#go();
  }

  changed() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #bar() {
    this.status = badge("large");
    this.status.id = "status";
    set(this.status, "role", "status");
    this.alert = h("p", { class: "notice bad", role: "alert", id: "connection" });
    this.links = {};
    this.counts = {};
    const nav = h("nav", { "aria-label": "Views" }, Object.entries(titles).map(([name, title]) => {
      this.counts[name] = h("span", { class: "count" }, h("span"), " ",
        h("span", { class: "word" }));
      return (this.links[name] = h("a", { href: `#/${name}` }, title, " ",
        this.counts[name]));
    }));
    document.getElementById("bar").append(h("a", { href: "#/runs", class: "brand" },
      h("b", {}, "DashStream"), " live view"), nav, this.status,
    h("button", { type: "button", "aria-label": "Keys", title: "Keys (?)", class: "quiet",
      onclick: () => this.keys.help() }, "?"));
    document.getElementById("bar").after(this.alert);
    document.getElementById("skip").addEventListener("click", (e) => {
      e.preventDefault();
      this.main.focus();
    });
  }

  #go() {
    const link = readLink(location.hash);
    const view = this.views[link.name];
    if (link.name !== "run" && this.name === "run") this.views.run.close();
    const changed = this.name !== link.name;
    this.name = link.name;
    if (changed) {
      this.main.replaceChildren(view.element);
      scrollTo(0, 0);
    }
    view.open?.(link);
    for (const [name, a] of Object.entries(this.links)) {
      const on = name === link.name || (name === "runs" && link.name === "run");
      set(a, "aria-current", on ? "page" : null);
    }
    document.title = `${link.name === "run" ? link.thread : titles[link.name]} – live view`;
    this.changed();
  }

  #draw() {
    this.#drawBar();
    this.views[this.name].draw();
  }

  #drawBar() {
    const health = this.views.health.health();
    const { socket } = this;
    const lost = socket.state === "disconnected" || socket.silentFor() > silent;
    show(this.alert, lost);
    if (lost) {
      say(this.alert, `The view has not answered for ${
        Math.round(socket.silentFor())} s: what is below is old. Connecting again.`);
    }
    if (socket.state !== "connected" || !health) {
      this.status.put({ sign: "…", label: socket.state === "disconnected" ? "no connection"
        : "connecting", level: lost ? "bad" : "warn", name: socket.state });
    } else {
      const s = healths[health.status] ?? { sign: "?", label: health.status };
      const behind = health.status === "behind" ? ` ${duration(health.lag_seconds * 1e6)}` : "";
      this.status.put({ ...s, label: s.label + behind, name: health.status });
      set(this.status, "title", health.reason);
    }
    const failed = this.views.runs.channel.one("meta", "summary")?.failed;
    this.#count("runs", failed, "failed");
    this.#count("producers", this.views.producers.alarming(), "to look at");
    const warnings = this.views.health.warningsNow().length;
    this.#count("health", warnings, warnings === 1 ? "warning" : "warnings");
    document.documentElement.toggleAttribute("data-lost", lost);
  }

  #count(name, n, what) {
    show(this.counts[name], n);
    const [figure, word] = this.counts[name].children;
    say(figure, n ? count(n) : "");
    say(word, what);
  }
}

new App();
