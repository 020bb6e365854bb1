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

func TestFileThatCannotBeUsedIsNamedWithIndexAndField(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"nothing":                {"", "the file is empty, want a list of runs"},
		"white space":            {" \n", "the file is empty, want a list of runs"},
		"an object":              {`{"traj": []}`, "found an object, want a list of runs"},
		"a string":               {`"runs"`, "found runs, want a list of runs"},
		"no JSON":                {"task,reward\n", "not a list of runs: invalid character 'a' in literal true (expecting 'r')"},
		"an empty list":          {"[]", "the list of runs is empty"},
		"lines":                  {`[{"traj": []}] [{"traj": []}]`, "something follows the list of runs, at byte 16"},
		"a truncated run":        {`[{"traj": []}, {"traj": [`, "[1]: the file ends before the list does: unexpected EOF"},
		"a truncated list":       {`[{"traj": []}, `, "[1]: the file ends before the list does: unexpected EOF"},
		"a missing comma":        {`[{"traj": []} {"traj": []}]`, "[1], at byte 14: expected comma after array element"},
		"a bad literal":          {`[{"traj": nil}]`, "[0], at byte 11: invalid character 'i' in literal null (expecting 'u')"},
		"a run that is a string": {`["x"]`, "[0]: found a string, want a run: an object with task_id, trial, reward, info and traj"},
		"a run that is null":     {`[null]`, "[0]: found null, want a run: an object with task_id, trial, reward, info and traj"},
		"no messages":            {`[{"traj": []}, {"reward": 1}]`, "[1].traj: found nothing, want the list of the run's messages"},
		"messages null":          {`[{"traj": null}]`, "[0].traj: found null, want the list of the run's messages"},
		"messages an object":     {`[{"traj": {}}]`, "[0].traj: found an object, want the list of the run's messages"},
		"reward a string":        {`[{"reward": "1", "traj": []}]`, "[0].reward: found a string, want a number, true or false"},
		"reward too large":       {`[{"reward": 1e999, "traj": []}]`, "[0].reward: found a number, want a number, true or false"},
		"a message a string":     {`[{"traj": [{}, "hi"]}]`, "[0].traj[1]: found a string, want a message: an object with role and content"},
		"role a number":          {`[{"traj": [{"role": 1}]}]`, "[0].traj[0].role: found a number, want a string"},
		"name a list":            {`[{"traj": [{"name": []}]}]`, "[0].traj[0].name: found a list, want a string"},
		"content a number":       {`[{"traj": [{"content": 12}]}]`, "[0].traj[0].content: found a number, want a string, a list of parts or null"},
		"content an object":      {`[{"traj": [{"content": {"text": "x"}}]}]`, "[0].traj[0].content: found an object, want a string, a list of parts or null"},
		"a part a number":        {`[{"traj": [{"content": ["a", 1]}]}]`, "[0].traj[0].content[1]: found a number, want a string or an object with type and text"},
		"a part's text a bool":   {`[{"traj": [{"content": [{"text": true}]}]}]`, "[0].traj[0].content[0].text: found a bool, want a string"},
		"calls an object":        {`[{"traj": [{"tool_calls": {}}]}]`, "[0].traj[0].tool_calls: found an object, want a list of tool calls"},
		"a call a string":        {`[{"traj": [{"tool_calls": ["f"]}]}]`, "[0].traj[0].tool_calls[0]: found a string, want a tool call: an object with id and function"},
		"a function a string": {`[{"traj": [{"tool_calls": [{"function": "f"}]}]}]`,
			"[0].traj[0].tool_calls[0].function: found a string, want an object with name and arguments"},
		"a function's name a number": {`[{"traj": [{"tool_calls": [{"function": {"name": 1}}]}]}]`,
			"[0].traj[0].tool_calls[0].function.name: found a number, want a string"},
		"an older call a string": {`[{"traj": [{"function_call": "f"}]}]`,
			"[0].traj[0].function_call: found a string, want a tool call: an object with id and function"},
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
	if _, err := readRecordings(bytes.NewReader(zipped.Bytes()[:zipped.Len()-100])); err == nil || !strings.Contains(err.Error(), "unexpected EOF") {
		t.Errorf("truncated: error %v", err)
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
unknown "Who am I?"
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
	if first, second := r.turns[1], r.turns[3]; first.promptTokens != 17 || second.promptTokens <= first.promptTokens || second.tokens != 11 {
		t.Errorf("prompt tokens %d, then %d; %d tokens of an answer", first.promptTokens, second.promptTokens, second.tokens)
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
critic -direct-> unknown
tools -conditional-> __end__
tools -conditional-> agent
unknown -direct-> agent
user -conditional-> __end__
user -conditional-> agent
`
	if b.String() != want || f.graph.EntryPoint != "user" || len(f.graph.Nodes) != 5 {
		t.Errorf("from %s, %d nodes, edges:\n%s\nwant\n%s", f.graph.EntryPoint, len(f.graph.Nodes), b.String(), want)
	}
}
