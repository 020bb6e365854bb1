package batching

import (
	"errors"
	"testing"
	"testing/synctest"
)

// A Sender that says how many events it lost, but not between which numbers, or between others than
// the batch's own, lost them somewhere in the batch.
func TestALossWithoutNumbersLiesInItsBatch(t *testing.T) {
	tests := []struct {
		name        string
		first, last uint64
		want        Gap
	}{
		{"no numbers", 0, 0, Gap{First: 1, Last: 3, Count: 2}},
		{"a part", 2, 3, Gap{First: 2, Last: 3, Count: 2}},
		{"more than the batch", 0, 9, Gap{First: 1, Last: 3, Count: 2}},
		{"elsewhere", 7, 9, Gap{First: 1, Last: 3, Count: 2}},
		{"backwards", 3, 2, Gap{First: 1, Last: 3, Count: 2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := new(heldSender)
				e := start(t, s, nil)
				l := e.NewLane("a", nil, 0, 0)
				for i := range uint64(3) {
					event(i + 1).emit(l)
				}
				e.sealAll()
				synctest.Wait()
				s.end(&SendError{Outcome: Dropped, Reason: Rejected, Err: errors.New("no"),
					Events: 2, First: tt.first, Last: tt.last})
				gaps := e.Gaps(9)
				if len(gaps) != 1 || gaps[0].First != tt.want.First ||
					gaps[0].Last != tt.want.Last || gaps[0].Count != tt.want.Count {
					t.Errorf("gaps %+v, want %+v", gaps, tt.want)
				}
			})
		})
	}
}
