package dashstreampb

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Statements of what a producer lost: Metrics messages in the thread of its in-band reports, with
// sequence 0.
const (
	// LossScope is the Metrics.scope of a statement. Its scope_id is the producer instance, and its
	// tags "instance" and "epoch" name the start of it that lost the messages.
	LossScope = "dashstream_loss"
	// LossNumberTag is the tag that counts the statements of an epoch from 1.
	LossNumberTag = "number"
	// LossUnit is the unit of each metric of a statement.
	LossUnit = "messages"
	// MaxLosses is how many losses one statement may have. Readers reject one with more.
	MaxLosses = 1024
	// MaxLossBytes is how long one loss may be, as JSON. Readers reject a longer one.
	MaxLossBytes = 4096
)

// Reasons for losses that are not among the reasons for which package batching drops events.
const (
	// LossShed: shed on purpose, under pressure.
	LossShed = "shed"
	// LossUnacknowledged: given up after it may have arrived. If it did arrive, nothing is missing.
	LossUnacknowledged = "unacknowledged"
)

var lossReasons = []string{"queue_full", "too_large", "timeout", "rejected", "closed", "shutdown",
	"internal", LossShed, LossUnacknowledged}

// LossReasons returns the reasons that producers give for losses. A reader accepts others. The
// caller owns the slice.
func LossReasons() []string { return slices.Clone(lossReasons) }

// Loss states that numbers of a thread are missing, and why.
type Loss struct {
	// Thread is the thread that lacks them.
	Thread string
	// First and Last are the range, including both ends: 1 ≤ First ≤ Last.
	First, Last uint64
	// Count is how many numbers of the range are missing, at least 1. If these are not all of them,
	// the loss is coarse: which ones is not stated.
	Count uint64
	// Events is how many of the application's events they had. A number can have several: merged
	// chunks of tokens.
	Events uint64
	// Type is the kind of message, one that has a number of its own.
	Type MessageType
	// Reason is why: one of [LossReasons], or one that a later producer gives.
	Reason string
}

// Coarse reports whether only some numbers of the range are missing, without saying which.
func (l Loss) Coarse() bool { return l.Count <= l.Last-l.First }

// String returns the loss as one line, thread first.
func (l Loss) String() string {
	return fmt.Sprintf("thread %q: %d of %d..%d lost, %s, %s", l.Thread, l.Count, l.First, l.Last,
		LossType(l.Type), l.Reason)
}

// LossType returns the name of a kind of message in a statement: that of its field in
// DashStreamMessage.
func LossType(t MessageType) string {
	return strings.ToLower(strings.TrimPrefix(MessageType_name[int32(t)], "MESSAGE_TYPE_"))
}

var lossTypes = func() map[string]MessageType {
	types := map[string]MessageType{}
	for n := range MessageType_name {
		switch t := MessageType(n); t {
		case MessageType_MESSAGE_TYPE_UNSPECIFIED, MessageType_MESSAGE_TYPE_EVENT_BATCH:
		default:
			types[LossType(t)] = t
		}
	}
	return types
}()

// lossJSON is a loss in a statement. As in protobuf's JSON, numbers of 64 bits are strings, which
// JavaScript cannot round.
type lossJSON struct {
	Thread string `json:"thread_id"`
	First  string `json:"first"`
	Last   string `json:"last"`
	Count  string `json:"count"`
	Events string `json:"events"`
	Type   string `json:"message_type"`
	Reason string `json:"reason"`
}

// maxStatementBytes bounds the JSON of the losses in one statement that NewLossStatement makes: it
// fits in a record batch of a broker that takes less than usual.
const maxStatementBytes = 256 << 10

// NewLossStatement returns the statement of the first losses, as many as fit in one message, and
// the rest. It has no header yet. It refers to tags, and changes nothing in them. Losses that
// readers would reject are left out; there are none if a producer has a valid thread id.
func NewLossStatement(
	instance string, tags map[string]string, losses []Loss,
) (m *Metrics, rest []Loss) {
	m = &Metrics{Scope: LossScope, ScopeId: instance, Tags: tags,
		Metrics: make(map[string]*MetricValue, min(len(losses), MaxLosses))}
	size := 0
	for i, l := range losses {
		if l.check() != nil {
			continue
		}
		text := l.json()
		if size += len(text); size > maxStatementBytes || len(m.Metrics) == MaxLosses {
			return m, losses[i:]
		}
		m.Metrics[strconv.Itoa(len(m.Metrics)+1)] = &MetricValue{Unit: LossUnit,
			Value: &MetricValue_StringValue{StringValue: text}}
	}
	return m, nil
}

func (l Loss) json() string {
	number := func(n uint64) string { return strconv.FormatUint(n, 10) }
	text, _ := json.Marshal(lossJSON{l.Thread, number(l.First), number(l.Last), number(l.Count),
		number(l.Events), LossType(l.Type), l.Reason}) // cannot fail for strings
	return string(text)
}

// LossStatement returns the message's Metrics if it states losses, nil otherwise. Only a message
// without a number in the thread of the in-band reports of its scope_id does, whatever the scope of
// others is.
func (x *DashStreamMessage) LossStatement() *Metrics {
	m := x.GetMetrics()
	instance, found := strings.CutPrefix(m.GetHeader().GetThreadId(), ReportThreadPrefix)
	if !found || m.GetScope() != LossScope || m.GetScopeId() != instance ||
		m.GetHeader().GetSequence() != 0 {
		return nil
	}
	return m
}

// LossError says that losses of a statement were rejected.
type LossError struct {
	// Refused is how many.
	Refused int
	// Err says what is wrong with the first of them. It does not quote the statement.
	Err error
}

// Error returns how many losses were rejected, and why the first one was.
func (e *LossError) Error() string {
	return fmt.Sprintf("dashstreampb: %d losses rejected: %v", e.Refused, e.Err)
}

// Unwrap returns Err.
func (e *LossError) Unwrap() error { return e.Err }

// Losses returns the losses that a statement has, in the order of its keys. A malformed one is left
// out; then there is also a [*LossError]. A statement with more than [MaxLosses] is rejected as a
// whole.
func Losses(statement *Metrics) ([]Loss, error) {
	metrics := statement.GetMetrics()
	if len(metrics) > MaxLosses {
		return nil, &LossError{len(metrics), fmt.Errorf("limit %d", MaxLosses)}
	}
	losses := make([]Loss, 0, len(metrics))
	var refused LossError
	for _, key := range slices.SortedFunc(maps.Keys(metrics), byNumber) {
		l, err := lossOf(key, metrics[key])
		if err == nil {
			losses = append(losses, l)
			continue
		}
		if refused.Refused++; refused.Err == nil {
			refused.Err = err
		}
	}
	if refused.Refused > 0 {
		return losses, &refused
	}
	return losses, nil
}

// byNumber orders decimal numbers without leading zeros.
func byNumber(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

var (
	errLossKey    = errors.New("a key is not a number from 1")
	errLossValue  = errors.New("a value is not text, or too long")
	errLossJSON   = errors.New("not a JSON object with all fields as strings")
	errLossThread = errors.New("thread_id is empty, too long or not UTF-8")
	errLossRange  = errors.New("first, last and count are no range and a part of it")
	errLossType   = errors.New("message_type is not a kind of message that has a number")
	errLossReason = errors.New("reason is not a word")
)

func lossOf(key string, v *MetricValue) (l Loss, err error) {
	if n, err := strconv.ParseUint(key, 10, 64); err != nil || n == 0 || key[0] == '0' {
		return l, errLossKey
	}
	text, isText := v.GetValue().(*MetricValue_StringValue)
	if !isText || len(text.StringValue) > MaxLossBytes {
		return l, errLossValue
	}
	var j lossJSON
	if json.Unmarshal([]byte(text.StringValue), &j) != nil {
		return l, errLossJSON
	}
	l = Loss{Thread: j.Thread, Type: lossTypes[j.Type], Reason: j.Reason}
	for _, n := range []struct {
		to   *uint64
		text string
	}{{&l.First, j.First}, {&l.Last, j.Last}, {&l.Count, j.Count}, {&l.Events, j.Events}} {
		if *n.to, err = strconv.ParseUint(n.text, 10, 64); err != nil {
			return Loss{}, errLossJSON
		}
	}
	return l, l.check()
}

// maxReason bounds the length of a reason.
const maxReason = 64

// check reports what readers would reject.
func (l Loss) check() error {
	switch {
	case l.Thread == "" || len(l.Thread) > MaxThreadIDBytes || !utf8.ValidString(l.Thread):
		return errLossThread
	case l.First < 1 || l.Last < l.First || l.Count < 1 || l.Count-1 > l.Last-l.First:
		return errLossRange
	case lossTypes[LossType(l.Type)] == 0:
		return errLossType
	case l.Reason == "" || len(l.Reason) > maxReason ||
		strings.Trim(l.Reason, "abcdefghijklmnopqrstuvwxyz_") != "":
		return errLossReason
	}
	return nil
}
