package callback_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// given are the attributes that the rows of the table of methods pass as an application would.
var given = map[string]bool{
	"k": true, "user": true, "answer": true, "approved": true, "n": true, "found": true, "of": true,
	"deep": true, "hit": true,
	"temperature": true,
}

func typeName(v *pb.AttributeValue) string {
	return map[string]string{"string_value": "string", "int_value": "int", "float_value": "float",
		"bool_value": "bool"}[string(
		v.ProtoReflect().WhichOneof(v.ProtoReflect().Descriptor().Oneofs().Get(0)).Name())]
}

// In both directions: what any method emits is in the table of attributes with its type, and what
// is in the table is emitted.
func TestTheTableOfAttributesIsWhatIsEmitted(t *testing.T) {
	unseen := map[pb.Attribute]bool{}
	for _, a := range pb.Attributes() {
		if a.From == "sdk" {
			unseen[a] = true
		}
	}
	for _, r := range table() {
		for _, s := range r.want {
			e, ok := s.message.(*pb.Event)
			if !ok {
				continue
			}
			for key, v := range e.GetAttributes() {
				a := pb.Attribute{Event: e.GetEventType(), Key: key, Type: typeName(v), From: "sdk"}
				delete(unseen, a)
				if !given[key] && !contains(a) &&
					!contains(pb.Attribute{Event: a.Event, Key: key, Type: a.Type, From: "app"}) {
					t.Errorf("%s emits %s in %v, a %s: the table in dashstream.proto does not "+
						"have it", r.name, key, a.Event, a.Type)
				}
			}
		}
	}
	// Those that are emitted in tests of their own.
	for a := range unseen {
		switch a.Key {
		case "sample_rate", "sample_reason", "shed_messages", "shed_bytes":
			delete(unseen, a)
		}
	}
	for a := range unseen {
		t.Errorf("the table in dashstream.proto has %s in %v, a %s: nothing emits it", a.Key,
			a.Event, a.Type)
	}
}

func contains(want pb.Attribute) bool {
	for _, a := range pb.Attributes() {
		if a == want {
			return true
		}
	}
	return false
}

// The handler for Eino is a module of its own, so its attributes are read from its source.
func TestTheTableOfAttributesHasThoseOfEino(t *testing.T) {
	files, err := filepath.Glob("dasheino/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	types := map[string]string{"String": "string", "Int": "int", "Int64": "int", "Duration": "int",
		"Float64": "float", "Bool": "bool"}
	literal := regexp.MustCompile(`slog\.(\w+)\("([a-z_]+)"`)
	known, unseen := map[string]string{}, map[string]bool{}
	for _, a := range pb.Attributes() {
		known[a.Key] = a.Type
		if a.From == "eino" {
			unseen[a.Key] = true
		}
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for key := range unseen {
			if strings.Contains(string(text), `"`+key+`"`) {
				delete(unseen, key)
			}
		}
		for _, m := range literal.FindAllStringSubmatch(string(text), -1) {
			if known[m[2]] != types[m[1]] {
				t.Errorf("%s writes %s, a %s: the table in dashstream.proto has it as %q", file,
					m[2], types[m[1]], known[m[2]])
			}
		}
	}
	for key := range unseen {
		t.Errorf("the table in dashstream.proto has %s: dasheino does not write it", key)
	}
}
