package callback_test

import (
	"context"
	"testing"

	"github.com/dashstream/dashstream-go/callback"
)

// checkAccount verifies that every emitted event is counted with an end, for each kind and in
// total.
func checkAccount(t *testing.T, c *callback.Client) {
	t.Helper()
	flush(t, c)
	s := c.Stats()
	for _, k := range append(s.Kinds, s.Total) {
		if sum := k.Delivered + k.Unacknowledged + k.Unchanged + k.DroppedTotal() + k.Queued +
			k.InFlight; sum != k.Emitted {
			t.Errorf("kind %q: %d emitted, %d accounted for: %+v", k.Name, k.Emitted, sum, k)
		}
	}
}

// contextOf returns a context that carries a node, for calls that need one.
func contextOf(n *callback.Node) context.Context {
	return callback.NewNodeContext(context.Background(), n)
}
