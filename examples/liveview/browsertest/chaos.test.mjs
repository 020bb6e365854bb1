// The broker and the view are killed, and the page's connection is cut, at random, while runs go
// on: the page, which nobody reloads, is right again each time, and at the end it equals the view,
// whose states are those of the file that was replayed.
import { after, test } from "node:test";
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { gunzipSync } from "node:zlib";
import { browse, close, open, patience } from "./browser.mjs";
import { api, equal } from "./equal.mjs";
import { build, recorded, start } from "./program.mjs";

const { KAFKA_BROKERS: brokers, DASHSTREAM_TEST_KAFKA_DIR: cluster } = process.env;
const seconds = Number(process.env.LIVEVIEW_CHAOS_SECONDS ?? 20);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// listening gives a server a port, which is free.
const listening = (server, port = 0) => new Promise((done, failed) => {
  server.on("error", failed);
  server.listen(port, "127.0.0.1", () => done(server.address().port));
});

async function freePort() {
  const server = createServer();
  const port = await listening(server);
  await new Promise((done) => server.close(done));
  return port;
}

// Wire is between the page and the view, and can be cut.
class Wire {
  #sockets = new Set();

  static async to(port) {
    const wire = new Wire();
    wire.server = createServer((near) => {
      const far = connect(port, "127.0.0.1");
      for (const [one, other] of [[near, far], [far, near]]) {
        wire.#sockets.add(one);
        one.on("error", () => {}); // its end is what matters
        one.on("close", () => {
          wire.#sockets.delete(one);
          other.destroy();
        });
      }
      near.pipe(far).pipe(near);
    });
    wire.url = `http://127.0.0.1:${await listening(wire.server)}/`;
    return wire;
  }

  cut() {
    for (const s of this.#sockets) s.destroy();
  }

  async stop() {
    this.cut();
    await new Promise((done) => this.server.close(done));
  }
}

// replayed runs for some seconds, a few runs at once; what did not end by then is canceled.
function replayed(topic) {
  const child = spawn(build("../replay"), ["--create-topic", "--topic", topic, "--rate", "40",
    "--concurrency", "3", "--runs", "1000", "--duration", `${seconds}s`, recorded],
  { stdio: ["ignore", "ignore", "inherit"] });
  return new Promise((done) => child.on("exit", done));
}

const health = async (url) => (await fetch(`${url}health`)).json();

// again waits until the page of the runs shows as many as the view has, and the page of a run as
// much of it as the view has, without an alert.
async function again([list, run], url, what) {
  const thread = threadOf(run.url());
  let shown;
  let has;
  for (const end = Date.now() + 2 * patience; Date.now() < end; await pause(200)) {
    const read = [health(url), api(url, `thread=${encodeURIComponent(thread)}`),
      list.locator(".summary").textContent(), run.locator(".where").textContent(),
      list.getByRole("alert").count(), run.getByRole("alert").count()];
    const [h, of, runs, at, ...alerts] = await Promise.all(read.map((r) => r.catch(() => null)));
    shown = `${runs}; ${at}; ${alerts} alerts`;
    has = `${h?.threads} threads; #${of?.meta.thread.sequence}`;
    if (h?.threads > 0 && runs?.includes(`of ${h.threads} run`) &&
      at?.replaceAll("\u202f", "") === `live, #${of?.meta.thread.sequence}` &&
      alerts.every((n) => n === 0)) return;
  }
  assert.fail(`after ${what} the pages show ${shown}, and the view has ${has}`);
}

const threadOf = (url) => decodeURIComponent(/#\/run\/([^?]+)/.exec(url)[1]);

// conversations are the messages of the recorded runs.
async function conversations() {
  const bytes = await readFile(recorded);
  const text = (recorded.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString();
  return JSON.parse(text).map((run) => run.traj);
}

let browser;
let program;
let wire;
after(async () => {
  await browser?.close();
  await program?.stop();
  await wire?.stop();
});

const without = brokers && cluster ? false
  : "KAFKA_BROKERS and DASHSTREAM_TEST_KAFKA_DIR name no cluster that can be killed";

test("the page is right again after everything was killed", { skip: without }, async () => {
  const kafka = build("../../internal/kafkatest/cmd/kafka");
  const topic = `liveview-chaos-${process.pid}`;
  const address = `127.0.0.1:${await freePort()}`;
  const launch = () => start(["--listen", address, "--topic", topic, "--from", "start"], brokers);
  build();
  browser = await browse();
  const done = replayed(topic);
  program = await launch();
  wire = await Wire.to(address.split(":")[1]);
  const page = await open(browser, wire.url);
  const first = page.getByRole("table", { name: "Runs" }).getByRole("link").first();
  const run = await open(browser, wire.url, await first.getAttribute("href"));
  page.quiet = run.quiet = /WebSocket connection|net::ERR_/;

  const breaks = {
    "a cut": async () => wire.cut(),
    "the view's death": async () => {
      await program.kill();
      await pause(Math.random() * 2000);
      program = await launch();
    },
    "the broker's death": async () => {
      execFileSync(kafka, ["kill", cluster, "1"]);
      await pause(1000);
      execFileSync(kafka, ["start", cluster, "1"], { stdio: "ignore" });
    },
  };
  const counts = {};
  const order = Object.keys(breaks);
  for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
    // each comes once, and then whichever
    const what = order.shift() ?? Object.keys(breaks)[Math.floor(Math.random() * 3)];
    counts[what] = (counts[what] ?? 0) + 1;
    await breaks[what]();
    await again([page, run], program.url, what);
    await pause(Math.random() * 1000);
  }
  await done;
  await again([page, run], program.url, "everything");
  await page.locator(".summary").filter({ hasText: ", 0 running" }).waitFor();
  await equal(run, program.url, threadOf(run.url()));
  await compared(page, counts);
  await close(run);
  await close(page);
});

// compared opens the runs that the page lists by their links: it is the page that was there.
async function compared(page, counts) {
  const files = (await conversations()).map((c) => c.map((m) => JSON.stringify(m)));
  const hrefs = await page.getByRole("table", { name: "Runs" }).getByRole("link")
    .evaluateAll((all) => all.map((a) => a.getAttribute("href")));
  for (const href of hrefs.slice(0, 10)) {
    const thread = threadOf(href);
    await page.evaluate((to) => (location.hash = to), href);
    await page.getByRole("heading", { name: thread }).waitFor();
    await page.locator(".run-body:not([hidden]) .graph:not([aria-busy]) .node").first().waitFor();
    await equal(page, program.url, thread);
    const data = await api(program.url, `thread=${encodeURIComponent(thread)}`);
    assert.deepEqual(data.meta.thread.flags, [], thread);
    const said = data.state.state.value.json.messages.map((m) => JSON.stringify(m));
    assert.ok(files.some((f) => said.every((m, i) => f[i] === m)),
      `${thread}: its state is in no recorded run: ${said.at(-1)}`);
  }
  console.log(`after ${Object.entries(counts).map(([what, n]) => `${n} times ${what}`).join(", ")
  } the page is right: ${hrefs.length} runs are listed`);
}
