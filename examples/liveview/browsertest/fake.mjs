// A view for tests that need states which no healthy cluster has: it speaks the protocol and serves
// the page as built, with the view's own headers.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { WebSocketServer } from "ws";

const built = new URL("../page/dist/", import.meta.url);
const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml" };
export const policy = "default-src 'none'; script-src 'self'; style-src 'self'; " +
  "img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; " +
  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

// dist answers with the page as built.
export async function dist(request, response) {
  const path = new URL(request.url, "http://x").pathname.slice(1) || "index.html";
  const name = /^[a-z.]+$/.test(path) ? path : "none";
  try {
    const body = await readFile(new URL(name, built));
    response.writeHead(200, { "Content-Type": types[extname(name)],
      "Content-Security-Policy": policy });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}

// Fake has the data of each channel; moments are made by a function.
export class Fake {
  data = { runs: {}, producers: {}, health: {}, threads: {} };
  moment = (thread) => this.data.threads[thread];
  subscribed = []; // what the page has asked for
  beats = true;
  epoch = "e1";
  #clients = new Set();
  #ids = new Map();

  static async start() {
    const fake = new Fake();
    fake.server = createServer(dist);
    fake.sockets = new WebSocketServer({ server: fake.server, path: "/ws" });
    fake.sockets.on("connection", (socket) => fake.#meet(socket));
    await new Promise((done) => fake.server.listen(0, "127.0.0.1", done));
    fake.url = `http://127.0.0.1:${fake.server.address().port}/`;
    fake.timer = setInterval(() => fake.#beat(), 1000);
    return fake;
  }

  #meet(socket) {
    const client = { socket, subs: new Map() };
    this.#clients.add(client);
    socket.on("close", () => this.#clients.delete(client));
    socket.on("message", (text) => this.#asked(client, JSON.parse(text)));
    this.#send(client, { type: "hello", protocol: 1, epoch: this.epoch, version: "fake",
      now_us: Date.now() * 1000, demo: false });
  }

  #beat() {
    if (!this.beats) return;
    for (const c of this.#clients) this.#send(c, { type: "beat", now_us: Date.now() * 1000 });
  }

  #send(client, frame) {
    client.socket.send(JSON.stringify(frame));
  }

  #asked(client, ask) {
    this.subscribed.push(ask);
    if (ask.op === "unsubscribe") {
      client.subs.delete(ask.sub);
    } else if (ask.op === "moment") {
      const data = this.moment(ask.thread, ask.sequence);
      this.#send(client, data ? { type: "moment", req: ask.req, data }
        : { type: "error", req: ask.req, code: "unknown_thread", message: "not known" });
    } else {
      this.#subscribe(client, ask);
    }
  }

  #subscribe(client, ask) {
    const channel = ask.kind === "run" ? `run/${ask.thread}`
      : ask.kind === "runs" ? `runs/${JSON.stringify(ask.filter ?? {})}` : ask.kind;
    const data = this.#dataOf(ask);
    if (typeof data === "string") {
      this.#send(client, { type: "error", sub: ask.sub, code: data, message: "refused" });
      return;
    }
    client.subs.set(ask.sub, { channel, ask });
    this.#send(client, { type: "subscribed", sub: ask.sub, channel });
    const id = this.#ids.get(channel) ?? 0;
    if (ask.epoch === this.epoch && ask.after === id) return;
    this.#send(client, { type: "snapshot", channel, id, why: "subscribed", data });
  }

  #dataOf(ask) {
    if (ask.kind === "run") return this.data.threads[ask.thread] ?? "unknown_thread";
    if (ask.kind !== "runs") return this.data[ask.kind];
    const f = ask.filter ?? {};
    const all = Object.entries(this.data.runs);
    const has = (text) => text.toLowerCase().includes((f.text ?? "").toLowerCase());
    const matching = all.filter(([, r]) => (!f.outcome || r.status === f.outcome) &&
      (!f.graph || r.graph === f.graph) && (!f.tenant || r.tenant === f.tenant) &&
      (has(r.thread) || has(r.error)) && (!f.from_us || r.started_us >= f.from_us));
    const of = (s) => all.filter(([, r]) => r.status === s).length;
    const names = (key) => [...new Set(all.map(([, r]) => r[key]))].filter(Boolean).sort();
    return { runs: Object.fromEntries(matching.slice(0, ask.limit)), meta: { summary: {
      total: all.length, matches: matching.length, running: of("running"),
      waiting: of("waiting"), failed: of("failed"), ended: of("ended"), graphs: names("graph"),
      tenants: names("tenant") } } };
  }

  // update changes a channel's data, and sends what changed to those who look at it.
  update(channel, data, set, del = {}, skip = 0) {
    for (const [name, entities] of Object.entries(set)) {
      data[name] = { ...data[name], ...entities };
    }
    for (const [name, keys] of Object.entries(del)) for (const k of keys) delete data[name][k];
    const id = (this.#ids.get(channel) ?? 0) + 1 + skip;
    this.#ids.set(channel, id);
    for (const c of this.#clients) {
      if ([...c.subs.values()].some((s) => s.channel === channel)) {
        this.#send(c, { type: "update", channel, id, set, del });
      }
    }
  }

  updateRun(thread, set, del, skip) {
    this.update(`run/${thread}`, this.data.threads[thread], set, del, skip);
  }

  // cut ends all connections at once.
  cut() {
    for (const c of this.#clients) c.socket.terminate();
  }

  async stop() {
    clearInterval(this.timer);
    this.cut();
    this.sockets.close();
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}
