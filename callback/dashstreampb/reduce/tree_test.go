package reduce

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

const (
	graphStart = pb.EventType_EVENT_TYPE_GRAPH_START
	graphEnd   = pb.EventType_EVENT_TYPE_GRAPH_END
	graphError = pb.EventType_EVENT_TYPE_GRAPH_ERROR
	interrupt  = pb.EventType_EVENT_TYPE_HUMAN_INTERRUPT
	resume     = pb.EventType_EVENT_TYPE_HUMAN_RESUME
	nodeStart  = pb.EventType_EVENT_TYPE_NODE_START
	nodeEnd    = pb.EventType_EVENT_TYPE_NODE_END
	nodeError  = pb.EventType_EVENT_TYPE_NODE_ERROR
)

func TestNodesOfOneNameAreToldApart(t *testing.T) {
	var r Reducer
	s := newStream()
	run := s.event(graphStart, "", ID{}, "graph_name", "g", "schema_id", "00ff",
		"execution_id", "x", "graph_entry_point", "a")
	a := s.event(nodeStart, "n", id(run))
	b := s.event(nodeStart, "n", id(run))
	inner := s.event(nodeStart, "n", id(b))
	th := mustAdd(t, &r, run, a, b, inner, s.event(nodeError, "n", id(b), "error", "no luck"),
		s.event(nodeEnd, "n", id(inner)))
	var got []string
	for n := range th.NodesOf(id(run)) {
		got = append(got, fmt.Sprintf("%d in %x: %v %s %v", n.Sequence, n.Parent[14:], n.Status,
			n.Error, n.Duration))
	}
	want := []string{"2 in 0001: running  0s", "3 in 0001: failed no luck 1.5ms",
		"4 in 0003: ended  1.5ms"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if n := th.Node(id(inner)); n.StartedAt != time.UnixMicro(inner.Header().TimestampUs).UTC() ||
		n.EndedAt.Before(n.StartedAt) {
		t.Errorf("%+v", n)
	}
	if got := th.Run(); got.Graph.Name != "g" || got.Graph.SchemaID != "00ff" ||
		got.Graph.EntryPoint != "a" || got.ExecutionID != "x" || got.Graph.Schema != nil {
		t.Errorf("%+v", got)
	}
}

func TestRunsHaveTheStatusThatTheirLastEventGave(t *testing.T) {
	tests := []struct {
		name   string
		kinds  []pb.EventType
		status Status
		text   string
	}{
		{"begun", nil, Running, ""},
		{"ended", []pb.EventType{graphEnd}, Ended, ""},
		{"failed", []pb.EventType{graphError}, Failed, "why"},
		{"interrupted", []pb.EventType{interrupt}, Interrupted, "what for"},
		{"resumed", []pb.EventType{interrupt, resume}, Running, ""},
		{"resumed and ended", []pb.EventType{interrupt, resume, graphEnd}, Ended, ""},
	}
	for _, tt := range tests {
		var r Reducer
		s := newStream()
		run := s.event(graphStart, "", ID{})
		th := mustAdd(t, &r, run)
		for _, kind := range tt.kinds {
			mustAdd(t, &r, s.event(kind, "", id(run), "error", "why", "reason", "what for"))
		}
		got := th.Run()
		if got.Status != tt.status || got.Error+got.Waiting != tt.text ||
			got.EndedAt.IsZero() != (tt.status == Running || tt.status == Interrupted) {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
}

func TestAHumanIsAskedByARunOrByANode(t *testing.T) {
	var r Reducer
	s := newStream()
	run := s.event(graphStart, "", ID{})
	node := s.event(nodeStart, "n", id(run))
	th := mustAdd(t, &r, run, node, s.event(interrupt, "n", id(node)))
	if th.Run().Status != Running {
		t.Errorf("the run is %v while a node waits", th.Run().Status)
	}
	mustAdd(t, &r, s.event(interrupt, "", id(run)), s.event(resume, "n", id(node)))
	if th.Run().Status != Running {
		t.Errorf("the run is %v after the answer", th.Run().Status)
	}
}

func TestARunThatIsResumedElsewhereIsKnownByWhatFollows(t *testing.T) {
	var r Reducer
	s := newStream()
	s.last = 9
	known := ID{1}
	th := mustAdd(t, &r, s.event(resume, "", known, "execution_id", "x"),
		s.event(nodeStart, "n", known))
	if run := th.Run(); run.ID != known || run.Begun || run.Status != Running ||
		len(slices.Collect(th.NodesOf(known))) != 1 {
		t.Errorf("%+v", run)
	}
	alone := s.event(resume, "", ID{})
	mustAdd(t, &r, alone, s.event(graphEnd, "", id(alone)))
	if run := th.Run(); run.ID != id(alone) || run.Status != Ended {
		t.Errorf("%+v", run)
	}
	mustAdd(t, &r, s.event(resume, "", ID{7}))
	if len(slices.Collect(th.Runs())) != 2 {
		t.Error("a node that was not seen was taken for a run")
	}
}

func TestProducersWithoutParentsAreFollowedByNames(t *testing.T) {
	var r Reducer
	s := newStream()
	th := mustAdd(t, &r, s.event(graphStart, "", ID{}), s.event(nodeStart, "n", ID{}),
		s.event(nodeStart, "n", ID{}),
		s.event(nodeEnd, "n", ID{}), s.event(nodeEnd, "other", ID{}), s.event(graphEnd, "", ID{}))
	nodes := slices.Collect(th.NodesOf(th.Run().ID))
	if len(nodes) != 2 || nodes[0].Status != Ended || nodes[1].Status != Running ||
		th.Run().Status != Ended {
		t.Errorf("%+v %+v", nodes, th.Run())
	}
}

func TestNodesRunsAndTextsAreBounded(t *testing.T) {
	r := Reducer{MaxNodes: 40}
	s := newStream()
	first := s.event(graphStart, "", ID{})
	running := s.event(nodeStart, "runs", id(first))
	th := mustAdd(t, &r, first, running)
	for range 1000 {
		n := s.event(nodeStart, strings.Repeat("é", maxText), id(first))
		mustAdd(t, &r, n, s.event(nodeError, "", id(n), "error", strings.Repeat("x", 2*maxText)))
	}
	nodes := slices.Collect(th.Nodes())
	if len(nodes) > 40 || len(nodes) < 30 || th.Node(id(running)) == nil ||
		len(th.tree.byID) != len(nodes) {
		t.Errorf("%d nodes", len(nodes))
	}
	sum := 0
	for _, n := range nodes {
		sum += len(n.Name) + len(n.Error)
	}
	if th.tree.texts != sum || sum > 40*2*maxText || len(nodes[5].Name)%2 != 0 {
		t.Errorf("%d bytes of texts counted, %d there", th.tree.texts, sum)
	}
	for range 1000 {
		mustAdd(t, &r, s.event(graphStart, "", ID{}, "graph_schema_json", `{"nodes":[]}`))
	}
	if n := len(slices.Collect(th.Runs())); n != maxRuns {
		t.Errorf("%d runs", n)
	}
	for range 1000 { // nothing of it ends
		mustAdd(t, &r, s.event(nodeStart, "n", id(first)))
	}
	if n := len(slices.Collect(th.Nodes())); n > 40 {
		t.Errorf("%d nodes that run", n)
	}
}

func TestJSONForBrowsersHasNoNumberThatTheyCannotHold(t *testing.T) {
	var r Reducer
	s := newStream()
	s.last = 1<<60 - 1
	run := s.event(graphStart, "", ID{},
		"graph_schema_json", `{"metadata":{"id":12345678901234567890}}`)
	th := mustAdd(t, &r, run, s.event(nodeStart, "n", id(run)))
	s.last += 3
	mustAdd(t, &r,
		s.diff(
			&pb.StateDiff{
				FullState: []byte(
					`{"a":[9007199254740993,1e400,"9007199254740993",1.5],"id":-9007199254740993}`)}))
	got, err := json.Marshal(th)
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		State       json.RawMessage
		Sequence    string
		NeedsResync bool `json:"needs_resync"`
		Trust       string
		FromMiddle  bool `json:"from_middle"`
		Missing     []struct{ From, To string }
		Total       int `json:"missing_total"`
		Runs        []struct {
			ID, Sequence, Status string
			Graph                struct{ Schema json.RawMessage }
		}
		Nodes []struct{ ID, Parent, Sequence, Name string }
	}
	if err := json.Unmarshal(got, &v); err != nil {
		t.Fatalf("%v: %s", err, got)
	}
	if want := `{"a":["9007199254740993","1e400","9007199254740993",1.5],"id":"-9007199254740993"}`; string(v.State) != want {
		t.Errorf("state %s, want %s", v.State, want)
	}
	if v.Sequence != "1152921504606846981" || v.Total != 3 || len(v.Missing) != 1 ||
		v.Missing[0].From != "1152921504606846978" || !v.FromMiddle || v.Trust != "current" ||
		v.NeedsResync {
		t.Errorf("%s", got)
	}
	if len(v.Runs) != 1 || v.Runs[0].ID != id(run).String() ||
		v.Runs[0].Sequence != "1152921504606846976" ||
		string(v.Runs[0].Graph.Schema) != `{"metadata":{"id":"12345678901234567890"}}` {
		t.Errorf("%s", got)
	}
	if len(v.Nodes) != 1 || v.Nodes[0].Parent != id(run).String() || v.Nodes[0].Name != "n" {
		t.Errorf("%s", got)
	}
	var none struct{ State, Runs *any }
	if got, err = json.Marshal(mustAdd(t, new(Reducer), newStream().tokens())); err != nil ||
		json.Unmarshal(got, &none) != nil || none.State != nil {
		t.Errorf("nothing is known: %s, %v", got, err)
	}
}
