// Package view turns the messages of a topic into what a page shows of them: bounded entities in
// channels, with snapshots, and updates that have increasing ids. It knows neither Kafka nor HTTP.
package view

import (
	"container/list"
	"encoding/json"
	"errors"
	"sync"
	"time"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
	"github.com/dashstream/dashstream-go/examples/liveview/internal/intake"
)

// How often the channels are published.
const (
	runEvery    = 100 * time.Millisecond
	listEvery   = 250 * time.Millisecond
	healthEvery = time.Second
)

// Config is what a View is made with.
type Config struct {
	Store Store
	Now   func() time.Time
	// MaxBytes bounds the memory of the threads' states and nodes, in bytes.
	MaxBytes int
	// Clients returns how many clients are connected.
	Clients func() int
}

// View is what is known of a topic. Its methods may be called from several goroutines.
type View struct {
	mu  sync.Mutex // for everything: a snapshot and the updates behind it are cut under it
	now func() time.Time

	reducer   reduce.Reducer
	store     Store
	threads   map[string]*thread
	rows      list.List // of *row, the one with the latest message in front
	revision  uint64    // grows with every change of a row
	producers producers
	health    health

	channels        map[string]*channel
	details         map[string]*detail // of the threads that somebody looks at
	producerChannel *channel
	healthChannel   *channel
	aged            time.Time // when the flags that time decides were looked at
	moments         chan struct{}
}

// New returns a View of which nothing is known yet.
func New(c Config) *View {
	v := &View{now: c.Now, store: c.Store, threads: map[string]*thread{},
		producers: producers{byID: map[string]*producer{}}, channels: map[string]*channel{},
		details: map[string]*detail{}, moments: make(chan struct{}, 1)}
	v.reducer = reduce.Reducer{MaxThreads: maxRows, MaxBytes: c.MaxBytes, MaxNodes: maxNodes}
	now := v.now()
	v.health = health{started: now, undecoded: map[intake.Reason]uint64{}, clients: c.Clients,
		warnings: newWarnings()}
	// they are sources that look at what the page has already
	v.producerChannel, v.healthChannel = &channel{}, &channel{}
	v.producerChannel = newChannel("producers", producerList{v}, healthEvery, now)
	v.healthChannel = newChannel("health", healthSource{v}, healthEvery, now)
	v.channels["producers"], v.channels["health"] = v.producerChannel, v.healthChannel
	return v
}

// Incoming is a record as the feed hands it over.
type Incoming struct {
	Key       []byte
	Size      int // of its value
	Time      time.Time
	History   bool // it was there before the view began to read
	Partition int32
	Offset    int64
	Source    reduce.Source
	Record    intake.Record
	Failure   *intake.Failure // nil if the record decoded
}

// Add adds records, those of a partition in their order.
func (v *View) Add(records []Incoming) {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.now()
	v.health.contact, v.health.message = now, now
	for i := range records {
		v.add(&records[i], now)
	}
}

func (v *View) add(in *Incoming, now time.Time) {
	v.health.records++
	m := Message{Value: in.Record.Value, Source: in.Source, Time: micros(in.Time),
		Parts: in.Record.Parts, Failure: in.Failure, Partition: in.Partition, Offset: in.Offset}
	if in.Failure != nil {
		v.health.failed(in.Failure, &m, in.Size, now)
		v.undecoded(string(in.Key), &m, now)
		return
	}
	// What is history came when it was written: who has been silent since then is so at once.
	came := now
	if in.History && in.Time.Before(now) {
		came = in.Time
	}
	decoded := in.Record.Message
	id := decoded.Header().GetThreadId()
	if metrics := decoded.GetMetrics(); metrics.GetScope() == pb.ReportScope {
		v.health.messages++
		if v.producers.report(metrics, came) {
			v.revision++
		}
		return
	}
	if decoded.LossStatement() != nil {
		v.state(in.Source, decoded)
		return
	}
	t := v.threads[id]
	if t == nil {
		t = &thread{id: id}
		v.threads[id] = t
	}
	v.follow(t, &m, decoded, now, came)
	v.keep(t, m, decoded, now)
}

// undecoded notes a record that did not decode in the thread of its key, if that is known.
func (v *View) undecoded(key string, m *Message, now time.Time) {
	t := v.threads[key]
	if t == nil || len(t.rows) == 0 {
		return
	}
	th := v.reducer.Thread(key)
	t.info.failed(m.Failure, th)
	v.touch(t, th, t.rows[len(t.rows)-1], now)
	v.keep(t, *m, nil, now)
}

// follow applies a message, which came at a time, to the list.
func (v *View) follow(t *thread, m *Message, decoded *pb.DashStreamMessage, now, came time.Time) {
	each(decoded, m.Parts, func(p *part) {
		o := t.info.apply(&v.reducer, m.Source, p)
		v.health.messages++
		v.health.warnings.add(warnMissing, int(min(o.missing, 1<<20)), now)
		switch {
		case o.duplicate:
			v.health.duplicates++
			return
		case o.refused != "":
			v.health.refused++
			v.health.warnings.add(warnRefused, 1, now)
		}
		for _, n := range p.parts {
			if n.Why != intake.Cut {
				v.health.warnings.add(warnRejected, 1, now)
			}
		}
		if o.thread == nil {
			return
		}
		r := v.rowOf(t, o.thread)
		if o.applied {
			r.count(o.thread, p)
		}
		v.touch(t, o.thread, r, came)
		if p.event != nil && len(t.rows) > 1 && endsRun(p.event.GetEventType()) {
			for _, other := range t.rows {
				other.update(o.thread, t.info.flags(o.thread, true))
				other.revision = v.revision
			}
		}
	})
	if len(t.rows) == 0 { // nothing of it was applied: there is nothing to list
		delete(v.threads, t.id)
	}
}

// touch updates a row, and makes it the latest.
func (v *View) touch(t *thread, th *reduce.Thread, r *row, came time.Time) {
	if th != nil {
		r.update(th, t.info.flags(th, true))
	}
	r.arrived = came
	v.revision++
	r.revision = v.revision
	v.rows.MoveToFront(r.place)
}

func endsRun(t pb.EventType) bool {
	switch t {
	case pb.EventType_EVENT_TYPE_GRAPH_END, pb.EventType_EVENT_TYPE_GRAPH_ERROR,
		pb.EventType_EVENT_TYPE_HUMAN_INTERRUPT, pb.EventType_EVENT_TYPE_HUMAN_RESUME:
		return true
	}
	return false
}

// keep stores a message, and passes it to those who look at its thread.
func (v *View) keep(t *thread, m Message, decoded *pb.DashStreamMessage, now time.Time) {
	if v.threads[t.id] != t {
		return
	}
	t.line = false
	for _, id := range v.store.Append(t.id, m) {
		v.health.warnings.add(warnForgotten, 1, now)
		if old := v.threads[id]; old != nil {
			old.line = true
			v.revision++
			for _, r := range old.rows {
				r.revision = v.revision
			}
		}
	}
	if d := v.details[t.id]; d != nil {
		d.add(&m, decoded)
	}
}

// age looks once a second for runs that became stale, or whose producer died.
func (v *View) age(now time.Time) {
	if now.Sub(v.aged) < time.Second {
		return
	}
	v.aged = now
	for e := v.rows.Front(); e != nil; e = e.Next() {
		r := e.Value.(*row)
		if r.Status != "running" {
			continue
		}
		flags := len(v.flagsNow(r, now))
		if flags != r.timed {
			r.timed = flags
			v.revision++
			r.revision = v.revision
		}
	}
	for _, d := range v.details {
		d.pending.set(inMeta, "thread") // it says how its producer is
	}
}

// Errors of what clients ask for.
var (
	ErrUnknownThread = errors.New("view: the thread is not known")
	ErrTooMany       = errors.New("view: too many channels are read")
	ErrLineOnly      = errors.New("view: only a line is kept of the thread")
)

// read returns what is kept of a thread.
func (v *View) read(thread string) (messages []Message, whole bool, err error) {
	t := v.threads[thread]
	if t == nil {
		return nil, false, ErrUnknownThread
	}
	messages, whole = v.store.Read(thread)
	if len(messages) == 0 {
		return nil, false, ErrLineOnly
	}
	return messages, whole, nil
}

// Moment says until when a thread is shown. The zero value means all of it.
type Moment struct {
	Sequence uint64
	Time     int64 // in µs
}

func (m Moment) over(d *pb.DashStreamMessage) bool {
	h := d.Header()
	if batch := d.GetEventBatch().GetEvents(); len(batch) > 0 {
		h = batch[0].GetHeader()
	}
	return m.Sequence > 0 && h.GetSequence() > m.Sequence ||
		m.Time > 0 && h.GetTimestampUs() > m.Time
}

// At returns a thread as it was at a moment, as JSON. Only one is made at a time.
func (v *View) At(thread string, at Moment) (json.RawMessage, error) {
	v.mu.Lock()
	messages, whole, err := v.read(thread)
	v.mu.Unlock()
	if err != nil {
		return nil, err
	}
	v.moments <- struct{}{}
	defer func() { <-v.moments }()
	d := replay(thread, messages, whole, at)
	d.moment = at != (Moment{})
	d.producer = func(id string) string {
		v.mu.Lock()
		defer v.mu.Unlock()
		return v.producers.status(id, v.now())
	}
	d.losses = func() reduce.Losses {
		v.mu.Lock()
		defer v.mu.Unlock()
		return v.lossesOf(thread)
	}
	return appendData(nil, d.all()), nil
}

// replay makes the detail of a thread from what is kept of it. It is the same code that follows a
// thread live, so a moment is what was shown then.
func replay(thread string, messages []Message, whole bool, at Moment) *detail {
	d := newDetail(thread, whole)
	past := false
	for i := range messages {
		m := &messages[i]
		if m.Failure != nil {
			if !past {
				d.add(m, nil)
			}
			continue
		}
		decoded := intake.Again(m.Value)
		if decoded == nil || at.over(decoded) {
			past = true // what is late may still belong to the moment
			continue
		}
		if batch := decoded.GetEventBatch(); batch != nil && at != (Moment{}) {
			batch.Events = until(batch.Events, at)
		}
		d.add(m, decoded)
	}
	return d
}

func until(events []*pb.Event, at Moment) []*pb.Event {
	for i, e := range events {
		if at.Sequence > 0 && e.GetHeader().GetSequence() > at.Sequence ||
			at.Time > 0 && e.GetHeader().GetTimestampUs() > at.Time {
			return events[:i]
		}
	}
	return events
}
