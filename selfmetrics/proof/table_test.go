package proof

import (
	"flag"
	"fmt"
	"math"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"testing"
)

var (
	full  = flag.Bool("full", false, "run every scenario at every scale, not a subset")
	write = flag.Bool("write", false, "write the table to SCENARIOS.md")
	// While something is tuned, nothing of what is set apart may be looked at.
	tuning = flag.Bool("tuning", false, "leave out the scenarios and the seed that are set apart")
	only   = flag.String("only", "", "run the scenarios whose names match this, at all scales")
)

var (
	// scales are the broker's capacities, as multiples of the nominal one.
	scales = []float64{0.4, 1, 4}
	// seeds are others than those with which the estimator was made; the last one is set apart.
	seeds = []uint64{51, apartSeed}
)

const (
	apartSeed = 77
	// leastAlerted is the share of the losses in which an alert that is due has to come in time.
	leastAlerted = 0.98
	// memory is what the runs may take together; what is above it is collected more often.
	memory = 3 << 29
)

// job is one run of a table.
type job struct {
	s     *scenario
	seed  uint64
	scale float64
	v     verdict
}

// runAll runs jobs on all processors.
func runAll(t *testing.T, jobs []job) {
	var group sync.WaitGroup
	next := make(chan *job)
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for j := range next {
				// What a run leaves to be cleaned up is gone when its subtest ends.
				t.Run(fmt.Sprintf("%s, %v, %d", j.s.name, j.scale, j.seed), func(t *testing.T) {
					j.v = judge(t, j.s, j.seed, j.scale)
				})
			}
		})
	}
	for i := range jobs {
		next <- &jobs[i]
	}
	close(next)
	group.Wait()
}

// runs says whether a scenario is run with a seed at a scale.
func (s *scenario) runs(seed uint64, scale float64, third bool) bool {
	if s.scales != nil && !slices.Contains(s.scales, scale) || *tuning &&
		(s.apart || seed == apartSeed) {
		return false
	}
	if *only != "" {
		return regexp.MustCompile(*only).MatchString(s.name)
	}
	if seed == apartSeed && !s.apart && scale != s.usualScale() {
		return false
	}
	return *full || seed == seeds[0] && (s.scales != nil && scale == s.scales[0] ||
		s.scales == nil && scale == 1) && third
}

// usualScale is that at which a scenario is run when it is run once.
func (s *scenario) usualScale() float64 {
	if s.scales != nil {
		return s.scales[0]
	}
	return 1
}

func TestEveryLossIsAnnounced(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(memory))
	var jobs []job
	for i := range scenarios {
		s := &scenarios[i]
		for _, scale := range scales {
			for _, seed := range seeds {
				if s.runs(seed, scale, i%3 == 0) {
					jobs = append(jobs, job{s: s, seed: seed, scale: scale})
				}
			}
		}
	}
	runAll(t, jobs)
	for i := range jobs {
		j := &jobs[i]
		for _, f := range j.v.faults() {
			t.Errorf("%s, scale %v, seed %d: %s", j.s.name, j.scale, j.seed, f)
		}
	}
	text := table(jobs)
	t.Logf("\n%s", text)
	for _, d := range alertsDue(jobs) {
		if *full && float64(d.alerted) < leastAlerted*float64(d.due) {
			t.Errorf("%s: the alert came in time in %d of %d", d.what, d.alerted, d.due)
		}
	}
	if m := median(medians(jobs)); *full && m > 1 {
		t.Errorf("the median error of the forecasts on shapes that were kept apart is %.2f of "+
			"what is allowed", m)
	}
	if *write {
		if err := os.WriteFile("SCENARIOS.md", []byte(preface+text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// medians are those of the errors of each run of a shape that was kept apart: a run that takes half
// an hour counts as much as one that takes a minute.
func medians(jobs []job) (list []float64) {
	for i := range jobs {
		if j := &jobs[i]; j.s.apart && len(j.v.errors) > 0 {
			list = append(list, median(j.v.errors))
		}
	}
	return list
}

func pool(jobs []job, which func(*job) bool) (errors []float64) {
	for i := range jobs {
		if which(&jobs[i]) {
			errors = append(errors, jobs[i].v.errors...)
		}
	}
	return errors
}

func median(x []float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	x = slices.Sorted(slices.Values(x))
	return x[len(x)/2]
}
