package selfmetrics

import (
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/prometheus/client_golang/prometheus"
)

func TestClientsOfAProcessAreNumbered(t *testing.T) {
	var n numbers
	seats := [4]seat{}
	if a, b := n.take(&seats[0]), n.take(&seats[1]); a != "1" || b != "2" {
		t.Errorf("the first two are %s and %s", a, b)
	}
	seats[0].ended.Store(true)
	if got := n.take(&seats[2]); got != "1" {
		t.Errorf("the one after the first has ended is %s", got)
	}
	seats[1].described.Add(1) // registered
	seats[1].ended.Store(true)
	if got := n.take(&seats[3]); got != "3" {
		t.Errorf("the one after one that is still registered is %s", got)
	}
}

// A registry that is thrown away takes its collectors with it, and they their clients.
func TestANumberKeepsNothingInMemory(t *testing.T) {
	number := func() (string, weak.Pointer[Collector]) {
		c := New(Info{}, fixed(idle()))
		prometheus.NewRegistry().MustRegister(c)
		c.End()
		return c.client, weak.Make(c)
	}
	first, kept := number()
	for range 50 {
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
		if again, _ := number(); kept.Value() == nil && again == first {
			return
		}
	}
	t.Errorf("the collector is kept: %t, or its number", kept.Value() != nil)
}

func TestAClientThatIsStartedAgainHasTheSeriesOfTheOneBefore(t *testing.T) {
	registry := prometheus.NewRegistry()
	var first string
	for i := range 3 {
		c := New(Info{Instance: "another id each time"}, fixed(idle()))
		registry.MustRegister(c)
		if first == "" {
			first = c.client
		}
		if c.client != first {
			t.Errorf("start %d has the label %s, the first one %s", i, c.client, first)
		}
		registry.Unregister(c)
		c.End()
	}
	kept := New(Info{}, fixed(idle()))
	registry.MustRegister(kept)
	kept.End()
	registry.MustRegister(New(Info{}, fixed(idle()))) // it would panic under the same number
}
