package redact

import (
	"bytes"
	"slices"
	"testing"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// kindsOf are an empty message of each kind, in a fixed order.
func kindsOf() []proto.Message {
	return []proto.Message{&pb.Event{}, &pb.EventBatch{}, &pb.TokenChunk{}, &pb.ToolExecution{},
		&pb.Error{}, &pb.Metrics{}, &pb.Checkpoint{}, &pb.ExecutionTrace{}}
}

// FuzzMessages holds the walk over encoded messages against the model of it. Bytes that are no
// message must do no harm.
func FuzzMessages(f *testing.F) {
	add := func(name, text string) {
		for _, in := range messagesWith(name, text) {
			i := slices.IndexFunc(kindsOf(), func(k proto.Message) bool {
				return k.ProtoReflect().Descriptor() == in.ProtoReflect().Descriptor()
			})
			f.Add(uint8(i), encoded(f, in))
		}
	}
	for i, p := range secrets() {
		if i%16 == 0 {
			add("content", p.text)
		}
	}
	for _, name := range []string{"password", "session", "auth", "db pw",
		"max_tokens", "[REDACTED:jwt]", "initial_state_json", "duration_us"} {
		add(name, `{"a":["swordfish",17]}`)
	}
	plain, emails := NewMessages(redactor(f, Rules{})),
		NewMessages(redactor(f, Rules{Emails: true}))
	full := NewMessages(redactor(f, Rules{CreditCards: true, Emails: true,
		Names: []string{"id", "x y"}, Allow: []string{"17"},
		Custom: []Custom{{Name: "mine", Pattern: `zz+"?`, Literals: []string{`zz"`, "zzz"}}}}))
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		if len(body) > 1<<14 {
			return
		}
		in := kindsOf()[int(which)%len(kindsOf())]
		for _, m := range []*Messages{plain, emails, full} {
			clean := m.Clean(body)
			if out, changed := redactEncoded(m, in, nil, body); changed && clean {
				t.Fatalf("%x seemed clean and becomes %x", body, out)
			}
		}
		if (proto.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(body, in) != nil {
			return
		}
		for _, m := range []*Messages{plain, emails, full} {
			checkMessage(t, m, in)
		}
	})
}

// FuzzPlantedInMessages plants a token in any text, and the text in any place of a message.
func FuzzPlantedInMessages(f *testing.F) {
	tokens := tokensOf(11)
	for i := range tokens {
		f.Add("content", "before", "after", i, i)
	}
	f.Add("password", "x", "y", 0, 0)
	f.Add("pwd", "/", "0", 42, -27)
	f.Add("graph_manifest", `{"a":"`, `"}`, 3, 1)
	m := NewMessages(redactor(f, Rules{}))
	f.Fuzz(func(t *testing.T, name, before, after string, which, place int) {
		if len(name)+len(before)+len(after) > 1<<11 || !utf8.ValidString(name) ||
			!utf8.ValidString(before) || !utf8.ValidString(after) {
			return
		}
		p := tokens[abs(which)%len(tokens)]
		in := messagesWith(name, before+" "+p.text+" "+after)
		var places []string
		for where := range in {
			places = append(places, where)
		}
		slices.Sort(places)
		where := places[abs(place)%len(places)]
		if out := checkMessage(t, m, in[where]); bytes.Contains(out, []byte(p.secret)) {
			t.Fatalf("%s: %s survives in %q", where, p.what, out)
		}
	})
}
