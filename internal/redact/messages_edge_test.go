package redact

import (
	"bytes"
	stdbase64 "encoding/base64"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

// allocations is how many n calls make together: an average would be rounded down. One may be the
// runtime's.
func allocations(n int, do func()) float64 {
	return testing.AllocsPerRun(1, func() {
		for range n {
			do()
		}
	})
}

func TestMessagesWithNothingToHideAllocateNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("under the race detector a sync.Pool drops at random what is put into it")
	}
	m := NewMessages(redactor(t, Rules{}))
	all := batches(t)
	all["harmless"] = encoded(t,
		messagesWith("content", strings.Join(corpus.Harmless(), "\n"))["batch"])
	for what, elements := range all {
		do := func() {
			if _, changed := m.Events(nil, elements); changed {
				t.Fatalf("%s: changed", what)
			}
			m.Clean(elements)
		}
		do()
		if n := allocations(100, do); n > 1 {
			t.Errorf("%s: %.0f allocations in 100 batches", what, n)
		}
	}
}

// The byte in front of a text is its length, which looks like a letter from 65 to 90 and from 97
// to 122.
func TestANameIsFoundWhateverItsLength(t *testing.T) {
	m := NewMessages(redactor(t, Rules{}))
	for _, word := range []string{"pw", "jwt", "auth", "pass", "creds", "bearer", "session",
		"connect.sid"} {
		for n := range 140 {
			for _, name := range []string{word + strings.Repeat("_", n),
				word + "_" + strings.Repeat(" ", n), strings.Repeat("a-", n) + word} {
				in := &pb.Event{Attributes: map[string]*pb.AttributeValue{
					name: attributeText("hunter2Xy9")}}
				if out := checkMessage(t, m, in); m.r.names.judge(name).secret &&
					bytes.Contains(out, []byte("hunter2Xy9")) {
					t.Errorf("the value of %q is not hidden", name)
				}
			}
		}
	}
}

// What follows a text in a message is the tag of the next field, which may be any letter or digit.
func TestASecretIsFoundAtTheEndOfATextWhateverFollows(t *testing.T) {
	r := redactor(t, Rules{})
	m := NewMessages(r)
	all := secrets()
	for n := range 20 {
		basic := stdbase64.StdEncoding.EncodeToString([]byte(("user:password-that-is-long")[:6+n]))
		all = append(all, planted{what: "basic", text: "401 for Basic " + basic, secret: basic[:8]})
	}
	for _, p := range all {
		const field, most = 7, 15 // of an error's text, and the last field with a tag of one byte
		body := protowire.AppendString(protowire.AppendTag(nil, field, protowire.BytesType), p.text)
		for number := protowire.Number(1); number <= most; number++ {
			for _, followed := range [][]byte{
				protowire.AppendVarint(protowire.AppendTag(bytes.Clone(body), number,
					protowire.VarintType), 1),
				protowire.AppendString(protowire.AppendTag(bytes.Clone(body), number,
					protowire.BytesType), "x"),
				protowire.AppendFixed32(protowire.AppendTag(bytes.Clone(body), number,
					protowire.Fixed32Type), 1),
				protowire.AppendFixed64(protowire.AppendTag(bytes.Clone(body), number,
					protowire.Fixed64Type), 1),
			} {
				if out, changed := m.Tool(nil, followed); !changed ||
					bytes.Contains(out, []byte(p.secret)) {
					t.Fatalf("%s: %q is not hidden before field %d (% x)", p.what, p.text, number,
						followed[len(body):])
				}
			}
		}
	}
}

// All names of secrets are found in a document, and as a member in a text, as texts and in
// messages.
func TestNamesOfSecretsAreAnnounced(t *testing.T) {
	for _, rules := range []Rules{{}, {Names: []string{"401k"}}, {Names: []string{"x9"}},
		{Names: []string{"employee ssn", "pin 4 digits", "blood type"}}} {
		r := redactor(t, rules)
		m := NewMessages(r)
		for _, words := range r.names.secrets() {
			for _, name := range []string{
				strings.Join(words, "_"), strings.Join(words, ""), strings.Join(words, " "),
				strings.ToUpper(strings.Join(words, "_")), "my" + strings.Join(words, ""),
				"my_" + strings.Join(words, "_"), strings.Join(words, "-") + "s", "x" +
					strings.Join(words, ".") + "1",
			} {
				if !r.names.judge(name).secret {
					continue
				}
				for what, in := range map[string]proto.Message{
					"attribute": &pb.Event{Attributes: map[string]*pb.AttributeValue{
						name: attributeText("hunter2Xy9zQ")}},
					"document": &pb.Event{Attributes: map[string]*pb.AttributeValue{
						"doc": attributeText(`{"` + name + `":"hunter2Xy9zQ"}`)}},
				} {
					if out := checkMessage(t, m, in); bytes.Contains(out, []byte("hunter2Xy9zQ")) {
						t.Errorf("%s: the value of %q is not hidden", what, name)
					}
				}
				// as Redactor.String does it
				checkMessage(t, m, &pb.Event{NodeId: `bad {"` + name + `":"hunter2Xy9zQ"}`})
			}
		}
	}
}

func TestBasicAuthIsFoundThoughItsSlashesAreEscaped(t *testing.T) {
	m := NewMessages(redactor(t, Rules{}))
	for _, text := range []string{
		"Basic YWI/OnNlY3JldHB3MQ==", `{"h":"Basic YWI/OnNlY3JldHB3MQ=="}`,
		`{"h":"Basic YWI\/OnNlY3JldHB3MQ=="}`, `{"h":"{\"h\":\"Basic YWI\\/OnNlY3JldHB3MQ==\"}"}`,
	} {
		in := &pb.Event{Attributes: map[string]*pb.AttributeValue{"header": attributeText(text)}}
		if out := checkMessage(t, m, in); bytes.Contains(out, []byte("OnNlY3JldHB3")) {
			t.Errorf("%s is not hidden", text)
		}
	}
}

func TestTheDurationOfAnEventIsNeverHidden(t *testing.T) {
	m := NewMessages(redactor(t, Rules{CreditCards: true, Names: []string{"duration us", "us"}}))
	number := func(n int64) *pb.AttributeValue {
		return &pb.AttributeValue{Value: &pb.AttributeValue_IntValue{IntValue: n}}
	}
	in := &pb.Event{DurationUs: 4111111111111111,
		Attributes: map[string]*pb.AttributeValue{"duration_us": number(4111111111111111),
			"card": number(4111111111111111)}}
	var got pb.Event
	if err := proto.Unmarshal(checkMessage(t, m, in), &got); err != nil {
		t.Fatal(err)
	}
	if got.DurationUs != in.DurationUs ||
		got.Attributes["duration_us"].GetIntValue() != in.DurationUs ||
		got.Attributes["card"].GetStringValue() != "[REDACTED:credit-card]" {
		t.Errorf("%v", &got)
	}
}

func TestAttributesThatHoldDocumentsStayValid(t *testing.T) {
	m := NewMessages(redactor(t, Rules{Names: []string{"manifest"}}))
	for _, p := range secrets() {
		for _, doc := range []string{`{"a":` + quoted(p.text) + `}`, quoted(p.text),
			" [" + quoted(quoted(p.text)) + "]\n"} {
			attrs := map[string]*pb.AttributeValue{}
			for _, name := range []string{"graph_schema_json", "initial_state_json",
				"graph_manifest"} {
				attrs[name] = attributeText(doc)
			}
			var got pb.Event
			if err := proto.Unmarshal(checkMessage(t, m, &pb.Event{Attributes: attrs}),
				&got); err != nil {
				t.Fatal(err)
			}
			for name, v := range got.Attributes {
				if out := v.GetStringValue(); !json.Valid([]byte(out)) ||
					strings.Contains(out, p.secret) {
					t.Errorf("%s: %s becomes %s", name, doc, out)
				}
			}
		}
	}
}

func TestEmailsAreFoundInEncodedMessages(t *testing.T) {
	m := NewMessages(redactor(t, Rules{Emails: true}))
	for _, text := range []string{"write to bob@example.com", `{"to":"bob\u0040example.com"}`,
		`["bob@example.com"]`, "nobody"} {
		for where, in := range messagesWith("content", text) {
			out := checkMessage(t, m, in)
			amid := strings.Contains(text, "u0040") && (where == "error" || where == "checkpoint" ||
				where == "attribute's name")
			// in a text or a name that is no document, escapes are bytes like others
			if bytes.Contains(out, []byte("bob")) && !amid {
				t.Errorf("%s: %s survives in %q", where, text, out)
			}
			if text == "nobody" && where == "batch" && !m.Clean(encoded(t, in)) {
				t.Errorf("%s: %s is not clean", where, text)
			}
		}
	}
}

func TestASecretsNameHidesEveryKindOfAttribute(t *testing.T) {
	m := NewMessages(redactor(t, Rules{}))
	value := func(v any) *pb.AttributeValue {
		switch v := v.(type) {
		case int64:
			return &pb.AttributeValue{Value: &pb.AttributeValue_IntValue{IntValue: v}}
		case float64:
			return &pb.AttributeValue{Value: &pb.AttributeValue_FloatValue{FloatValue: v}}
		case bool:
			return &pb.AttributeValue{Value: &pb.AttributeValue_BoolValue{BoolValue: v}}
		case []byte:
			return &pb.AttributeValue{Value: &pb.AttributeValue_BytesValue{BytesValue: v}}
		case []*pb.AttributeValue:
			return &pb.AttributeValue{Value: &pb.AttributeValue_ArrayValue{
				ArrayValue: &pb.AttributeArray{Values: v}}}
		case map[string]*pb.AttributeValue:
			return &pb.AttributeValue{Value: &pb.AttributeValue_MapValue{
				MapValue: &pb.AttributeMap{Values: v}}}
		}
		return attributeText(v.(string))
	}
	list, group := []*pb.AttributeValue{value("a"), value(int64(1))},
		map[string]*pb.AttributeValue{"user": value("bob"), "n": value(int64(7))}
	password, session := value("[REDACTED:password]"), value("[REDACTED:session]")
	for _, tt := range []struct {
		name     string
		in, want *pb.AttributeValue
	}{
		{"password", value("x"), password},
		{"db_password", value(int64(1234)), password},
		{"password", value(-1.5), password},
		{"password", value([]byte{0xff, 1}), value([]byte("[REDACTED:password]"))},
		{"passwords", value(list), password},
		{"password", value(group), password},
		{"password", value(true), value(true)},
		{"password", value(""), value("")},
		{"password", value([]*pb.AttributeValue(nil)), value([]*pb.AttributeValue(nil))},
		{"password", &pb.AttributeValue{}, &pb.AttributeValue{}},
		{"session", value("x"), session},
		{"session", value("closed"), value("closed")},
		{"session", value(int64(7)), value(int64(7))},
		{"session", value(group), value(group)},
		{"session", value([]*pb.AttributeValue{value("x"), value(int64(7))}),
			value([]*pb.AttributeValue{session, value(int64(7))})},
		{"max_tokens", value(int64(7)), value(int64(7))},
	} {
		var got pb.Event
		in := &pb.Event{NodeId: "n", Attributes: map[string]*pb.AttributeValue{"a": value("b"),
			tt.name: tt.in, "z": value(group)}}
		if err := proto.Unmarshal(checkMessage(t, m, in), &got); err != nil {
			t.Fatal(err)
		}
		if !proto.Equal(got.Attributes[tt.name], tt.want) {
			t.Errorf("%s: %v becomes %v, want %v", tt.name, tt.in, got.Attributes[tt.name], tt.want)
		}
	}
}

func TestWhatDoesNotParseIsLeftOut(t *testing.T) {
	m := NewMessages(redactor(t, Rules{}))
	body := encoded(t, messagesWith("password", "swordfish")["attribute"])
	for n := range body {
		out, changed := m.Event(nil, body[:n])
		if !changed {
			out = body[:n]
		}
		if bytes.Contains(out, []byte("swordfish")) {
			t.Errorf("cut after %d bytes: %q", n, out)
		}
	}
	for _, odd := range [][]byte{
		[]byte("\x22\x0e\x12\x06\x0a\x04abcd\x0a\x04pass"), // the value before the key
		[]byte("\x22\x14\x0a\x08password\x12\x06\x0a\x04abcd\x18\x01"),
		[]byte("\x22\x0c\x0a\x08password\x0f\xff"),
	} {
		if out, changed := m.Event(nil, odd); !changed || bytes.Contains(out, []byte("abcd")) ||
			bytes.Contains(out, []byte("\xff")) {
			t.Errorf("%q becomes %q, changed %v", odd, out, changed)
		}
	}
}

func TestNoMessageIsExpensive(t *testing.T) {
	m := NewMessages(redactor(t, Rules{}))
	batch := &pb.EventBatch{}
	for range 200 {
		attrs := map[string]*pb.AttributeValue{}
		for _, name := range []string{"token", "password", "max_tokens", "passengers", "session",
			"a"} {
			attrs[name] = attributeText(strings.Repeat("key token pass ", 20))
		}
		batch.Events = append(batch.Events, &pb.Event{Attributes: attrs})
	}
	deep := attributeText("password=hunter2")
	for range 300 {
		deep = &pb.AttributeValue{Value: &pb.AttributeValue_MapValue{
			MapValue: &pb.AttributeMap{Values: map[string]*pb.AttributeValue{"a": deep,
				"token": attributeText("x")}}}}
	}
	batch.Events = append(batch.Events,
		&pb.Event{Attributes: map[string]*pb.AttributeValue{"deep": deep}})
	body := encoded(t, batch)
	if n := testing.AllocsPerRun(1, func() { m.Events(nil, body) }); n > 50_000 {
		t.Errorf("%.0f allocations for %d bytes", n, len(body))
	}
	if out, _ := m.Events(nil, body); bytes.Contains(out, []byte("hunter2")) {
		t.Error("what is too deep is published")
	}
}

func TestNilMessagesHideNothing(t *testing.T) {
	m := NewMessages(nil)
	body := encoded(t, messagesWith("password", "swordfish")["attribute"])
	if out, changed := m.Event([]byte("a"), body); changed || string(out) != "a" || !m.Clean(body) {
		t.Errorf("%q, %v", out, changed)
	}
}

// Where the filter stops for nothing over and over, it is not asked any longer whether a message
// has to be looked at: all of it is, and a secret behind what kept it busy is found or hidden
// unseen.
func TestDecidingWhetherToLookIsBounded(t *testing.T) {
	r := redactor(t, Rules{})
	m := NewMessages(r)
	secret := "gh" + "p_" + corpus.NewMaker(seedOf(t)).Alnum(36)
	const oneStop = 4 << 10 // with all the literals that one anchor may have
	rnd := rand.New(rand.NewPCG(seedOf(t), 4))
	for _, h := range append(someHostiles(rnd, draws(400)), hostile{"as names", " api"}) {
		text := h.text(64<<10) + " " + secret
		out, _ := m.Tool(nil, encoded(t, &pb.ToolExecution{Result: []byte(text)}))
		if m.left < -oneStop {
			t.Errorf("%s: the filter is asked for %d units more than it may be", h.name, -m.left)
		}
		if bytes.Contains(out, []byte(secret)) || len(out) == 0 {
			t.Errorf("%s: the secret behind it is left", h.name)
		}
	}
	for _, piece := range []string{"api-", "pat"} {
		if text := quoted(strings.Repeat(piece, 16<<10)); !r.mayHide(text) {
			t.Errorf("%q: it took all of %d bytes to find out that nothing is in them", piece,
				len(text))
		}
	}
}
