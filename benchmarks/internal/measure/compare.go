package measure

import (
	"slices"
	"time"
)

// Compare runs each of the functions in turn, n operations at a time, round after round, and returns for each the time of one
// operation in nanoseconds: the lower quartile over the rounds.
//
// It is for ratios. What else happens on the machine hits all functions alike because they take turns at intervals of about a
// millisecond, and the lower quartile leaves out the turns in which something else had the processor.
func Compare(rounds, n int, fns ...func(n int)) []float64 {
	samples := make([]func() float64, len(fns))
	for i, f := range fns {
		f(n) // warm
		samples[i] = func() float64 {
			began := time.Now()
			f(n)
			return float64(time.Since(began)) / float64(n)
		}
	}
	return LowerQuartiles(rounds, samples...)
}

// LowerQuartiles takes a sample of each function in turn, round after round, and returns the lower quartile of each one's samples.
func LowerQuartiles(rounds int, samples ...func() float64) []float64 {
	all := make([][]float64, len(samples))
	for range rounds {
		for i, sample := range samples {
			all[i] = append(all[i], sample())
		}
	}
	quartiles := make([]float64, len(all))
	for i, s := range all {
		slices.Sort(s)
		quartiles[i] = s[len(s)/4]
	}
	return quartiles
}
