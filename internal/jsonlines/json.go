package jsonlines

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// jsonWriter writes JSON.
type jsonWriter struct {
	b     bytes.Buffer
	comma bool // goes in front of the next key or element
}

func (j *jsonWriter) begin(at Place) {
	j.open('{')
	j.key("partition")
	j.raw(strconv.Itoa(int(at.Partition)))
	j.field("offset", strconv.FormatInt(at.Offset, 10))
}

func (j *jsonWriter) end(w io.Writer) {
	j.close('}')
	j.b.WriteByte('\n')
	_, _ = w.Write(j.b.Bytes()) // an error is returned when the surrounding buffer is flushed
}

func (j *jsonWriter) separate() {
	if j.comma {
		j.b.WriteByte(',')
	}
	j.comma = false
}

func (j *jsonWriter) open(bracket byte) {
	j.separate()
	j.b.WriteByte(bracket)
}

func (j *jsonWriter) close(bracket byte) {
	j.b.WriteByte(bracket)
	j.comma = true
}

func (j *jsonWriter) raw(s string) {
	j.separate()
	j.b.WriteString(s)
	j.comma = true
}

func (j *jsonWriter) text(s string) {
	var quoted bytes.Buffer
	enc := json.NewEncoder(&quoted)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // cannot fail for a string
	j.raw(strings.TrimSuffix(quoted.String(), "\n"))
}

func (j *jsonWriter) key(name string) {
	j.text(name)
	j.b.WriteByte(':')
	j.comma = false
}

func (j *jsonWriter) field(name, value string) {
	j.key(name)
	j.text(value)
}

// message writes the fields that are set, in the order of the contract.
func (j *jsonWriter) message(m protoreflect.Message) {
	j.open('{')
	for i := range m.Descriptor().Fields().Len() {
		fd := m.Descriptor().Fields().Get(i)
		if !m.Has(fd) {
			continue
		}
		j.key(string(fd.Name()))
		v := m.Get(fd)
		switch {
		case fd.IsMap():
			j.entries(fd, v.Map())
		case fd.IsList():
			j.open('[')
			for k := range v.List().Len() {
				j.value(fd, v.List().Get(k))
			}
			j.close(']')
		default:
			j.value(fd, v)
		}
	}
	j.close('}')
}

func (j *jsonWriter) entries(fd protoreflect.FieldDescriptor, m protoreflect.Map) {
	var keys []string // all maps of the contract have string keys
	for key := range m.Range {
		keys = append(keys, key.String())
	}
	slices.Sort(keys)
	j.open('{')
	for _, key := range keys {
		j.key(key)
		j.value(fd.MapValue(), m.Get(protoreflect.ValueOfString(key).MapKey()))
	}
	j.close('}')
}

func (j *jsonWriter) value(fd protoreflect.FieldDescriptor, v protoreflect.Value) {
	switch fd.Kind() {
	case protoreflect.MessageKind:
		j.message(v.Message())
	case protoreflect.EnumKind:
		if known := fd.Enum().Values().ByNumber(v.Enum()); known != nil {
			j.text(string(known.Name()))
		} else {
			j.raw(strconv.Itoa(int(v.Enum())))
		}
	case protoreflect.BytesKind:
		j.bytes(fd, v.Bytes())
	case protoreflect.StringKind:
		j.text(v.String())
	case protoreflect.BoolKind:
		j.raw(strconv.FormatBool(v.Bool()))
	case protoreflect.Int64Kind:
		j.text(strconv.FormatInt(v.Int(), 10))
	case protoreflect.Uint64Kind:
		j.text(strconv.FormatUint(v.Uint(), 10))
	case protoreflect.FloatKind:
		j.float(v.Float(), 32)
	case protoreflect.DoubleKind:
		j.float(v.Float(), 64)
	default: // 32-bit numbers
		j.raw(v.String())
	}
}

func (j *jsonWriter) float(x float64, bits int) {
	switch {
	case math.IsNaN(x):
		j.text("NaN")
	case math.IsInf(x, 1):
		j.text("Infinity")
	case math.IsInf(x, -1):
		j.text("-Infinity")
	default:
		j.raw(strconv.FormatFloat(x, 'g', -1, bits))
	}
}

// bytes writes ids as UUIDs or text, hashes in hexadecimal, and other bytes as JSON or text if they
// are that, otherwise in base64.
func (j *jsonWriter) bytes(fd protoreflect.FieldDescriptor, b []byte) {
	switch fd.Name() {
	case "message_id", "parent_id":
		if len(b) == pb.MessageIDBytes {
			j.text(UUID(b))
			return
		}
	case "checkpoint_id", "base_checkpoint_id":
		j.text(IDText(b))
		return
	case "state_hash", "checksum":
		j.text(hex.EncodeToString(b))
		return
	default:
		if utf8.Valid(b) {
			var compact bytes.Buffer
			if json.Compact(&compact, b) == nil {
				j.raw(compact.String())
			} else {
				j.text(string(b))
			}
			return
		}
	}
	j.text(base64.StdEncoding.EncodeToString(b))
}
