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

// A message that is too large is shortened when it is emitted: long texts in it are cut, with a
// note of what they were. Secrets are hidden first, because the rest of a secret that was cut would
// not be found any more. This is rare and may be costly.

// shortest is the length below which no text is cut, in bytes: the note alone takes half of it.
const shortest = 256

const manifestKey = "graph_manifest"

// ShortenEvent shortens the fields of an event to limit bytes, and returns their size. It removes a
// manifest first.
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

// shortenAttrs cuts the long texts among attributes by so many bytes in total.
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

// MoveInitialState removes the initial state from a GRAPH_START that is too large with it, even
// without a manifest. It reports whether it did; the state then has to follow in a message of its
// own. body is the size of the event's fields, and limit their maximum, in bytes.
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

// without returns a copy of attributes without those that have the key. It always copies: otherwise
// the caller's attributes would escape to the heap.
func without(attrs []slog.Attr, key string) []slog.Attr {
	kept := make([]slog.Attr, 0, len(attrs))
	for _, a := range attrs {
		if a.Key != key {
			kept = append(kept, a)
		}
	}
	return kept
}

// InitialStateKey is the name of the attribute with the state in which a run begins.
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

// fairShare returns the length to which texts of these sizes must be cut to lose so much in total,
// but at least shortest.
func fairShare(sizes []int, lose int) int {
	sorted := slices.Clone(sizes)
	slices.Sort(sorted)
	for n := 1; n <= len(sorted); n++ { // cut the n longest to the same length
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

// shortenText cuts the text of a field to limit bytes, but at least [shortest]. A JSON document is
// cut inside and remains valid.
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

// shortenBytes is shortenText for bytes that are JSON or text.
func (s *Sealer) shortenBytes(key string, text []byte, limit int) []byte {
	return []byte(s.shortenText(key, string(text), limit))
}

// shortenBinary cuts bytes of unknown format.
func (s *Sealer) shortenBinary(key string, p []byte, limit int) []byte {
	if clean, changed := s.cfg.Redactor.Bytes(nil, key, p); changed {
		p = clean
	}
	return p[:min(limit, len(p))]
}

// ShortenTool shortens a ToolExecution to the limit.
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

// ShortenTokens cuts the text of a TokenChunk by so many bytes.
func (s *Sealer) ShortenTokens(x *wire.Tokens, lose int) {
	s.states.stats.degrade(degradedMessageTruncated, 1)
	x.Text = s.shortenText("", x.Text, max(len(x.Text)-lose, shortest))
}

// ShortenProto makes a message of a rare kind smaller by so many bytes, if it has anything to cut.
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

// shortenTrace removes the last nodes of an ExecutionTrace, and the last errors if that is not
// enough, and records how many.
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

// traceNote bounds the size of the note that says how much was left out of a trace.
const traceNote = 128

// NodesOmittedKey is the key in a trace's metadata for the number of nodes left out.
const NodesOmittedKey = "nodes_omitted"

const errorsOmittedKey = "errors_omitted"

// ShortenState shortens a state to the limit, before it is enqueued.
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

// NoJSON replaces a state that was passed as JSON and is not valid JSON.
var NoJSON = wire.Unreadable("no JSON")
