// Package jsreader runs a reader of the stream that is written in JavaScript, for tests: what a browser makes of the messages. It shares
// nothing with the Go code but the wire format. It needs Node, and nothing else of JavaScript.
package jsreader

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"google.golang.org/protobuf/encoding/protojson"
)

//go:embed reader.mjs
var program []byte

// Thread is what the reader says of a thread. It takes what it can, and asks for nothing: Resyncs counts when it would have.
type Thread struct {
	Thread string
	// Messages were taken: those with a number of their own, the events of batches among them. Duplicates have an id that was seen, Older a
	// number that was passed by. Missing is how many numbers are missing. Last is the highest number.
	Messages, Duplicates, Older, Missing int
	Last                                 uint64 `json:",string"`
	// Wholes and Checkpoints are how many states came whole (the one of GRAPH_START left out), Patches how many were applied, Skipped how
	// many were not.
	Wholes, Checkpoints, Patches, Skipped int
	// Verified, Failed and Unhashed are how many states had the hash that the reader computed, another one, and none.
	Verified, Failed, Unhashed int
	Resyncs                    int
	// Problems says in words why it would have asked, the first 20 times.
	Problems []string
	// Known says whether there is a state, and Hash is the SHA-256 of its canonical form as the reader writes it, in hexadecimal digits. It is
	// another one than in Go if the state holds a number that no double holds.
	Known bool
	Hash  string
}

// minNode is the first major version of Node with all that the program uses.
const minNode = 18

// Read has the reader read messages, in this order, and returns the threads by their ids. Without Node the test is skipped; whatever else
// goes wrong ends it.
func Read(tb testing.TB, messages []*pb.DashStreamMessage) map[string]Thread {
	tb.Helper()
	node := find(tb)
	var input bytes.Buffer
	for _, m := range messages {
		line, err := protojson.Marshal(m)
		if err != nil {
			tb.Fatalf("jsreader: %v", err)
		}
		input.Write(line)
		input.WriteByte('\n')
	}
	file := filepath.Join(tb.TempDir(), "reader.mjs")
	if err := os.WriteFile(file, program, 0o600); err != nil {
		tb.Fatalf("jsreader: %v", err)
	}
	cmd := exec.CommandContext(tb.Context(), node, file)
	cmd.Stdin = &input
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		tb.Fatalf("jsreader: node: %v\n%s", err, &problems)
	}
	threads := map[string]Thread{}
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var t Thread
		if err := dec.Decode(&t); err != nil {
			tb.Fatalf("jsreader: %v", err)
		}
		threads[t.Thread] = t
	}
	return threads
}

// find returns the path of Node.
func find(tb testing.TB) string {
	tb.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		tb.Skip("jsreader: node is not installed: what a browser makes of the stream is not tested")
	}
	version, err := exec.CommandContext(tb.Context(), node, "--version").Output()
	if err != nil {
		tb.Fatalf("jsreader: node --version: %v", err)
	}
	major, _, _ := strings.Cut(strings.TrimPrefix(string(version), "v"), ".")
	if n, err := strconv.Atoi(major); err != nil || n < minNode {
		tb.Skipf("jsreader: node %s is older than %d: what a browser makes of the stream is not tested", bytes.TrimSpace(version), minNode)
	}
	return node
}
