// The page as somebody uses it: filters, keys, time travel, a link for somebody else.
import { after, before as setUp, test } from "node:test";
import assert from "node:assert/strict";
import { browse, close, open } from "./browser.mjs";
import { Fake } from "./fake.mjs";
import { before, fill, row, rows, thread } from "./fixtures.mjs";

let browser;
let fake;
setUp(async () => {
  browser = await browse();
  fake = fill(await Fake.start());
  fake.moment = (name, sequence) => (Number(sequence) < 6 ? before(name) : thread(name));
});
after(async () => {
  await browser.close();
  await fake.stop();
});

const list = (page) => page.getByRole("table", { name: "Runs" });
const names = (page) => list(page).getByRole("row").locator("a").allTextContents();

// shown waits until the list shows these threads in this order.
async function shown(page, ...want) {
  const is = (texts) => JSON.stringify(texts) === JSON.stringify(want);
  for (let i = 0; i < 300 && !is(await names(page)); i++) await page.waitForTimeout(100);
  assert.deepEqual(await names(page), want);
}

test("what goes on is above, and errors are first in the list", async () => {
  const page = await open(browser, fake.url);
  await shown(page, "failed-1", "waiting-1", "running-1", "ended-1");
  const now = page.getByRole("region", { name: "Going on now" });
  await now.getByRole("listitem").filter({ hasText: "waiting-1" })
    .getByText("for: approve the refund").waitFor();
  await now.getByRole("listitem").filter({ hasText: "running-1" }).getByText("in search").waitFor();
  assert.equal(await now.getByRole("listitem").count(), 2);
  await close(page);
});

test("filters narrow the list", async () => {
  const page = await open(browser, fake.url);
  await shown(page, "failed-1", "waiting-1", "running-1", "ended-1");
  const choose = (label, value) => page.getByLabel(label).selectOption(value);
  await choose("Outcome", "failed");
  await shown(page, "failed-1");
  await page.getByRole("button", { name: "Clear" }).click();
  await choose("Graph", "planner");
  await shown(page, "ended-1");
  await page.getByRole("button", { name: "Clear" }).click();
  await choose("Tenant", "other");
  await shown(page, "ended-1");
  await page.getByRole("button", { name: "Clear" }).click();
  await page.getByLabel("Text").fill("REFUSED");
  await shown(page, "failed-1");
  await page.getByLabel("Text").fill("nothing like it");
  await page.getByText("No run matches the filter.").waitFor();
  await page.getByRole("button", { name: "Clear" }).click();
  await choose("Started", "900");
  await shown(page, "failed-1", "waiting-1", "running-1", "ended-1");
  const asked = fake.subscribed.findLast((s) => s.sub === "runs").filter;
  assert.ok(Date.now() * 1000 - asked.from_us > 800e6, "the time is a bound of the start");
  await close(page);
});

test("a list in another order", async () => {
  fake.data.runs = rows(row("a", { tokens: 1, retries: 5 }), row("b", { tokens: 9 }),
    row("c", { tokens: 5, duration_us: 9e9, retries: 0 }));
  const page = await open(browser, fake.url);
  await page.getByLabel("Order").selectOption("tokens");
  await shown(page, "b", "c", "a");
  await page.getByLabel("Order").selectOption("duration");
  await page.waitForFunction(() => document.querySelector(".runs .row a").textContent === "c");
  await page.getByLabel("Order").selectOption("retries");
  await shown(page, "a", "b", "c");
  fill(fake);
  await close(page);
});

test("the whole page works by keyboard", async () => {
  const page = await open(browser, fake.url);
  await shown(page, "failed-1", "waiting-1", "running-1", "ended-1");
  const press = (key) => page.keyboard.press(key);
  await press("/");
  await page.keyboard.type("1");
  assert.equal(await page.getByLabel("Text").inputValue(), "1", "the key / leads to the filter");
  await page.getByLabel("Text").fill("");
  await press("Escape");
  await list(page).getByRole("row").nth(1).focus();
  await press("ArrowDown");
  await press("ArrowUp");
  await press("Enter");
  await page.getByRole("heading", { name: "gopher · failed-1" }).waitFor();
  for (const [key, tab] of [["w", "Waterfall"], ["t", "Timeline"], ["s", "State"],
    ["c", "Calls"], ["g", "Graph"]]) {
    await press(key);
    await page.getByRole("tab", { name: tab, selected: true }).waitFor();
  }
  await page.getByRole("tab", { name: "Graph" }).focus();
  await press("ArrowRight");
  await page.getByRole("tab", { name: "Waterfall", selected: true }).waitFor();
  await press("g");
  await page.getByRole("button", { name: /^search: failed/ }).focus();
  await press("Enter");
  await page.getByText("search has run 1 time").waitFor();
  await press("[");
  await page.getByRole("status").filter({ hasText: "as it was" }).or(
    page.getByText("This is how it was at message 8")).first().waitFor();
  await press("l");
  await page.getByRole("button", { name: "Live", exact: true, pressed: true }).waitFor();
  for (const [key, title] of [["p", "Producers"], ["h", "Health of the view"], ["u", "Runs"]]) {
    await press(key);
    await page.getByRole("heading", { name: title, exact: true }).waitFor();
  }
  await press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await close(page);
});

// at is what the page says of its moment.
const at = (page) => page.getByRole("group", { name: "Time travel" }).locator("output");

test("somebody finds what broke an agent, and shows it to somebody else", async () => {
  const page = await open(browser, fake.url);
  await shown(page, "failed-1", "waiting-1", "running-1", "ended-1");
  await list(page).getByRole("row").nth(1).click();
  await page.getByRole("button", { name: /^search: failed/ }).click();
  const call = page.getByRole("region", { name: "The call" });
  await call.getByRole("heading", { name: "weather" }).waitFor();
  assert.match(await call.textContent(), /connection refused/);
  assert.match(await call.textContent(), /"city": "Ulm"/);
  await page.getByRole("tab", { name: "State" }).click();
  await page.getByRole("listitem", { name: "/tries: 2, changed" }).waitFor();
  const slider = page.getByRole("slider", { name: "Moment" });
  await slider.focus();
  for (let i = 0; i < 4; i++) await page.keyboard.press("ArrowLeft");
  await page.getByText("This is how it was at message 5").waitFor();
  await page.getByRole("listitem", { name: "/tries: 1" }).waitFor();
  await page.getByRole("button", { name: /^search: running/ }).waitFor();
  await page.getByRole("button", { name: "Copy link" }).click();
  const link = page.url();
  assert.match(link, /#\/run\/failed-1\?run=failed-1-run&at=5$/);

  const other = await open(browser, link);
  await other.getByText("This is how it was at message 5").waitFor();
  await other.getByRole("button", { name: /^search: running/ }).waitFor();
  assert.equal(await at(other).textContent(), await at(page).textContent());
  await other.getByRole("tab", { name: "State" }).click();
  await other.getByRole("listitem", { name: "/tries: 1" }).waitFor();
  const json = await other.getByRole("link", { name: "JSON" }).getAttribute("href");
  assert.equal(json, "api/run?thread=failed-1&sequence=5");
  await close(other);

  await page.getByRole("link", { name: "producer-1" }).click();
  await page.getByRole("listitem").filter({ hasText: "producer-1 · vm" }).waitFor();
  await close(page);
});

test("tokens stream into the answer of their call", async () => {
  const page = await open(browser, fake.url, "#/run/running-1");
  const data = fake.data.threads["running-1"];
  const call = { ...data.calls["llm:1"], id: "llm:2", status: "running", ended_us: 0,
    sequence: 12, streaming: true };
  let text = "";
  for (const token of ["It ", "rains ", "<b>cats</b>."]) {
    text += token;
    fake.updateRun("running-1", { calls: { "llm:2": { ...call, output: { text,
      bytes: text.length, cut: false } } } });
    if (token === "It ") {
      await page.getByRole("listitem", { name: "model gpt-test: running, of plan" }).click();
    }
    await page.getByRole("region", { name: "The call" }).getByText(text, { exact: true }).waitFor();
  }
  await page.getByRole("heading", { name: "Answer, streaming" }).waitFor();
  fill(fake);
  await close(page);
});

test("the waterfall nests calls in nodes, and the timeline leads to a moment", async () => {
  const page = await open(browser, fake.url, "#/run/failed-1");
  await page.keyboard.press("w");
  const fall = page.getByRole("list", { name: "Waterfall of the run" });
  const labels = async () => (await fall.getByRole("listitem").all()).length;
  await fall.getByRole("listitem", { name: "run gopher: failed, 900 ms, level 1" }).waitFor();
  await fall.getByRole("listitem", { name: "node search: failed, 300 ms, level 2" }).waitFor();
  await fall.getByRole("listitem", { name: "tool weather: failed, 100 ms, level 3" }).waitFor();
  assert.equal(await labels(), 5);
  await page.keyboard.press("t");
  const timeline = page.getByRole("list", { name: "Timeline" });
  await timeline.getByRole("listitem").filter({ hasText: "state diff" }).click();
  await page.getByText("This is how it was at message 5").waitFor();
  await page.getByLabel("only errors and warnings").check();
  await page.waitForFunction(() => document.querySelectorAll(".timeline .row").length === 3);
  await close(page);
});
