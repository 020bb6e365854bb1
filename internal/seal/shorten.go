package seal

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/statediff"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// A message that is larger than it may be is made to fit where it enters: what is long in it is
// cut, and says what it was. Secrets are hidden first, for what is left of one that was cut would
// not be found any more. This is rare, and may cost what it takes.

// shortest is the length below which no text is cut, in bytes: the mark alone takes half of it.
const shortest = 256

const manifestKey = "graph_manifest"

// ShortenEvent makes the fields of an event fit the limit, in bytes, and returns their size then.
// It gives up a manifest first.
func (s *Sealer) ShortenEvent(e *wire.Event, limit int) int {
	own, attrs := without(e.Own, manifestKey), without(e.Attrs, manifestKey)
	s.states.stats.degrade(degradedManifestShed, len(e.Own)+len(e.Attrs)-len(own)-len(attrs))
	shed := wire.Event{Node: e.Node, Own: own, Attrs: attrs, Micros: e.Micros, Timed: e.Timed,
		LLMRequestID: e.LLMRequestID}
	if over := wire.SizeEventBody(&shed) - limit; over > 0 {
		s.shortenAttrs(own, attrs, over)
	}
	e.Own, e.Attrs = own, attrs
	return wire.SizeEventBody(e)
}

// shortenAttrs cuts the long texts among attributes, so that they lose so many bytes together.
func (s *Sealer) shortenAttrs(own, attrs []slog.Attr, lose int) {
	var long []*slog.Attr
	var sizes []int
	for _, list := range [...][]slog.Attr{own, attrs} {
		for i := range list {
			if n := textLength(&list[i]); n > shortest {
				long, sizes = append(long, &list[i]), append(sizes, n)
			}
		}
	}
	room := fairShare(sizes, lose)
	for i, a := range long {
		if sizes[i] <= room {
			continue
		}
		if a.Key == schemaKey {
			s.states.stats.degrade(degradedSchemaTruncated, 1)
			if a.Value.Kind() == slog.KindString && s.cfg.ShortenSchema != nil {
				text, _ := s.cfg.Redactor.String(a.Key, a.Value.String())
				if short, ok := s.cfg.ShortenSchema(text, room); ok {
					a.Value = slog.StringValue(short)
					continue
				}
			}
		} else {
			s.states.stats.degrade(degradedMessageTruncated, 1)
		}
		if a.Value.Kind() == slog.KindString {
			a.Value = slog.StringValue(s.shortenText(a.Key, a.Value.String(), room))
		} else {
			a.Value = slog.AnyValue(s.shortenBinary(a.Key, a.Value.Any().([]byte), room))
		}
	}
}

// MoveInitialState takes the initial state out of a GRAPH_START that is too large with it, even
// without a manifest, and reports whether it did: the state has to follow as a message of its own.
// body is the size of the event's fields, limit what they may take, in bytes.
func (s *Sealer) MoveInitialState(e *wire.Event, body, limit int) bool {
	if body <= limit {
		return false
	}
	for _, attrs := range [...][]slog.Attr{e.Own, e.Attrs} {
		for i := range attrs {
			if attrs[i].Key == manifestKey {
				body -= textLength(&attrs[i])
			}
		}
	}
	own := without(e.Own, InitialStateKey)
	if body <= limit || len(own) == len(e.Own) {
		return false
	}
	e.Own = own
	s.states.stats.degrade(degradedInitialStateMoved, 1)
	return true
}

// without returns a copy of attributes without those of a key. It is a copy in any case: what it
// returns must not keep the caller's attributes from staying on their stack.
func without(attrs []slog.Attr, key string) []slog.Attr {
	kept := make([]slog.Attr, 0, len(attrs))
	for _, a := range attrs {
		if a.Key != key {
			kept = append(kept, a)
		}
	}
	return kept
}

// InitialStateKey is the name of the attribute with the state with which a run begins.
const InitialStateKey = "initial_state_json"

const schemaKey = "graph_schema_json"

// textLength is the length of an attribute's text or bytes, 0 if it has none.
func textLength(a *slog.Attr) int {
	switch a.Value.Kind() {
	case slog.KindString:
		return len(a.Value.String())
	case slog.KindAny:
		p, _ := a.Value.Any().([]byte)
		return len(p)
	}
	return 0
}

// fairShare returns the length to which texts of these sizes have to be cut for all to lose so much
// together, shortest at least.
func fairShare(sizes []int, lose int) int {
	sorted := slices.Clone(sizes)
	slices.Sort(sorted)
	for n := 1; n <= len(sorted); n++ { // cut the n longest to one length
		top := sorted[len(sorted)-n:]
		sum := 0
		for _, size := range top {
			sum += size
		}
		next := shortest
		if n < len(sorted) {
			next = max(sorted[len(sorted)-n-1], shortest)
		}
		if share := (sum - lose) / n; share >= next || n == len(sorted) {
			return max(share, shortest)
		}
	}
	return shortest
}

// shortenText cuts the text of a field to limit bytes, at least [shortest]. A JSON document is cut
// inside and stays one.
func (s *Sealer) shortenText(key, text string, limit int) string {
	text, _ = s.cfg.Redactor.String(key, text)
	if len(text) <= limit {
		return text
	}
	if first := strings.TrimLeft(text, " \t\r\n"); first != "" && strings.IndexByte(`{["`,
		first[0]) >= 0 {
		if short, _, err := statediff.Truncate([]byte(text), limit); err == nil {
			return string(short)
		}
	}
	sum := sha256.Sum256([]byte(text))
	mark := "…[$truncated bytes=" + strconv.Itoa(len(text)) + " sha256=" +
		hex.EncodeToString(sum[:]) + "]"
	cut := limit - len(mark)
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + mark
}

// shortenBytes is shortenText for bytes that hold JSON or text.
func (s *Sealer) shortenBytes(key string, text []byte, limit int) []byte {
	return []byte(s.shortenText(key, string(text), limit))
}

// shortenBinary cuts bytes of which nothing is known.
func (s *Sealer) shortenBinary(key string, p []byte, limit int) []byte {
	if clean, changed := s.cfg.Redactor.Bytes(nil, key, p); changed {
		p = clean
	}
	return p[:min(limit, len(p))]
}

// ShortenTool makes a ToolExecution fit the limit.
func (s *Sealer) ShortenTool(x *wire.Tool, limit int) {
	sizes := []int{len(x.Arguments), len(x.Result), len(x.Error)}
	room := fairShare(sizes, wire.SizeTool(x)-limit)
	s.states.stats.degrade(degradedMessageTruncated, 1)
	if len(x.Arguments) > room {
		x.Arguments = s.shortenBytes("", x.Arguments, room)
	}
	if len(x.Result) > room {
		x.Result = s.shortenBytes("", x.Result, room)
	}
	if len(x.Error) > room {
		x.Error = s.shortenText("error", x.Error, room)
	}
}

// ShortenTokens cuts the text of a TokenChunk, so that it loses so many bytes.
func (s *Sealer) ShortenTokens(x *wire.Tokens, lose int) {
	s.states.stats.degrade(degradedMessageTruncated, 1)
	x.Text = s.shortenText("", x.Text, max(len(x.Text)-lose, shortest))
}

// ShortenProto makes a message of a rare kind so many bytes smaller, if it has something to cut.
func (s *Sealer) ShortenProto(m proto.Message, lose int) {
	switch x := m.(type) {
	case *pb.Error:
		room := fairShare([]int{len(x.StackTrace), len(x.Message)}, lose)
		x.StackTrace, x.Message = s.shortenText("stack_trace", x.StackTrace, room),
			s.shortenText("message", x.Message, room)
	case *pb.Checkpoint:
		x.State = s.ShortenState(x.State, max(len(x.State)-lose, shortest))
		sum := sha256.Sum256(x.State)
		x.Checksum = sum[:]
		return // counted
	case *pb.ExecutionTrace:
		shortenTrace(x, lose)
	default:
		return
	}
	s.states.stats.degrade(degradedMessageTruncated, 1)
}

// shortenTrace leaves out the last nodes of an ExecutionTrace, and the last errors if that is not
// enough, and says how many.
func shortenTrace(x *pb.ExecutionTrace, lose int) {
	nodes, errs := len(x.NodesExecuted), len(x.Errors)
	for size := proto.Size(x) - lose - traceNote; proto.Size(x) > size &&
		len(x.NodesExecuted)+len(x.Errors) > 0; {
		if n := len(x.NodesExecuted); n > 0 {
			x.NodesExecuted = x.NodesExecuted[:n*7/8]
		} else {
			x.Errors = x.Errors[:len(x.Errors)*7/8]
		}
	}
	if x.Metadata == nil {
		x.Metadata = map[string][]byte{}
	}
	before, _ := strconv.Atoi(string(x.Metadata[NodesOmittedKey])) // absent: none
	x.Metadata[NodesOmittedKey] = strconv.AppendInt(nil, int64(before+nodes-len(x.NodesExecuted)),
		10)
	if left := errs - len(x.Errors); left > 0 {
		x.Metadata[errorsOmittedKey] = strconv.AppendInt(nil, int64(left), 10)
	}
}

// traceNote is what saying how much was left out of a trace takes at most.
const traceNote = 128

// NodesOmittedKey is the name of the entry of a trace's metadata that says how many nodes were left
// out.
const NodesOmittedKey = "nodes_omitted"

const errorsOmittedKey = "errors_omitted"

// ShortenState cuts a state inside so that it fits the limit, before it takes room in the queue.
func (s *Sealer) ShortenState(state []byte, limit int) []byte {
	s.states.stats.degrade(degradedTruncated, 1)
	if clean, changed, err := s.cfg.Redactor.JSON(nil, state); err == nil && changed {
		state = clean
	}
	short, _, err := statediff.Truncate(state, limit)
	if err != nil {
		return []byte(NoJSON)
	}
	return short
}

// NoJSON stands for a state that was given as JSON and is none.
var NoJSON = wire.Unreadable("no JSON")
