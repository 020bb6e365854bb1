package batching

import (
	"testing"
	"testing/synctest"
	"time"
)

// Whether the skeletons fit is judged by their bytes, so those of one message count once, however
// often it is tried to find room for it.
func TestTheSkeletonsBytesCountOnce(t *testing.T) {
	for _, policy := range []Overflow{DropNewest, Block, DropOldest} {
		t.Run(policy.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := new(heldSender)
				e := start(t, s, func(c *Config) {
					c.QueueEvents, c.Linger = 3, time.Minute
					c.Overflows = map[Class]Overflow{Skeleton: policy, Details: Block}
					c.Shed = true
				})
				l := e.NewLane("a", nil, 0, 0)
				for i := range 3 {
					x := state(uint64(i + 1))
					x.Class = Details
					x.emit(l)
				}
				x := state(99)
				x.Class = Skeleton
				x.emit(l)
				sized(&x.Entry, l, 0)
				if got := e.flows().skeleton; got != uint64(x.Size) {
					t.Errorf("%d bytes of skeletons count, want %d", got, x.Size)
				}
				s.end(nil)
			})
		})
	}
}
