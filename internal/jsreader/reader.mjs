// A reader of the stream in plain JavaScript, as a browser would read it: no library, its own canonical JSON (RFC 8785) and its own JSON
// Patch (RFC 6902). It shares no code with the producer, so what both agree on is what the wire format says.
//
// It reads messages as lines of JSON (protobuf's JSON form: bytes in base64, 64-bit numbers as strings) and writes, at the end, one line
// for each thread. It applies every patch that it can, without waiting for anybody, and says how often it would have asked for a resync.
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';

// Canonical JSON. JSON.stringify prints numbers and strings as RFC 8785 wants them; sort() orders by UTF-16 code units.
function canonical(v) {
  if (Array.isArray(v)) return '[' + v.map(canonical).join(',') + ']';
  if (v !== null && typeof v === 'object') {
    return '{' + Object.keys(v).sort().map((k) => JSON.stringify(k) + ':' + canonical(v[k])).join(',') + '}';
  }
  return JSON.stringify(v);
}

const sha256 = (text) => createHash('sha256').update(text, 'utf8').digest('hex');

// JSON Patch.
function tokens(pointer) {
  if (pointer === '') return [];
  if (pointer[0] !== '/') throw new Error(`pointer ${pointer} does not begin with /`);
  return pointer.slice(1).split('/').map((token) => {
    if (/~(?![01])/.test(token)) throw new Error(`pointer ${pointer} has a ~ without 0 or 1`);
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (key === '__proto__') throw new Error('a path through __proto__');
    return key;
  });
}

function index(token, length) {
  if (token === '-') return length;
  if (!/^(0|[1-9][0-9]*)$/.test(token) || Number(token) > length) throw new Error(`index ${token} of an array of ${length}`);
  return Number(token);
}

// step goes one token down, to something that is there.
function step(value, token) {
  if (Array.isArray(value)) {
    const i = index(token, value.length);
    if (i < value.length) return value[i];
  } else if (value !== null && typeof value === 'object' && Object.hasOwn(value, token)) {
    return value[token];
  }
  throw new Error(`nothing at ${token}`);
}

const get = (root, path) => path.reduce(step, root);

// put adds or replaces the value at a path, and returns the root.
function put(root, path, value, replace) {
  if (path.length === 0) return value;
  const holder = get(root, path.slice(0, -1));
  const last = path.at(-1);
  if (replace) step(holder, last);
  if (Array.isArray(holder)) holder.splice(index(last, holder.length), replace ? 1 : 0, value);
  else if (holder !== null && typeof holder === 'object') holder[last] = value;
  else throw new Error(`${last} leads into a value that is neither object nor array`);
  return root;
}

function take(root, path) {
  if (path.length === 0) throw new Error('the whole cannot be removed');
  const holder = get(root, path.slice(0, -1));
  const last = path.at(-1);
  const value = step(holder, last);
  if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else delete holder[last];
  return value;
}

const kinds = ['ADD', 'REMOVE', 'REPLACE', 'MOVE', 'COPY', 'TEST'];
const kindOf = (op) => (typeof op === 'number' ? kinds[op] : String(op ?? 'OP_TYPE_ADD').replace('OP_TYPE_', ''));

function valueOf(op) {
  if (![undefined, 0, 'VALUE_ENCODING_JSON'].includes(op.encoding)) throw new Error(`a value in ${op.encoding}`);
  return JSON.parse(text(op.value));
}

function apply(root, op) {
  const path = tokens(op.path ?? '');
  const from = tokens(op.from ?? '');
  switch (kindOf(op.op)) {
    case 'ADD':
      return put(root, path, valueOf(op), false);
    case 'REPLACE':
      return put(root, path, valueOf(op), true);
    case 'REMOVE':
      take(root, path);
      return root;
    case 'COPY':
      return put(root, path, structuredClone(get(root, from)), false);
    case 'MOVE':
      if (from.length < path.length && from.every((t, i) => t === path[i])) throw new Error('a move into itself');
      return from.length === 0 ? root : put(root, path, take(root, from), false);
    case 'TEST':
      if (canonical(get(root, path)) !== canonical(valueOf(op))) throw new Error('the value is another one');
      return root;
  }
  throw new Error(`operation ${op.op}`);
}

// The stream.
const text = (base64) => new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64 ?? '', 'base64'));
const hex = (base64) => Buffer.from(base64 ?? '', 'base64').toString('hex');

const threads = new Map();
const seen = new Set();

function threadOf(id) {
  if (!threads.has(id)) {
    threads.set(id, {
      state: undefined, broken: false, last: 0n, checkpoints: new Set(),
      out: {
        thread: id, messages: 0, duplicates: 0, older: 0, missing: 0, wholes: 0, checkpoints: 0, patches: 0, skipped: 0,
        verified: 0, failed: 0, unhashed: 0, resyncs: 0, problems: [],
      },
    });
  }
  return threads.get(id);
}

function resync(t, why) {
  t.out.resyncs++;
  if (t.out.problems.length < 20) t.out.problems.push(String(why.message ?? why));
}

// whole takes a whole state. One that is no JSON makes the reader skip the patches after it, until there is another whole one.
function whole(t, json) {
  try {
    t.state = JSON.parse(json());
    t.broken = false;
    return true;
  } catch (error) {
    t.broken = true;
    resync(t, error);
    return false;
  }
}

function verify(t, hash) {
  if (!hash) t.out.unhashed++;
  else if (sha256(canonical(t.state)) === hex(hash)) t.out.verified++;
  else {
    t.out.failed++;
    resync(t, `the hash of message ${t.last} is another one`);
  }
}

function stateDiff(t, diff) {
  if (diff.fullState) {
    t.out.wholes++;
    if (whole(t, () => text(diff.fullState))) verify(t, diff.stateHash);
    return;
  }
  if (diff.baseCheckpointId && !t.checkpoints.has(diff.baseCheckpointId)) resync(t, 'a checkpoint that never came');
  if (t.broken || t.state === undefined) {
    t.out.skipped++;
    resync(t, 'a patch without a state');
    return;
  }
  try {
    t.state = (diff.operations ?? []).reduce(apply, structuredClone(t.state));
  } catch (error) {
    t.out.skipped++;
    t.broken = true;
    resync(t, error);
    return;
  }
  t.out.patches++;
  verify(t, diff.stateHash);
}

function checkpoint(t, c) {
  if (c.checkpointId) t.checkpoints.add(c.checkpointId);
  if (!c.state) return;
  t.out.checkpoints++;
  if (whole(t, () => text(c.state)) && c.checksum && createHash('sha256').update(Buffer.from(c.state, 'base64')).digest('hex') !== hex(c.checksum)) {
    resync(t, 'the checksum of a checkpoint is another one');
  }
}

function event(t, e) {
  const initial = e.attributes?.initial_state_json?.stringValue;
  if (['EVENT_TYPE_GRAPH_START', 'EVENT_TYPE_HUMAN_RESUME'].includes(e.eventType) && initial !== undefined) whole(t, () => initial);
}

// add takes what has a number of its own.
function add(header, take) {
  const t = threadOf(header.threadId);
  if (seen.has(header.messageId)) {
    t.out.duplicates++;
    return;
  }
  seen.add(header.messageId);
  const number = BigInt(header.sequence ?? 0);
  if (number === 0n) {
    resync(t, 'a message without a number');
    return;
  }
  if (t.last > 0n && number <= t.last) {
    t.out.older++;
    return;
  }
  if (t.last > 0n) t.out.missing += Number(number - t.last - 1n);
  t.last = number;
  t.out.messages++;
  take(t);
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const m = JSON.parse(line);
  if (m.eventBatch) for (const e of m.eventBatch.events ?? []) add(e.header, (t) => event(t, e));
  else if (m.event) add(m.event.header, (t) => event(t, m.event));
  else if (m.stateDiff) add(m.stateDiff.header, (t) => stateDiff(t, m.stateDiff));
  else if (m.checkpoint) add(m.checkpoint.header, (t) => checkpoint(t, m.checkpoint));
  else add(Object.values(m)[0].header, () => {});
}

for (const t of threads.values()) {
  const known = t.state !== undefined;
  console.log(JSON.stringify({ ...t.out, last: String(t.last), known, hash: known ? sha256(canonical(t.state)) : '' }));
}
