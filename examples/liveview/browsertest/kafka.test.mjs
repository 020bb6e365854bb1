// The page with a real cluster: a real graph whose runs went through it, and recorded runs, for
// which the document equals the view. The view itself is compared with their file by another test.
import { after, before as setUp, test } from "node:test";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { browse, close, open } from "./browser.mjs";
import { equal } from "./equal.mjs";
import { build, drawn, recorded, start } from "./program.mjs";

const runs = Number(process.env.LIVEVIEW_RUNS ?? 25);
const { KAFKA_BROKERS: brokers } = process.env;
const without = brokers ? false : "KAFKA_BROKERS names no cluster";

let browser;
let program;
setUp(async () => {
  if (!without) browser = await browse();
});
after(async () => {
  await browser?.close();
  await program?.stop();
});

// fill has a program of the repository send to a topic of its own.
function fill(path, ...args) {
  const topic = `liveview-${path.replace(/\W/g, "")}-${process.pid}`;
  execFileSync(build(path), ["--create-topic", "--topic", topic, ...args],
    { stdio: ["ignore", "ignore", "inherit"] });
  return topic;
}

test("a real graph through a real cluster is drawn at once", { skip: without }, async () => {
  const topic = fill("../quickstart", "--runs", "3");
  build();
  program = await start(["--topic", topic, "--from", "start"], brokers);
  const page = await open(browser, program.url);
  await drawn(page, program);
  await page.getByRole("button", { name: /^plan: ended/ }).waitFor();
  await close(page);
  await program.stop();
});

test("the document equals the view for recorded runs", { skip: without }, async () => {
  const topic = fill("../replay", "--runs", runs, recorded);
  program = await start(["--topic", topic, "--from", "start"], brokers);
  const page = await open(browser, program.url);
  await page.locator(".summary").filter({ hasText: `${runs} of ${runs} runs` }).waitFor();
  const links = new Set();
  const table = page.getByRole("table", { name: "Runs" });
  for (let top = 0; links.size < runs && top < runs * 60; top += 300) {
    await table.evaluate((e, to) => (e.scrollTop = to), top);
    await page.waitForTimeout(50);
    for (const href of await table.getByRole("link").evaluateAll((all) =>
      all.map((a) => a.getAttribute("href")))) links.add(href);
  }
  assert.equal(links.size, runs);
  const sum = { nodes: 0, calls: 0, leaves: 0 };
  for (const href of links) {
    const thread = decodeURIComponent(/#\/run\/([^?]+)/.exec(href)[1]);
    await page.evaluate((to) => (location.hash = to), href);
    await page.getByRole("heading", { name: thread }).waitFor();
    await page.locator(".run-body:not([hidden]) .graph:not([aria-busy]) .node").first().waitFor();
    const n = await equal(page, program.url, thread);
    for (const key of Object.keys(sum)) sum[key] += n[key];
  }
  console.log(`${links.size} runs: ${sum.nodes} nodes, ${sum.calls} calls, ${
    sum.leaves} values of states are in the document as the view has them`);
  await close(page);
});
