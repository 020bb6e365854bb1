// Canonical JSON (RFC 8785) and JSON Patch (RFC 6902), as a browser has them: no library.

// JSON.stringify prints numbers and strings as RFC 8785 wants them; sort() orders by UTF-16 code
// units.
export function canonical(v) {
	if (Array.isArray(v)) return "[" + v.map(canonical).join(",") + "]";
	if (v !== null && typeof v === "object") {
		return (
			"{" +
			Object.keys(v)
				.sort()
				.map((k) => JSON.stringify(k) + ":" + canonical(v[k]))
				.join(",") +
			"}"
		);
	}
	return JSON.stringify(v);
}

export const text = (bytes) =>
	new TextDecoder("utf-8", { fatal: true }).decode(bytes ?? new Uint8Array());

function tokens(pointer) {
	if (pointer === "") return [];
	if (pointer[0] !== "/") throw new Error(`pointer ${pointer} does not begin with /`);
	return pointer
		.slice(1)
		.split("/")
		.map((token) => {
			if (/~(?![01])/.test(token))
				throw new Error(`pointer ${pointer} has a ~ without 0 or 1`);
			const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
			if (key === "__proto__") throw new Error("a path through __proto__");
			return key;
		});
}

function index(token, length) {
	if (token === "-") return length;
	if (!/^(0|[1-9][0-9]*)$/.test(token) || Number(token) > length)
		throw new Error(`index ${token} of an array of ${length}`);
	return Number(token);
}

// step goes one token down, to something that is there.
function step(value, token) {
	if (Array.isArray(value)) {
		const i = index(token, value.length);
		if (i < value.length) return value[i];
	} else if (value !== null && typeof value === "object" && Object.hasOwn(value, token)) {
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
	else if (holder !== null && typeof holder === "object") holder[last] = value;
	else throw new Error(`${last} leads into a value that is neither object nor array`);
	return root;
}

function take(root, path) {
	if (path.length === 0) throw new Error("the whole cannot be removed");
	const holder = get(root, path.slice(0, -1));
	const last = path.at(-1);
	const value = step(holder, last);
	if (Array.isArray(holder)) holder.splice(Number(last), 1);
	else delete holder[last];
	return value;
}

// What a browser makes of the numbers: an op that it does not see is a REPLACE to it, and an
// encoding an unknown one.
const kinds = ["ADD", "REMOVE", "REPLACE", "MOVE", "COPY", "TEST"];
const kindOf = (op) => (op === undefined ? "REPLACE" : kinds[op]);

function valueOf(op) {
	if (op.encoding !== 0) throw new Error(`a value in encoding ${op.encoding}`);
	return JSON.parse(text(op.value));
}

// apply applies an operation to a state, which it may change, and returns the state after it.
export function apply(root, op) {
	const path = tokens(op.path ?? "");
	const from = tokens(op.from ?? "");
	switch (kindOf(op.op)) {
		case "ADD":
			return put(root, path, valueOf(op), false);
		case "REPLACE":
			return put(root, path, valueOf(op), true);
		case "REMOVE":
			take(root, path);
			return root;
		case "COPY":
			return put(root, path, structuredClone(get(root, from)), false);
		case "MOVE":
			if (from.length < path.length && from.every((t, i) => t === path[i]))
				throw new Error("a move into itself");
			return from.length === 0 ? root : put(root, path, take(root, from), false);
		case "TEST":
			if (canonical(get(root, path)) !== canonical(valueOf(op)))
				throw new Error("the value is another one");
			return root;
	}
	throw new Error(`operation ${op.op}`);
}
