package dasheino

import (
	"sync"
	"testing"

	"github.com/dashstream/dashstream-go/internal/jsreader"
)

// topics are the topics of all tests so far, for the last test.
var topics topicList

type topicList struct {
	mu  sync.Mutex
	all []*topic
}

func (l *topicList) add(tp *topic) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, tp)
}

// TestZZABrowserReadsWhatAllTestsSent runs last, because it is in the last file. It reads every
// stream of the tests before it that follows the rules as a browser does.
func TestZZABrowserReadsWhatAllTestsSent(t *testing.T) {
	topics.mu.Lock()
	defer topics.mu.Unlock()
	var names []string
	var streams [][][]byte
	for _, tp := range topics.all {
		tp.mu.Lock()
		values := make([][]byte, len(tp.records))
		for i, r := range tp.records {
			values[i] = r.Value
		}
		tp.mu.Unlock()
		if len(values) > 0 {
			names, streams = append(names, tp.t.Name()), append(streams, values)
		}
	}
	graphs, verified, patches := 0, 0, 0
	for i, threads := range jsreader.ReadAll(t, streams) {
		for id, js := range threads {
			if wrong := js.Sound(); wrong != "" {
				t.Errorf("%s, thread %s: %s", names[i], id, wrong)
			}
			graphs, verified, patches = graphs+js.Graphs, verified+js.Verified, patches+js.Patches
		}
	}
	t.Logf("%d streams: %d graphs drawn, %d patches applied, %d hashes verified", len(streams),
		graphs, patches, verified)
}
