package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
)

const nameChannel = "channel+json"

// channelQueue is as many events as the queue holds; so many people write.
const channelQueue = 10_000

// channelJSON is what people write themselves: a struct with a map into a buffered channel, and a
// goroutine that writes JSON to nowhere. What finds the channel full is dropped, unless it is to be
// lossless.
type channelJSON struct {
	events    chan channelEvent
	lossless  bool
	emitted   atomic.Uint64
	delivered atomic.Uint64
	done      sync.WaitGroup
}

type channelEvent struct {
	Time       time.Time         `json:"time"`
	Thread     string            `json:"thread_id"`
	Sequence   uint64            `json:"sequence"`
	Type       string            `json:"type"`
	Node       string            `json:"node"`
	Message    string            `json:"message"`
	Attributes map[string]string `json:"attributes"`
}

func openChannel(s load.Setup) (load.Contender, error) {
	c := &channelJSON{events: make(chan channelEvent, channelQueue), lossless: s.Lossless}
	c.done.Go(func() {
		encoder := json.NewEncoder(io.Discard)
		for e := range c.events {
			if encoder.Encode(&e) == nil {
				c.delivered.Add(1)
			}
		}
	})
	return c, nil
}

func (c *channelJSON) Emitter(i int) load.Emitter {
	return &channelRun{owner: c, thread: fmt.Sprintf("conversation-%04d", i)}
}

func (c *channelJSON) Finish(context.Context) (load.Outcome, error) {
	close(c.events)
	c.done.Wait()
	return load.Outcome{Emitted: c.emitted.Load(), Delivered: c.delivered.Load(),
		EventsPerRecord: 1}, nil
}

type channelRun struct {
	owner    *channelJSON
	thread   string
	sequence uint64
}

func (r *channelRun) emit(kind string, attributes map[string]string) {
	r.sequence++
	r.owner.emitted.Add(1)
	e := channelEvent{time.Now(), r.thread, r.sequence, kind, load.Node, load.Message, attributes}
	if r.owner.lossless {
		r.owner.events <- e
		return
	}
	select {
	case r.owner.events <- e:
	default:
	}
}

func (r *channelRun) One(v *load.Values) {
	r.emit("warning", map[string]string{load.Keys[0]: v[0]})
}

func (r *channelRun) Ten(v *load.Values) {
	r.emit("warning", map[string]string{
		load.Keys[0]: v[0], load.Keys[1]: v[1], load.Keys[2]: v[2], load.Keys[3]: v[3],
		load.Keys[4]: v[4],
		load.Keys[5]: v[5], load.Keys[6]: v[6], load.Keys[7]: v[7], load.Keys[8]: v[8],
		load.Keys[9]: v[9],
	})
}

func (r *channelRun) Text(text string) { r.emit("warning", map[string]string{"prompt": text}) }

func (r *channelRun) Node(v *load.Values) {
	r.emit("node_start", map[string]string{
		load.Keys[0]: v[0], load.Keys[1]: v[1], load.Keys[2]: v[2], load.Keys[3]: v[3],
		load.Keys[4]: v[4],
	})
	r.emit("node_end", nil)
}
