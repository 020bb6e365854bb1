package callback

import (
	"github.com/dashstream/dashstream-go/selfmetrics"
)

// Pressure tells how close the first loss is. See [selfmetrics.Pressure] for its fields.
type Pressure = selfmetrics.Pressure

// Pressure returns how close the first loss is, for an application that slows down or sheds load by
// itself. It costs a few nanoseconds and takes no lock. For a nil or disabled Client, and after
// [Client.Shutdown], it is zero: no pressure.
func (c *Client) Pressure() Pressure {
	if !c.on() {
		return Pressure{}
	}
	return c.watch.Pressure()
}

// History returns the client's observations of the last five minutes: see
// [selfmetrics.Watch.History]. It is empty for a nil or disabled Client.
func (c *Client) History() []selfmetrics.Moment {
	if !c.on() {
		return nil
	}
	return c.watch.History()
}

// emitSample selects the calls whose duration is measured: those whose message number has all of
// these bits zero.
const emitSample = 1<<10 - 1

// measured records the duration of a call that began at began, if it is one of the calls that are
// measured.
func (c *Client) measured(message uint64, began moment) {
	if message&emitSample == 0 {
		c.engine.ObserveEmit(c.clock.now().sub(began))
	}
}
