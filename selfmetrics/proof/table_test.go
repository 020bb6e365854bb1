package proof

import (
	"flag"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/selfmetrics"
)

var (
	full  = flag.Bool("full", false, "run every scenario at every scale, not a subset")
	write = flag.Bool("write", false, "write the table to SCENARIOS.md")
)

// scales are the broker's capacities, as multiples of the nominal one; seeds are others than those with which the estimator was made.
var (
	scales = []float64{0.4, 1, 4}
	seeds  = []uint64{51, 52}
)

// class is what became of a run, by the ledger and the peak of the queue.
type class uint8

const (
	healthy class = iota // no limit at which events are lost was used to a half, the deadline included
	between              // it did not, and nothing was lost
	lossy
)

var classNames = [...]string{"healthy", "in between", "lossy"}

// verdict is what is to be said of a run.
type verdict struct {
	class    class
	onset    time.Duration
	loss     time.Duration
	signal   time.Duration // since when pressure has not been ok, at the loss or else at its first; negative: never
	full     float64       // how full the queue was then
	alert    time.Duration // likewise
	others   []string      // alerts that fired in a healthy run
	peak     float64
	errors   []float64 // of the forecasts, as a share of what is allowed
	relative []float64 // as a share of the time left
	calm     bool      // the pressure was ok in one of the last looks
	driver   selfmetrics.Driver
	disagree string // what contradicts itself in a verdict, "" if nothing does
	flaps    bool   // the level of a shape that repeats changes more than six times in ten minutes
}

const (
	// settled is how long after the onset forecasts have to be right, allowed by what share of the time left they may be off, and by how many
	// seconds at least.
	settled        = 10 * time.Second
	allowed        = 0.20
	allowedSeconds = 1.0
	// enough is the time from the onset to the loss from which the alert has to come, notice how long before the loss.
	enough = time.Minute
	notice = 30 * time.Second
	// latest is how full the queue may be when the signal comes, linger how long before the loss it has to come.
	latest = 0.8
	linger = batching.DefaultLinger

	lateAlert = "alert too late"
	// leastAlerted is the share of the runs with enough time in which the alert has to come in time. What is missing are losses little more
	// than a minute away, of which a burst takes 12 s to tell and a scrape and an evaluation up to 30 s, and ramps that noise hides. Two
	// runs of a scenario differ by what its goroutines do at one instant of the fake clock, and with them one or two of the 127 runs
	// that are counted: 120 are in time as a rule, 117 are asked for.
	leastAlerted = 0.92
)

func judge(t *testing.T, s *scenario, seed uint64, scale float64) verdict {
	x, o := s.make(seed, scale), run(t, s, seed, scale)
	tr := &o.truth
	if lost := int(o.stats.Total.Lost()); tr.missing > lost || tr.missing < lost-int(o.stats.Total.Unacknowledged) {
		t.Errorf("%s: %d events are missing at the broker, the client says that it lost %d", s.name, tr.missing, lost)
	}
	v := verdict{onset: x.onset(tr.firstLoss), loss: tr.firstLoss, peak: tr.peak, signal: -1, alert: -1, calm: true}
	switch {
	case tr.firstLoss >= 0:
		v.class = lossy
	case tr.peak >= 0.5 || tr.oldest >= 0.5:
		v.class = between
	}
	ok := true
	for _, c := range o.changes {
		if v.loss >= 0 && c.at > v.loss {
			break
		}
		if isOK := c.level == selfmetrics.PressureOK; ok && !isOK && (v.loss >= 0 || v.signal < 0) {
			v.signal, v.full = c.at, c.full
			ok = false
		} else if isOK {
			ok = true
			if v.loss >= 0 {
				v.signal = -1
			}
		}
	}
	v.calm = false
	for _, k := range o.looks[max(len(o.looks)-lastLooks, 0):] {
		v.calm = v.calm || k.pressure == selfmetrics.PressureOK
	}
	v.alerts(t, o, seed)
	v.forecasts(o)
	v.disagree = disagreement(o)
	v.flaps = x.period > 0 && mostChanges(o, x.onsets[0]+2*x.period) > 6
	return v
}

// disagreement returns what is wrong with the first verdict that contradicts itself, "" if none does.
func disagreement(o *observation) string {
	for _, k := range o.looks {
		p := &k.verdict
		pressed := p.Level > selfmetrics.PressureOK
		switch {
		case pressed && (p.Driver == selfmetrics.DriverNone || p.Judgement == selfmetrics.JudgementNone):
			return fmt.Sprintf("at %v the level is %v, by %v and %v", k.at, p.Level, p.Judgement, p.Driver)
		case pressed && p.Unanswered >= 15*time.Second && p.Driver != selfmetrics.DriverBroker && p.Driver != selfmetrics.DriverWorker:
			return fmt.Sprintf("at %v nothing has been acknowledged for %v, driver %v", k.at, p.Unanswered, p.Driver)
		case k.driver != p.Driver:
			return fmt.Sprintf("at %v the drivers are %v and %v", k.at, k.driver, p.Driver)
		}
	}
	return ""
}

// mostChanges returns how often the level changed at most in ten minutes from a time on.
func mostChanges(o *observation, from time.Duration) (most int) {
	for i, c := range o.changes {
		n := 0
		for _, d := range o.changes[i:] {
			if c.at >= from && d.at < c.at+10*minute {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// lastLooks are the looks at the end of a run of which one has to find no pressure.
const lastLooks = 5

// alerts finds the alert that stood when the loss came, or the first one, and what else fired although nothing was wrong.
func (v *verdict) alerts(t *testing.T, o *observation, seed uint64) {
	end := o.scrapes[len(o.scrapes)-1].at
	s := newServer(t, o.scrapes)
	defer s.close()
	fired := s.alerts(t, o.began.Add(time.Duration(seed*7919%15000)*time.Millisecond), end)
	for _, s := range fired["DashstreamFillingUp"] {
		from, to := s.from.Sub(o.began), s.to.Sub(o.began)
		if v.alert < 0 || v.loss >= 0 && from <= v.loss && to >= v.loss-scrapeEvery {
			v.alert = from
		}
	}
	if v.class == healthy {
		for name := range fired {
			v.others = append(v.others, name)
		}
	}
}

// forecasts compares what was foretold with what came, and takes the driver that was named most often.
func (v *verdict) forecasts(o *observation) {
	var named [selfmetrics.NumDrivers]int
	for _, k := range o.looks {
		if v.loss < 0 || k.at < v.onset+settled || k.at >= v.loss {
			continue
		}
		left := (v.loss - k.at).Seconds()
		off := math.Abs(k.seconds - left)
		v.errors = append(v.errors, off/max(allowed*left, allowedSeconds))
		v.relative = append(v.relative, off/left)
		if named[k.driver]++; k.driver != selfmetrics.DriverNone && named[k.driver] > named[v.driver] {
			v.driver = k.driver
		}
	}
}

// faults says what a run did not keep of what is promised.
func (v *verdict) faults() (faults []string) {
	switch v.class {
	case healthy:
		if v.signal >= 0 {
			faults = append(faults, "signal")
		}
		for _, name := range v.others {
			faults = append(faults, "alert "+name)
		}
	case lossy:
		switch {
		case v.signal < 0:
			faults = append(faults, "no signal")
		case v.full > latest:
			faults = append(faults, fmt.Sprintf("signal at %.0f %% full", 100*v.full))
		case v.loss-v.signal < linger:
			faults = append(faults, "signal too late")
		}
		if v.loss-v.onset >= enough && (v.alert < 0 || v.loss-v.alert < notice) {
			faults = append(faults, lateAlert)
		}
	}
	if v.disagree != "" {
		faults = append(faults, v.disagree)
	}
	if v.flaps {
		faults = append(faults, "flaps")
	}
	if !v.calm {
		faults = append(faults, "no recovery")
	}
	return faults
}

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
				j.v = judge(t, j.s, j.seed, j.scale)
			}
		})
	}
	for i := range jobs {
		next <- &jobs[i]
	}
	close(next)
	group.Wait()
}

func TestEveryLossIsAnnounced(t *testing.T) {
	var jobs []job
	for i := range scenarios {
		s := &scenarios[i]
		for _, scale := range scales {
			for _, seed := range seeds {
				if *full || scale == 1 && seed == seeds[0] && (i%3 == 0 || s.apart) {
					jobs = append(jobs, job{s: s, seed: seed, scale: scale})
				}
			}
		}
	}
	runAll(t, jobs)
	for i := range jobs {
		j := &jobs[i]
		for _, f := range j.v.faults() {
			if f == lateAlert { // counted below: it depends on when scrapes and evaluations come
				t.Logf("%s, scale %v, seed %d: %s", j.s.name, j.scale, j.seed, f)
				continue
			}
			t.Errorf("%s, scale %v, seed %d: %s", j.s.name, j.scale, j.seed, f)
		}
	}
	if due, alerted := alerts(jobs); *full && float64(alerted) < leastAlerted*float64(due) {
		t.Errorf("the alert came in time in %d of %d runs", alerted, due)
	}
	text := table(jobs)
	t.Logf("\n%s", text)
	if m := median(pool(jobs, func(j *job) bool { return j.s.apart })); *full && m > 1 {
		t.Errorf("the median error of the forecasts on shapes that were kept apart is %.2f of what is allowed", m)
	}
	if *write {
		if err := os.WriteFile("SCENARIOS.md", []byte(preface+text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
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
