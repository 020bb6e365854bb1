// Debian's Chromium, and what a page must never do: write to the console, throw, or ask another
// host for anything.
import { chromium } from "playwright-core";
import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { readFile, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import assert from "node:assert/strict";

const paths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
export const patience = 30_000; // ms: a loaded machine is slow

export async function browse() {
  const executablePath = paths.find(existsSync);
  if (!executablePath) throw new Error("there is no Chromium: install the package chromium");
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
}

// open shows a page of its own; complaints are what it should not have done. What is to be done
// with the page before it loads is before.
export async function open(browser, url, hash = "", options = {}, before = () => {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  page.complaints = [];
  page.on("pageerror", (e) => page.complaints.push(`exception: ${e.stack}`));
  page.on("console", (m) => {
    if (!page.quiet?.test(m.text())) page.complaints.push(`${m.type()}: ${m.text()}`);
  });
  page.on("request", (r) => {
    const host = new URL(r.url()).host;
    if (host !== new URL(url).host) page.complaints.push(`a request to ${r.url()}`);
  });
  before(page);
  await page.goto(url + hash);
  return page;
}

export async function close(page) {
  assert.deepEqual(page.complaints, []);
  await page.context().close();
}

// axe returns what axe finds of serious and critical violations.
const axeSource = createRequire(import.meta.url).resolve("axe-core");
export async function axe(page) {
  const source = await readFile(axeSource, "utf8");
  await page.evaluate(source); // the protocol evaluates it: no policy of the page is changed
  return page.evaluate(async () => (await window.axe.run()).violations
    .filter((v) => v.impact === "serious" || v.impact === "critical")
    .flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 160)}`)));
}

// picture writes a screenshot if they are asked for.
export async function picture(page, name) {
  const dir = process.env.DASHSTREAM_SCREENSHOTS;
  if (!dir) return;
  mkdirSync(dir, { recursive: true });
  await page.screenshot({ path: join(dir, `${name}.png`) });
}

// longest returns the longest task of the page while something is done.
export const longest = async (browser, page, act) =>
  Math.max(...await tasks(browser, page, act));

// tasks returns how long the tasks of the page took while something was done, in ms of its
// thread's own time: what other programs take of the machine does not count.
export async function tasks(browser, page, act) {
  const path = join(tmpdir(), `liveview-trace-${process.pid}-${Date.now()}.json`);
  await browser.startTracing(page, { path, categories: ["toplevel", "devtools.timeline",
    "__metadata"] });
  await act();
  await browser.stopTracing();
  const { traceEvents } = JSON.parse(await readFile(path, "utf8"));
  await unlink(path);
  const names = new Map(traceEvents.filter((e) => e.name === "thread_name")
    .map((e) => [`${e.pid} ${e.tid}`, e.args.name]));
  const found = traceEvents.filter((e) => e.name.endsWith("RunTask") && e.tdur &&
    names.get(`${e.pid} ${e.tid}`) === "CrRendererMain");
  assert.ok(found.length > 0, "the trace has no tasks");
  return found.map((e) => e.tdur / 1000);
}
