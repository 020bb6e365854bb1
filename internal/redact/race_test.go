//go:build race

package redact

const raceEnabled = true

// draws is how many of n draws are made: the race detector looks at how goroutines share memory,
// which is the same in all of them.
func draws(n int) int { return max(1, n/16) }
