// Package conformance compares statediff with libraries that others keep: what they make of the
// same patches and documents, and what they cost. It is a module of its own so that none of them
// becomes a dependency of the core. It is all tests.
package conformance
