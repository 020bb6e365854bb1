// How the page looks: nothing is cut off, axe finds nothing serious, and a picture of each view if
// DASHSTREAM_SCREENSHOTS names a directory.
import { after, before as setUp, test } from "node:test";
import assert from "node:assert/strict";
import { axe, browse, close, open, picture } from "./browser.mjs";
import { Fake } from "./fake.mjs";
import { before, fill, health, producer, row, rows, thread } from "./fixtures.mjs";

let browser;
let fake;
setUp(async () => {
  browser = await browse();
  fake = fill(await Fake.start());
  rich();
});
after(async () => {
  await browser.close();
  await fake.stop();
});

// rich has each status, flag and level at once.
function rich() {
  const open = { ended_us: 0, duration_us: 0 };
  Object.assign(fake.data.runs, rows(
    row("conversation-7", { status: "failed", error: "refund: the account is locked",
      flags: ["gap", "needs_resync"], producer: "producer-2" }),
    row("conversation-8", { status: "running", node: "retrieve, rank",
      flags: ["joined_in_the_middle", "stale"], ...open }),
    row("conversation-9", { status: "running", node: "answer", flags: ["producer_died"], ...open }),
    ...Array.from({ length: 30 }, (_, i) => row(`conversation-${i + 10}`,
      { tokens: 731 * i, flags: i % 7 === 3 ? ["gap_explained"] : i > 26 ? ["line_only"] : [] }))));
  fake.data.threads["conversation-7"] = thread("conversation-7", { flags: ["gap",
    "gap_explained", "needs_resync", "rejected"], missing: 3, rejected: 1,
  resync_reason: "a message that may have changed the state is missing",
  gaps: [{ from: 3, to: 4, explained: false, reason: "" },
    { from: 8, to: 8, explained: true, reason: "queue full" }] });
  fake.data.producers.producers = {
    a: producer("producer-1"),
    b: producer("producer-2", { level: "dropping", queue_depth: 998, permits: 8,
      seconds_to_loss: 0, lost: { queue_full: 1203, no_acknowledgement: 4 } }),
    c: producer("producer-3", { level: "elevated", queue_depth: 620, seconds_to_loss: 14.2 }),
    d: producer("producer-4", { status: "died" }), e: producer("producer-5", { status: "ended" }) };
  fake.data.health = { meta: { health: health({ status: "behind", lag_records: 8123,
    lag_seconds: 2.4, undecoded: 3, by_reason: [{ reason: "unknown_frame_byte", leads_to: "skip",
      count: 2 }, { reason: "schema_too_new", leads_to: "stop", count: 1 }] }) },
  warnings: { w: { name: "w", text: "records did not decode", count: 3, window_us: 3e8,
    since_us: Date.now() * 1000 - 6e7, total: 3 } },
  failures: { 1: { n: 1, time_us: Date.now() * 1000, reason: "unknown_frame_byte",
    leads_to: "skip", partition: 3, offset: 1044, bytes: 17, detail: "the first byte is 0x7b" } } };
  fake.moment = (name) => before(name);
}

const screens = {
  light: { viewport: { width: 1280, height: 900 }, colorScheme: "light" },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: "light", hasTouch: true },
};

// views are the address, the key to press there, and what has to be there before it is looked at.
const views = {
  runs: ["#/runs", "", "conversation-7"],
  graph: ["#/run/conversation-7", "g", "connection refused"],
  waterfall: ["#/run/conversation-7", "w", "connection refused"],
  timeline: ["#/run/conversation-7", "t", "connection refused"],
  state: ["#/run/conversation-7?at=5", "s", "This is how it was"],
  producers: ["#/producers", "", "producer-4"],
  health: ["#/health", "", "1044"],
  keys: ["#/runs", "?", "up to the runs"],
};

for (const [screen, options] of Object.entries(screens)) {
  test(`on a ${screen} screen nothing is cut off, and axe finds nothing serious`, async () => {
    const page = await open(browser, fake.url, "#/runs", options);
    for (const [name, [hash, key, text]] of Object.entries(views)) {
      await page.goto(fake.url + hash);
      await page.reload();
      await page.getByText(text).first().waitFor({ state: name === "keys" ? "attached"
        : "visible" });
      if (key) await page.keyboard.press(key);
      await page.waitForTimeout(500);
      await picture(page, `${name}-${screen}`);
      assert.deepEqual(await axe(page), [], `${name} on ${screen}`);
      assert.deepEqual(await tooWide(page), [], `${name} on ${screen}`);
    }
    await close(page);
  });
}

// tooWide lists what leads beyond the screen, and does not scroll in a part of the page.
function tooWide(page) {
  return page.evaluate(() => {
    const scrolls = (e) => e && (/auto|scroll|hidden/.test(getComputedStyle(e).overflowX) ||
      scrolls(e.parentElement));
    return [...document.querySelectorAll("body *")].filter((e) => !e.closest(".skip") &&
      e.getBoundingClientRect().right > innerWidth + 1 && !scrolls(e.parentElement))
      .map((e) => e.outerHTML.slice(0, 120));
  });
}
