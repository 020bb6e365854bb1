// What a producer writes is shown as text, whatever it is, and in bounds.
import { after, before as setUp, test } from "node:test";
import assert from "node:assert/strict";
import { browse, close, longest, open, tasks } from "./browser.mjs";
import { Fake } from "./fake.mjs";
import { fill, producer, row, rows, thread } from "./fixtures.mjs";

const mostElements = 4000;
const mostTask = 100; // ms of the page's own time
const markup = "</pre><img src=x onerror=\"window.ran=1\"><script>window.ran=1</script>";

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

// poison puts markup into every string but those that the protocol defines.
const fixed = new Set(["status", "kind", "level", "id", "run", "node", "parent", "flags", "trust",
  "op", "producer_status", "path"]);
function poison(value, key = "") {
  if (typeof value === "string") return fixed.has(key) ? value : `${value}${markup}`;
  if (Array.isArray(value)) return value.map((v) => poison(v, key));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, poison(v, k)]));
}

test("a script in every string is shown as text", async () => {
  const name = `t${markup}`;
  fake.data.runs = rows({ ...poison(row("x")), thread: name });
  fake.data.producers.producers = { p: poison(producer("p")) };
  fake.data.threads[name] = poison(thread("x"));
  fake.data.health = poison(fake.data.health);
  const page = await open(browser, fake.url);
  await page.getByRole("table").getByRole("link", { name: markup }).click();
  for (const key of ["w", "t", "s", "c", "g"]) {
    await page.keyboard.press(key);
    await page.waitForTimeout(300);
  }
  await page.getByRole("button", { name: /^search.*failed/ }).first().click();
  assert.match(await page.locator("main").textContent(), /<script>window\.ran=1<\/script>/);
  for (const key of ["p", "h"]) {
    await page.keyboard.press(key);
    await page.getByText(markup).first().waitFor();
  }
  assert.equal(await page.evaluate(() => window.ran), undefined);
  assert.equal(await page.locator("img, #main script").count(), 0);
  fill(fake);
  await close(page);
});

test("names that objects have of themselves are names", async () => {
  const data = thread("proto");
  data.nodes = Object.fromEntries(["__proto__", "constructor", "toString"].map((name, i) =>
    [`n${i}`, { ...data.nodes.a, id: `n${i}`, name }]));
  data.state.state.value = { json: JSON.parse(`{"__proto__": {"constructor": 1}}`), bytes: 30 };
  data.state.state.changed = [];
  fake.data.threads.proto = data;
  const page = await open(browser, fake.url, "#/run/proto");
  for (const name of ["__proto__", "constructor", "toString"]) {
    await page.getByRole("button", { name: `${name}: ended` }).waitFor();
  }
  await page.keyboard.press("s");
  await page.getByRole("listitem", { name: "/__proto__/constructor: 1" }).waitFor();
  await close(page);
});

test("numbers beyond 2^53 stay what they are", async () => {
  const data = thread("big", { sequence: "18446744073709551615", first_sequence: 1 });
  data.timeline = { 1: { ...data.timeline[1], sequence: "18446744073709551614" },
    2: { ...data.timeline[2], n: 2, sequence: "18446744073709551615" } };
  data.state.state.value = { json: { n: "9007199254740993" }, bytes: 24 };
  fake.data.threads.big = data;
  const page = await open(browser, fake.url, "#/run/big");
  await page.getByText("live, #18\u202f446\u202f744\u202f073\u202f709\u202f551\u202f615").waitFor();
  await page.keyboard.press("t");
  await page.getByText("#18446744073709551614").waitFor();
  await page.keyboard.press("s");
  await page.getByText("\"9007199254740993\"").waitFor();
  fake.moment = () => data;
  await page.keyboard.press("[");
  await page.waitForURL(/at=18446744073709551614$/);
  await page.keyboard.press("t");
  const here = page.locator(".timeline .row[aria-current]");
  await here.waitFor();
  assert.match(await here.textContent(), /#18446744073709551614/, "one entry, and the right one");
  await close(page);
});

// large is a thread at the protocol's limits.
function large() {
  const data = thread("large");
  const run = Object.values(data.runs)[0];
  const names = Array.from({ length: 200 }, (_, i) => `node-${i}`);
  run.schema.nodes = names.map((name) => ({ name, type: "custom", description: "" }));
  run.schema.edges = names.slice(1).map((to, i) => ({ from: names[Math.floor(i / 3)], to,
    type: "direct", label: "" }));
  run.schema.entry = names[0];
  const many = (n, of) => Object.fromEntries(Array.from({ length: n }, (_, i) => of(i)));
  data.nodes = many(1000, (i) => [`x${i}`, { ...data.nodes.a, id: `x${i}`,
    name: names[i % names.length], sequence: i + 1 }]);
  data.calls = many(500, (i) => [`tool:${i}`, { ...data.calls["tool:1"], id: `tool:${i}`,
    node: `x${i}`, sequence: i + 1 }]);
  data.timeline = many(1000, (i) => [String(i), { ...data.timeline[7], n: i, sequence: i + 1 }]);
  data.state.state.value = { json: { list: Array.from({ length: 9000 }, (_, i) => ({ i,
    text: "x".repeat(20) })) }, bytes: 400_000 };
  return data;
}

test("a thread at the limits needs few elements and no long task", async () => {
  fake.data.threads.large = large();
  fake.data.runs = rows(...Array.from({ length: 500 }, (_, i) => row(`t-${i}`)));
  const page = await open(browser, fake.url);
  await page.getByText("t-1", { exact: true }).first().waitFor();
  const task = await longest(browser, page, async () => {
    await page.goto(`${fake.url}#/run/large`);
    await page.getByRole("button", { name: /^node-199: ended/ }).waitFor();
    for (const key of ["w", "t", "s", "c"]) {
      await page.keyboard.press(key);
      await page.waitForTimeout(300);
      const n = await page.evaluate(() => document.querySelectorAll("*").length);
      assert.ok(n < mostElements, `${n} elements after ${key}`);
    }
  });
  console.log(`longest task at the limits: ${task.toFixed(1)} ms`);
  assert.ok(task < mostTask, `a task of ${task} ms`);
  fill(fake);
  await close(page);
});

test("twenty oversize events cause no long task", async () => {
  const page = await open(browser, fake.url, "#/run/failed-1");
  await page.getByRole("button", { name: /^search: failed/ }).waitFor();
  await page.keyboard.press("t");
  const task = await longest(browser, page, async () => {
    for (let i = 0; i < 20; i++) {
      const n = 100 + i;
      fake.updateRun("failed-1", { timeline: { [n]: { n, sequence: n, time_us: Date.now() * 1000,
        kind: "rejected", level: "warning", run: "", node: "", node_name: "",
        text: `arguments of ${2 << 20} bytes was rejected: too_large` } },
      calls: { [`tool:${n}`]: { ...fake.data.threads["failed-1"].calls["tool:1"], id: `tool:${n}`,
        sequence: n, input: { text: "x".repeat(16 << 10), bytes: 2 << 20, cut: true,
          rejected: "too_large" } } } });
    }
    await page.getByText("rejected: too_large").last().waitFor();
  });
  console.log(`longest task with oversize events: ${task.toFixed(1)} ms`);
  assert.ok(task < mostTask, `a task of ${task} ms`);
  await page.getByText("Rejected, too large: 2.0 MiB were sent").first().waitFor();
  fill(fake);
  await close(page);
});

test("updates leave time for fifty frames a second", async () => {
  const page = await open(browser, fake.url, "#/run/running-1");
  await page.getByRole("button", { name: /^search/ }).waitFor();
  const data = fake.data.threads["running-1"];
  const updates = 60;
  const took = await tasks(browser, page, async () => {
    for (let i = 0; i < updates; i++) {
      const n = 20 + i;
      const text = "It rains. ".repeat(i + 1);
      fake.updateRun("running-1", {
        nodes: { a: { ...data.nodes.a, status: i % 2 ? "running" : "ended" } },
        calls: { "llm:9": { ...data.calls["llm:1"], id: "llm:9", sequence: 20, streaming: true,
          status: "running", ended_us: 0, output: { text, bytes: text.length, cut: false } } },
        timeline: { [n]: { ...data.timeline[5], n, sequence: n } },
        meta: { thread: { ...data.meta.thread, sequence: n } } });
      await page.waitForTimeout(50); // twice as many updates as a view sends
    }
    await page.getByText(`live, #${20 + updates - 1}`).waitFor();
  });
  const frame = 1000 / 50;
  const slow = took.filter((ms) => ms > frame).length;
  const busy = took.reduce((a, b) => a + b, 0) / updates;
  console.log(`longest task of ${updates} updates: ${Math.max(...took).toFixed(1)} ms, ${
    busy.toFixed(1)} ms for each`);
  assert.ok(slow <= 1, `${slow} tasks took longer than a frame`);
  assert.ok(busy < 2 * frame, `an update took ${busy} ms of the 50 ms to the next`);
  fill(fake);
  await close(page);
});
