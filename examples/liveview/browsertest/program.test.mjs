// The page with the program that serves it, and a real graph that runs, which sends to the
// broker inside the program. kafka.test.mjs has a real cluster.
import { after, before as setUp, test } from "node:test";
import assert from "node:assert/strict";
import { axe, browse, close, open, picture } from "./browser.mjs";
import { api, equal } from "./equal.mjs";
import { build, drawn, start } from "./program.mjs";


let browser;
let program;
setUp(async () => {
  build();
  browser = await browse();
});
after(async () => {
  await browser.close();
  await program?.stop();
});

test("from the start of the program to the drawn graph", async () => {
  const blank = await browser.newPage(); // the browser is warm
  program = await start();
  const page = await open(browser, program.url, "#/runs");
  await drawn(page, program);
  await blank.close();
  await close(page);
});

// firstOf opens the first run with a status.
async function firstOf(page, status) {
  await page.getByLabel("Outcome").selectOption(status);
  const line = page.getByRole("table", { name: "Runs" }).getByRole("row")
    .filter({ hasText: status }).getByRole("link");
  await line.first().click();
  await page.locator(".graph .node").first().waitFor();
}

test("the journey of somebody with a broken agent", async () => {
  const page = await open(browser, program.url);
  await page.getByRole("table", { name: "Runs" }).getByRole("row").nth(1)
    .getByText("failed", { exact: true }).waitFor();
  await page.getByRole("table", { name: "Runs" }).getByRole("row").nth(1).getByRole("link").click();
  await page.locator(".graph .node[data-status=failed]").first().waitFor();
  const failing = page.getByRole("list", { name: "Calls" })
    .getByRole("listitem", { name: /^tool \S+: failed/ }).first();
  await failing.click();
  const call = page.getByRole("region", { name: "The call" });
  await call.getByText("Arguments", { exact: true }).waitFor();
  const shown = await call.locator("pre").first().textContent();
  const name = await call.getByRole("heading", { level: 3 }).textContent();
  const thread = decodeURIComponent(/#\/run\/([^?]+)/.exec(page.url())[1]);
  const data = await api(program.url, `thread=${encodeURIComponent(thread)}`);
  const tools = Object.values(data.calls).filter((c) => c.name === name && c.status === "failed");
  const texts = tools.map((c) => c.input?.json === undefined ? c.input?.text
    : JSON.stringify(c.input.json, null, 2));
  assert.ok(texts.includes(shown), `${shown} is none of ${texts}`);

  const at = tools.find((c, i) => texts[i] === shown).sequence - 1;
  await page.goto(`${program.url}#/run/${thread}?at=${at}`);
  await page.getByText(`This is how it was at message ${at}`).waitFor();
  await page.keyboard.press("s");
  const moment = await api(program.url, `thread=${encodeURIComponent(thread)}&sequence=${at}`);
  const state = await page.locator(".state .row").allTextContents();
  assert.equal(state.length > 0, moment.state.state.known);
  assert.equal(Object.values(moment.calls).filter((c) => c.status === "failed")
    .some((c) => c.sequence > at), false);

  const link = page.url();
  const other = await open(browser, link);
  await other.getByText(`This is how it was at message ${at}`).waitFor();
  await other.keyboard.press("s");
  const theirs = () => other.locator(".state .row").allTextContents();
  for (let i = 0; i < 50 && (await theirs()).length !== state.length; i++) {
    await other.waitForTimeout(100);
  }
  assert.deepEqual(await theirs(), state);
  await close(other);

  await page.locator(".run-head .fact a").click();
  await page.getByRole("heading", { name: "gopher-demo" }).waitFor();
  await close(page);
});

test("the document equals the view, run for run", async () => {
  const page = await open(browser, program.url);
  await page.getByLabel("Outcome").selectOption("failed");
  await page.getByRole("table", { name: "Runs" }).getByRole("link").first().waitFor();
  await page.waitForTimeout(1000);
  const hrefs = await page.getByRole("table", { name: "Runs" }).getByRole("link")
    .evaluateAll((all) => all.map((a) => a.getAttribute("href")));
  for (const href of hrefs.slice(0, 5)) {
    await page.goto(program.url + href);
    await page.reload();
    await page.locator(".graph:not([aria-busy]) .node").first().waitFor();
    await equal(page, program.url, decodeURIComponent(/#\/run\/([^?]+)/.exec(href)[1]));
  }
  await close(page);
});

test("what streams, and what runs, is seen", async () => {
  const page = await open(browser, program.url);
  await firstOf(page, "running");
  await page.locator(".graph .node[data-status=running]").first().waitFor();
  await page.getByRole("listitem", { name: /^model .*: running/ }).click();
  const answer = page.locator("[data-streaming] pre");
  const before = await answer.textContent();
  await page.waitForFunction((n) => (document.querySelector("[data-streaming] pre")
    ?.textContent.length ?? 1e9) > n, before.length);
  await picture(page, "program");
  assert.deepEqual(await axe(page), []);
  await close(page);
});
