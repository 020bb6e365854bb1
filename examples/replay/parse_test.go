package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const wantedRun = "a run: an object with the messages in traj, messages, history or trajectory, " +
	"or a list of messages"

func TestFileThatCannotBeUsedIsNamedWithIndexAndField(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"nothing":     {"", "the file is empty, want " + wanted},
		"white space": {" \n", "the file is empty, want " + wanted},
		"a string":    {`"runs"`, "the file begins with '\"', want " + wanted},
		"UTF-16": {
			"\xff\xfe[\x00]\x00", "the file is UTF-16, want UTF-8 (iconv -f UTF-16 -t " +
				"UTF-8), and " + wanted,
		},
		"no JSON":       {"task,reward\n", "the file begins with 't', want " + wanted},
		"an empty list": {"[]", "the list is empty: there is no run in it"},
		"something behind": {`[{"traj": [{"role":"user"}]}] [{"traj": []}]`,
			"something follows the list, at byte 31"},
		"a truncated run": {`[{"traj": [{"role":"user"}]}, {"traj": [`,
			"[1]: the file ends before its contents do: unexpected EOF"},
		"a truncated list": {`[{"traj": [{"role":"user"}]}, `,
			"[1]: the file ends before its contents do: unexpected EOF"},
		"a truncated object": {`{"traj": [`,
			"[0]: the file ends before its contents do: unexpected EOF"},
		"a missing comma": {`[{"traj": [{"role":"user"}]} {"traj": []}]`,
			"[1], at byte 29: expected comma after array element"},
		"a bad literal": {`[{"traj": nil}]`,
			"[0], at byte 11: invalid character 'i' in literal null (expecting 'u')"},
		"a run that is a string": {`["x"]`, "[0]: found a string, want " + wantedRun},
		"a run that is null":     {`[null]`, "[0]: found null, want " + wantedRun},
		"fields that are not known": {`{"runs": [], "version": 2}`,
			"the file: found an object with runs, version, want " + wantedRun},
		"no messages": {`[{"traj": [{"role":"user"}]}, {"reward": 1}]`,
			"[1]: found an object with reward, want " + wantedRun},
		"an empty run": {`[{"traj": []}]`, "[0].traj: the run has no messages"},
		"messages null": {`[{"traj": null}]`,
			"[0].traj: found null, want the list of the run's messages"},
		"messages an object": {`[{"traj": {}}]`,
			"[0].traj: found an object, want the list of the run's messages"},
		"reward a string": {`[{"reward": "1", "traj": [{"role":"user"}]}]`,
			"[0].reward: found a string, want a number, true or false"},
		"reward too large": {`[{"reward": 1e999, "traj": [{"role":"user"}]}]`,
			"[0].reward: found a number, want a number, true or false"},
		"a run among messages": {`[{"role":"user","content":"a"}, {"traj": []}]`,
			"[1]: found an object among messages"},
		"a message among runs": {`[{"traj": [{"role":"user"}]}, {"role":"user"}]`,
			"[1]: found a message among runs"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "runs.json")
			if err := os.WriteFile(path, []byte(c.file), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := readFile(path)
			if err == nil || err.Error() != path+": "+c.want {
				t.Fatalf("error is\n %v\nwant\n %s: %s", err, path, c.want)
			}
		})
	}
}

func TestCompressedFileIsKnownByItsBytes(t *testing.T) {
	plain, err := os.ReadFile("testdata/conversations.json")
	if err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	w.Write(plain) //nolint:errcheck // into memory
	w.Close()      //nolint:errcheck
	whole, err := readRecordings(bytes.NewReader(zipped.Bytes()))
	if err != nil || len(whole) != 3 {
		t.Fatalf("%d runs, error %v", len(whole), err)
	}
	if _, err := readRecordings(bytes.NewReader(zipped.Bytes()[:zipped.Len()-100])); err == nil ||
		!strings.Contains(err.Error(), "unexpected EOF") {
		t.Errorf("truncated: error %v", err)
	}
	if _, err := readRecordings(bytes.NewReader(zipped.Bytes()[:zipped.Len()-4])); err == nil ||
		!strings.Contains(err.Error(), "unexpected EOF") {
		t.Errorf("truncated in the sum behind the last run: error %v", err)
	}
	if _, err := readRecordings(bytes.NewReader(zipped.Bytes()[:5])); err == nil {
		t.Error("a piece of a gzip header is taken")
	}
}

// outline writes turns down in short.
func outline(turns []turn) string {
	var b strings.Builder
	for i := range turns {
		t := &turns[i]
		fmt.Fprintf(&b, "%s %q", t.node, t.text)
		if t.kind == agentTurn {
			fmt.Fprintf(&b, " after %q", t.prompt)
		}
		for _, c := range t.calls {
			fmt.Fprintf(&b, " %s:%s(%s)", c.id, c.name, c.arguments)
			if c.answered {
				fmt.Fprintf(&b, "=%q", c.result)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestConversationsBecomeTurns(t *testing.T) {
	recordings, err := readFile("testdata/conversations.json")
	if err != nil {
		t.Fatal(err)
	}
	const search = `search_title({"title": "The Soul of a New Machine"})`
	for i, want := range []string{`user "Is The Soul of a New Machine in stock?"
agent "" after "Is The Soul of a New Machine in stock?" call_1:` + search + `
tools "" call_1:` + search + `="{\"copies\": 2, \"shelf\": \"C-4\"}"
agent "Yes: two copies, on shelf C-4." after "{\"copies\": 2, \"shelf\": \"C-4\"}"
user "Thank you!"
`, `user "Compare the two."
agent "One moment." after "Compare the two." a:fetch({"n": 1}) b:fetch("not JSON") c:fetch({"n": 3})
tools "" a:fetch({"n": 1})="first" b:fetch("not JSON")="second" c:fetch({"n": 3})
agent "Größer — 比較 ✓" after "first"
`, `critic "Nothing was said yet."
narrator "Who am I?"
agent "" after "Who am I?" :whoami()
tools "" :whoami()="nobody" :orphan()="asked for by no one"
`} {
		if got := outline(recordings[i].turns); got != want {
			t.Errorf("run %d:\n%s\nwant\n%s", i, got, want)
		}
	}
	r := &recordings[0]
	if want := `{"messages":[{"role":"system","content":"You help people to find books."}]}`; string(r.initial) != want {
		t.Errorf("initial state %s, want %s", r.initial, want)
	}
	if recordings[2].initial != nil {
		t.Errorf("initial state %s without a message of the system", recordings[2].initial)
	}
	if r.task != "7" || r.trial != "0" || r.reward != 1 || !r.judged || recordings[2].judged {
		t.Errorf("task %q, trial %q, reward %v (%v)", r.task, r.trial, r.reward, r.judged)
	}
	if first, second := r.turns[1], r.turns[3]; first.promptTokens != 17 ||
		second.promptTokens <= first.promptTokens || second.tokens != 11 {
		t.Errorf("prompt tokens %d, then %d; %d tokens of an answer", first.promptTokens,
			second.promptTokens, second.tokens)
	}
}

func TestGraphIsThatOfTheRecordings(t *testing.T) {
	recordings, err := readFile("testdata/conversations.json")
	if err != nil {
		t.Fatal(err)
	}
	f := flowOf(recordings)
	var b strings.Builder
	for _, e := range f.graph.Edges {
		fmt.Fprintf(&b, "%s -%s-> %s\n", e.From, e.Type, e.To)
	}
	const want = `agent -conditional-> __end__
agent -conditional-> tools
agent -conditional-> user
critic -direct-> narrator
narrator -direct-> agent
tools -conditional-> __end__
tools -conditional-> agent
user -conditional-> __end__
user -conditional-> agent
`
	if b.String() != want || f.graph.EntryPoint != "user" || len(f.graph.Nodes) != 5 {
		t.Errorf("from %s, %d nodes, edges:\n%s\nwant\n%s", f.graph.EntryPoint, len(f.graph.Nodes),
			b.String(), want)
	}
}

func TestTheStandardInputIsAFile(t *testing.T) {
	f, err := os.Open("testdata/conversations.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	defer func(stdin *os.File) { os.Stdin = stdin }(os.Stdin)
	os.Stdin = f
	got, err := readFile("-")
	want, _ := readFile("testdata/conversations.json")
	if err != nil || len(got) != len(want) {
		t.Errorf("%d runs, %v, want %d", len(got), err, len(want))
	}
	if _, err := readFile(""); err == nil || !strings.Contains(err.Error(), "empty") {
		t.Errorf("a file without a name: %v", err)
	}
}
