// Package conformance compares statediff with libraries of others: their results for the same
// patches and documents, and their cost. It consists of tests only.
package conformance
