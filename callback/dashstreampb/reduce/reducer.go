package reduce

import (
	"container/list"
	"errors"
	"iter"
	"strings"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/statediff"
)

// What the limits of a Reducer are when they are zero.
const (
	DefaultMaxThreads = 1024
	DefaultMaxBytes   = 256 << 20
	DefaultMaxNodes   = 4096
	DefaultMaxIDs     = 1 << 16
)

// Reducer follows the threads of a stream. Its zero value is ready to use, a nil one is not; the
// exported fields must not change once a message was added. It is for one goroutine at a time, and
// so is what it returns.
//
// The threads that had a message least recently are forgotten when a limit is reached. One that
// comes again after that is a thread that was joined in the middle.
type Reducer struct {
	// MaxThreads limits how many threads are known at a time. Zero or less means DefaultMaxThreads.
	MaxThreads int
	// MaxBytes limits about how much memory all threads take: their states, schemas and nodes, in
	// bytes. The thread of the last message is kept in any case, and takes at most what its last
	// state needs beyond that. Zero or less means DefaultMaxBytes.
	MaxBytes int
	// MaxNodes limits how many nodes of a thread are known at a time; those that ended longest ago
	// are forgotten first. Zero or less means DefaultMaxNodes.
	MaxNodes int
	// MaxIDs limits how many ids of messages are remembered, of all threads together, to tell
	// duplicates. What comes again later than that is refused as older, which makes no other
	// difference. Zero or less means DefaultMaxIDs.
	MaxIDs int
	// Decoder decodes the values of records. Its zero value has the default limits.
	Decoder pb.Decoder

	threads   map[string]*list.Element // of *Thread
	recent    list.List                // the one that had a message last is in front
	bytes     int
	forgotten uint64
	ids       idSet
	work      work
}

// Source says which start of which producer a message comes from: the record's headers ds-producer
// and ds-epoch. The zero value says that it is not known.
type Source struct{ Producer, Epoch string }

// Change says what a message, or the events of an EventBatch, changed.
type Change struct {
	// Thread is the message's; nil if it has none, or is a producer's report on itself.
	Thread *Thread
	// Applied, Duplicates and Refused count the messages, a batch by its events. What comes late,
	// into a gap, is applied, unless it brings a state: that is refused, as the thread has gone on.
	Applied, Duplicates, Refused int
	// State says whether the state is another one than before, or is trusted more or less.
	State bool
}

// AddRecord adds the value of a Kafka record. The errors are a [pb.DecodeError], and those of
// [Reducer.Add].
func (r *Reducer) AddRecord(value []byte) (Change, error) {
	m, err := r.Decoder.Decode(value)
	if err != nil {
		return Change{}, err
	}
	return r.Add(m)
}

// Add adds a message. The messages of a thread are to be added in the order in which its partition
// has them. The message is not kept. What was refused of it is a [Refusal], and several of a batch
// are joined; all else of it is taken.
func (r *Reducer) Add(m *pb.DashStreamMessage) (Change, error) { return r.AddFrom(Source{}, m) }

// AddFrom is [Reducer.Add] for a message whose source is known. Then a producer that begins to
// number a thread anew, because it does not know what another one before it sent, is seen by its
// first message; otherwise by the start of its first run.
func (r *Reducer) AddFrom(source Source, m *pb.DashStreamMessage) (Change, error) {
	id := m.Header().GetThreadId()
	if id == "" {
		return Change{Refused: 1}, &Refusal{Reason: ReasonNoThread,
			Sequence: m.Header().GetSequence()}
	}
	if strings.HasPrefix(id, pb.ReportThreadPrefix) {
		return Change{}, nil
	}
	t := r.thread(id)
	a := adding{reducer: r, thread: t, source: source, change: Change{Thread: t}}
	trust, sequence := t.state.trust, t.state.sequence
	if batch := m.GetEventBatch(); batch != nil {
		for _, e := range batch.GetEvents() {
			a.add(e.GetHeader(), e, nil)
		}
	} else {
		a.add(m.Header(), m.GetEvent(), m)
	}
	a.change.State = t.state.trust != trust || t.state.sequence != sequence
	r.settle(t)
	return a.change, errors.Join(a.errs...)
}

// Thread returns a thread by its id, nil if it is not known.
func (r *Reducer) Thread(id string) *Thread {
	if e := r.threads[id]; e != nil {
		return e.Value.(*Thread)
	}
	return nil
}

// Threads returns the threads that are known, the one that had a message last first.
func (r *Reducer) Threads() iter.Seq[*Thread] {
	return func(yield func(*Thread) bool) {
		for e := r.recent.Front(); e != nil; e = e.Next() {
			if !yield(e.Value.(*Thread)) {
				return
			}
		}
	}
}

// Forgotten returns how many threads were forgotten because a limit was reached.
func (r *Reducer) Forgotten() uint64 { return r.forgotten }

// thread returns the thread of an id, and makes it the most recent one.
func (r *Reducer) thread(id string) *Thread {
	if e := r.threads[id]; e != nil {
		r.recent.MoveToFront(e)
		return e.Value.(*Thread)
	}
	if r.threads == nil {
		r.threads = map[string]*list.Element{}
		r.work.next = new(statediff.Document)
	}
	t := &Thread{id: id}
	r.threads[id] = r.recent.PushFront(t)
	return t
}

// settle counts what a thread takes now, and forgets others while a limit is exceeded.
func (r *Reducer) settle(t *Thread) {
	const own = 1024 // a thread of which nothing is known
	before := t.bytes
	t.bytes = own + t.state.bytes() + t.tree.bytes()
	r.bytes += t.bytes - before
	for r.recent.Len() > 1 && (r.recent.Len() > limit(r.MaxThreads, DefaultMaxThreads) ||
		r.bytes > limit(r.MaxBytes, DefaultMaxBytes)) {
		oldest := r.recent.Remove(r.recent.Back()).(*Thread)
		delete(r.threads, oldest.id)
		r.bytes -= oldest.bytes
		r.forgotten++
	}
	if r.work.next.Footprint() > limit(r.MaxBytes, DefaultMaxBytes)/8 {
		r.work = work{next: new(statediff.Document)}
	}
}

func limit(n, otherwise int) int {
	if n <= 0 {
		return otherwise
	}
	return n
}
