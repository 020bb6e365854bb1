// Somebody who was sent a link logs in by the form, and is where the link leads.
import { after, before as setUp, test } from "node:test";
import assert from "node:assert/strict";
import { axe, browse, close, open, picture } from "./browser.mjs";
import { start } from "./program.mjs";

const token = "a token of some length";
let browser;
let program;
setUp(async () => {
  browser = await browse();
  program = await start(["--pace", "0"], "", { LIVEVIEW_TOKEN: token });
});
after(async () => {
  await browser.close();
  await program.stop();
});

const rejected = /status of 401/; // what the browser says of a wrong token

async function logIn(page) {
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { name: "Health of the view" }).waitFor();
}

for (const colorScheme of ["light", "dark"]) {
  test(`the form says what is wrong, and keeps the link (${colorScheme})`, async () => {
    const page = await open(browser, program.url, "#/health", { colorScheme });
    page.quiet = rejected;
    await page.getByLabel("Token").fill("a wrong token");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").filter({ hasText: "This is not the token." }).waitFor();
    assert.deepEqual(await axe(page), []);
    await picture(page, `login-${colorScheme}`);
    await logIn(page);
    assert.ok(!page.url().includes(token));
    await close(page);
  });
}

test("a page that is open when the token changes leads to the form", async () => {
  let view = await start(["--pace", "0"], "", { LIVEVIEW_TOKEN: token });
  const page = await open(browser, view.url, "#/health");
  page.quiet = /status of 401|WebSocket connection|net::ERR_/;
  await logIn(page);
  await view.stop();
  view = await start(["--pace", "0", "--listen", new URL(view.url).host], "",
    { LIVEVIEW_TOKEN: `${token}, another` });
  await page.getByLabel("Token").waitFor();
  assert.match(page.url(), /#\/health$/);
  await close(page);
  await view.stop();
});
