package callback

import (
	"github.com/dashstream/dashstream-go/selfmetrics"
)

// Pressure says how close the first loss is. See [selfmetrics.Pressure] for its fields.
type Pressure = selfmetrics.Pressure

// Pressure returns how close the first loss is, for an application that slows down or sheds by
// itself. It costs a few nanoseconds and takes no lock. That of a nil or disabled Client is zero:
// none. Nor is there any after [Client.Shutdown].
func (c *Client) Pressure() Pressure {
	if !c.on() {
		return Pressure{}
	}
	return c.watch.Pressure()
}

// History returns what the client saw of itself in the last five minutes: see
// [selfmetrics.Watch.History]. That of a nil or disabled Client is empty.
func (c *Client) History() []selfmetrics.Moment {
	if !c.on() {
		return nil
	}
	return c.watch.History()
}

// emitSample picks the calls whose cost is measured: those whose message has a number that ends in
// as many zero bits.
const emitSample = 1<<10 - 1

// measured counts what a call took that began at began, if it is one of those that are measured.
func (c *Client) measured(message uint64, began moment) {
	if message&emitSample == 0 {
		c.engine.ObserveEmit(c.clock.now().sub(began))
	}
}
