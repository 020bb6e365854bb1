package integration

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/dashstream/dashstream-go/callback"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
	"github.com/dashstream/dashstream-go/internal/jsreader"
	"github.com/dashstream/dashstream-go/internal/statediff"
)

// sampleRuns is the file of recorded runs that is always there.
const sampleRuns = "../../examples/testdata/quickstart.json"

// recordedRuns returns the messages of recorded runs, and whether they are those of
// DASHSTREAM_TEST_RUNS.
func recordedRuns(t *testing.T) (runs [][]json.RawMessage, many bool) {
	t.Helper()
	path := os.Getenv("DASHSTREAM_TEST_RUNS")
	file, err := os.Open(cmp.Or(path, sampleRuns))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var src io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if src, err = gzip.NewReader(file); err != nil {
			t.Fatal(err)
		}
	}
	var all []struct{ Traj []json.RawMessage }
	if err := json.NewDecoder(src).Decode(&all); err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		runs = append(runs, r.Traj)
	}
	return runs, path != ""
}

// stateAfter is the state of a run after its first n messages.
func stateAfter(messages []json.RawMessage, n int) json.RawMessage {
	state := append([]byte(`{"messages":[`), bytes.Join(rawBytes(messages[:n]), []byte{','})...)
	return append(state, "]}"...)
}

func rawBytes(messages []json.RawMessage) [][]byte {
	list := make([][]byte, len(messages))
	for i, m := range messages {
		list[i] = m
	}
	return list
}

// way is a way to send states.
type way struct {
	name      string
	configure func(*callback.Config)
}

var ways = []way{
	{"each state whole", func(c *callback.Config) { c.CheckpointPatches = 1 }},
	{"patches alone", func(c *callback.Config) {
		c.CheckpointPatches, c.CheckpointBytes = 1_000_000, 1<<40
	}},
	{"patches and checkpoints", func(*callback.Config) {}},
}

// sentStates is the result of sending the states of runs in one way.
type sentStates struct {
	stats      callback.Stats
	bytes      uint64 // of the records with states
	messages   []*pb.DashStreamMessage
	values     [][]byte // of their records
	states     int      // number of messages with a state
	unverified []string
}

// sendStates appends the messages of all runs to their states, one message of each run in turn, as
// if they came at the same time.
func sendStates(t *testing.T, w way, runs [][]json.RawMessage) *sentStates {
	t.Helper()
	c := newCluster(t)
	cfg := c.config()
	w.configure(&cfg)
	client := newClient(t, cfg)
	handles := make([]*callback.Run, len(runs))
	for i := range runs {
		handles[i] = client.StartRun(callback.RunInfo{ThreadID: threadOf(i)})
	}
	for n, more := 1, true; more; n++ {
		more = false
		for i, messages := range runs {
			if n <= len(messages) {
				handles[i].SetState(stateAfter(messages, n))
				more = true
			}
		}
		if err := client.Flush(deadline(t, 30*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	for _, run := range handles {
		run.End(nil)
	}
	report, err := client.Shutdown(deadline(t, 30*time.Second))
	if err != nil || !report.Complete() {
		t.Fatalf("%+v, %v", report, err)
	}
	found := c.readTopic(t)
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	s := &sentStates{stats: client.Stats(), messages: found.messages}
	for i, m := range found.messages {
		s.values = append(s.values, found.records[i].Value)
		if d := m.GetStateDiff(); d != nil || m.GetCheckpoint() != nil {
			s.states++
			s.bytes += uint64(len(found.records[i].Value))
			if d != nil && len(d.GetStateHash()) == 0 {
				s.unverified = append(s.unverified,
					fmt.Sprintf("%s, number %d", d.GetHeader().GetThreadId(),
						d.GetHeader().GetSequence()))
			}
		}
	}
	return s
}

// verify makes a reader in Go and one in JavaScript follow the stream. Both must have the final
// state of each run, with every hash verified. States with whole numbers beyond 2^53 have no hash.
func (s *sentStates) verify(t *testing.T, runs [][]json.RawMessage) {
	t.Helper()
	want := make([]statediff.Document, len(runs))
	for i, messages := range runs {
		if err := new(statediff.Canonicalizer).Parse(&want[i],
			stateAfter(messages, len(messages))); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d states, %d without a hash %v", s.states, len(s.unverified), s.unverified)
	if n := s.inGo(t, want); n != s.states-len(s.unverified) {
		t.Errorf("of %d states %d were verified in Go", s.states, n)
	}
	// without Node the test ends here
	if n := s.inJavaScript(t, want); n != s.states-len(s.unverified) {
		t.Errorf("of %d states %d were verified in JavaScript", s.states, n)
	}
}

// inGo returns how many states a reader in Go has verified.
func (s *sentStates) inGo(t *testing.T, want []statediff.Document) (verified int) {
	t.Helper()
	var r reduce.Reducer
	for _, m := range s.messages {
		if _, err := r.Add(m); err != nil {
			t.Fatal(err)
		}
	}
	for i := range want {
		id := threadOf(i)
		th := r.Thread(id)
		if got, _ := th.State(); !bytes.Equal(got, want[i].Bytes()) || th.NeedsResync() {
			t.Errorf("%s, %v: another state than the producer's", id, th.Trust())
		}
		// the reducer verifies their checksums, and rejects wrong ones
		verified += int(th.Hashes().Verified) + s.checkpointsOf(id)
	}
	return verified
}

// inJavaScript returns how many states a reader in JavaScript has verified.
func (s *sentStates) inJavaScript(t *testing.T, want []statediff.Document) (verified int) {
	t.Helper()
	for id, js := range jsreader.Read(t, s.values) {
		verified += js.Verified + js.Checkpoints
		if wrong := js.Sound(); wrong != "" {
			t.Errorf("%s in JavaScript: %s", id, wrong)
		}
		var i int
		if _, err := fmt.Sscanf(id, threadName, &i); err != nil {
			t.Fatalf("thread %q: %v", id, err)
		}
		sum := sha256.Sum256(want[i].Bytes())
		if want[i].Verifiable() && js.Hash != hex.EncodeToString(sum[:]) {
			t.Errorf("%s: JavaScript has another state: %+v", id, js)
		}
	}
	return verified
}

const threadName = "run-%d"

func threadOf(run int) string { return fmt.Sprintf(threadName, run) }

func (s *sentStates) checkpointsOf(thread string) (n int) {
	for _, m := range s.messages {
		if m.GetCheckpoint().GetHeader().GetThreadId() == thread {
			n++
		}
	}
	return n
}

// TestRoundTripOfStates sends recorded runs, each message appended to the state of its run, and
// reads them back. With many runs, it checks what patches save.
func TestRoundTripOfStates(t *testing.T) {
	runs, many := recordedRuns(t)
	if testing.Short() {
		runs = runs[:min(len(runs), 20)]
	}
	var sent []*sentStates
	for _, w := range ways {
		s := sendStates(t, w, runs)
		sent = append(sent, s)
		if w.name != ways[0].name {
			t.Run(w.name, func(t *testing.T) { s.verify(t, runs) })
		}
	}
	var table strings.Builder
	columns := tabwriter.NewWriter(&table, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintf(columns, "\t%d runs\tmessages\tbytes\tof whole\tcompressed\tof whole\t\n",
		len(runs))
	share := func(n, of uint64) string { return fmt.Sprintf("1/%.1f", float64(of)/float64(n)) }
	for i, s := range sent {
		compressed, of := s.stats.Sender.CompressedBytes, sent[0].stats.Sender.CompressedBytes
		fmt.Fprintf(columns, "\t%s\t%d\t%d\t%s\t%d\t%s\t\n", ways[i].name, s.states, s.bytes,
			share(s.bytes, sent[0].bytes), compressed, share(compressed, of))
	}
	_ = columns.Flush() // to memory
	t.Logf("what states take, before and after the compression of Kafka's record batches (the "+
		"latter with all messages):\n%s", &table)
	if !many {
		t.Logf("DASHSTREAM_TEST_RUNS names no file of recorded runs: what patches save is not " +
			"held against its limits, for the sample's runs are short")
		return
	}
	for i, limit := range []uint64{1, 15, 8} {
		if s := sent[i]; s.bytes*limit > sent[0].bytes {
			t.Errorf("%s: %d bytes, want at most 1/%d of %d", ways[i].name, s.bytes, limit,
				sent[0].bytes)
		}
	}
}
