package kafka

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// A queue is an ordered list, whatever is added and removed where.
func TestQueueKeepsItsOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	q := newQueue(inDeadline)
	var want []*record
	for range 10_000 {
		switch n := rng.IntN(5); {
		case n < 2:
			r := new(record)
			q.push(r)
			want = append(want, r)
		case n == 2:
			r := new(record)
			q.pushFront(r)
			want = slices.Insert(want, 0, r)
		case len(want) > 0:
			i := rng.IntN(len(want))
			q.remove(want[i])
			want = slices.Delete(want, i, i+1)
		}
		var got []*record
		for r := q.first; r != nil; r = q.after(r) {
			got = append(got, r)
		}
		if !slices.Equal(got, want) || q.length != len(want) {
			t.Fatalf("the queue holds %d records in another order than the %d that were put in",
				q.length, len(want))
		}
		if len(want) > 20 {
			q.remove(want[0])
			want = want[1:]
		}
	}
}
