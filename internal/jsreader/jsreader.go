// Package jsreader runs a reader of the stream written in JavaScript, for tests: it shows what a
// browser makes of the records. It shares nothing with the Go code but the wire format. As browsers
// do, it decodes with protobufjs in one thread and passes plain objects to another. It needs Node,
// and npm once, for the packages listed in package-lock.json.
//
// It uses major version 7 of protobufjs, like the existing browser UI: that version keeps a field
// that is 0 if it was on the wire. Version 8 drops it even then.
package jsreader

import (
	"bytes"
	"embed"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

//go:embed *.mjs
var programs embed.FS

// Sound returns what is wrong with a browser's view of a thread whose records are all present and
// in order, or "". Nothing is wrong if it needed no resync, rejected no patch, computed every hash
// that was sent, drew every graph, and did not switch its view to in-band reports.
func (t *Thread) Sound() string {
	taken := t.Followed && strings.HasPrefix(t.Thread, pb.ReportThreadPrefix)
	if t.Resyncs+t.Skipped+t.Failed+t.Undrawn+t.Missing+t.Older > 0 || taken {
		return fmt.Sprintf("%+v", *t)
	}
	return ""
}

// Thread is the reader's view of a thread. The reader applies what it can, and never asks for a
// resync: Resyncs counts when it would have.
type Thread struct {
	Thread string
	// Messages counts applied messages: those with a number of their own, including the events of
	// batches. Duplicates have an id seen before, Older a number already passed. Missing is how
	// many numbers are missing. Last is the highest number.
	Messages, Duplicates, Older, Missing int
	Last                                 uint64 `json:",string"`
	// Wholes and Checkpoints count states that came whole (without that of GRAPH_START). Patches
	// counts the patches applied, Skipped those not applied.
	Wholes, Checkpoints, Patches, Skipped int
	// Verified, Failed and Unhashed count states with the hash that the reader computed, with
	// another one, and without one.
	Verified, Failed, Unhashed int
	Resyncs                    int
	// Problems says why it would have asked, for the first 20 times.
	Problems []string
	// Graphs counts graph schemas that were drawn, Undrawn those that could not be drawn, or only
	// as something else.
	Graphs, Undrawn int
	// Followed reports whether a live view of the thread that sent a number last has ever shown
	// this thread; Shown whether it does at the end.
	Followed, Shown bool
	// Known reports whether there is a state. Hash is the SHA-256 of its canonical form as the
	// reader writes it, in hexadecimal digits. It differs from Go's if the state contains a number
	// that no double can represent.
	Known bool
	Hash  string
}

// minNode is the first major version of Node with everything that the program uses.
const minNode = 18

// Read makes the reader read the values of records, in order, and returns the threads by their ids.
// Without Node it skips the test, unless CI is set in the environment; any other problem fails the
// test.
func Read(tb testing.TB, values [][]byte) map[string]Thread {
	tb.Helper()
	return ReadAll(tb, [][][]byte{values})[0]
}

// ReadAll is [Read] for several independent streams.
func ReadAll(tb testing.TB, streams [][][]byte) []map[string]Thread {
	tb.Helper()
	node := find(tb)
	var input bytes.Buffer
	for _, values := range streams {
		for _, v := range values {
			input.Write(binary.BigEndian.AppendUint32(nil, uint32(len(v))))
			input.Write(v)
		}
		input.Write(make([]byte, 4)) // ends the stream
	}
	dir := tb.TempDir()
	if err := os.CopyFS(dir, programs); err != nil {
		tb.Fatalf("jsreader: %v", err)
	}
	proto := filepath.Join(source(tb), "..", "..", "callback", "dashstreampb", "dashstream.proto")
	cmd := exec.CommandContext(tb.Context(), node, filepath.Join(dir, "reader.mjs"), proto,
		filepath.Join(modules(tb), "package.json"))
	cmd.Stdin = &input
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		tb.Fatalf("jsreader: node: %v\n%s", err, &problems)
	}
	threads := make([]map[string]Thread, len(streams))
	for i := range threads {
		threads[i] = map[string]Thread{}
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var t struct {
			Thread
			Stream int
		}
		if err := dec.Decode(&t); err != nil {
			tb.Fatalf("jsreader: %v", err)
		}
		threads[t.Stream][t.Thread.Thread] = t.Thread
	}
	return threads
}

// CheckAll reads several streams and fails the test for each thread in which a browser finds
// something wrong.
func CheckAll(tb testing.TB, streams [][][]byte) {
	tb.Helper()
	for i, threads := range ReadAll(tb, streams) {
		for id, thread := range threads {
			if wrong := thread.Sound(); wrong != "" {
				tb.Errorf("stream %d, thread %s: %s", i, id, wrong)
			}
		}
	}
}

// ReadMessages is [Read] for messages that are not yet encoded.
func ReadMessages(tb testing.TB, messages []*pb.DashStreamMessage) map[string]Thread {
	tb.Helper()
	values := make([][]byte, len(messages))
	for i, m := range messages {
		var err error
		if values[i], err = pb.Encode(m); err != nil {
			tb.Fatalf("jsreader: %v", err)
		}
	}
	return Read(tb, values)
}

// source returns the folder of this package, with package-lock.json.
func source(tb testing.TB) string {
	tb.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		tb.Fatal("jsreader: built with -trimpath: its own folder is not known")
	}
	return filepath.Dir(file)
}

// absent skips a test because something is not installed. In CI, where everything must be
// installed, it fails the test.
func absent(tb testing.TB, what string) {
	tb.Helper()
	if os.Getenv("CI") != "" {
		tb.Fatalf("jsreader: %s: what a browser makes of the stream is not tested", what)
	}
	tb.Skipf("jsreader: %s: what a browser makes of the stream is not tested", what)
}

// find returns the path of Node.
func find(tb testing.TB) string {
	tb.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		absent(tb, "node is not installed")
	}
	version, err := exec.CommandContext(tb.Context(), node, "--version").Output()
	if err != nil {
		tb.Fatalf("jsreader: node --version: %v", err)
	}
	major, _, _ := strings.Cut(strings.TrimPrefix(string(version), "v"), ".")
	if n, err := strconv.Atoi(major); err != nil || n < minNode {
		absent(tb, "node "+strings.TrimSpace(string(version))+" is older than "+
			strconv.Itoa(minNode))
	}
	return node
}
