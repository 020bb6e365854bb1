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
	times := make([][]float64, len(fns))
	for i, f := range fns {
		f(n) // warm
		times[i] = make([]float64, 0, rounds)
	}
	for range rounds {
		for i, f := range fns {
			began := time.Now()
			f(n)
			times[i] = append(times[i], float64(time.Since(began))/float64(n))
		}
	}
	cost := make([]float64, len(fns))
	for i, t := range times {
		slices.Sort(t)
		cost[i] = t[len(t)/4]
	}
	return cost
}
