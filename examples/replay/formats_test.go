package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/callback"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// samples has one file of each format.
var samples = []string{
	"testdata/formats/openai.jsonl", "testdata/formats/anthropic.json",
	"testdata/formats/langchain.json", "testdata/formats/sweagent.traj",
	"testdata/formats/sweagent-steps.traj", "testdata/formats/mini-swe-agent.json",
}

// story writes down what was read back of a replay: nodes, calls of models with their tokens, tools
// with their results.
func story(l *ledger) string {
	var b strings.Builder
	messages := slices.SortedStableFunc(slices.Values(l.decoded),
		func(a, b *pb.DashStreamMessage) int {
			return strings.Compare(a.Header().GetThreadId(), b.Header().GetThreadId())
		})
	for _, m := range messages {
		if x := m.GetToolExecution(); x != nil &&
			x.GetStage() != pb.ToolExecution_EXECUTION_STAGE_STARTED {
			fmt.Fprintf(&b, "  %s %s %s%s%s%s\n",
				strings.ToLower(strings.TrimPrefix(x.GetStage().String(), "EXECUTION_STAGE_")),
				x.GetToolName(), x.GetCallId(),
				x.GetArguments(), x.GetResult(), x.GetError())
		}
		for e := range m.Events() {
			a := e.GetAttributes()
			switch e.GetEventType() {
			case pb.EventType_EVENT_TYPE_GRAPH_START:
				fmt.Fprintf(&b, "run %s\n", a["initial_state_json"].GetStringValue())
			case pb.EventType_EVENT_TYPE_NODE_START:
				fmt.Fprintf(&b, "%s\n", e.GetNodeId())
			case pb.EventType_EVENT_TYPE_LLM_END:
				fmt.Fprintf(&b, "  %s %d+%d%s %q\n", a["model"].GetStringValue(),
					a["prompt_tokens"].GetIntValue(),
					a["completion_tokens"].GetIntValue(), cachedIn(a),
					a["completion"].GetStringValue())
			case pb.EventType_EVENT_TYPE_HUMAN_RESUME:
				fmt.Fprintf(&b, "  says %q\n", a["message"].GetStringValue())
			}
		}
	}
	return b.String()
}

// cachedIn writes how many tokens of a prompt were cached; nothing if the event does not say so.
func cachedIn(attributes map[string]*pb.AttributeValue) string {
	a, ok := attributes["cached_tokens"]
	if !ok {
		return ""
	}
	return fmt.Sprintf(" (%d cached)", a.GetIntValue())
}

// The tokens of the calls of SWE-agent are shares of what the file says of all of them: 1000+77 and
// 300+30.
func TestEachFormatIsReplayedAsTheFileSays(t *testing.T) {
	for i, want := range []string{
		`run {"messages":[{"role":"system","content":"Be brief."}]}
user
  says "Sum 2 and 3, then run it."
agent
  small 21+9 ""
tools
  requested add c1{"a":2,"b":3}
  completed add c15
  requested run_code c2"print(2+3)"
  completed run_code c25

agent
  small 40+3 (32 cached) "5."
run 
user
  says "What is this?"
agent
   4+3 "A cat."
`,
		`run {"messages":[{"content":"Be brief.","role":"system"}]}
user
  says "Where is it raining?"
agent
  opus 30+25 "Let me look."
tools
  requested weather t1{"city":"Oslo"}
  completed weather t1rain
  requested weather t2{"city":"Rome"}
  failed weather t2no such station
user
  says "Only one, please."
agent
  opus 1270+4 (900 cached) "In Oslo."
`,
		`run {"messages":[{"type":"system","content":"Be brief."}]}
user
  says "Which is larger?"
agent
  mid 12+6 ""
tools
  requested compare k1{"a":1,"b":2}
  completed compare k1b
agent
  mid 20+3 (8 cached) "The second."
user
  says "Thanks."
`,
		`run {"messages":[{"role":"system","content":"You fix bugs.","agent":"main","message_type":"system_prompt"}]}
user
  says "It crashes."
agent
   179+48 "I open the file."
tools
  requested open {"action":"open main.py 10"}
  completed open [File: main.py]
agent
   821+29 "I submit."
tools
  requested submit s1{}
  completed submit s1done
`,
		`run 
agent
   0+9 "Look around."
tools
  requested ls {"action":"ls"}
  completed ls main.py
agent
   80+9 "Set x."
tools
  requested edit {"action":"edit 1:1\nx = 1\nend_of_edit"}
  completed edit edited
agent
   220+12 "I give up."
`,
		`run {"messages":[{"role":"system","content":"You answer with one block of bash."}]}
user
  says "Please solve this issue."
agent
  claude 500+20 "THOUGHT: look.\n\n` + "```bash\\nls -la\\n```" + `"
tools
  requested bash {"command":"ls -la"}
  completed bash <returncode>0</returncode>
<output>main.py</output>
agent
  claude 600+10 "Done."
tools
  requested bash {"command":"echo COMPLETE"}
  completed bash <returncode>0</returncode>
`,
	} {
		l := new(ledger)
		o := replayed(t, t.Context(), callback.Config{Sender: l, SelfMetrics: "off"},
			"--concurrency=1", "--state=false", samples[i])
		if o.code != exitDone {
			t.Errorf("%s: exit code %d: %s", samples[i], o.code, o.stderr)
			continue
		}
		l.verify(t, nil)
		if got := withoutIDs(story(l)); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", samples[i], got, want)
		}
	}
}

// withoutIDs leaves out ids that the SDK made up.
func withoutIDs(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		fields := strings.SplitN(line, " ", 5)
		if len(fields) == 5 && len(fields[4]) > 36 && fields[4][8] == '-' && fields[4][23] == '-' {
			fields[4] = fields[4][36:]
		}
		b.WriteString(strings.Join(fields, " "))
	}
	return b.String()
}

func TestACallThatLangChainFoundInvalidIsACall(t *testing.T) {
	const file = `[{"type":"ai","content":"","tool_calls":[{"name":"f","args":{"a":1},"id":"c1"}],
		"invalid_tool_calls":[{"type":"invalid_tool_call","name":"g","args":"{a","id":"c2","error":null}]},
		{"type":"tool","tool_call_id":"c2","content":"no JSON","status":"error"}]`
	recordings, err := readRecordings(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	const want = `agent "" after "" c1:f({"a":1}) c2:g("{a")
tools "" c1:f({"a":1}) c2:g("{a")="no JSON"
`
	if got := outline(recordings[0].turns); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestOneConversationMayStandInManyWays(t *testing.T) {
	const messages = `{"role":"user","content":"hi"},{"role":"assistant","content":"ho"}`
	for name, tt := range map[string]struct {
		file string
		runs int
	}{
		"a list of messages": {`[` + messages + `]`, 1},
		"lists of messages":  {`[[` + messages + `],[` + messages + `]]`, 2},
		"an object":          {`{"messages":[` + messages + `]}`, 1},
		"a list of objects": {`[{"messages":[` + messages + `]},{"traj":[` + messages + `]}]`,
			2},
		"objects, a line each": {`{"messages":[` + messages + `]}` + "\n" + `{"messages":[` +
			messages + `]}` + "\n", 2},
		"messages, a line each": {strings.ReplaceAll(messages, "},{", "}\n{"), 1},
		"an object of messages, named as SWE-agent's steps": {`{"trajectory":[` + messages + `]}`,
			1},
		"a byte order mark": {"\xef\xbb\xbf[" + messages + `]`, 1},
		"blank lines and all in one": {"\n\n" + `{"messages":[` + messages + `]} {"history":[` +
			messages + `]}`, 2},
	} {
		recordings, err := readRecordings(strings.NewReader(tt.file))
		if err != nil || len(recordings) != tt.runs {
			t.Errorf("%s: %d runs, want %d: %v", name, len(recordings), tt.runs, err)
			continue
		}
		for _, rec := range recordings {
			if got := outline(rec.turns); got != "user \"hi\"\nagent \"ho\" after \"hi\"\n" {
				t.Errorf("%s: %s", name, got)
			}
		}
	}
}
