//go:build race

package statediff

// fewer says that a test takes fewer cases: the race detector makes them ten times as slow, and
// nothing here is concurrent.
const fewer = true
