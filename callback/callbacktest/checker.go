package callbacktest

import (
	"cmp"
	"fmt"
	"hash/crc32"
	"hash/maphash"
	"slices"
	"sync"
	"unicode/utf8"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/statediff"
)

// Record is a record of the topic, as returned by any Kafka client.
type Record struct {
	Partition  int32
	Offset     int64
	Key, Value []byte
	Headers    []Header
}

// Header is a header of a Record.
type Header struct {
	Key   string
	Value []byte
}

// DefaultMaxViolations is Checker.MaxViolations when that is zero.
const DefaultMaxViolations = 10_000

// Checker verifies that the records of a topic follow the rules that readers rely on: those that
// the comments of dashstream.proto state, as far as records can show them. The zero value is ready
// to use, a nil Checker is not. The exported fields must not change after a record was added.
// Methods may be called from several goroutines, as long as the records of each partition are added
// in order.
//
// A Checker processes records as they come. It keeps a few bytes for each message (a hash of its
// id) and a few hundred for each thread and for each loss that is stated. The hashes have 64 bits:
// among ten million messages, two have the same hash about once in 400,000 topics.
//
// A message lost at the end of a thread can't be detected in the topic, unless a producer states
// that it lost it. If numbers of a thread are missing, a message that refers to one that never came
// is assumed to refer to one of those. As many references are excused as numbers are missing, no
// more.
type Checker struct {
	// FromMiddle says that the records don't start at the beginning of the topic. Then a thread
	// that doesn't begin with number 1 begins where it is first seen, and its messages may refer to
	// earlier ones.
	FromMiddle bool
	// Partitions is the number of the topic's partitions, to verify the partition of each key. With
	// zero, that is not verified.
	Partitions int
	// Decoder decodes the values. Its zero value has the default limits.
	Decoder pb.Decoder
	// MaxViolations limits how many violations are stored. Zero or less means DefaultMaxViolations.
	MaxViolations int

	mu          sync.Mutex
	report      Report
	threads     map[string]*thread
	seed        maphash.Seed
	messages    map[uint64]struct{}     // hashes of message ids
	starts      map[uint64]pb.EventType // hashes of threads and starts in them, ended or not
	checkpoints map[uint64]struct{}     // hashes of threads and checkpoint ids
	lost        map[string][]pb.Loss    // what is stated, by thread

	canonicalizer statediff.Canonicalizer
	document      statediff.Document // the state being checked
}

// item is a message with a number of its own.
type item struct {
	thread  *thread
	header  *pb.Header
	message *pb.DashStreamMessage // the record's
	event   *pb.Event             // the item itself if it is an Event
	record  *Record
}

// Add checks the next record of its partition. It keeps no reference to it.
func (c *Checker) Add(r Record) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.threads == nil {
		c.threads, c.seed = map[string]*thread{}, maphash.MakeSeed()
		c.messages, c.starts, c.checkpoints = map[uint64]struct{}{}, map[uint64]pb.EventType{},
			map[uint64]struct{}{}
	}
	c.report.Records++
	at := item{record: &r, thread: &thread{id: string(r.Key)}}
	m, err := c.Decoder.Decode(r.Value)
	if err != nil {
		c.violate(at, RuleValue, "partition %d, offset %d: %v", r.Partition, r.Offset, err)
		return
	}
	c.checkRecordHeaders(at)
	at.thread, at.header, at.message = c.threadOf(m.Header(), &r), m.Header(), m
	c.checkPartition(at)
	if c.Decoder.OmitsDefaults(r.Value) {
		c.violate(at, RuleDefaults, "an operation leaves out its op or its encoding: a browser "+
			"sees no defaults")
	}
	if batch := m.GetEventBatch(); batch != nil {
		c.addBatch(at, batch)
		return
	}
	at.event = m.GetEvent()
	c.addItem(at, m.Kind())
}

// threadOf finds the thread that a header names, or that of the record's key if the header names
// none.
func (c *Checker) threadOf(h *pb.Header, r *Record) *thread {
	id := h.GetThreadId()
	if id == "" {
		id = string(r.Key)
	}
	t := c.threads[id]
	if t == nil {
		t = newThread(id, r.Partition)
		c.threads[id] = t
	}
	return t
}

func (c *Checker) addBatch(at item, batch *pb.EventBatch) {
	before := len(c.report.Duplicates)
	repeated := c.checkHeader(at, pb.MessageType_MESSAGE_TYPE_EVENT_BATCH)
	if at.header.GetSequence() != 0 {
		c.violate(at, RuleBatch, "the batch has a number")
	}
	if len(batch.GetEvents()) == 0 {
		c.violate(at, RuleBatch, "the batch is empty")
	}
	for _, e := range batch.GetEvents() {
		in := at
		in.event, in.header = e, e.GetHeader()
		if in.header != nil && (in.header.GetThreadId() != at.header.GetThreadId() ||
			in.header.GetTenantId() != at.header.GetTenantId()) {
			c.violate(in, RuleBatch, "an event of thread %q, tenant %q in a batch of %q, %q",
				in.header.GetThreadId(),
				in.header.GetTenantId(), at.header.GetThreadId(), at.header.GetTenantId())
			in.thread = c.threadOf(in.header, at.record)
		}
		c.addItem(in, pb.MessageType_MESSAGE_TYPE_EVENT)
	}
	if repeated && len(c.report.Duplicates)-before < len(batch.GetEvents()) {
		c.violate(at, RuleMessageID, "a batch with the message_id of another message")
	}
}

// addItem checks a message with a number of its own.
func (c *Checker) addItem(at item, kind pb.MessageType) {
	repeated := c.checkHeader(at, kind)
	if c.checkSequence(at, repeated) {
		return
	}
	c.report.Messages++
	if at.event != nil {
		c.report.Events++
		c.checkEvent(at)
	}
	c.checkContent(at)
	c.checkParent(at)
}

// checkHeader reports whether the message id was seen before.
func (c *Checker) checkHeader(at item, kind pb.MessageType) (repeated bool) {
	h := at.header
	if h == nil {
		c.violate(at, RuleHeader, "a message without a header")
		return false
	}
	if h.GetSchemaVersion() != pb.SchemaVersion {
		c.violate(at, RuleHeader, "schema_version is %d", h.GetSchemaVersion())
	}
	if h.GetType() != kind {
		c.violate(at, RuleHeader, "type is %v for a message of %v", h.GetType(), kind)
	}
	compression := pb.CompressionType_COMPRESSION_NONE
	if at.record.Value[0] == pb.FramingZstd {
		compression = pb.CompressionType_COMPRESSION_ZSTD
	}
	if h.GetCompression() != compression {
		c.violate(at, RuleHeader, "compression is %v in a record of %v", h.GetCompression(),
			compression)
	}
	c.checkThreadID(at)
	if len(h.GetMessageId()) != pb.MessageIDBytes {
		c.violate(at, RuleMessageID, "message_id has %d bytes", len(h.GetMessageId()))
		return false
	}
	id := c.hash("", h.GetMessageId())
	_, repeated = c.messages[id]
	c.messages[id] = struct{}{}
	return repeated
}

func (c *Checker) checkThreadID(at item) {
	id := at.header.GetThreadId()
	if id == "" {
		c.violate(at, RuleThreadID, "thread_id is empty")
	}
	if len(id) > pb.MaxThreadIDBytes {
		c.violate(at, RuleThreadID, "thread_id has %d bytes", len(id))
	}
	if id != string(at.record.Key) {
		c.violate(at, RuleKey, "the key is %q", at.record.Key)
	} else if !utf8.ValidString(id) {
		c.violate(at, RuleThreadID, "thread_id is not UTF-8")
	}
}

func (c *Checker) checkPartition(at item) {
	if p := at.record.Partition; p != at.thread.partition {
		c.violate(at, RulePartition, "in partition %d, and before in %d", p, at.thread.partition)
	}
	if c.Partitions <= 0 {
		return
	}
	if want := crc32.ChecksumIEEE(at.record.Key) % uint32(c.Partitions); uint32(
		at.record.Partition) != want {
		c.violate(at, RulePartition, "in partition %d, the key chooses %d", at.record.Partition,
			want)
	}
}

// checkSequence places the message in its thread and reports whether it is a duplicate.
func (c *Checker) checkSequence(at item, repeated bool) (duplicate bool) {
	t, number := at.thread, at.header.GetSequence()
	if t.isReport() {
		return c.checkReportSequence(at, repeated)
	}
	if number == 0 {
		if at.header != nil {
			c.violate(at, RuleSequence, "a message without a number")
		}
		return false
	}
	first := !t.begun
	after, place := t.place(number, c.FromMiddle)
	if place == placeBefore || repeated && place == placeTaken {
		c.report.Duplicates = append(c.report.Duplicates, Duplicate{t.id, number})
		return true
	}
	if repeated {
		c.violate(at, RuleMessageID, "the message_id of another message")
	}
	switch place {
	case placeTaken:
		c.violate(at, RuleSequence, "the number of another message")
	case placeFilled:
		c.report.Reorders = append(c.report.Reorders, Reorder{t.id, number, after})
	}
	if first && number == 1 && at.event.GetEventType() != pb.EventType_EVENT_TYPE_GRAPH_START {
		c.violate(at, RuleGraphStart, "the thread begins with another message")
	}
	return false
}

// checkReportSequence checks that a producer's in-band report, or its statement of losses, has no
// number, and reports whether it is a duplicate.
func (c *Checker) checkReportSequence(at item, repeated bool) (duplicate bool) {
	if number := at.header.GetSequence(); number != 0 {
		c.violate(at, RuleSequence, "a producer's report or statement has a number")
	}
	if repeated {
		c.report.Duplicates = append(c.report.Duplicates, Duplicate{Thread: at.thread.id})
	}
	return repeated
}

// Report returns what was found so far. Nodes and graphs that are running count as unended.
func (c *Checker) Report() Report {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.report
	r.Threads = len(c.threads)
	r.Reorders, r.Duplicates, r.Violations = slices.Clone(r.Reorders), slices.Clone(r.Duplicates),
		slices.Clone(r.Violations)
	c.explain(&r)
	slices.SortFunc(r.Gaps, func(a, b Gap) int {
		return cmp.Or(cmp.Compare(a.Thread, b.Thread), cmp.Compare(a.From, b.From))
	})
	slices.SortFunc(r.Unended, func(a, b Unended) int {
		return cmp.Or(cmp.Compare(a.Thread, b.Thread), cmp.Compare(a.Sequence, b.Sequence))
	})
	return r
}

func (c *Checker) violate(at item, rule Rule, format string, args ...any) {
	c.report.violate(c.limit(), Violation{Rule: rule, Thread: at.thread.id,
		Sequence: at.header.GetSequence(), Detail: fmt.Sprintf(format, args...)})
}

func (c *Checker) limit() int {
	if c.MaxViolations <= 0 {
		return DefaultMaxViolations
	}
	return c.MaxViolations
}

// hash distinguishes the ids of a thread from those of others; thread is "" for ids that are unique
// among all threads.
func (c *Checker) hash(thread string, id []byte) uint64 {
	var h maphash.Hash
	h.SetSeed(c.seed)
	_, _ = h.WriteString(thread)
	_ = h.WriteByte(0)
	_, _ = h.Write(id)
	return h.Sum64()
}
