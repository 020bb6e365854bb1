// What the page does when its connection is cut, or an update is missing.
import { after, before as setUp, test } from "node:test";
import assert from "node:assert/strict";
import { browse, close, open, patience } from "./browser.mjs";
import { Fake } from "./fake.mjs";
import { fill, thread } from "./fixtures.mjs";

let browser;
let fake;
setUp(async () => {
  browser = await browse();
  fake = fill(await Fake.start());
});
after(async () => {
  await browser.close();
  await fake.stop();
});

const cutMessages = /WebSocket connection|net::ERR_/;
const failed = () => fake.data.threads["failed-1"];

test("after a cut it says that it is old, and resumes where it was", async () => {
  const page = await open(browser, fake.url, "#/run/failed-1");
  page.quiet = cutMessages;
  await page.getByRole("button", { name: /^search: failed/ }).waitFor();
  fake.updateRun("failed-1", { nodes: { a: { ...failed().nodes.a, status: "running" } } });
  await page.getByRole("button", { name: /^plan: running/ }).waitFor();
  fake.subscribed.length = 0;
  fake.cut();
  await page.getByText("what is below is old").waitFor();
  await page.getByRole("alert").filter({ hasText: "is old" }).waitFor({ state: "hidden" });
  const again = fake.subscribed.find((s) => s.kind === "run");
  assert.deepEqual([again.epoch, again.after], ["e1", 1]);
  fake.updateRun("failed-1", { nodes: { a: { ...failed().nodes.a, status: "failed" } } });
  await page.getByRole("button", { name: /^plan: failed/ }).waitFor();
  await close(page);
});

test("an update that does not continue leads to a new snapshot", async () => {
  const page = await open(browser, fake.url, "#/run/failed-1");
  await page.getByRole("button", { name: /^search: failed/ }).waitFor();
  fake.subscribed.length = 0;
  fake.updateRun("failed-1", { nodes: { b: { ...failed().nodes.b, status: "ended" } } }, {}, 3);
  await page.getByRole("button", { name: /^search: ended/ }).waitFor();
  const again = fake.subscribed.find((s) => s.kind === "run");
  assert.equal(again.after, undefined);
  await close(page);
});

test("a thread that a view does not know yet is shown when it does", async () => {
  const page = await open(browser, fake.url, "#/run/failed-1");
  page.quiet = cutMessages;
  await page.getByRole("button", { name: /^search/ }).waitFor();
  const known = failed();
  delete fake.data.threads["failed-1"];
  fake.epoch = "e2"; // it was started again
  fake.cut();
  await page.getByRole("alert").filter({ hasText: "does not know this thread" }).waitFor();
  fake.data.threads["failed-1"] = known;
  await page.getByRole("alert").filter({ hasText: "does not know" }).waitFor({ state: "hidden" });
  await page.getByRole("button", { name: /^search/ }).waitFor();
  await close(page);
});

test("a view that is silent is said to be, though its connection stands", async () => {
  const page = await open(browser, fake.url);
  page.quiet = cutMessages;
  await page.getByText("failed-1").waitFor();
  fake.beats = false;
  await page.getByRole("alert").filter({ hasText: "The view has not answered for" }).waitFor();
  fake.beats = true;
  await page.getByRole("alert").filter({ hasText: "is old" }).waitFor({ state: "hidden" });
  await close(page);
});

test("a moment that was asked for during a cut is shown after it", async () => {
  fake.moment = (name) => thread(name);
  const page = await open(browser, fake.url, "#/run/failed-1");
  page.quiet = cutMessages;
  await page.getByRole("button", { name: /^search/ }).waitFor();
  fake.cut();
  await page.keyboard.press("[");
  await page.getByText("This is how it was at message 8").waitFor();
  await close(page);
});

test("ids of a view that was restarted are never taken for those of the new one", async () => {
  const page = await open(browser, fake.url, "#/run/failed-1");
  page.quiet = cutMessages;
  await page.getByRole("button", { name: /^search/ }).waitFor();
  const asked = async () => {
    fake.subscribed.length = 0;
    fake.cut();
    const began = Date.now();
    for (;;) {
      const run = fake.subscribed.find((s) => s.kind === "run");
      if (run) return run;
      assert.ok(Date.now() - began < patience, "the page does not subscribe again");
      await page.waitForTimeout(20);
    }
  };
  const { epoch } = fake;
  fake.epoch = "another";
  fake.answers = false; // it is cut again before a snapshot came
  assert.equal((await asked()).epoch, epoch);
  assert.equal((await asked()).epoch, epoch);
  fake.answers = true;
  fake.cut();
  await page.getByRole("alert").filter({ hasText: "is old" }).waitFor({ state: "hidden" });
  await page.waitForTimeout(1000);
  assert.equal((await asked()).epoch, "another");
  await close(page);
});
