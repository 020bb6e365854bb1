package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
)

// words tells operators what goes wrong, in the words of Kafka and of the network. It logs once
// when a kind of trouble begins and once when it has ended; [batching.SenderStats.LastError] has
// the last error.
//
// Its methods are called from the client's goroutines and do not wait; [words.speak] does the
// logging.
type words struct {
	log    *slog.Logger
	stats  *counters
	advice func(error) string
	// patience is how long something that passes by itself (an election, a broken connection) may
	// last before it is logged. quiet is how long a kind of trouble must not have occurred before
	// it counts as over.
	patience, quiet time.Duration
	wake            func()
	muted           atomic.Bool // while [Open] asks, because its error says more

	any     atomic.Int32 // the number of open troubles
	mu      sync.Mutex
	open    map[string]*trouble
	said    map[int32]error // the last error on a partition since its last success
	taken   time.Time       // when records were last acknowledged while something was open
	lines   []line
	talking bool
}

// trouble is one kind of trouble: one of Kafka's codes, or one layer of one address.
type trouble struct {
	kind, address string
	err           error
	first, last   time.Time
	times         uint64
	partitions    map[int32]bool
	logged        bool
}

type line struct {
	level slog.Level
	text  string
	args  []any
}

func newWords(
	cfg *Config, t timing, stats *counters, advice func(error) string, wake func(),
) *words {
	return &words{
		log: cfg.Logger, stats: stats, advice: advice, patience: t.stall,
		quiet: max(t.silence, 3*t.backoffMax), wake: wake,
		open: make(map[string]*trouble), said: make(map[int32]error),
	}
}

// brokerError is a code together with the broker's message.
type brokerError struct {
	err  error
	text string
}

func (e *brokerError) Error() string { return fmt.Sprintf("%v (broker: %s)", e.err, e.text) }
func (e *brokerError) Unwrap() error { return e.err }

func (a answer) error() error {
	if a.err != nil && a.text != "" && !strings.Contains(a.err.Error(), a.text) {
		return &brokerError{a.err, a.text}
	}
	return a.err
}

// hear handles an answer.
func (w *words) hear(a answer) {
	if a.err == nil {
		if a.key == produceKey && w.any.Load() > 0 {
			w.mu.Lock()
			delete(w.said, a.partition)
			w.mu.Unlock()
		}
		return
	}
	w.note(a.error(), "", a.partition)
}

// note records an error: for a partition, or -1, or for an address.
func (w *words) note(err error, address string, partition int32) {
	w.stats.failed(err)
	if !w.muted.Load() {
		w.add(err, address, partition, false)
	}
}

// failed records err, with which the client failed records of a partition, unless a broker has just
// reported the same.
func (w *words) failed(err error, partition int32) {
	if last := w.last(partition); last == nil || kindOf(last) != kindOf(err) {
		w.note(err, "", partition)
	}
}

// told records that the log is about to get err in other words. It reports whether the log has it
// already.
func (w *words) told(err error) (already bool) {
	w.stats.failed(err)
	w.mu.Lock()
	t := w.open[kindOf(err)]
	already = t != nil && t.logged
	w.mu.Unlock()
	w.add(err, "", -1, true)
	return already
}

// add counts err under its kind. said means that the log has it.
func (w *words) add(err error, address string, partition int32, said bool) {
	kind := kindOf(err)
	key := kind
	var kafka *kerr.Error
	if !errors.As(err, &kafka) && address != "" {
		key += " " + address
	}
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.open[key]
	if t == nil {
		t = &trouble{kind: kind, address: address, first: now, partitions: make(map[int32]bool)}
		w.open[key] = t
		w.any.Add(1)
	}
	t.err, t.last = err, now
	t.times++
	t.logged = t.logged || said
	if partition >= 0 {
		t.partitions[partition] = true
		w.said[partition] = err
	} else if address == "" {
		w.said[unknownPartition] = err
	}
	if !t.logged && (!mends(err) || t.times > 1 && now.Sub(t.first) >= w.patience) {
		t.logged = true
		w.say(w.beginning(t))
	}
}

// mends reports whether err is of a kind that occurs in elections and restarts, and mostly passes
// by itself.
func mends(err error) bool {
	var kafka *kerr.Error
	if errors.As(err, &kafka) {
		return kafka.Retriable && kafka != kerr.CorruptMessage && kafka != kerr.UnknownTopicID &&
			kafka != kerr.NotEnoughReplicas && kafka != kerr.KafkaStorageError
	}
	switch kindOf(err) {
	case "connection", "other":
		return true
	}
	return false
}

func (w *words) beginning(t *trouble) line {
	args := append([]any{"kind", t.kind}, t.where()...)
	args = append(args, "error", t.err.Error())
	if advice := w.advice(t.err); advice != "" {
		args = append(args, "advice", advice)
	}
	switch verdictOn(t.err) {
	case faulty:
		return line{slog.LevelWarn, "kafka: records are rejected; the events at fault are " +
			"dropped, the others sent again", args}
	case hopeless:
		return line{slog.LevelError, "kafka: records are rejected for good, and dropped", args}
	}
	if t.address != "" {
		return line{slog.LevelWarn, "kafka: a broker cannot be used", args}
	}
	return line{slog.LevelWarn, "kafka: records are not accepted; they wait until their delivery " +
		"timeout", args}
}

func (t *trouble) where() (args []any) {
	if t.address != "" {
		args = append(args, "broker", t.address)
	}
	if len(t.partitions) > 0 {
		numbers := make([]int32, 0, len(t.partitions))
		for n := range t.partitions {
			numbers = append(numbers, n)
		}
		slices.Sort(numbers)
		args = append(args, "partitions", numbers)
	}
	return args
}

// reached records that a broker has answered a request, so it can be used.
func (w *words) reached(address string) {
	if w.any.Load() == 0 {
		return
	}
	w.close(func(t *trouble, _ time.Time) bool { return t.address == address })
}

// delivered records that records are acknowledged: trouble that has not occurred for a while is
// over.
func (w *words) delivered() {
	if w.any.Load() == 0 {
		return
	}
	w.close(func(t *trouble, now time.Time) bool {
		w.taken = now
		return t.address == "" && now.Sub(t.last) >= w.quiet
	})
}

// passed reports whether t has passed as far as is known: records were acknowledged after it, those
// of its partitions too. The caller holds mu.
func (w *words) passed(t *trouble) bool {
	for p := range t.partitions {
		if w.said[p] != nil {
			return false
		}
	}
	return t.address == "" && w.taken.After(t.last)
}

// settle ends what has passed and has not come again for a while, also where nothing more is sent.
// It returns how long it is until something else may have to be ended; 0 if nothing has.
func (w *words) settle() (wait time.Duration) {
	if w.any.Load() == 0 {
		return 0
	}
	w.close(func(t *trouble, now time.Time) bool {
		if !w.passed(t) {
			return false
		}
		left := w.quiet - now.Sub(t.last)
		if left > 0 && (wait == 0 || left < wait) {
			wait = left
		}
		return left <= 0
	})
	return wait
}

func (w *words) close(over func(*trouble, time.Time) bool) {
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	for key, t := range w.open {
		if !over(t, now) {
			continue
		}
		delete(w.open, key)
		w.any.Add(-1)
		if t.logged {
			w.say(w.end(t, "kafka: over"))
		}
	}
	if len(w.open) == 0 {
		clear(w.said)
	}
}

func (w *words) end(t *trouble, text string) line {
	args := append([]any{"kind", t.kind}, t.where()...)
	return line{slog.LevelInfo, text, append(args, "times", t.times,
		"lasted", t.last.Sub(t.first).Round(time.Millisecond),
		"last_error", t.err.Error(), "last_error_at", t.last)}
}

// say makes a line be logged soon. The caller holds mu.
func (w *words) say(l line) {
	w.lines = append(w.lines, l)
	w.wake()
}

// pending reports whether there is something to log and nobody is logging. Its caller must call
// speak.
func (w *words) pending() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.lines) == 0 || w.talking {
		return false
	}
	w.talking = true
	return true
}

// speak logs what there is to log. It has a goroutine of its own because a handler may block.
func (w *words) speak() {
	for {
		w.mu.Lock()
		lines := w.lines
		w.lines = nil
		if len(lines) == 0 {
			w.talking = false
			w.mu.Unlock()
			return
		}
		w.mu.Unlock()
		for _, l := range lines {
			w.log.Log(context.Background(), l.level, l.text, l.args...)
		}
	}
}

// finish logs what has not been logged, and what is not over. Nothing is recorded after it.
func (w *words) finish() {
	w.mu.Lock()
	for key, t := range w.open {
		delete(w.open, key)
		w.any.Add(-1)
		if !t.logged {
			continue
		}
		text := "kafka: not over when the sender was closed"
		if w.passed(t) {
			text = "kafka: over"
		}
		w.lines = append(w.lines, w.end(t, text))
	}
	w.mu.Unlock()
	w.speak()
}

// last returns the last error on a partition since its last success, or nil.
func (w *words) last(partition int32) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.said[partition]
}

// because adds the last error on a partition, or on all of them, to why, if there is one.
func (w *words) because(partition int32, why error) error {
	if w.any.Load() == 0 {
		return why
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	last := w.said[partition]
	if last == nil {
		last = w.said[unknownPartition]
	}
	if last == nil {
		return why
	}
	return &lateError{why, last}
}

// complete returns err with the broker's message added to its code.
func (w *words) complete(partition int32, err error) error {
	if last := w.last(partition); last != nil && kindOf(last) == kindOf(err) {
		var said *brokerError
		if errors.As(last, &said) && !strings.Contains(err.Error(), said.text) {
			return &brokerError{err, said.text}
		}
	}
	return err
}
