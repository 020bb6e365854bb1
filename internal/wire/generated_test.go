package wire

import (
	"log/slog"
	"testing"

	"google.golang.org/protobuf/proto"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// protoValue is a plain value in the generated types.
func protoValue(v slog.Value) *pb.AttributeValue {
	switch v.Kind() {
	case slog.KindInt64:
		return &pb.AttributeValue{Value: &pb.AttributeValue_IntValue{IntValue: v.Int64()}}
	case slog.KindUint64:
		return &pb.AttributeValue{Value: &pb.AttributeValue_IntValue{IntValue: int64(v.Uint64())}}
	case slog.KindDuration:
		return &pb.AttributeValue{Value: &pb.AttributeValue_IntValue{IntValue: v.Duration().
			Microseconds()}}
	case slog.KindFloat64:
		return &pb.AttributeValue{Value: &pb.AttributeValue_FloatValue{FloatValue: v.Float64()}}
	case slog.KindBool:
		return &pb.AttributeValue{Value: &pb.AttributeValue_BoolValue{BoolValue: v.Bool()}}
	case slog.KindGroup:
		return &pb.AttributeValue{Value: &pb.AttributeValue_MapValue{
			MapValue: &pb.AttributeMap{Values: protoAttrs(v.Group())}}}
	case slog.KindAny:
		return &pb.AttributeValue{Value: &pb.AttributeValue_BytesValue{
			BytesValue: v.Any().([]byte)}}
	}
	return &pb.AttributeValue{Value: &pb.AttributeValue_StringValue{StringValue: v.String()}}
}

// protoAttrs is plain attributes in the generated types: of equal keys, the last one counts.
func protoAttrs(attrs []slog.Attr) map[string]*pb.AttributeValue {
	m := map[string]*pb.AttributeValue{}
	for _, a := range attrs {
		m[a.Key] = protoValue(a.Value)
	}
	return m
}

// protoHeader is a header in the generated types.
func protoHeader(h *Header, tenant, thread string) *pb.Header {
	p := &pb.Header{
		MessageId: h.ID[:], TimestampUs: h.Micros, TenantId: tenant, ThreadId: thread,
		Sequence: h.Sequence, Type: pb.MessageType(h.Type),
		SchemaVersion: pb.SchemaVersion,
	}
	if h.Parent != (ID{}) {
		p.ParentId = h.Parent[:]
	}
	return p
}

// marshal is the generated encoder.
func marshal(t *testing.T, m proto.Message) []byte {
	t.Helper()
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// decodeBody decodes a message that was encoded without its header.
func decodeBody[M proto.Message](t *testing.T, b []byte, m M) M {
	t.Helper()
	if err := proto.Unmarshal(b, m); err != nil {
		t.Fatalf("% x does not parse: %v", b, err)
	}
	return m
}

// equalMessages compares messages that may contain NaN, which proto.Equal considers equal to
// itself.
func equalMessages(t *testing.T, got, want proto.Message) {
	t.Helper()
	if !proto.Equal(got, want) {
		t.Errorf("decoded\n%v, want\n%v", got, want)
	}
}
