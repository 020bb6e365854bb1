// The program itself: with its embedded broker and its agent, or with a cluster's.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

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
export async function start(args = [], env = {}) {
  const began = performance.now();
  const process_ = spawn(build(), ["--listen", "127.0.0.1:0", ...args],
    { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
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
  const stop = async () => {
    process_.kill("SIGINT");
    await new Promise((done) => process_.exitCode === null ? process_.on("exit", done) : done());
  };
  return { url, stop, began, served };
}
