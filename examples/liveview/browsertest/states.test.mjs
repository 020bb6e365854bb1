// Each state that has to be honest is there, by role and name.
import { after, before as setUp, test } from "node:test";
import assert from "node:assert/strict";
import { browse, close, open } from "./browser.mjs";
import { Fake } from "./fake.mjs";
import { fill, health, producer, row, rows, thread } from "./fixtures.mjs";

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

const flags = {
  joined_in_the_middle: ["joined in the middle", /Nothing is invented/],
  needs_resync: ["needs a resync", /may be wrong\. Why: a state could not be followed: hash/],
  gap: ["gap", /nothing says why\. Numbers 3–4; 2 in all/],
  gap_explained: ["explained gap", /Numbers 6 \(queue_full\)/],
  rejected: ["rejected", /over a limit.*2 in all/],
  stopped: ["stopped", /newer schema/],
  stale: ["stale", /nothing came of it for a minute/],
  producer_died: ["producer died", /stopped reporting/],
};

test("a run says each thing that has to be known of it", async () => {
  fake.data.threads.flagged = thread("flagged", { flags: Object.keys(flags), missing: 2,
    rejected: 2, resync_reason: "a state could not be followed: hash",
    gaps: [{ from: 3, to: 4, explained: false, reason: "" },
      { from: 6, to: 6, explained: true, reason: "queue_full" }] });
  const page = await open(browser, fake.url, "#/run/flagged");
  const list = page.getByRole("list", { name: "What has to be known" });
  for (const [flag, [label, text]] of Object.entries(flags)) {
    const item = list.getByRole("listitem").filter({ has: page.getByText(label, { exact: true }) });
    await item.waitFor();
    assert.match(await item.textContent(), text, flag);
  }
  assert.equal(await list.getByRole("listitem").count(), Object.keys(flags).length);
  fake.updateRun("flagged", { meta: { thread: thread("flagged").meta.thread } });
  await list.waitFor({ state: "hidden" });
  await close(page);
});

test("a line of the list says each thing that has to be known of it", async () => {
  const names = [...Object.keys(flags), "line_only"];
  fake.data.runs = rows(...names.map((f) => row(`with-${f}`, { flags: [f] })));
  const page = await open(browser, fake.url, "#/runs");
  const table = page.getByRole("table", { name: "Runs" });
  for (const f of names) {
    const line = table.getByRole("row").filter({ hasText: `with-${f}` });
    await line.getByText(flags[f]?.[0] ?? "line only", { exact: true }).waitFor();
  }
  const old = table.getByRole("row").filter({ hasText: "with-line_only" });
  assert.equal(await old.getByRole("link").count(), 0, "a line leads nowhere");
  fill(fake);
  await close(page);
});

test("the health of the view is said in words on every page", async () => {
  const page = await open(browser, fake.url, "#/runs");
  const status = page.locator("#status");
  const said = { live: "live", waiting: "waiting: the topic is idle",
    connecting: "connecting", behind: "behind the topic 3.0 s",
    stale: "stale: the cluster does not answer" };
  for (const [name, text] of Object.entries(said)) {
    fake.update("health", fake.data.health, { meta: { health: health({ status: name,
      reason: "no broker", lag_seconds: 3 }) } });
    await status.getByText(text, { exact: true }).waitFor();
  }
  assert.equal(await status.getAttribute("role"), "status");
  await close(page);
});

test("the page of health has warnings and what did not decode", async () => {
  Object.assign(fake.data.health, { meta: { health: health({ undecoded: "9007199254740993",
    by_reason: [{ reason: "empty", leads_to: "skip", count: 1 }] }) },
  warnings: { undecoded_records: { name: "undecoded_records", text: "records did not decode",
    count: 1, window_us: 3e8, since_us: Date.now() * 1000, total: 7 } },
  failures: { 1: { n: 1, time_us: Date.now() * 1000, reason: "empty", leads_to: "skip",
    partition: 3, offset: 1044, bytes: 0, detail: "no bytes" } } });
  const page = await open(browser, fake.url, "#/health");
  await page.getByRole("listitem").filter({ hasText: "1 records did not decode" })
    .filter({ hasText: "7 since the view was started" }).waitFor();
  const line = page.getByRole("row").filter({ hasText: "1044" });
  assert.match(await line.textContent(), /empty.*skip.*3.*1044.*no bytes/);
  await page.getByText("9\u202f007\u202f199\u202f254\u202f740\u202f993").waitFor();
  fake.update("health", fake.data.health, {}, { warnings: ["undecoded_records"] });
  await page.getByText("Nothing in the last minutes.").waitFor();
  fill(fake);
  await close(page);
});

test("a producer says its level, what it lost and that it died", async () => {
  fake.data.producers.producers = { a: producer("a", { level: "dropping", seconds_to_loss: 0,
    lost: { queue_full: 7 } }), b: producer("b", { status: "died" }),
  c: producer("c", { status: "ended" }), d: producer("d", { level: "critical",
    seconds_to_loss: 4.2 }) };
  const page = await open(browser, fake.url, "#/producers");
  const card = (id) => page.getByRole("listitem").filter({ hasText: `${id} · vm` });
  await card("a").getByText("dropping events", { exact: true }).waitFor();
  await card("a").getByText("Lost: queue full 7").waitFor();
  await card("b").getByText("died", { exact: true }).waitFor();
  await card("c").getByText("ended", { exact: true }).waitFor();
  await card("d").getByText("in 4.2 s", { exact: true }).waitFor();
  await page.getByText("2 live, 1 died, 1 ended").waitFor();
  const order = await page.getByRole("listitem").evaluateAll((all) =>
    all.map((e) => /([a-d]) · vm/.exec(e.textContent)[1]).join(""));
  assert.equal(order, "badc", "what somebody should look at is first");
  await page.getByRole("link", { name: "Producers 3 to look at" }).waitFor();
  const queue = card("a").getByRole("meter", { name: "queue" });
  assert.equal(await queue.getAttribute("aria-valuenow"), "12");
  fill(fake);
  await close(page);
});

test("a thread that cannot be shown says why", async () => {
  fake.data.threads.old = "line_only";
  const page = await open(browser, fake.url, "#/run/old");
  await page.getByRole("alert").filter({ hasText: "no longer kept" }).waitFor();
  await page.goto(`${fake.url}#/run/nobody`);
  await page.getByRole("alert").filter({ hasText: "does not know this thread" }).waitFor();
  await close(page);
});

const trusts = { unknown: "No state has been seen yet.", suspect: /is missing: it may be wrong/,
  lost: /the last that was certain/ };

test("a state that may be wrong says so", async () => {
  const page = await open(browser, fake.url, "#/run/failed-1");
  await page.getByRole("tab", { name: "State" }).click();
  const state = fake.data.threads["failed-1"].state.state;
  for (const [trust, text] of Object.entries(trusts)) {
    fake.updateRun("failed-1", { state: { state: { ...state, trust,
      known: trust !== "unknown" } } });
    await page.getByRole("status").filter({ hasText: text }).waitFor();
  }
  fake.updateRun("failed-1", { state: { state: { ...state, value: { bytes: 600000,
    cut: true, rejected: "too_large" } } } });
  await page.getByText("The state was rejected, too large: 586 KiB.").waitFor();
  fill(fake);
  await close(page);
});
