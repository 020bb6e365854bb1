// A reader of the stream in JavaScript, as a browser is one: a worker decodes with protobufjs
// (decode.mjs) and passes plain objects on by structured clone, and all that follows is done with
// those. It shares no code with the producer, so what both agree on is what the wire format says.
//
// It reads values of records, each behind its length (four bytes, the highest first), and writes
// one line of JSON for each thread when a length of 0 ends their stream. It applies every patch
// that it can, without waiting for anybody, and says how often it would have asked for a resync.
// Its arguments are the .proto file and a file in the folder that has node_modules.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { apply, canonical, text } from "./patch.mjs";
import { draw } from "./graph.mjs";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const hex = (bytes) => Buffer.from(bytes ?? []).toString("hex");

// Numbers of 64 bits come as objects with two halves.
const bigint = (v) =>
	typeof v === "object" ? (BigInt(v.high >>> 0) << 32n) | BigInt(v.low >>> 0) : BigInt(v ?? 0);

const GRAPH_START = 1;
const HUMAN_RESUME = 71;

let stream = 0;
const threads = new Map();
const seen = new Set();
let followed; // the thread that a live view shows: the one that sent a number last

function threadOf(id) {
	if (!threads.has(id)) {
		threads.set(id, {
			state: undefined,
			broken: false,
			last: 0n,
			checkpoints: new Set(),
			out: {
				thread: id,
				messages: 0,
				duplicates: 0,
				older: 0,
				missing: 0,
				wholes: 0,
				checkpoints: 0,
				patches: 0,
				skipped: 0,
				verified: 0,
				failed: 0,
				unhashed: 0,
				resyncs: 0,
				graphs: 0,
				undrawn: 0,
				followed: false,
				problems: [],
			},
		});
	}
	return threads.get(id);
}

function note(t, why) {
	if (t.out.problems.length < 20) t.out.problems.push(String(why.message ?? why));
}

function resync(t, why) {
	t.out.resyncs++;
	note(t, why);
}

// whole takes a whole state. One that is no JSON makes the reader skip the patches after it, until
// there is another whole one.
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
	if (!hash?.length) t.out.unhashed++;
	else if (sha256(canonical(t.state)) === hex(hash)) t.out.verified++;
	else {
		t.out.failed++;
		resync(t, `the hash of message ${t.last} is another one`);
	}
}

function stateDiff(t, diff) {
	if (diff.fullState?.length) {
		t.out.wholes++;
		if (whole(t, () => text(diff.fullState))) verify(t, diff.stateHash);
		return;
	}
	const base = hex(diff.baseCheckpointId);
	if (base !== "" && !t.checkpoints.has(base)) resync(t, "a checkpoint that never came");
	if (t.broken || t.state === undefined) {
		t.out.skipped++;
		resync(t, "a patch without a state");
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
	t.checkpoints.add(hex(c.checkpointId));
	if (!c.state?.length) return;
	t.out.checkpoints++;
	if (
		whole(t, () => text(c.state)) &&
		c.checksum?.length &&
		sha256(c.state) !== hex(c.checksum)
	) {
		resync(t, "the checksum of a checkpoint is another one");
	}
}

function event(t, e) {
	if (e.eventType !== GRAPH_START && e.eventType !== HUMAN_RESUME) return;
	const initial = e.attributes?.initial_state_json?.stringValue;
	if (initial !== undefined) whole(t, () => initial);
	const schema = e.attributes?.graph_schema_json?.stringValue;
	if (schema === undefined) return;
	try {
		draw(schema);
		t.out.graphs++;
	} catch (error) {
		t.out.undrawn++;
		note(t, error);
	}
}

// add takes what has a number of its own. A message without one that is no state changes nothing.
function add(header, take, changes) {
	const t = threadOf(header.threadId);
	const id = hex(header.messageId);
	if (seen.has(id)) {
		t.out.duplicates++;
		return;
	}
	seen.add(id);
	const number = bigint(header.sequence);
	if (number === 0n) {
		if (changes) resync(t, "a message without a number");
		return;
	}
	followed = header.threadId;
	t.out.followed = true;
	if (t.last > 0n && number <= t.last) {
		t.out.older++;
		return;
	}
	if (t.last > 0n) t.out.missing += Number(number - t.last - 1n);
	t.last = number;
	t.out.messages++;
	take(t);
}

function message(m) {
	if (m.undecodable) throw new Error(m.undecodable);
	if (m.eventBatch)
		for (const e of m.eventBatch.events ?? []) add(e.header, (t) => event(t, e), true);
	else if (m.event) add(m.event.header, (t) => event(t, m.event), true);
	else if (m.stateDiff) add(m.stateDiff.header, (t) => stateDiff(t, m.stateDiff), true);
	else if (m.checkpoint) add(m.checkpoint.header, (t) => checkpoint(t, m.checkpoint), true);
	else add(Object.values(m)[0].header, () => {}, !m.metrics);
}

const [proto, modules] = process.argv.slice(2);
const worker = new Worker(new URL("./decode.mjs", import.meta.url), {
	workerData: { proto: readFileSync(proto, "utf8"), modules },
});
worker.on("message", (m) => (m === null ? end() : message(m)));

// end says what became of the threads of a stream, and forgets them.
function end() {
	for (const t of threads.values()) {
		const known = t.state !== undefined;
		console.log(
			JSON.stringify({
				...t.out,
				stream,
				last: String(t.last),
				shown: t.out.thread === followed,
				known,
				hash: known ? sha256(canonical(t.state)) : "",
			}),
		);
	}
	stream++;
	threads.clear();
	seen.clear();
	followed = undefined;
}

const input = readFileSync(0);
for (let at = 0; at < input.length;) {
	const n = input.readUInt32BE(at);
	worker.postMessage(n === 0 ? null : new Uint8Array(input.subarray(at + 4, at + 4 + n)));
	at += 4 + n;
}
worker.postMessage("end");
