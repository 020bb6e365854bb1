package measure

import (
	"slices"
	"time"
)

// Compare runs each of the functions in turn, n operations at a time, round after round, and
// returns for each the time of one operation in nanoseconds: the lower quartile over the rounds.
//
// It is for ratios. What else happens on the machine hits all functions alike because they take
// turns at intervals of about a millisecond, and the lower quartile leaves out the turns in which
// something else had the processor.
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

// Alone is [Compare] for functions that leave work behind in the background: each one's turn begins
// when nothing of the turn before goes on. cpu is all processor time of an operation in
// nanoseconds, with what its turn left behind; it is 0 where the system does not tell.
func Alone(rounds, n int, fns ...func(n int)) (wall, cpu []float64) {
	samples := make([]func() float64, len(fns))
	all := make([][]float64, len(fns))
	for i, f := range fns {
		f(n) // warm
		samples[i] = func() float64 {
			before, began := CPU(), time.Now()
			f(n)
			took := time.Since(began)
			Settle()
			all[i] = append(all[i], float64(CPU()-before)/float64(n))
			return float64(took) / float64(n)
		}
	}
	Settle()
	wall = LowerQuartiles(rounds, samples...)
	for _, s := range all {
		cpu = append(cpu, lowerQuartile(s))
	}
	return wall, cpu
}

// A process that uses less than idleShare of a processor for idleFor does nothing but its timers;
// systems tell a process's time no more often than every few milliseconds. One that does not become
// idle is waited for no longer than settleLimit.
const (
	idleFor     = 10 * time.Millisecond
	idleShare   = 0.05
	settleLimit = 2 * time.Second
)

// Settle waits until nothing of the process goes on any more.
func Settle() {
	for until := time.Now().Add(settleLimit); time.Now().Before(until); {
		before, began := CPU(), time.Now()
		time.Sleep(idleFor)
		if float64(CPU()-before) <= idleShare*float64(time.Since(began)) {
			return
		}
	}
}

// LowerQuartiles takes a sample of each function in turn, round after round, and returns the lower
// quartile of each one's samples.
func LowerQuartiles(rounds int, samples ...func() float64) []float64 {
	all := make([][]float64, len(samples))
	for range rounds {
		for i, sample := range samples {
			all[i] = append(all[i], sample())
		}
	}
	quartiles := make([]float64, len(all))
	for i, s := range all {
		quartiles[i] = lowerQuartile(s)
	}
	return quartiles
}

func lowerQuartile(s []float64) float64 {
	slices.Sort(s)
	return s[len(s)/4]
}
