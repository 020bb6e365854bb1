package proof

import (
	"fmt"
	"math"
	"os"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestTry(t *testing.T) {
	scale, _ := strconv.ParseFloat(os.Getenv("SCALE"), 64)
	if scale == 0 {
		scale = 1
	}
	seed, _ := strconv.ParseUint(os.Getenv("SEED"), 10, 64)
	for i := range scenarios {
		s := &scenarios[i]
		if !strings.Contains(s.name, os.Getenv("ONLY")) {
			continue
		}
		began := time.Now()
		o := run(t, s, seed, scale)
		x := s.make(seed, scale)
		sig := -1.0
		for _, c := range o.changes {
			if c.level > 0 {
				sig = c.at.Seconds()
				break
			}
		}
		var errs []float64
		tr := o.truth
		for _, k := range o.looks {
			if tr.firstLoss > 0 && k.at >= x.onset+10*time.Second && k.at < tr.firstLoss {
				left := (tr.firstLoss - k.at).Seconds()
				errs = append(errs, math.Abs(k.seconds-left)/math.Max(0.2*left, 1))
			}
		}
		sort.Float64s(errs)
		med := math.NaN()
		if len(errs) > 0 {
			med = errs[len(errs)/2]
		}
		fmt.Printf("%-40s loss %6.1f onset %6.1f signal %6.1f peak %3.0f%% age %3.0f%% missing %d/%d (stats %d) err %.2f n=%d  took %v\n", s.name, tr.firstLoss.Seconds(), x.onset.Seconds(), sig, 100*tr.peak, 100*tr.oldest, tr.missing, tr.emitted, o.stats.Total.Lost(), med, len(errs), time.Since(began).Round(time.Millisecond))
		if os.Getenv("ONLY") != "" {
			for j, k := range o.looks {
				if j%10 == 0 {
					fmt.Printf("  %6.1f level %.3f age %.3f secs %.1f (%v %v) p=%v true %.1f\n", k.at.Seconds(), k.level, k.age, k.seconds, k.limit, k.driver, k.pressure, (tr.firstLoss - k.at).Seconds())
				}
			}
		}
	}
}
