// The document equals the view for recorded runs that went through a real cluster. The view itself
// is compared with the file by a test of its own.
import { after, before as setUp, test } from "node:test";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { browse, close, open } from "./browser.mjs";
import { equal } from "./equal.mjs";
import { build, start } from "./program.mjs";

const runs = Number(process.env.LIVEVIEW_RUNS ?? 25);
const { KAFKA_BROKERS: brokers, DASHSTREAM_TEST_RUNS: file } = process.env;
const skip = !brokers ? "KAFKA_BROKERS names no cluster"
  : !file ? "DASHSTREAM_TEST_RUNS names no recorded runs" : false;

let browser;
let program;
setUp(async () => {
  if (skip) return;
  const topic = `liveview-${process.pid}`;
  execFileSync(build("../replay"), ["--create-topic", "--topic", topic, "--runs", runs, file],
    { stdio: ["ignore", "ignore", "inherit"] });
  program = await start(["--topic", topic, "--from", "start"]);
  browser = await browse();
});
after(async () => {
  await browser?.close();
  await program?.stop();
});

test("the document equals the view for recorded runs", { skip }, async () => {
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
