package intake

import (
	"cmp"
	"maps"
	"slices"
	"unicode/utf8"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// bounding is one message that is being bounded.
type bounding struct {
	in      *Intake
	event   int // the index of the event in its batch
	parts   []Part
	changed bool
}

func (b *bounding) message(m *pb.DashStreamMessage) {
	switch {
	case m.GetEvent() != nil:
		b.attributes(m.GetEvent())
	case m.GetEventBatch() != nil:
		for i, e := range m.GetEventBatch().GetEvents() {
			b.event = i
			b.attributes(e)
		}
	case m.GetStateDiff() != nil:
		b.diff(m.GetStateDiff())
	case m.GetCheckpoint() != nil:
		c := m.GetCheckpoint()
		if b.document("state", &c.State, MaxStateBytes, MaxStateDepth) {
			c.Checksum = nil
		}
		c.Metadata = drop(b, c.GetMetadata())
		b.text("storage_uri", &c.StorageUri)
	case m.GetTokenChunk() != nil:
		t := m.GetTokenChunk()
		b.changed = b.changed || len(t.TokenIds)+len(t.Logprobs) > 0
		t.TokenIds, t.Logprobs = nil, nil // nothing here shows them
		b.cut("text", &t.Text, MaxTextBytes)
		b.text("model", &t.Model)
	case m.GetToolExecution() != nil:
		b.tool(m.GetToolExecution())
	case m.GetMetrics() != nil:
		b.tags(m.GetMetrics())
	case m.GetError() != nil:
		e := m.GetError()
		e.Context = drop(b, e.GetContext())
		b.text("message", &e.Message)
		b.text("stack_trace", &e.StackTrace)
	case m.GetExecutionTrace() != nil:
		b.trace(m.GetExecutionTrace())
	}
	if len(m.ProtoReflect().GetUnknown()) > 0 {
		m.ProtoReflect().SetUnknown(nil)
		b.changed = true
	}
}

// attributes keeps the attributes of the contract, and the names of the others.
func (b *bounding) attributes(e *pb.Event) {
	known := knownAttributes[e.GetEventType()]
	var others []string
	for key, v := range e.GetAttributes() {
		if known[key] == typeOf(v) && known[key] != "" {
			if s, is := v.GetValue().(*pb.AttributeValue_StringValue); is {
				b.attribute(key, &s.StringValue)
			}
			continue
		}
		others = append(others, key)
		delete(e.Attributes, key)
	}
	if len(e.ProtoReflect().GetUnknown()) > 0 {
		e.ProtoReflect().SetUnknown(nil)
		b.changed = true
	}
	if len(others) == 0 {
		return
	}
	b.changed = true
	slices.Sort(others)
	e.Attributes[OthersCount] = &pb.AttributeValue{
		Value: &pb.AttributeValue_IntValue{IntValue: int64(len(others))}}
	for _, name := range others[:min(len(others), maxOthers)] {
		// a name may be the secret, too: what is called so is somebody's choice
		name, _ = b.in.redactor.String("", cutRunes(name, maxOtherName))
		if _, taken := e.Attributes[name]; !taken {
			e.Attributes[name] = &pb.AttributeValue{}
		}
	}
}

// typeOf returns the type of an attribute's value as the contract names it, "" for one that it does
// not have.
func typeOf(v *pb.AttributeValue) string {
	switch v.GetValue().(type) {
	case *pb.AttributeValue_StringValue:
		return "string"
	case *pb.AttributeValue_IntValue:
		return "int"
	case *pb.AttributeValue_FloatValue:
		return "float"
	case *pb.AttributeValue_BoolValue:
		return "bool"
	}
	return ""
}

func (b *bounding) attribute(key string, s *string) {
	switch key {
	case pb.AttrPrompt, pb.AttrCompletion, pb.AttrArguments, pb.AttrResult:
		src := []byte(*s)
		b.value(key, &src)
		if len(src) != len(*s) {
			*s = string(src)
		}
	case pb.AttrGraphSchemaJSON:
		if b.rejects(key, []byte(*s), MaxSchemaBytes, MaxDepth) {
			*s = ""
		}
	case pb.AttrInitialStateJSON:
		if b.rejects(key, []byte(*s), MaxStateBytes, MaxStateDepth) {
			*s = notJSON
		}
	case pb.AttrGraphManifest:
		b.changed = b.changed || *s != ""
		*s = "" // the schema says what is shown
	default:
		b.text(key, s)
	}
}

// rejects notes a document that is over a limit, and reports whether it is.
func (b *bounding) rejects(what string, src []byte, bytes, depth int) bool {
	why := ""
	switch {
	case len(src) > bytes:
		why = TooLarge
	case tooDeep(src, depth):
		why = TooDeep
	default:
		return false
	}
	b.parts = append(b.parts, Part{b.event, what, len(src), why})
	b.changed = true
	return true
}

// document bounds a state.
func (b *bounding) document(what string, src *[]byte, bytes, depth int) (rejected bool) {
	if rejected = b.rejects(what, *src, bytes, depth); rejected {
		*src = []byte(notJSON)
	}
	return rejected
}

// value bounds the input or the output of a call: what may be JSON has a limit of its own.
func (b *bounding) value(what string, src *[]byte) {
	if looksLikeJSON(*src) {
		if !b.rejects(what, *src, MaxValueBytes, MaxDepth) {
			return
		}
	} else if len(*src) <= MaxTextBytes {
		return
	} else {
		b.parts = append(b.parts, Part{b.event, what, len(*src), Cut})
	}
	b.changed = true
	*src = prefix(*src, MaxTextBytes)
}

func (b *bounding) text(what string, s *string) { b.cut(what, s, MaxNameBytes) }

func (b *bounding) cut(what string, s *string, limit int) {
	if len(*s) > limit {
		b.parts = append(b.parts, Part{b.event, what, len(*s), Cut})
		b.changed = true
		*s = prefix(*s, limit)
	}
}

func (b *bounding) diff(d *pb.StateDiff) {
	if b.document("full_state", &d.FullState, MaxStateBytes, MaxStateDepth) {
		d.Operations = nil
	}
	total := 0
	for _, op := range d.GetOperations() {
		total += len(op.Value) + len(op.Path) + len(op.From)
		if b.document("operation", &op.Value, MaxStateBytes, MaxStateDepth) {
			return
		}
	}
	if total > MaxStateBytes {
		b.parts = append(b.parts, Part{b.event, "operations", total, TooLarge})
		b.changed = true
		d.Operations = []*pb.DiffOperation{{Value: []byte(notJSON)}}
	}
}

func (b *bounding) tool(t *pb.ToolExecution) {
	b.value("arguments", &t.Arguments)
	b.value("result", &t.Result)
	b.text("error", &t.Error)
	b.text("tool_name", &t.ToolName)
	b.text("call_id", &t.CallId)
	b.changed = b.changed || t.ErrorDetails != nil
	t.ErrorDetails = nil // error says it
}

// tags keeps the tags that the view knows, without secrets. What a report says in numbers is kept.
func (b *bounding) tags(m *pb.Metrics) {
	for key, v := range m.GetTags() {
		clean := ""
		if knownTag(key) {
			clean, _ = b.in.redactor.String(key, cutRunes(v, 128))
		}
		if clean == v {
			continue
		}
		b.changed = true
		if delete(m.Tags, key); clean != "" {
			m.Tags[key] = clean
		}
	}
	if m.GetScope() == pb.LossScope {
		return // its texts say why what is missing
	}
	for key, v := range m.GetMetrics() {
		switch v.GetValue().(type) {
		case *pb.MetricValue_StringValue, *pb.MetricValue_BytesValue:
			delete(m.Metrics, key) // nothing here shows a text
			b.changed = true
		}
	}
}

// trace keeps what a line of the timeline says of an execution trace.
func (b *bounding) trace(t *pb.ExecutionTrace) {
	b.changed = true
	t.Metadata, t.FinalState = nil, nil
	t.NodesExecuted, t.Errors = nil, nil
}

func drop[V any](b *bounding, m map[string]V) map[string]V {
	b.changed = b.changed || len(m) > 0
	return nil
}

func cutRunes(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}

// Others returns how many attributes an event had that are not in the contract, and the names that
// were kept of them.
func Others(e *pb.Event) (count int, names []string) {
	n, has := e.GetAttributes()[OthersCount]
	if !has {
		return 0, nil
	}
	for _, key := range slices.SortedFunc(maps.Keys(e.GetAttributes()), cmp.Compare[string]) {
		if e.GetAttributes()[key].GetValue() == nil {
			names = append(names, key)
		}
	}
	return int(n.GetIntValue()), names
}
