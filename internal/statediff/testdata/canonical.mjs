// Reads lines, each a JSON string that holds a JSON text. Writes for each line the SHA-256 of what
// JSON.parse makes of that text, in canonical form. It is written from RFC 8785 alone, and leaves
// numbers and strings to JSON.stringify, as the RFC does.
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";

const wellFormed = (s) => s.toWellFormed(); // a lone surrogate becomes U+FFFD

function canonical(v) {
	if (Array.isArray(v)) return "[" + v.map(canonical).join(",") + "]";
	if (v !== null && typeof v === "object") {
		const members = new Map();
		for (const k of Object.keys(v)) members.set(wellFormed(k), v[k]);
		const keys = [...members.keys()].sort(); // by UTF-16 code units
		return (
			"{" + keys.map((k) => JSON.stringify(k) + ":" + canonical(members.get(k))).join(",") + "}"
		);
	}
	return JSON.stringify(typeof v === "string" ? wellFormed(v) : v);
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
	console.log(
		createHash("sha256")
			.update(canonical(JSON.parse(JSON.parse(line))))
			.digest("hex"),
	);
}
