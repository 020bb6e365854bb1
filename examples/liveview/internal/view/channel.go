package view

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"
)

// Subscriber is a client. Its methods are called under the view's lock, and must not block.
type Subscriber interface {
	// Push takes a frame. It returns false when the subscriber has become too slow: then it gets
	// no more, and returns true, until it asks for snapshots (View.Snapshots).
	Push(frame []byte) bool
	// PushSnapshot takes a frame in any case.
	PushSnapshot(frame []byte)
}

// data is what a page has of a channel: entities as JSON, by collection and key.
type data map[string]map[string]json.RawMessage

// source is what a channel shows.
type source interface {
	// changes returns the entities that may have changed since it was last asked, nil for those
	// that are gone.
	changes(now time.Time) data
}

// The limits of what a channel keeps for those who resume.
const (
	maxKeptFrames = 256
	maxKeptBytes  = 1 << 20
	keepIdle      = 30 * time.Second // a channel that nobody reads
	maxChannels   = 512
)

// channel is a source and those who read it. Updates have increasing ids, and are encoded once for
// all.
type channel struct {
	key         string
	source      source
	data        data
	id          uint64
	frames      [][]byte // the latest updates; the last one has the id
	bytes       int
	subscribers map[Subscriber]bool
	idle        time.Time // since when it has had no subscriber
	every       time.Duration
	due         time.Time
}

func newChannel(key string, s source, every time.Duration, now time.Time) *channel {
	c := &channel{key: key, source: s, data: data{}, subscribers: map[Subscriber]bool{},
		every: every, idle: now}
	c.apply(c.source.changes(now))
	return c
}

// apply puts changes into the data, and returns those that make a difference.
func (c *channel) apply(changed data) (set data, del map[string][]string) {
	set, del = data{}, map[string][]string{}
	for collection, entities := range changed {
		if c.data[collection] == nil {
			c.data[collection] = map[string]json.RawMessage{}
		}
		for key, entity := range entities {
			was, had := c.data[collection][key]
			switch {
			case entity == nil && had:
				delete(c.data[collection], key)
				del[collection] = append(del[collection], key)
			case entity != nil && !bytes.Equal(was, entity):
				c.data[collection][key] = entity
				if set[collection] == nil {
					set[collection] = map[string]json.RawMessage{}
				}
				set[collection][key] = entity
			}
		}
	}
	return set, del
}

// publish sends what has changed, and returns the subscribers that were too slow for it.
func (c *channel) publish(now time.Time) (slow []Subscriber) {
	set, del := c.apply(c.source.changes(now))
	if len(set) == 0 && len(del) == 0 {
		return nil
	}
	c.id++
	frame := c.frame("update", func(b []byte) []byte {
		b = append(b, `,"set":`...)
		b = appendData(b, set)
		b = append(b, `,"del":`...)
		gone, _ := json.Marshal(del) // strings always can be
		return append(b, gone...)
	})
	c.keep(frame)
	for s := range c.subscribers {
		if !s.Push(frame) {
			slow = append(slow, s)
		}
	}
	return slow
}

func (c *channel) keep(frame []byte) {
	c.frames = append(c.frames, frame)
	c.bytes += len(frame)
	for len(c.frames) > maxKeptFrames || c.bytes > maxKeptBytes && len(c.frames) > 0 {
		c.bytes -= len(c.frames[0])
		c.frames[0] = nil
		c.frames = c.frames[1:]
	}
}

// frame returns a frame with the channel's key and id, and what rest appends.
func (c *channel) frame(kind string, rest func([]byte) []byte) []byte {
	b := append([]byte(nil), `{"type":"`...)
	b = append(append(b, kind...), `","channel":`...)
	b = append(appendString(b, c.key), `,"id":`...)
	b = strconv.AppendUint(b, c.id, 10)
	return append(rest(b), '}')
}

// snapshot returns a frame with everything.
func (c *channel) snapshot(why string) []byte {
	return c.frame("snapshot", func(b []byte) []byte {
		b = append(append(append(b, `,"why":"`...), why...), `","data":`...)
		return appendData(b, c.data)
	})
}

// missed returns the updates after an id, if they are still kept.
func (c *channel) missed(after uint64) (frames [][]byte, kept bool) {
	if after > c.id || c.id-after > uint64(len(c.frames)) {
		return nil, false
	}
	return c.frames[len(c.frames)-int(c.id-after):], true
}

// appendData appends entities as JSON, in the order of their keys.
func appendData(b []byte, d data) []byte {
	b = append(b, '{')
	for i, collection := range slices.Sorted(maps.Keys(d)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, collection), ':', '{')
		for j, key := range slices.Sorted(maps.Keys(d[collection])) {
			if j > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, key), ':')
			b = append(b, d[collection][key]...)
		}
		b = append(b, '}')
	}
	return append(b, '}')
}

func appendString(b []byte, s string) []byte {
	quoted, _ := json.Marshal(s) // a string always can be
	return append(b, quoted...)
}
