package programs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
	"github.com/dashstream/dashstream-go/internal/jsreader"
)

// summary is a reader's summary of a thread.
type summary struct {
	Thread                    string
	Last, Missing             uint64
	Known                     bool
	Verified, Wrong, Unhashed uint64
	Models                    map[string]spent
}

type spent struct {
	Calls            int64
	PromptTokens     int64 `json:"prompt_tokens"`
	CompletionTokens int64 `json:"completion_tokens"`
	Cost             float64
}

// everything fills a topic with all that the programs of this repository write, and returns the
// values of its records.
func everything(t *testing.T, brokers string) (topic string, values [][]byte) {
	t.Helper()
	topic = newTopic(t, brokers, 3, conversation)
	produce(t, brokers, topic, statement(t))
	env := []string{"KAFKA_BROKERS=" + brokers, "KAFKA_TOPIC=" + topic,
		"DASHSTREAM_SELF_METRICS=always", "DASHSTREAM_CHECKPOINT_PATCHES=4"}
	if o := run(t, env, "quickstart", "--runs=12", "--quiet"); o.code != 0 {
		t.Fatalf("quickstart: exit code %d: %s%s", o.code, o.stdout, o.stderr)
	}
	if o := run(t, env, "replay", recorded()); o.code != 0 {
		t.Fatalf("replay: exit code %d: %s", o.code, o.stderr)
	}
	return topic, readAll(t, brokers, topic, 3)
}

// statement is a statement of losses: at the end of a thread, and of all of another one.
func statement(t *testing.T) *kgo.Record {
	t.Helper()
	m, _ := pb.NewLossStatement("i", map[string]string{"instance": "i", "epoch": "7",
		pb.LossNumberTag: "1"}, []pb.Loss{
		{Thread: "conversation-7", First: 1000, Last: 1003, Count: 4, Events: 9,
			Type: pb.MessageType_MESSAGE_TYPE_TOKEN_CHUNK, Reason: pb.LossShed},
		{Thread: "never", First: 1, Last: 8, Count: 2, Events: 2,
			Type: pb.MessageType_MESSAGE_TYPE_EVENT, Reason: "queue_full"}})
	m.Header = &pb.Header{MessageId: []byte("a statement's id"), SchemaVersion: pb.SchemaVersion,
		ThreadId: pb.ReportThreadPrefix + "i", Type: pb.MessageType_MESSAGE_TYPE_METRICS}
	value, err := pb.Encode(
		&pb.DashStreamMessage{Message: &pb.DashStreamMessage_Metrics{Metrics: m}})
	if err != nil {
		t.Fatal(err)
	}
	return &kgo.Record{Key: []byte(m.Header.ThreadId), Value: value}
}

// readAll returns the values of a topic's records, partition by partition.
func readAll(t *testing.T, brokers, topic string, partitions int) (values [][]byte) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(brokers, ",")...),
		kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ordered := make([][][]byte, partitions)
	for {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		fetches := client.PollFetches(ctx)
		cancel()
		n := 0
		fetches.EachRecord(func(r *kgo.Record) {
			ordered[r.Partition] = append(ordered[r.Partition],
				r.Value)
			n++
		})
		if n == 0 {
			break
		}
	}
	for _, p := range ordered {
		values = append(values, p...)
	}
	return values
}

// prices are those of examples/readers.
func prices(t *testing.T) (of map[string]struct{ Prompt, Completion float64 }) {
	t.Helper()
	text, err := os.ReadFile("../../../examples/readers/prices.json")
	if err == nil {
		err = json.Unmarshal(text, &of)
	}
	if err != nil {
		t.Fatal(err)
	}
	return of
}

// inGo returns the reducer's summaries of the threads.
func inGo(t *testing.T, values [][]byte) map[string]summary {
	t.Helper()
	var r reduce.Reducer
	checkpoints, models := map[string]uint64{}, map[string]map[string]spent{}
	for _, v := range values {
		if _, err := r.AddRecord(v); err != nil {
			t.Fatal(err)
		}
		m, err := pb.Decode(v)
		if err != nil {
			t.Fatal(err)
		}
		id := m.Header().GetThreadId()
		if len(m.GetCheckpoint().GetState()) > 0 {
			checkpoints[id]++ // the reducer verifies their checksums, and rejects wrong ones
		}
		for e := range m.Events() {
			kind := e.GetEventType()
			embedded := kind == pb.EventType_EVENT_TYPE_NODE_END &&
				e.GetAttributes()[pb.AttrModel] != nil
			if embedded || kind == pb.EventType_EVENT_TYPE_LLM_END ||
				kind == pb.EventType_EVENT_TYPE_LLM_ERROR {
				if models[id] == nil {
					models[id] = map[string]spent{}
				}
				name := e.GetAttributes()[pb.AttrModel].GetStringValue()
				s := models[id][name]
				s.Calls++
				s.PromptTokens += e.GetAttributes()[pb.AttrPromptTokens].GetIntValue()
				s.CompletionTokens += e.GetAttributes()[pb.AttrCompletionTokens].GetIntValue()
				models[id][name] = s
			}
		}
	}
	of := prices(t)
	said := map[string]summary{}
	for th := range r.Threads() {
		_, missing := th.Missing()
		h := th.Hashes()
		for name, s := range models[th.ID()] {
			s.Cost = (float64(s.PromptTokens)*of[name].Prompt +
				float64(s.CompletionTokens)*of[name].Completion) / 1e6
			models[th.ID()][name] = s
		}
		said[th.ID()] = summary{
			Thread: th.ID(), Last: th.Last(), Missing: missing, Known: !th.NeedsResync(),
			Verified: h.Verified + checkpoints[th.ID()], Wrong: h.Wrong,
			Unhashed: h.Absent, Models: models[th.ID()],
		}
	}
	return said
}

func TestReadersSayWhatTheReducerSays(t *testing.T) {
	brokers := cluster(t)
	topic, values := everything(t, brokers)
	want := inGo(t, values)
	verified, calls := uint64(0), int64(0)
	for id, s := range want {
		verified += s.Verified
		for _, m := range s.Models {
			calls += m.Calls
		}
		if s.Wrong+s.Missing > 0 || !s.Known {
			t.Errorf("%s in Go: %+v", id, s)
		}
	}
	if c := want["conversation-7"].Models["embed"]; c.Calls != 1 || c.PromptTokens != 9 {
		t.Errorf("%+v", c)
	}
	if c := want["conversation-7"].Models["large"]; c.Calls != 2 || c.Cost != (200*2.5+10*10)/1e6 {
		t.Errorf("%+v", c)
	}
	t.Logf("%d threads, %d states verified, %d calls of models", len(want), verified, calls)
	for language, reader := range map[string]func(t *testing.T) []string{"Python": pythonReader,
		"JavaScript": javascriptReader} {
		t.Run(language, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), within)
			defer cancel()
			args := append(reader(t), "--brokers", brokers, "--topic", topic)
			out, err := exec.CommandContext(ctx, args[0], args[1:]...).Output()
			if err != nil {
				t.Fatalf("%v: %s", err, stderrOf(err))
			}
			got := map[string]summary{}
			for line := range strings.Lines(string(out)) {
				var s summary
				if err := json.Unmarshal([]byte(line), &s); err != nil {
					t.Fatalf("%v: %s", err, line)
				}
				got[s.Thread] = s
			}
			if len(got) != len(want) {
				t.Errorf("%d threads, want %d", len(got), len(want))
			}
			for id, w := range want {
				if !same(got[id], w) {
					t.Errorf("%s: %+v, want %+v", id, got[id], w)
				}
			}
		})
	}
}

// readersByLanguage are the commands of the readers.
var readersByLanguage = map[string]func(t *testing.T) []string{
	"Python": pythonReader, "JavaScript": javascriptReader,
}

func TestReadersSayInALineWhyTheyCannotRead(t *testing.T) {
	brokers, closed := cluster(t), closedPort(t)
	for language, reader := range readersByLanguage {
		for why, where := range map[string][]string{
			"no such topic": {"--brokers", brokers, "--topic", "programs-test-absent"},
			"a closed port": {"--brokers", closed},
		} {
			t.Run(language+"/"+why, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), within)
				defer cancel()
				args := append(reader(t), where...)
				out, err := exec.CommandContext(ctx, args[0], args[1:]...).Output()
				said := stderrOf(err)
				if err == nil || ctx.Err() != nil || strings.Count(said, "\n") != 1 ||
					!strings.HasPrefix(said, "reader: ") {
					t.Errorf("error %v, it prints %q and says %q, want a line", err, out, said)
				}
			})
		}
	}
}

// It is no error if head reads the output, which ends after one line.
func TestReadersEndInSilenceWhenNobodyReadsThem(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no shell that closes what a program writes to: that is not tested on Windows")
	}
	brokers := cluster(t)
	topic := newTopic(t, brokers, 1, conversation)
	for language, reader := range readersByLanguage {
		t.Run(language, func(t *testing.T) {
			args := append(reader(t), "--brokers", brokers, "--topic", topic)
			out, err := shell(t, nil, "{ '"+strings.Join(args, "' '")+"'; echo $? >&2; } | :")
			if err != nil || strings.TrimSpace(string(out)) != "0" {
				t.Errorf("error %v, %s, want exit code 0 alone", err, out)
			}
		})
	}
}

func stderrOf(err error) string {
	if exit, ok := err.(*exec.ExitError); ok {
		return string(exit.Stderr)
	}
	return ""
}

// same compares, allowing for the rounding of costs.
func same(a, b summary) bool {
	models := maps.EqualFunc(a.Models, b.Models, func(x, y spent) bool {
		near := math.Abs(x.Cost-y.Cost) < 1e-8
		x.Cost, y.Cost = 0, 0
		return near && x == y
	})
	a.Models, b.Models = nil, nil
	return models && a.Thread == b.Thread && a.Last == b.Last && a.Missing == b.Missing &&
		a.Known == b.Known && a.Verified == b.Verified &&
		a.Wrong == b.Wrong && a.Unhashed == b.Unhashed
}

// A browser draws every graph, rejects no patch and computes every hash of what the programs write.
func TestABrowserReadsWhatTheProgramsWrite(t *testing.T) {
	_, values := everything(t, fake(t))
	graphs, patches, verified := 0, 0, 0
	for id, js := range jsreader.Read(t, values) {
		if wrong := js.Sound(); wrong != "" {
			t.Errorf("%s: %s", id, wrong)
		}
		graphs, patches, verified = graphs+js.Graphs, patches+js.Patches, verified+js.Verified
	}
	t.Logf("%d graphs drawn, %d patches applied, %d hashes verified", graphs, patches, verified)
	if graphs < 15 || patches == 0 || verified == 0 {
		t.Errorf("%d graphs drawn, %d patches applied, %d hashes verified", graphs, patches,
			verified)
	}
}

// absent skips a test because something is not installed. In CI, where everything must be
// installed, it fails the test.
func absent(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// pythonReader returns the command of the reader in Python, in a virtual environment with the
// packages of requirements.txt.
func pythonReader(t *testing.T) []string {
	t.Helper()
	dir, err := filepath.Abs("../../../examples/readers/python")
	if err != nil {
		t.Fatal(err)
	}
	requirements, err := os.ReadFile(filepath.Join(dir, "requirements.txt"))
	if err != nil {
		t.Fatal(err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(requirements)
	venv := filepath.Join(cache, "dashstream-reader-python", hex.EncodeToString(sum[:8]))
	python, ready := filepath.Join(venv, "bin", "python"), filepath.Join(venv, "ready")
	if _, err := os.Stat(ready); err != nil {
		if _, err := exec.LookPath("python3"); err != nil {
			absent(t, "python3 is not installed: the reader in Python is not tested")
		}
		for _, args := range [][]string{
			{"python3", "-m", "venv", "--clear", venv},
			{python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
				"-r", filepath.Join(dir, "requirements.txt")},
		} {
			if out, err := exec.CommandContext(t.Context(), args[0],
				args[1:]...).CombinedOutput(); err != nil {
				absent(t, "the reader in Python is not tested: "+strings.Join(args, " ")+": "+
					string(out))
			}
		}
		if err := os.WriteFile(ready, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return []string{python, filepath.Join(dir, "reader.py")}
}

// javascriptReader returns the command of the reader in JavaScript, with the packages of its lock
// file.
func javascriptReader(t *testing.T) []string {
	t.Helper()
	const dir = "../../../examples/readers/javascript"
	lock, err := os.Stat(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	if installed, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json")); err !=
		nil || installed.ModTime().Before(lock.ModTime()) {
		if _, err := exec.LookPath("npm"); err != nil {
			absent(t, "npm is not installed: the reader in JavaScript is not tested")
		}
		cmd := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit",
			"--no-fund")
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			absent(t, "the reader in JavaScript is not tested: npm ci: "+string(out))
		}
	}
	return []string{"node", filepath.Join(dir, "reader.mjs")}
}
