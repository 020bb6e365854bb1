package main

import (
	"fmt"
	"testing"
)

func TestNumbersThatAreMissingLateOrRepeatedAreFound(t *testing.T) {
	s := newSequences()
	for i, c := range []struct {
		thread string
		n      uint64
		want   jump
	}{
		{"a", 5, jump{}}, // the first one is where a reader begins
		{"a", 6, jump{}},
		{"b", 1, jump{}},
		{"a", 10, jump{from: 7, to: 9}},
		{"b", 3, jump{from: 2, to: 2}},
		{"a", 8, jump{after: 10}},
		{"a", 10, jump{after: 10}},
		{"a", 11, jump{}},
		{"a", 0, jump{}}, // none
		{"a", 12, jump{}},
	} {
		if got := s.see(c.thread, 0, c.n); got != c.want {
			t.Errorf("step %d, %s %d: %+v, want %+v", i, c.thread, c.n, got, c.want)
		}
	}
}

func TestThreadsThatAreRememberedAreBounded(t *testing.T) {
	s := newSequences()
	s.limit = 3
	for n := range uint64(10) {
		j := s.see("busy", 0, 2*n+1)
		if n > 0 && j != (jump{from: 2 * n, to: 2 * n}) {
			t.Errorf("the busy thread was forgotten: %+v at %d", j, 2*n+1)
		}
		s.see(fmt.Sprint("quiet-", n), 0, 1)
	}
	if len(s.byID) != 3 || s.order.Len() != 3 {
		t.Fatalf("%d threads, %d in order", len(s.byID), s.order.Len())
	}
	if j := s.see("quiet-0", 0, 5); j != (jump{}) {
		t.Errorf("a forgotten thread: %+v", j)
	}
}

// A topic that gets more partitions sends threads on in others, which are read before, after and between.
func TestAThreadThatMovesToAnotherPartitionIsNotLate(t *testing.T) {
	s := newSequences()
	for n := uint64(51); n <= 100; n++ {
		if got := s.see("t", 3, n); got != (jump{}) {
			t.Fatalf("%d: %+v", n, got)
		}
		if got := s.see("t", 0, n-50); got != (jump{}) {
			t.Fatalf("%d: %+v", n-50, got)
		}
	}
	if got := s.see("t", 3, 103); got != (jump{from: 101, to: 102}) {
		t.Errorf("%+v", got)
	}
}
