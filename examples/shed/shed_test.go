package main

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestNothingIsLostInAnOverload(t *testing.T) {
	for _, overload := range []float64{1.2, 2, 5} {
		for _, queue := range []int64{8 << 20, 128 << 20} {
			if raceEnabled && (overload != 5 || queue != 8<<20) {
				continue // the detector makes them ten times as slow, and one shows a race as well
			}
			t.Run(fmt.Sprintf("%v times, %d MiB", overload, queue>>20), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var out strings.Builder
					r, err := run(&options{
						overload: overload, capacity: 500, queueBytes: queue,
						from: time.Minute, until: 19 * time.Minute, lasts: 20 * time.Minute,
					}, &out)
					if err != nil || r.lost > 0 || r.delivered != r.emitted {
						t.Errorf("%+v, %v\n%s", r, err, out.String())
					}
					if n := mostIn(r.changes, 10*time.Minute); n > 6 {
						t.Errorf("the level changed %d times in ten minutes\n%s", n, out.String())
					}
					t.Logf("left out %d of %d, %d changes", r.shed, r.shed+r.emitted,
						len(r.changes))
				})
			})
		}
	}
}

// mostIn is how many there are at most in a time.
func mostIn(list []time.Duration, window time.Duration) (most int) {
	for i, from := range list {
		n := 0
		for _, at := range list[i:] {
			if at-from < window {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// The same without shedding loses events: it is the shedding that keeps them.
func TestWithoutSheddingTheSameIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, err := run(&options{overload: 5, capacity: 500, queueBytes: 8 << 20, keepAll: true,
			lasts: 2 * time.Minute, until: 2 * time.Minute}, io.Discard)
		if err != nil || r.lost == 0 {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

func TestWrongOptionsAreRefused(t *testing.T) {
	var out, errors strings.Builder
	if code := program([]string{"--overload=much"}, &out, &errors); code != 2 || errors.Len() == 0 {
		t.Errorf("code %d, %q", code, errors.String())
	}
}
