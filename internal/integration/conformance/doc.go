// Package conformance compares statediff with libraries that others keep: what they make of the
// same patches and documents, and what they cost. It is all tests.
package conformance
