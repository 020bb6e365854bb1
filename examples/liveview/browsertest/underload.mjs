// A browser at a view under load, which the test of the load runs: node underload.mjs URL SECONDS.
// It goes from one part of the page to the next, and sees whether the page complains or has a long
// task. When its standard input ends the load is over, and what came over the connection is
// replayed to a page at the pace at which it came.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { availableParallelism, loadavg } from "node:os";
import { WebSocketServer } from "ws";
import { browse, close, open, tasks } from "./browser.mjs";
import { dist } from "./fake.mjs";

const [url, text] = process.argv.slice(2);
const seconds = Number(text);
const slice = 10; // seconds of a trace, which is as much as can be read at once
const mostTask = 100; // ms
const frames = 50; // a second
const first = "#/run/load-3";
const parts = [first, "#/runs", "#/health", "#/run/load-7", "#/producers"];
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// watch looks at the view, and returns the longest task and the frames of the first slice.
async function watch(browser) {
  const heard = [];
  const began = performance.now();
  const page = await open(browser, url, first, {}, (page) =>
    page.once("websocket", (socket) => socket.on("framereceived", ({ payload }) => {
      const at = performance.now() - began;
      if (at < slice * 1000) heard.push({ at, payload: String(payload) });
    })));
  let long = 0;
  let shown = 0;
  for (let n = 0; performance.now() - began < (seconds - slice) * 1000 || n === 0; n++) {
    const took = await tasks(browser, page, async () => {
      await page.evaluate((to) => (location.hash = to), parts[n % parts.length]);
      await pause(slice * 1000);
      shown += await page.locator(".row, .graph .node").count();
    });
    long = Math.max(long, ...took);
  }
  assert.ok(shown > 0, "the page showed nothing");
  await close(page);
  return { long, heard };
}

// replay sends frames to whoever connects, at the pace at which they came.
async function replay(heard) {
  const server = createServer(dist);
  new WebSocketServer({ server, path: "/ws" }).on("connection", async (socket) => {
    const began = performance.now();
    for (const f of heard) {
      const wait = f.at - heard[0].at - (performance.now() - began);
      if (wait > 0) await pause(wait);
      socket.send(f.payload);
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { server, url: `http://127.0.0.1:${server.address().port}/` };
}

// rate returns how many frames a second the page draws while the frames are replayed.
async function rate(browser, heard) {
  const { server, url } = await replay(heard);
  const page = await open(browser, url, first);
  await page.getByRole("heading", { name: /load-3/ }).waitFor();
  const ms = heard.at(-1).at - heard[0].at;
  const drawn = await page.evaluate((ms) => new Promise((done) => {
    const began = performance.now();
    let n = 0;
    const next = () => {
      n++;
      const took = performance.now() - began;
      if (took < ms) requestAnimationFrame(next);
      else done(n / took * 1000);
    };
    requestAnimationFrame(next);
  }), ms - 1500);
  await close(page);
  server.closeAllConnections();
  server.close();
  return drawn;
}

const browser = await browse();
try {
  const over = new Promise((done) => process.stdin.on("end", done).resume());
  const { long, heard } = await watch(browser);
  console.log(`in the browser: the longest task took ${long.toFixed(1)} ms`);
  assert.ok(long < mostTask, `a task of ${long} ms`);
  await over;
  await pause(2000);
  const updates = heard.filter((f) => f.payload.includes('"type":"update"')).length;
  const room = Math.max(1, loadavg()[0] / availableParallelism());
  const drawn = await rate(browser, heard);
  console.log(`in the browser: ${drawn.toFixed(1)} frames a second while ${updates} updates are ` +
    `replayed in ${slice} s; room ${room.toFixed(1)}`);
  assert.ok(updates > slice, `only ${updates} updates came`);
  assert.ok(drawn >= frames / room, `${drawn} frames a second`);
} finally {
  await browser.close();
}
