package callback_test

import (
	"context"
	"testing"

	"github.com/dashstream/dashstream-go/callback"
)

// checkAccount verifies that what was emitted came to an end that is counted, in each kind and in
// all.
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

// contextOf is a context that carries a node, for calls that need one.
func contextOf(n *callback.Node) context.Context {
	return callback.NewNodeContext(context.Background(), n)
}
