// Reads doubles, eight bytes each in big endian, and writes them as ECMAScript prints them, one a
// line.
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const all = Buffer.concat(chunks);
const lines = [];
for (let i = 0; i < all.length; i += 8) lines.push(String(all.readDoubleBE(i)));
process.stdout.write(lines.join("\n") + "\n");
