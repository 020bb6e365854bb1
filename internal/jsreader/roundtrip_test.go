package jsreader

import (
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
	"github.com/dashstream/dashstream-go/internal/statediff"
)

// recorded returns recorded conversations from the file named by DASHSTREAM_TEST_RUNS, nil if it is
// not set.
func recorded(tb testing.TB) (runs [][]any) {
	tb.Helper()
	path := os.Getenv("DASHSTREAM_TEST_RUNS")
	if path == "" {
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	var src io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if src, err = gzip.NewReader(file); err != nil {
			tb.Fatal(err)
		}
	}
	var all []struct{ Traj []any }
	if err := json.NewDecoder(src).Decode(&all); err != nil {
		tb.Fatal(err)
	}
	for _, r := range all {
		runs = append(runs, r.Traj)
	}
	return runs
}

// generated returns conversations with everything that JSON can contain.
func generated(n int) (runs [][]any) {
	for seed := range uint64(n) {
		r := rand.New(rand.NewPCG(seed, 7))
		var run []any
		for range 5 + r.IntN(30) {
			m := map[string]any{"role": []string{"user", "assistant", "tool"}[r.IntN(3)],
				"content": strings.Repeat("é \"quoted\" <tag> \u2028 \U0001F600\n", r.IntN(20))}
			m[[]string{"", "a/b", "~", "__proto__", "constructor", "\ufb33",
				"\U0001F600"}[r.IntN(7)]] = []any{r.NormFloat64(), r.IntN(9), nil, 1e21, 1e-7,
				math.Copysign(0, -1)}
			if r.IntN(40) == 0 {
				m["id"] = json.Number("9007199254740993")
			}
			run = append(run, m)
		}
		runs = append(runs, run)
	}
	return runs
}

func TestGoAndJavaScriptReachTheStateOfTheProducer(t *testing.T) {
	runs := recorded(t)
	if runs == nil {
		t.Log("DASHSTREAM_TEST_RUNS names no file of recorded runs: generated ones take their " +
			"place")
		runs = generated(200)
	}
	if testing.Short() {
		runs = runs[:min(len(runs), 20)]
	}
	var messages []*pb.DashStreamMessage
	var threads []*thread
	for i, run := range runs {
		th := &thread{id: fmt.Sprint("run ", i), every: 8 * (i % 3)}
		th.start("")
		for step := range run {
			th.state(t, marshal(t, map[string]any{"messages": run[:step+1], "step": step,
				"a": map[string]any{"last": run[step]}}))
		}
		threads, messages = append(threads, th), append(messages, th.messages...)
	}
	var r reduce.Reducer
	for _, m := range messages {
		if _, err := r.Add(m); err != nil {
			t.Fatal(err)
		}
	}
	said := ReadMessages(t, messages)
	states, verified, unverified := 0, 0, 0
	for _, th := range threads {
		js, reader := said[th.id], r.Thread(th.id)
		got, _ := reader.State()
		if string(got) != string(th.base.Bytes()) || reader.NeedsResync() {
			t.Errorf("%s: the reducer has another state, %v", th.id, reader.Trust())
		}
		if th.base.Verifiable() && js.Hash != hash(string(th.base.Bytes())) {
			t.Errorf("%s: JavaScript has another state: %+v", th.id, js)
		}
		hashes := reader.Hashes()
		if js.Resyncs+js.Failed+js.Skipped+js.Missing > 0 || js.Unhashed != th.unverified ||
			js.Patches+js.Wholes+js.Checkpoints != th.states ||
			js.Verified+js.Unhashed+js.Checkpoints != th.states ||
			hashes.Verified != uint64(js.Verified) || hashes.Absent != uint64(th.unverified) {
			t.Errorf("%s, %d states of which %d cannot be verified: JavaScript %+v, Go %+v", th.id,
				th.states, th.unverified, js, hashes)
		}
		states, verified, unverified = states+th.states, verified+js.Verified,
			unverified+th.unverified
	}
	t.Logf("%d threads, %d states: %d hashes verified by both, %d states with numbers that no "+
		"double holds", len(threads), states, verified, unverified)
}

// TestJavaScriptAppliesWhatTheDifferSays tests patches of every kind, of which conversations have
// few.
func TestJavaScriptAppliesWhatTheDifferSays(t *testing.T) {
	th := &thread{id: "t"}
	r := rand.New(rand.NewPCG(1, 7))
	state := map[string]any{}
	kinds := map[pb.DiffOperation_OpType]int{}
	for range 1500 {
		for range 1 + r.IntN(3) {
			from, to := fmt.Sprint("k/~", r.IntN(6)), fmt.Sprint("k/~", r.IntN(6))
			list, _ := state[from].([]any)
			switch r.IntN(6) {
			case 0:
				state[to] = fmt.Sprint("a text that is long enough to be copied, number ",
					r.IntN(5))
			case 1:
				delete(state, from)
			case 2:
				state[to] = state[from]
			case 3:
				state[to] = state[from]
				delete(state, from)
			case 4:
				state[from] = append(list[:len(list):len(list)], state[to], r.IntN(3))
			case 5:
				if len(list) > 0 {
					state[from] = list[1:]
				}
			}
		}
		if len(marshal(t, state)) > 20_000 {
			clear(state)
		}
		th.state(t, marshal(t, state))
	}
	for _, m := range th.messages {
		for _, o := range m.GetStateDiff().GetOperations() {
			kinds[o.GetOp()]++
		}
	}
	js := ReadMessages(t, th.messages)["t"]
	if js.Resyncs > 0 || js.Verified != th.states || js.Hash != hash(string(th.base.Bytes())) {
		t.Errorf("%+v", js)
	}
	t.Logf("%d patches applied, operations %v", js.Patches, kinds)
	for kind := pb.DiffOperation_OP_TYPE_ADD; kind <= pb.DiffOperation_OP_TYPE_COPY; kind++ {
		if kinds[kind] < 50 {
			t.Errorf("only %d times %v", kinds[kind], kind)
		}
	}
}

func TestGoldenHashInJavaScript(t *testing.T) {
	th := &thread{id: "t"}
	th.state(t, []byte(`{"b":2,"a":1,"nested":{"z":"x","y":[true,null]}}`))
	want := "f35279c8aa6b00bc82d43a191596cc3b41b7de7899ee16e36a08efe3afc45103"
	if js := ReadMessages(t, th.messages)["t"]; js.Hash != want || js.Verified != 1 {
		t.Errorf("%+v", js)
	}
	sum := new(statediff.Summer).Sum(th.base, nil)
	if got := hex.EncodeToString(sum[:]); got != want {
		t.Errorf("%s in Go", got)
	}
}
