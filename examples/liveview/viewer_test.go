package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// entities is what a page has of a channel.
type entities map[string]map[string]json.RawMessage

// viewer is a page without a picture: it connects, applies what it gets, and resumes.
type viewer struct {
	address string
	wants   map[string]string // the rest of the request, by subscription

	mu       sync.Mutex
	conn     *websocket.Conn
	epoch    string
	channels map[string]string // by subscription
	data     map[string]entities
	ids      map[string]uint64
	resumed  int // updates that were missed came, and no snapshot
	whole    int // snapshots
	broken   error
}

func newViewer(address string, wants map[string]string) *viewer {
	return &viewer{address: address, wants: wants, channels: map[string]string{},
		data: map[string]entities{}, ids: map[string]uint64{}}
}

// run connects again and again until ctx ends.
func (v *viewer) run(ctx context.Context) {
	for ctx.Err() == nil {
		v.connect(ctx)
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (v *viewer) connect(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, "ws://"+v.address+"/ws", nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	conn.SetReadLimit(64 << 20)
	v.mu.Lock()
	v.conn = conn
	v.mu.Unlock()
	for {
		// the view says something every 2 s; one that does not is gone
		read, stop := context.WithTimeout(ctx, 6*time.Second)
		_, b, err := conn.Read(read)
		stop()
		if err != nil {
			return
		}
		if err := v.take(ctx, conn, b); err != nil {
			v.mu.Lock()
			v.broken = err
			v.mu.Unlock()
			return
		}
	}
}

// cut ends the connection without a word.
func (v *viewer) cut() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.conn != nil {
		_ = v.conn.CloseNow()
	}
}

type received struct {
	Type, Epoch, Sub, Channel, Why, Code string
	ID                                   uint64
	Data, Set                            entities
	Del                                  map[string][]string
}

func (v *viewer) take(ctx context.Context, conn *websocket.Conn, b []byte) error {
	var f received
	if err := json.Unmarshal(b, &f); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	switch f.Type {
	case "hello":
		return v.subscribe(ctx, conn, f.Epoch)
	case "subscribed":
		v.channels[f.Sub] = f.Channel
	case "error":
		if f.Code == "unknown_thread" { // the view has been started again, and reads
			go v.later(ctx, conn, f.Sub)
		}
	case "snapshot":
		v.data[f.Channel], v.ids[f.Channel] = f.Data, f.ID
		v.whole++
	case "update":
		return v.apply(&f)
	}
	return nil
}

// subscribe asks for everything, after what is there already.
func (v *viewer) subscribe(ctx context.Context, conn *websocket.Conn, epoch string) error {
	for sub, want := range v.wants {
		resume := ""
		if id, has := v.ids[v.channels[sub]]; has {
			resume = fmt.Sprintf(`,"epoch":%q,"after":%d`, v.epoch, id)
			v.resumed++
		}
		text := fmt.Appendf(nil, `{"op":"subscribe","sub":%q,%s%s}`, sub, want, resume)
		if err := conn.Write(ctx, websocket.MessageText, text); err != nil {
			return nil // it is connected again
		}
	}
	v.epoch = epoch
	return nil
}

func (v *viewer) later(ctx context.Context, conn *websocket.Conn, sub string) {
	select {
	case <-ctx.Done():
	case <-time.After(time.Duration(100+rand.IntN(200)) * time.Millisecond):
		_ = conn.Write(ctx, websocket.MessageText,
			fmt.Appendf(nil, `{"op":"subscribe","sub":%q,%s}`, sub, v.wants[sub]))
	}
}

func (v *viewer) apply(f *received) error {
	if f.ID != v.ids[f.Channel]+1 {
		return fmt.Errorf("%s: update %d after %d", f.Channel, f.ID, v.ids[f.Channel])
	}
	v.ids[f.Channel] = f.ID
	data := v.data[f.Channel]
	for collection, set := range f.Set {
		if data[collection] == nil {
			data[collection] = map[string]json.RawMessage{}
		}
		for key, e := range set {
			data[collection][key] = e
		}
	}
	for collection, keys := range f.Del {
		for _, key := range keys {
			delete(data[collection], key)
		}
	}
	return nil
}

// of returns what the viewer has of a subscription, as JSON.
func (v *viewer) of(sub string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	b, _ := json.Marshal(v.data[v.channels[sub]])
	return string(b)
}
