// Looks for a text in the document of each part of the page: node canary.mjs URL THREAD TEXT.
// The test that plants the text runs it.
import assert from "node:assert/strict";
import { browse, close, open } from "./browser.mjs";

const [url, thread, canary] = process.argv.slice(2);

const browser = await browse();
try {
  const page = await open(browser, url, "#/runs");
  let looked = 0;
  const look = async (what) => {
    await page.waitForTimeout(300);
    const document_ = await page.content();
    assert.ok(!document_.includes(canary), `the canary is in the document: ${what}`);
    looked++;
    return document_;
  };
  await page.getByRole("link", { name: thread }).first().waitFor();
  await look("the runs");
  await page.goto(`${url}#/run/${thread}`);
  await page.getByRole("heading", { name: thread }).waitFor();
  for (const key of ["g", "w", "s", "c", "t"]) {
    await page.keyboard.press(key);
    await look(`a run, after ${key}`);
  }
  assert.match(await look("the timeline"), /broken/, "what is in the contract is shown");
  await page.goto(`${url}#/producers`);
  await page.getByRole("listitem").filter({ hasText: "p1" }).waitFor();
  await look("the producers");
  await page.goto(`${url}#/health`);
  await page.getByText(/unknown.frame.byte/).first().waitFor();
  await look("the health");
  await close(page);
  console.log(`in ${looked} documents there is no canary`);
} finally {
  await browser.close();
}
