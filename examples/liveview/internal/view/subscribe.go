package view

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
)

// runSource is the source of the channel of a thread.
type runSource struct {
	view   *View
	detail *detail
}

func (s runSource) changes(time.Time) data {
	out := data{inRuns: {}, inNodes: {}, inEdges: {}, inCalls: {}, inTimeline: {}}
	for collection, keys := range s.detail.pending.take() {
		out[collection] = make(map[string]json.RawMessage, len(keys))
		for key, there := range keys {
			out[collection][key] = nil
			if !there {
				continue
			}
			if e := s.detail.entity(collection, key); e != nil {
				out[collection][key] = encoded(e)
			}
		}
	}
	return out
}

// Want is a subscription.
type Want struct {
	Kind   string // runs, run, producers, health
	Filter Filter
	Limit  int
	Thread string
	// Resume says that the client has everything up to After.
	Resume bool
	After  uint64
}

// Subscribe makes a subscriber a reader of a channel, and pushes what it has not got. It returns
// the channel's key. first is called with it before anything is pushed.
func (v *View) Subscribe(s Subscriber, w Want, first func(key string)) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.now()
	c, err := v.channel(&w, now)
	if err != nil {
		return err
	}
	first(c.key)
	v.publish(c, now) // the others get this as an update
	c.subscribers[s] = true
	if w.Resume {
		if frames, kept := c.missed(w.After); kept {
			for _, f := range frames {
				s.PushSnapshot(f)
			}
			return nil
		}
		s.PushSnapshot(c.snapshot("too_old"))
		return nil
	}
	s.PushSnapshot(c.snapshot("subscribed"))
	return nil
}

// channel returns the channel that is wanted, and makes it if nobody reads it yet.
func (v *View) channel(w *Want, now time.Time) (*channel, error) {
	key := w.key()
	if c := v.channels[key]; c != nil {
		return c, nil
	}
	if len(v.channels) >= maxChannels && !v.makeRoom() {
		return nil, ErrTooMany
	}
	var c *channel
	switch w.Kind {
	case "runs":
		w.Filter.Text = strings.ToLower(w.Filter.Text)
		c = newChannel(key, &runList{view: v, filter: w.Filter, limit: w.Limit}, listEvery, now)
	case "run":
		messages, whole, err := v.read(w.Thread)
		if err != nil {
			return nil, err
		}
		d := replay(w.Thread, messages, whole, Moment{})
		d.producer = func(id string) string { return v.producers.status(id, v.now()) }
		d.stale = v.timedFlags
		d.losses = func() reduce.Losses { return v.lossesOf(w.Thread) }
		d.pending.set(inMeta, "thread")
		d.pending.set(inState, "state")
		v.details[w.Thread] = d
		c = newChannel(key, runSource{v, d}, runEvery, now)
	default:
		return nil, fmt.Errorf("view: there is no channel of kind %q", w.Kind)
	}
	v.channels[key] = c
	return c, nil
}

// makeRoom forgets a channel that nobody reads, and reports whether there was one.
func (v *View) makeRoom() bool {
	for key, c := range v.channels {
		if v.unread(c) {
			v.forget(key, c)
			return true
		}
	}
	return false
}

func (v *View) unread(c *channel) bool {
	return len(c.subscribers) == 0 && c != v.healthChannel && c != v.producerChannel
}

func (v *View) forget(key string, c *channel) {
	delete(v.channels, key)
	if s, is := c.source.(runSource); is {
		delete(v.details, s.detail.id)
	}
}

func (w *Want) key() string {
	switch w.Kind {
	case "runs":
		f := &w.Filter
		return fmt.Sprintf("runs/%q,%q,%q,%q,%d,%d,%d", f.Graph, f.Outcome, f.Tenant,
			strings.ToLower(f.Text), f.From, f.To, w.Limit)
	case "run":
		return "run/" + w.Thread
	}
	return w.Kind
}

// timedFlags returns the flags of a detail that time decides.
func (v *View) timedFlags(d *detail) []string {
	t := v.threads[d.id]
	if t == nil || len(t.rows) == 0 {
		return nil
	}
	return v.flagsNow(t.rows[len(t.rows)-1], v.now())
}

// Unsubscribe ends a subscription.
func (v *View) Unsubscribe(s Subscriber, key string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if c := v.channels[key]; c != nil && c.subscribers[s] {
		delete(c.subscribers, s)
		c.idle = v.now()
	}
}

// Snapshots pushes a snapshot of each of the channels to a subscriber that was too slow for their
// updates. first is called before, under the same lock.
func (v *View) Snapshots(s Subscriber, keys []string, first func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	first()
	for _, key := range keys {
		if c := v.channels[key]; c != nil && c.subscribers[s] {
			s.PushSnapshot(c.snapshot("too_slow"))
		}
	}
}

// Tick publishes what has changed in the channels whose time has come, and forgets those that
// nobody has read for a while.
func (v *View) Tick() {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.now()
	v.age(now)
	for key, c := range v.channels {
		if v.unread(c) && now.Sub(c.idle) > keepIdle {
			v.forget(key, c)
			continue
		}
		if !now.Before(c.due) {
			c.due = now.Add(c.every)
			v.publish(c, now)
		}
	}
}

func (v *View) publish(c *channel, now time.Time) {
	slow := c.publish(now)
	v.health.warnings.add(warnSlow, len(slow), now)
}

// Channels returns how many channels there are, for tests and /metrics.
func (v *View) Channels() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.channels)
}

// Threads returns the ids of the threads that are listed, the latest first.
func (v *View) Threads() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var ids []string
	for e := v.rows.Front(); e != nil; e = e.Next() {
		if id := e.Value.(*row).Thread; !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}
