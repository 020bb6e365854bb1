// The program itself: with its embedded broker and its agent, or with a cluster's.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// recorded is a file of recorded runs.
export const recorded = process.env.DASHSTREAM_TEST_RUNS ??
  fileURLToPath(new URL("../../testdata/quickstart.json", import.meta.url));

const root = fileURLToPath(new URL("..", import.meta.url));
const built = {};

// build makes a program of the repository, once.
export function build(path = ".") {
  built[path] ??= (() => {
    const out = join(mkdtempSync(join(tmpdir(), "liveview-")), "program");
    execFileSync("go", ["build", "-o", out, "."], { cwd: join(root, path), stdio: "inherit" });
    return out;
  })();
  return built[path];
}

// start runs the program, and returns its address once it serves.
// Without brokers it brings its own, and agents that run.
export async function start(args = [], brokers = "") {
  const { KAFKA_BROKERS: _, ...env } = process.env;
  if (brokers) env.KAFKA_BROKERS = brokers;
  const began = performance.now();
  const process_ = spawn(build(), ["--listen", "127.0.0.1:0", ...args],
    { env, stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  process_.stderr.on("data", (d) => (errors += d));
  const url = await new Promise((done, failed) => {
    let text = "";
    process_.stdout.on("data", (d) => {
      text += d;
      const found = /http:\/\/\S+\//.exec(text);
      if (found) done(found[0]);
    });
    process_.on("exit", (code) => failed(new Error(`the program ended with ${code}: ${errors}`)));
  });
  const served = performance.now() - began;
  const ended = () => new Promise((done) => process_.exitCode === null &&
    process_.signalCode === null ? process_.on("exit", done) : done());
  const stop = async () => {
    process_.kill("SIGINT");
    await ended();
  };
  const kill = async () => {
    process_.kill("SIGKILL");
    await ended();
  };
  return { url, stop, kill, began, served };
}

// ms from the start of the program, on a machine that does nothing else; a busy one has longer.
const drawnIn = 5000;
const room = () => 1 + loadavg()[0] / availableParallelism();

// drawn opens a run of the list, and checks how long after the program's start its graph is drawn.
export async function drawn(page, program) {
  const opened = performance.now() - program.began;
  await page.getByRole("table", { name: "Runs" }).getByRole("link").first().click();
  await page.locator(".graph .node").first().waitFor();
  const took = performance.now() - program.began;
  console.log(`after the start: served ${Math.round(program.served)} ms, page open ${
    Math.round(opened)} ms, graph drawn ${Math.round(took)} ms; room ${room().toFixed(1)}`);
  assert.ok(took < drawnIn * room(), `it took ${took} ms`);
}
