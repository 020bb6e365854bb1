// Package jsreader runs a reader of the stream that is written in JavaScript, for tests: what a
// browser makes of the records. It shares nothing with the Go code but the wire format: it decodes
// with protobufjs in one thread and passes plain objects on to another, as browsers do. It needs
// Node, and npm once, for the packages that package-lock.json names.
//
// The protobufjs is of major version 7, as that of the existing browser UI: it keeps a field that
// is 0 if it was on the wire. Version 8 drops it even then.
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

// Sound returns what is wrong with what a browser makes of a thread whose records are all there, in
// order; "" if nothing is: it asked for nothing, refused no patch, computed every hash that was
// sent, drew every graph, and reports did not take its view.
func (t *Thread) Sound() string {
	taken := t.Followed && strings.HasPrefix(t.Thread, pb.ReportThreadPrefix)
	if t.Resyncs+t.Skipped+t.Failed+t.Undrawn+t.Missing+t.Older > 0 || taken {
		return fmt.Sprintf("%+v", *t)
	}
	return ""
}

// Thread is what the reader says of a thread. It takes what it can, and asks for nothing: Resyncs
// counts when it would have.
type Thread struct {
	Thread string
	// Messages were taken: those with a number of their own, the events of batches among them.
	// Duplicates have an id that was seen, Older a number that was passed by. Missing is how many
	// numbers are missing. Last is the highest number.
	Messages, Duplicates, Older, Missing int
	Last                                 uint64 `json:",string"`
	// Wholes and Checkpoints are how many states came whole (the one of GRAPH_START left out),
	// Patches how many were applied, Skipped how many were not.
	Wholes, Checkpoints, Patches, Skipped int
	// Verified, Failed and Unhashed are how many states had the hash that the reader computed,
	// another one, and none.
	Verified, Failed, Unhashed int
	Resyncs                    int
	// Problems says in words why it would have asked, the first 20 times.
	Problems []string
	// Graphs are how many schemas of graphs were drawn, Undrawn how many could not be, or only as
	// something else.
	Graphs, Undrawn int
	// Followed says whether a live view that shows the thread which sent a number last has ever
	// shown this one, and Shown whether it does at the end.
	Followed, Shown bool
	// Known says whether there is a state, and Hash is the SHA-256 of its canonical form as the
	// reader writes it, in hexadecimal digits. It is another one than in Go if the state holds a
	// number that no double holds.
	Known bool
	Hash  string
}

// minNode is the first major version of Node with all that the program uses.
const minNode = 18

// Read has the reader read the values of records, in this order, and returns the threads by their
// ids. Without Node the test is skipped, unless CI is set in the environment; whatever else goes
// wrong ends it.
func Read(tb testing.TB, values [][]byte) map[string]Thread {
	tb.Helper()
	return ReadAll(tb, [][][]byte{values})[0]
}

// ReadAll is [Read] for several streams that have nothing to do with each other.
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

// ReadMessages is Read for messages that are not encoded yet.
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

// source returns the folder of this package, where package-lock.json is.
func source(tb testing.TB) string {
	tb.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		tb.Fatal("jsreader: built with -trimpath: its own folder is not known")
	}
	return filepath.Dir(file)
}

// absent skips a test because something is not installed. In CI, where everything has to be, it
// fails it.
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
