package serve

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/dashstream/dashstream-go/examples/liveview/internal/view"
)

const (
	maxQueuedFrames = 512
	maxQueuedBytes  = 4 << 20
	pingEvery       = 10 * time.Second
	beatEvery       = 2 * time.Second
)

// frame is what waits to be sent to a client.
type frame struct {
	path  string
	bytes []byte
}

// client is a connected page. One goroutine reads from it, one writes to it.
type client struct {
	server *Server
	socket socket
	wake   chan struct{} // has a token if there may be something to do for the writer

	mu     sync.Mutex // may be taken under the view's lock, and not the other way round
	queue  []frame
	bytes  int
	behind bool // the queue was lost: snapshots have to be cut
	path   string
	keys   map[string]string // of channels, by subscription
	ended  *ending
}

// ending is why the connection is closed.
type ending struct {
	code   websocket.StatusCode
	reason string
}

// Push takes an update. See view.Subscriber.
func (c *client) Push(b []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.behind {
		return true
	}
	if len(c.queue) >= maxQueuedFrames || c.bytes+len(b) > maxQueuedBytes {
		c.lose()
		return false
	}
	c.append(frame{pathBroadcast, b})
	return true
}

// lose drops the queue but for what is about the connection.
func (c *client) lose() {
	kept := c.queue[:0]
	c.bytes = 0
	for _, f := range c.queue {
		if f.path == pathControl {
			kept = append(kept, f)
			c.bytes += len(f.bytes)
		}
	}
	clear(c.queue[len(kept):])
	c.queue, c.behind = kept, true
	c.server.counters.slow.Add(1)
}

// PushSnapshot takes a frame in any case. See view.Subscriber.
func (c *client) PushSnapshot(b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.append(frame{c.path, b})
}

func (c *client) append(f frame) {
	c.queue = append(c.queue, f)
	c.bytes += len(f.bytes)
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// control queues a frame about the connection. A client that asks faster than it reads is ended.
func (c *client) control(v any) {
	b, err := json.Marshal(v)
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bytes+len(b) > 2*maxQueuedBytes || len(c.queue) > 2*maxQueuedFrames {
		c.endLocked(websocket.StatusPolicyViolation, "too slow for what it asks")
		return
	}
	c.append(frame{pathControl, b})
}

// end closes the connection, with a code that a browser may see.
func (c *client) end(code websocket.StatusCode, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endLocked(code, reason)
}

func (c *client) endLocked(code websocket.StatusCode, reason string) {
	if c.ended == nil {
		c.ended = &ending{code, reason}
	}
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// next returns what the writer does next.
func (c *client) next() (f frame, some bool, behind bool, over *ending) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended != nil {
		return frame{}, false, false, c.ended
	}
	if len(c.queue) == 0 {
		return frame{}, false, c.behind, nil
	}
	f = c.queue[0]
	c.queue[0] = frame{}
	c.queue = c.queue[1:]
	c.bytes -= len(f.bytes)
	return f, true, false, nil
}

// catchUp cuts snapshots in place of the queue that was lost. It is called when everything before
// has been written, so they are as new as can be.
func (c *client) catchUp() {
	c.mu.Lock()
	keys := make([]string, 0, len(c.keys))
	for _, key := range c.keys {
		keys = append(keys, key)
	}
	c.mu.Unlock()
	c.server.view.Snapshots(c, keys, func() {
		c.mu.Lock()
		c.behind = false
		c.mu.Unlock()
	})
}

// write is the writer. It returns when the connection is over, which it closes in any case.
func (c *client) write(ctx context.Context) {
	ping, beat := time.NewTicker(c.server.pingEvery), time.NewTicker(beatEvery)
	defer ping.Stop()
	defer beat.Stop()
	for {
		f, some, behind, over := c.next()
		switch {
		case over != nil:
			c.socket.close(over.code, over.reason)
			return
		case some:
			if c.socket.text(f.path, f.bytes) != nil {
				return
			}
		case behind:
			c.catchUp()
			continue
		}
		if some { // pings and beats are due also while there is always something to send
			select {
			case <-ping.C:
				if c.socket.ping() != nil {
					return
				}
			case <-ctx.Done():
				return
			default:
			}
			continue
		}
		select {
		case <-c.wake:
		case <-ping.C:
			if c.socket.ping() != nil {
				return
			}
		case <-beat.C:
			c.control(beatFrame{"beat", c.server.now().UnixMicro()})
		case <-ctx.Done(): // the reader has ended: nobody is there
			return
		}
	}
}

type beatFrame struct {
	Type string `json:"type"`
	Now  int64  `json:"now_us"`
}

var _ view.Subscriber = (*client)(nil)
