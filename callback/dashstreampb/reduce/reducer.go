package reduce

import (
	"container/list"
	"errors"
	"iter"
	"strings"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/statediff"
)

// The default limits of a Reducer.
const (
	DefaultMaxThreads = 1024
	DefaultMaxBytes   = 256 << 20
	DefaultMaxNodes   = 4096
	DefaultMaxIDs     = 1 << 16
)

// Reducer follows the threads of a stream. The zero value is ready to use, a nil Reducer is not.
// The exported fields must not change after a message was added. A Reducer, and what it returns, is
// for one goroutine at a time.
//
// When a limit is reached, the threads that were quiet for longest are forgotten. A thread that
// comes again after that counts as one that was joined in the middle.
type Reducer struct {
	// MaxThreads limits how many threads are known at the same time. Zero or less means
	// DefaultMaxThreads.
	MaxThreads int
	// MaxBytes limits approximately the memory of all threads: their states, schemas and nodes, in
	// bytes. The thread of the last message is always kept, and takes at most what its last state
	// needs beyond the limit. Zero or less means DefaultMaxBytes.
	MaxBytes int
	// MaxNodes limits how many nodes of a thread are known at the same time; those that ended
	// longest ago are forgotten first. Zero or less means DefaultMaxNodes.
	MaxNodes int
	// MaxIDs limits how many message ids are remembered, of all threads together, to detect
	// duplicates. A message repeated later than that is rejected as older, which makes no other
	// difference. Zero or less means DefaultMaxIDs.
	MaxIDs int
	// Decoder decodes the values of records. Its zero value has the default limits.
	Decoder pb.Decoder

	threads   map[string]*list.Element // of *Thread
	recent    list.List                // the thread with the latest message is in front
	bytes     int
	forgotten uint64
	ids       idSet
	work      work

	statements statements
}

// Source identifies the producer, and the start of that producer, that a message comes from: the
// record's headers ds-producer and ds-epoch. The zero value means unknown.
type Source struct{ Producer, Epoch string }

// Change says what a message, or the events of an EventBatch, changed.
type Change struct {
	// Thread is the message's thread; nil if it has none, or is a producer's in-band report or a
	// statement of losses.
	Thread *Thread
	// Applied, Duplicates and Refused count the messages; a batch counts by its events. A late
	// message, which fills a gap, is applied, unless it has a state: that is rejected, because the
	// thread has moved on.
	Applied, Duplicates, Refused int
	// State reports whether the state, or the trust in it, has changed.
	State bool
	// Losses is how many losses of other threads the message states, if it is such a statement: see
	// [Thread.Losses] and [Reducer.Unseen]. Then Applied and Duplicates count the statement, and
	// Refused its malformed losses. [pb.Losses] returns them with their threads.
	Losses int
}

// AddRecord adds the value of a Kafka record. Its errors are a [pb.DecodeError], and those of
// [Reducer.Add].
func (r *Reducer) AddRecord(value []byte) (Change, error) {
	m, err := r.Decoder.Decode(value)
	if err != nil {
		return Change{}, err
	}
	return r.Add(m)
}

// Add adds a message. The messages of a thread must be added in the order of its partition. The
// message is not kept. The error is a [Refusal] of what was rejected, or several of them, joined,
// for a batch; everything else is applied.
func (r *Reducer) Add(m *pb.DashStreamMessage) (Change, error) { return r.AddFrom(Source{}, m) }

// AddFrom is [Reducer.Add] for a message whose source is known. Then a producer that numbers a
// thread from the beginning, because it does not know the messages of another one before it, is
// detected by its first message. Otherwise that takes the start of its first run.
func (r *Reducer) AddFrom(source Source, m *pb.DashStreamMessage) (Change, error) {
	id := m.Header().GetThreadId()
	if id == "" {
		return Change{Refused: 1}, &Refusal{Reason: ReasonNoThread,
			Sequence: m.Header().GetSequence()}
	}
	if statement := m.LossStatement(); statement != nil {
		return r.state(statement.GetHeader(), statement)
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

// Thread returns a thread by its id, nil if it is unknown.
func (r *Reducer) Thread(id string) *Thread {
	if e := r.threads[id]; e != nil {
		return e.Value.(*Thread)
	}
	return nil
}

// Threads returns the known threads, the one with the latest message first.
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

// thread returns the thread with an id, and makes it the most recent one.
func (r *Reducer) thread(id string) *Thread {
	if e := r.threads[id]; e != nil {
		r.recent.MoveToFront(e)
		return e.Value.(*Thread)
	}
	if r.threads == nil {
		r.threads = map[string]*list.Element{}
		r.work.next = new(statediff.Document)
	}
	t := &Thread{id: id, ledger: r.statements.see(id)}
	r.threads[id] = r.recent.PushFront(t)
	return t
}

// settle updates the size of a thread, and forgets others while a limit is exceeded.
func (r *Reducer) settle(t *Thread) {
	const own = 1024 // size of a thread of which nothing is known
	before := t.bytes
	t.bytes = own + t.state.bytes() + t.tree.bytes() + t.lossBytes()
	r.bytes += t.bytes - before
	for r.recent.Len() > 1 && (r.recent.Len() > limit(r.MaxThreads, DefaultMaxThreads) ||
		r.bytes > limit(r.MaxBytes, DefaultMaxBytes)) {
		oldest := r.recent.Remove(r.recent.Back()).(*Thread)
		delete(r.threads, oldest.id)
		r.bytes -= oldest.bytes
		r.forgotten++
		r.statements.counts.Forgotten += uint64(oldest.ledger.count)
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
