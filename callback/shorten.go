package callback

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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

// A message that is larger than it may be is made to fit where it enters: what is long in it is cut, and says what it was. Secrets are
// hidden first, for what is left of one that was cut would not be found any more. This is rare, and may cost what it takes.

// shortest is the length below which no text is cut, in bytes: the mark alone takes half of it.
const shortest = 256

const manifestKey = "graph_manifest"

// shortenEvent makes the fields of an event fit the limit, in bytes, and returns their size then. It gives up a manifest first.
func (c *Client) shortenEvent(e *wire.Event, limit int) int {
	own, attrs := without(e.Own, manifestKey), without(e.Attrs, manifestKey)
	c.degraded(degradedManifestShed, len(e.Own)+len(e.Attrs)-len(own)-len(attrs))
	shed := wire.Event{Node: e.Node, Own: own, Attrs: attrs, Micros: e.Micros, Timed: e.Timed, LLMRequestID: e.LLMRequestID}
	if over := wire.SizeEventBody(&shed) - limit; over > 0 {
		c.shortenAttrs(own, attrs, over)
	}
	e.Own, e.Attrs = own, attrs
	return wire.SizeEventBody(e)
}

// shortenAttrs cuts the long texts among attributes, so that they lose so many bytes together.
func (c *Client) shortenAttrs(own, attrs []slog.Attr, lose int) {
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
			c.degraded(degradedSchemaTruncated, 1)
			if text, _ := c.redactor.String(a.Key, a.Value.String()); a.Value.Kind() == slog.KindString {
				if short, ok := shortenSchema(text, room); ok {
					a.Value = slog.StringValue(short)
					continue
				}
			}
		} else {
			c.degraded(degradedMessageTruncated, 1)
		}
		if a.Value.Kind() == slog.KindString {
			a.Value = slog.StringValue(c.shortenText(a.Key, a.Value.String(), room))
		} else {
			a.Value = slog.AnyValue(c.shortenBinary(a.Key, a.Value.Any().([]byte), room))
		}
	}
}

// initialState returns the state with which a run begins as JSON. A large one is without its secrets already: the marks in their places
// count when it is decided whether it finds room in the GRAPH_START.
func (c *Client) initialState(state any) json.RawMessage {
	var text []byte
	raw, ok := state.(json.RawMessage)
	switch {
	case !ok:
		text = []byte(c.readable(state))
	case len(raw) == 0:
		text = []byte("null") // as json.Marshal has it
	default:
		text = []byte(c.valid(string(raw)))
		if !json.Valid(text) {
			c.degraded(degradedUnreadable, 1)
			return json.RawMessage(unreadable)
		}
	}
	if len(text) > c.cfg.MaxMessageBytes/marksGrow && !c.redactor.Clean(text) {
		if clean, changed, err := c.redactor.JSON(nil, text); err == nil && changed {
			return clean
		}
	}
	return text
}

// marksGrow is how many times as long marks make a JSON document: a secret list of digits, 11 times.
const marksGrow = 12

// moveInitialState takes the initial state out of a GRAPH_START that is too large with it, even without a manifest, and reports whether
// it did: the state has to follow as a message of its own.
func (c *Client) moveInitialState(e *wire.Event, limit int) bool {
	body := wire.SizeEventBody(e)
	if body == wire.NotPlain {
		body = c.resolve(e)
	}
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
	own := without(e.Own, initialStateKey)
	if body <= limit || len(own) == len(e.Own) {
		return false
	}
	e.Own = own
	c.degraded(degradedInitialStateMoved, 1)
	return true
}

// without returns a copy of attributes without those of a key. It is a copy in any case: what it returns must not keep the caller's
// attributes from staying on their stack.
func without(attrs []slog.Attr, key string) []slog.Attr {
	kept := make([]slog.Attr, 0, len(attrs))
	for _, a := range attrs {
		if a.Key != key {
			kept = append(kept, a)
		}
	}
	return kept
}

const (
	initialStateKey = "initial_state_json"
	schemaKey       = "graph_schema_json"
)

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

// fairShare returns the length to which texts of these sizes have to be cut for all to lose so much together, shortest at least.
func fairShare(sizes []int, lose int) int {
	sorted := slices.Clone(sizes)
	slices.Sort(sorted)
	for n := 1; n <= len(sorted); n++ { // cut the n longest to one length
		top := sorted[len(sorted)-n:]
		sum := 0
		for _, s := range top {
			sum += s
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

// shortenText cuts the text of a field to limit bytes, at least [shortest]. A JSON document is cut inside and stays one.
func (c *Client) shortenText(key, text string, limit int) string {
	text, _ = c.redactor.String(key, text)
	if len(text) <= limit {
		return text
	}
	if first := strings.TrimLeft(text, " \t\r\n"); first != "" && strings.IndexByte(`{["`, first[0]) >= 0 {
		if short, _, err := statediff.Truncate([]byte(text), limit); err == nil {
			return string(short)
		}
	}
	sum := sha256.Sum256([]byte(text))
	mark := "…[$truncated bytes=" + strconv.Itoa(len(text)) + " sha256=" + hex.EncodeToString(sum[:]) + "]"
	cut := limit - len(mark)
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + mark
}

// shortenBytes is shortenText for bytes that hold JSON or text.
func (c *Client) shortenBytes(key string, text []byte, limit int) []byte {
	return []byte(c.shortenText(key, string(text), limit))
}

// shortenBinary cuts bytes of which nothing is known.
func (c *Client) shortenBinary(key string, p []byte, limit int) []byte {
	if clean, changed := c.redactor.Bytes(nil, key, p); changed {
		p = clean
	}
	return p[:min(limit, len(p))]
}

// shortenTool makes a ToolExecution fit the limit.
func (c *Client) shortenTool(x *wire.Tool, limit int) {
	sizes := []int{len(x.Arguments), len(x.Result), len(x.Error)}
	room := fairShare(sizes, wire.SizeTool(x)-limit)
	c.degraded(degradedMessageTruncated, 1)
	if len(x.Arguments) > room {
		x.Arguments = c.shortenBytes("", x.Arguments, room)
	}
	if len(x.Result) > room {
		x.Result = c.shortenBytes("", x.Result, room)
	}
	if len(x.Error) > room {
		x.Error = c.shortenText("error", x.Error, room)
	}
}

// shortenTokens cuts the text of a TokenChunk, so that it loses so many bytes.
func (c *Client) shortenTokens(x *wire.Tokens, lose int) {
	c.degraded(degradedMessageTruncated, 1)
	x.Text = c.shortenText("", x.Text, max(len(x.Text)-lose, shortest))
}

// shortenProto makes a message of a rare kind so many bytes smaller, if it has something to cut.
func (c *Client) shortenProto(m proto.Message, lose int) {
	switch x := m.(type) {
	case *pb.Error:
		room := fairShare([]int{len(x.StackTrace), len(x.Message)}, lose)
		x.StackTrace, x.Message = c.shortenText("stack_trace", x.StackTrace, room), c.shortenText("message", x.Message, room)
	case *pb.Checkpoint:
		x.State = c.shortenState(x.State, max(len(x.State)-lose, shortest))
		sum := sha256.Sum256(x.State)
		x.Checksum = sum[:]
		return // counted
	case *pb.ExecutionTrace:
		shortenTrace(x, lose)
	default:
		return
	}
	c.degraded(degradedMessageTruncated, 1)
}

// shortenTrace leaves out the last nodes of an ExecutionTrace, and the last errors if that is not enough, and says how many.
func shortenTrace(x *pb.ExecutionTrace, lose int) {
	nodes, errs := len(x.NodesExecuted), len(x.Errors)
	for size := proto.Size(x) - lose - traceNote; proto.Size(x) > size && len(x.NodesExecuted)+len(x.Errors) > 0; {
		if n := len(x.NodesExecuted); n > 0 {
			x.NodesExecuted = x.NodesExecuted[:n*7/8]
		} else {
			x.Errors = x.Errors[:len(x.Errors)*7/8]
		}
	}
	if x.Metadata == nil {
		x.Metadata = map[string][]byte{}
	}
	before, _ := strconv.Atoi(string(x.Metadata[nodesOmittedKey])) // absent: none
	x.Metadata[nodesOmittedKey] = strconv.AppendInt(nil, int64(before+nodes-len(x.NodesExecuted)), 10)
	if left := errs - len(x.Errors); left > 0 {
		x.Metadata[errorsOmittedKey] = strconv.AppendInt(nil, int64(left), 10)
	}
}

// traceNote is what saying how much was left out of a trace takes at most.
const traceNote = 128

const (
	nodesOmittedKey  = "nodes_omitted"
	errorsOmittedKey = "errors_omitted"
)

// shortenState cuts a state inside so that it fits the limit, before it takes room in the queue.
func (c *Client) shortenState(state []byte, limit int) []byte {
	c.degraded(degradedTruncated, 1)
	if clean, changed, err := c.redactor.JSON(nil, state); err == nil && changed {
		state = clean
	}
	short, _, err := statediff.Truncate(state, limit)
	if err != nil {
		return []byte(unreadable)
	}
	return short
}

// unreadable stands for a state that was given as JSON and is none.
var unreadable = wire.Unreadable("no JSON")

// degraded counts messages that go out as less than they could be.
func (c *Client) degraded(d degradation, n int) {
	if n > 0 {
		c.sealer.states.stats.degraded[d].Add(uint64(n))
	}
}
