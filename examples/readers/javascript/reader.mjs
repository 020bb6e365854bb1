// Follows threads of a DashStream topic: verifies the hashes of their states and prints their cost
// by model.
//
//     node reader.mjs --brokers localhost:9092 --topic dashstream-events \
//         [--thread ID] [--prices ../prices.json]
//
// It reads from the start of the topic to its end, and prints one line of JSON for each thread.
// With --follow it goes on, and prints a thread's line again whenever a call of a model ends in it.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import jsonpatch from "fast-json-patch";
import { decompress } from "fzstd";
import kafkajs from "kafkajs";
import protobuf from "protobufjs";

const here = (path) => new URL(path, import.meta.url);
const { values: options } = parseArgs({
	options: {
		brokers: { type: "string", default: "localhost:9092" },
		topic: { type: "string", default: "dashstream-events" },
		thread: { type: "string" },
		prices: { type: "string" },
		follow: { type: "boolean", default: false },
	},
});
const prices = JSON.parse(readFileSync(options.prices ?? here("../prices.json")));

// kafkajs brings no zstd, which is how producers compress record batches unless they are told
// otherwise.
kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => ({
	compress: () => {
		throw new Error("this program only reads");
	},
	decompress: (buffer) => Buffer.from(decompress(buffer)),
});

const proto = readFileSync(here("../../../callback/dashstreampb/dashstream.proto"), "utf8");
const { root } = protobuf.parse(proto);
const DashStreamMessage = root.lookupType("dashstream.v1.DashStreamMessage");
const types = root.lookupEnum("dashstream.v1.EventType").values;
const kinds = ["add", "remove", "replace", "move", "copy", "test"];

const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const parse = (bytes) => JSON.parse(Buffer.from(bytes).toString("utf8"));

// canonical is RFC 8785: JSON.stringify prints numbers and strings as it wants them, and sort
// orders by UTF-16 units.
function canonical(v) {
	if (Array.isArray(v)) return `[${v.map(canonical).join(",")}]`;
	if (v !== null && typeof v === "object")
		return `{${Object.keys(v)
			.sort()
			.map((k) => `${JSON.stringify(k)}:${canonical(v[k])}`)
			.join(",")}}`;
	return JSON.stringify(v);
}

// operation returns an operation of a StateDiff as RFC 6902 writes it.
function operation({ op, path, from, value }) {
	const kind = kinds[op];
	if (kind === "move" || kind === "copy") return { op: kind, path, from };
	return kind === "remove" ? { op: kind, path } : { op: kind, path, value: parse(value) };
}

class Thread {
	constructor(id) {
		// known: there is a state, and it is the producer's.
		Object.assign(this, {
			id,
			last: 0,
			missing: 0,
			known: false,
			verified: 0,
			wrong: 0,
			unhashed: 0,
			models: {},
		});
	}

	// take takes an event, or a message of another kind, and says whether a call of a model has
	// ended.
	take(kind, message) {
		const sequence = Number(message.header.sequence);
		if (this.last > 0 && sequence > this.last + 1) {
			this.missing += sequence - this.last - 1;
			this.known = false; // a patch may be among what was lost: wait for a whole state
		}
		this.last = Math.max(this.last, sequence);
		if (kind === "stateDiff") this.diff(message);
		else if (kind === "checkpoint" && message.state.length > 0)
			this.whole(message.state, message.checksum);
		else if (kind === "event") return this.event(message);
		return false;
	}

	event({ eventType, attributes }) {
		const initial = attributes.initial_state_json?.stringValue;
		if (
			initial !== undefined &&
			(eventType === types.EVENT_TYPE_GRAPH_START ||
				eventType === types.EVENT_TYPE_HUMAN_RESUME)
		)
			this.whole(Buffer.from(initial));
		const embedded = eventType === types.EVENT_TYPE_NODE_END && attributes.model;
		if (
			!embedded &&
			eventType !== types.EVENT_TYPE_LLM_END &&
			eventType !== types.EVENT_TYPE_LLM_ERROR
		)
			return false;
		const model = (this.models[attributes.model?.stringValue ?? ""] ??= {
			calls: 0,
			prompt_tokens: 0,
			completion_tokens: 0,
		});
		model.calls++;
		for (const name of ["prompt_tokens", "completion_tokens"])
			model[name] += Number(attributes[name]?.intValue ?? 0);
		return true;
	}

	whole(bytes, checksum) {
		this.state = parse(bytes);
		this.known = true;
		if (checksum?.length > 0) this.check(sha256(bytes), checksum);
	}

	diff({ fullState, operations, stateHash }) {
		if (fullState.length > 0) {
			// it takes precedence over operations
			this.state = parse(fullState);
			this.known = true;
		} else if (this.known) {
			this.state = jsonpatch.applyPatch(
				this.state,
				operations.map(operation),
				true,
			).newDocument;
		}
		if (!this.known) return;
		if (stateHash.length > 0) this.check(sha256(canonical(this.state)), stateHash);
		else this.unhashed++; // the state holds a number that JavaScript cannot verify
	}

	check(got, want) {
		if (got === hex(want)) this.verified++;
		else {
			this.wrong++;
			this.known = false;
		}
	}

	summary() {
		for (const [name, model] of Object.entries(this.models)) {
			const price = prices[name] ?? { prompt: 0, completion: 0 }; // for a million tokens
			const asked = model.prompt_tokens * price.prompt;
			const answered = model.completion_tokens * price.completion;
			model.cost = Math.round((asked + answered) * 1e3) / 1e9;
		}
		const { id: thread, last, missing, known, verified, wrong, unhashed, models } = this;
		return JSON.stringify({ thread, last, missing, known, verified, wrong, unhashed, models });
	}
}

process.stdout.on("error", (err) => {
	// EPIPE: nobody reads what it prints any more
	if (err.code !== "EPIPE") console.error(`reader: ${err.message}`);
	process.exit(err.code === "EPIPE" ? 0 : 1);
});
process.on("uncaughtException", (err) => {
	// What Kafka or the system says is enough; a fault of the program's own needs its stack.
	const said = err.name.startsWith("KafkaJS") || err.code !== undefined;
	console.error(`reader: ${said ? err.message : err.stack}`);
	process.exit(1);
});

const threads = new Map();
const seen = new Set();

// take takes the value of a record. defaults fills in what proto3 leaves off the wire.
function take(value) {
	if (value[0] !== 0) throw new Error(`framing byte ${value[0]}`);
	const message = DashStreamMessage.toObject(DashStreamMessage.decode(value.subarray(1)), {
		defaults: true,
		oneofs: true,
		longs: String,
	});
	const kind = message.message;
	const events =
		kind === "eventBatch"
			? message.eventBatch.events.map((e) => ["event", e])
			: [[kind, message[kind]]];
	for (const [name, content] of events) {
		const { threadId, messageId } = content.header;
		if (
			threadId.startsWith("dashstream-callback/") ||
			(options.thread ?? threadId) !== threadId ||
			seen.has(hex(messageId))
		)
			continue;
		seen.add(hex(messageId)); // delivery is at least once
		if (!threads.has(threadId)) threads.set(threadId, new Thread(threadId));
		if (threads.get(threadId).take(name, content) && options.follow)
			console.log(threads.get(threadId).summary());
	}
}

const kafka = new kafkajs.Kafka({
	brokers: options.brokers.split(","),
	logLevel: kafkajs.logLevel.NOTHING,
});
const admin = kafka.admin();
await admin.connect();
// partitions that are not read to their end, with the offset before which that is
const left = new Map();
for (const { partition, low, high } of await admin.fetchTopicOffsets(options.topic)) {
	if (Number(high) > Number(low)) left.set(partition, Number(high));
}
await admin.disconnect();

const consumer = kafka.consumer({ groupId: `reader-${process.pid}-${Date.now()}` });
await consumer.connect();
await consumer.subscribe({ topic: options.topic, fromBeginning: true });
const done =
	Promise.withResolvers?.() ??
	(() => {
		const d = {};
		d.promise = new Promise((resolve, reject) => Object.assign(d, { resolve, reject }));
		return d;
	})();
if (left.size === 0 && !options.follow) done.resolve();
consumer.on(consumer.events.CRASH, ({ payload }) => done.reject(payload.error));
await consumer.run({
	eachMessage: async ({ partition, message }) => {
		if (message.value?.length > 0) take(message.value);
		if (Number(message.offset) + 1 >= (left.get(partition) ?? Infinity)) left.delete(partition);
		if (left.size === 0 && !options.follow) done.resolve();
	},
});
await done.promise;
await consumer.disconnect();
for (const thread of threads.values()) console.log(thread.summary());
