package intake

import (
	"errors"
	"slices"

	"github.com/klauspost/compress/zstd"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// Reason says why a record was not decoded. The list is closed: see Reasons.
type Reason string

// The reasons for which a record is not decoded.
const (
	Empty             Reason = "empty"
	UnknownFrameByte  Reason = "unknown_frame_byte"
	PayloadTooLarge   Reason = "payload_too_large"
	ZstdSizeUnknown   Reason = "zstd_size_unknown"
	DecompressedLarge Reason = "decompressed_too_large"
	DecompressFailed  Reason = "decompress_failed"
	TooManyElements   Reason = "too_many_elements"
	ProtobufFailed    Reason = "protobuf_decode_failed"
	EmptyMessage      Reason = "empty_message"
	SchemaTooNew      Reason = "schema_too_new"
	MissingThreadID   Reason = "missing_thread_id"
)

// Leads says what follows from a record that was not decoded.
type Leads string

const (
	// Skip: it cannot have changed a state, or nobody knows whose.
	Skip Leads = "skip"
	// Resync: the thread that the record's key names may have changed in a way that was not seen,
	// until a state proves otherwise.
	Resync Leads = "resync"
	// Stop: the thread is written by a newer producer, and nothing more of it is shown.
	Stop Leads = "stop"
)

// table says what each reason leads to, and which reason of the decoder it stands for.
var table = []struct {
	reason  Reason
	leads   Leads
	decoder pb.Reason // "" if it is found here
}{
	{Empty, Skip, pb.ReasonEmpty}, // what compaction leaves
	{UnknownFrameByte, Resync, pb.ReasonFraming},
	{PayloadTooLarge, Resync, pb.ReasonValueTooLarge},
	{ZstdSizeUnknown, Resync, ""}, // readers refuse it, for its memory is not bounded by a look
	{DecompressedLarge, Resync, pb.ReasonMessageTooLarge},
	{DecompressFailed, Resync, pb.ReasonZstd},
	{TooManyElements, Resync, pb.ReasonTooManyElements},
	{ProtobufFailed, Resync, pb.ReasonProtobuf},
	{EmptyMessage, Skip, pb.ReasonNoMessage}, // of a kind that this version does not know
	{SchemaTooNew, Stop, pb.ReasonSchemaVersion},
	{MissingThreadID, Skip, ""},
}

// Reasons returns every Reason, for instance to begin counters at 0.
func Reasons() []Reason {
	all := make([]Reason, len(table))
	for i, row := range table {
		all[i] = row.reason
	}
	return all
}

// Leads returns what a reason leads to.
func (r Reason) Leads() Leads {
	for _, row := range table {
		if row.reason == r {
			return row.leads
		}
	}
	return Skip
}

// Failure is a record that was not decoded.
type Failure struct {
	Reason Reason
	Detail string // sizes and limits; never quotes the record
}

// failure returns what an error of the decoder means.
func failure(value []byte, err error) *Failure {
	var e *pb.DecodeError
	if !errors.As(err, &e) {
		return &Failure{Reason: ProtobufFailed}
	}
	f := &Failure{Reason: ProtobufFailed, Detail: e.Detail}
	for _, row := range table {
		if row.decoder == e.Reason {
			f.Reason = row.reason
		}
	}
	if f.Reason == DecompressedLarge && value[0] == pb.FramingPlain {
		f.Reason = PayloadTooLarge
	}
	return f
}

// sizeUnknown reports whether a value is a zstd frame that does not declare its size.
func sizeUnknown(value []byte) bool {
	if len(value) == 0 || value[0] != pb.FramingZstd {
		return false
	}
	var h zstd.Header
	return h.Decode(value[1:]) == nil && !h.Skippable && !h.HasFCS
}

// knownAttributes has the attributes of the contract, with their types, by the type of event.
var knownAttributes = func() map[pb.EventType]map[string]string {
	known := map[pb.EventType]map[string]string{}
	for _, a := range pb.Attributes() {
		if known[a.Event] == nil {
			known[a.Event] = map[string]string{}
		}
		known[a.Event][a.Key] = a.Type
	}
	return known
}()

// knownTags are the tags of metrics that are kept.
var knownTags = []string{"instance", "service", "host", "pid", "version", "epoch",
	"interval_seconds", "start_time", "reason", pb.ReportNumberTag, "thread_id", "tenant_id"}

func knownTag(name string) bool { return slices.Contains(knownTags, name) }
