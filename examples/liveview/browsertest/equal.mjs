// What the page shows of a run is what the view says of it: nodes, the waterfall and the state.
import assert from "node:assert/strict";

export async function api(url, query) {
  const answer = await fetch(`${url}api/run?${query}`);
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
  return answer.json();
}

// equal compares a run that has ended, and is open in the page.
export async function equal(page, url, thread) {
  const data = await api(url, `thread=${encodeURIComponent(thread)}`);
  const nodes = Object.values(data.nodes).sort((a, b) => a.sequence - b.sequence);
  const status = {};
  for (const n of nodes) status[n.name] = n.status;
  const drawn = await page.locator(".graph .node").evaluateAll((all) =>
    all.map((e) => [e.querySelector("title").textContent.split(": ")[0], e.dataset.status]));
  assert.deepEqual(Object.fromEntries(drawn.filter(([, s]) => s !== "idle")), status, thread);

  await page.keyboard.press("w");
  const rows = await all(page, ".waterfall", ".name");
  const want = [...nodes, ...Object.values(data.calls)].map((x) => `${x.status} ${x.name}`);
  const have = Object.entries(rows).filter(([key]) => !key.startsWith("r")).map(([, v]) => v);
  assert.deepEqual(have.sort(), want.sort(), thread);
  await page.keyboard.press("g");

  await page.keyboard.press("s");
  const state = data.state.state;
  if (state.known) await page.locator(".state .row").first().waitFor();
  const lines = await all(page, ".state", ".scalar:not([data-type=holds])");
  const leaves = state.known ? leavesOf(state.value.json) : {};
  assert.deepEqual(lines, leaves, thread);
  return { nodes: nodes.length, calls: want.length - nodes.length,
    leaves: Object.keys(leaves).length };
}

// all scrolls through a long list, and returns the text of a part of each row by the row's key.
function all(page, list, part) {
  return page.evaluate(async ([list, part]) => {
    const e = document.querySelector(list);
    const seen = {};
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    for (let top = 0; top <= e.scrollHeight; top += Math.max(100, e.clientHeight - 60)) {
      e.scrollTop = top;
      await frame();
      await frame();
      for (const row of e.querySelectorAll(".row")) {
        const text = row.querySelector(part)?.textContent;
        if (text !== undefined) {
          seen[row.rowKey] = row.dataset.status ? `${row.dataset.status} ${text}` : text;
        }
      }
    }
    return seen;
  }, [list, part]);
}

const escape = (key) => key.replaceAll("~", "~0").replaceAll("/", "~1");
const cut = (s) => (s.length > 300 ? `${s.slice(0, 300)}…` : s);

function leavesOf(value, path = "", into = {}) {
  if (value === null || typeof value !== "object") into[path] = cut(JSON.stringify(value));
  else for (const [k, v] of Object.entries(value)) leavesOf(v, `${path}/${escape(k)}`, into);
  return into;
}
