// Package statediff is what happens to a state between the application's JSON and the wire:
// canonical text ([Canonicalizer], RFC 8785), its hash ([Summer]), the operations that lead to it
// from the state before ([Differ], RFC 6902), and, for readers, from there back to the state
// ([Canonicalizer.Apply]). [Truncate] makes a JSON value fit a limit. Everything works on bytes and
// flat indexes, and what two states of a thread have in common is compared and not read, hashed or
// written again:
//
//	c.ParseAfter(next, json, base)             // canonical text and index
//	sum := s.Sum(next, base)                   // state_hash, unless !next.Verifiable()
//	ops, size, ok := d.Diff(base, next)        // a patch, or !ok: next goes out whole
//	base, next = next, base                    // next is the baseline now, base's memory is reused
//
// A Canonicalizer, a Summer and a Differ belong to one goroutine; a thread keeps its baseline, one
// [Document]. The three keep the memory that their largest document needed: after an unusually
// large one, put new ones in their place. What comes of all this is quickest where the JSON has the
// keys of its objects in order, no white space and no needless escapes, as encoding/json writes
// maps when it does not escape HTML.
//
// No library does this job. Those that compute patches (wI2L/jsondiff, mattbaird/jsonpatch and its
// descendants, snorwin/jsonpatch) decode both documents into maps first, which alone costs more
// than all that is done here, lose numbers beyond 2^53 on the way, and bound neither work nor size.
// gowebpki/jcs and encoding/json/v2's jsontext canonicalize, but round whole numbers beyond 2^53 or
// refuse duplicate keys, leave no index behind, and take no advantage of what is known already;
// jsontext is an experiment besides. The module in conformance measures against them, and checks
// results against evanphx/json-patch, jcs and jsontext.
package statediff
