// Package statediff turns the states of applications into what is sent, and back. For the producer,
// it computes the canonical text of a state ([Canonicalizer], RFC 8785) and its hash ([Summer]). It
// also computes the operations that lead to it from the previous state ([Differ], RFC 6902). For
// readers, it applies those operations ([Canonicalizer.Apply]). [Truncate] shortens a JSON value to
// a limit. Everything works on bytes and flat indexes. What two states of a thread have in common
// is compared, instead of being read, hashed or written again:
//
//	c.ParseAfter(next, json, base)             // canonical text and index
//	sum := s.Sum(next, base)                   // state_hash, unless !next.Verifiable()
//	ops, size, ok := d.Diff(base, next)        // a patch, or !ok: next is sent whole
//	base, next = next, base                    // next is the baseline now, base's memory is reused
//
// A Canonicalizer, a Summer and a Differ belong to one goroutine; a thread keeps its baseline, one
// [Document]. All three keep the memory that their largest document needed: after an unusually
// large one, replace them. Everything is fastest if the JSON has the keys of its objects in order,
// no white space and no needless escapes. encoding/json writes maps that way when it does not
// escape HTML.
//
// No library does this job. Those that compute patches (wI2L/jsondiff, mattbaird/jsonpatch and its
// descendants, snorwin/jsonpatch) first decode both documents into maps, which alone costs more
// than everything done here. They lose numbers beyond 2^53 on the way, and bound neither work nor
// size. gowebpki/jcs and encoding/json/v2's jsontext canonicalize, but round whole numbers beyond
// 2^53 or reject duplicate keys. They leave no index behind and make no use of what is known
// already; jsontext is also still an experiment. The tests in internal/integration/conformance
// measure against them, and compare results with evanphx/json-patch, jcs and jsontext.
package statediff
