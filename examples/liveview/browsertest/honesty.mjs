// What the page says of a view that reads a topic with everything in it: node honesty.mjs URL WHAT.
// The test that writes the topic runs it.
import assert from "node:assert/strict";
import { browse, close, open } from "./browser.mjs";

const [url, what] = process.argv.slice(2);

// runs are what has to be known of each thread.
const runs = {
  middle: /joined in the middle.*Nothing is invented/,
  gap: /gap.*nothing says why\. Numbers 2–3/,
  explained: /explained gap.*Numbers 2 \(queue.full\)/,
  resync: /needs a resync.*Why: a state could not be followed: bad.patch/,
  rejected: /rejected.*over a limit/,
  stopped: /stopped.*newer schema/,
  died: /producer died.*stopped reporting/,
};
const patience = { timeout: 60_000 }; // a producer is dead after 15 s

async function lookAtRuns(page) {
  for (const [thread, text] of Object.entries(runs)) {
    await page.goto(`${url}#/run/${thread}`);
    await page.getByRole("list", { name: "What has to be known" }).getByRole("listitem")
      .filter({ hasText: text }).waitFor(patience);
  }
  const gap = await page.goto(`${url}#/run/explained`).then(() => page.getByRole("list",
    { name: "What has to be known" }).textContent());
  assert.doesNotMatch(gap, /nothing says why/, "a gap that is explained is not another one");
  await page.goto(`${url}#/producers`);
  await page.getByRole("listitem").filter({ hasText: "dying-1" })
    .getByText("died", { exact: true }).waitFor(patience);
  await page.getByRole("status").filter({ hasText: "waiting: the topic is idle" })
    .waitFor(patience);
}

const browser = await browse();
try {
  const page = await open(browser, url, "#/runs");
  if (what === "stale") {
    await page.getByRole("status").filter({ hasText: /^\S* ?stale: / }).waitFor(patience);
  } else {
    await lookAtRuns(page);
  }
  await close(page);
} finally {
  await browser.close();
}
