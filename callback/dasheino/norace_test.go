//go:build !race

package dasheino

const raceEnabled = false
