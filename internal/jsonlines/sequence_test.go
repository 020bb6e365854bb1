package jsonlines

import (
	"fmt"
	"testing"
)

func TestNumbersThatAreMissingLateOrRepeatedAreFound(t *testing.T) {
	s := NewSequences()
	for i, c := range []struct {
		thread string
		n      uint64
		want   Jump
	}{
		{"a", 5, Jump{}}, // the first one is where a reader begins
		{"a", 6, Jump{}},
		{"b", 1, Jump{}},
		{"a", 10, Jump{From: 7, To: 9}},
		{"b", 3, Jump{From: 2, To: 2}},
		{"a", 8, Jump{After: 10}},
		{"a", 10, Jump{After: 10}},
		{"a", 11, Jump{}},
		{"a", 0, Jump{}}, // none
		{"a", 12, Jump{}},
	} {
		if got := s.See(c.thread, 0, c.n); got != c.want {
			t.Errorf("step %d, %s %d: %+v, want %+v", i, c.thread, c.n, got, c.want)
		}
	}
}

func TestThreadsThatAreRememberedAreBounded(t *testing.T) {
	s := NewSequences()
	s.limit = 3
	for n := range uint64(10) {
		j := s.See("busy", 0, 2*n+1)
		if n > 0 && j != (Jump{From: 2 * n, To: 2 * n}) {
			t.Errorf("the busy thread was forgotten: %+v at %d", j, 2*n+1)
		}
		s.See(fmt.Sprint("quiet-", n), 0, 1)
	}
	if len(s.byID) != 3 || s.order.Len() != 3 {
		t.Fatalf("%d threads, %d in order", len(s.byID), s.order.Len())
	}
	if j := s.See("quiet-0", 0, 5); j != (Jump{}) {
		t.Errorf("a forgotten thread: %+v", j)
	}
}

// When a topic gets more partitions, threads continue in others, which are read earlier, later and
// in between.
func TestAThreadThatMovesToAnotherPartitionIsNotLate(t *testing.T) {
	s := NewSequences()
	for n := uint64(51); n <= 100; n++ {
		if got := s.See("t", 3, n); got != (Jump{}) {
			t.Fatalf("%d: %+v", n, got)
		}
		if got := s.See("t", 0, n-50); got != (Jump{}) {
			t.Fatalf("%d: %+v", n-50, got)
		}
	}
	if got := s.See("t", 3, 103); got != (Jump{From: 101, To: 102}) {
		t.Errorf("%+v", got)
	}
}
