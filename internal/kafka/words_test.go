package kafka

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
)

// notebook is a log that can be read at any time.
type notebook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *notebook) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *notebook) count(text string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Count(b.text.String(), text)
}

// The log says that a refusal is over although nothing is sent any more; and what has passed has
// passed when the Sender is closed.
func TestWhatHasPassedIsOverWithoutFurtherBatches(t *testing.T) {
	for name, tt := range map[string]struct {
		passes     bool
		idle       time.Duration
		over, open int
	}{
		"an hour later":      {true, time.Hour, 1, 0},
		"closed at once":     {true, 0, 1, 0},
		"it has not passed":  {false, 0, 0, 1},
		"nothing came of it": {false, time.Hour, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := new(notebook)
				s, client := newTestSender(t, time.Minute)
				s.words.log = slog.New(slog.NewTextHandler(log, nil))
				s.words.advice = func(error) string { return "" }
				s.Send(batchOf("1", time.Now()), ignore)
				s.heard(answer{key: produceKey, err: kerr.TopicAuthorizationFailed})
				client.end(kerr.TopicAuthorizationFailed)
				time.Sleep(3 * time.Second)
				if tt.passes {
					s.heard(answer{key: produceKey})
					client.end(nil)
				}
				time.Sleep(time.Second)
				time.Sleep(tt.idle)
				if n := log.count("kafka: over"); tt.idle > 0 && n != tt.over {
					t.Errorf("before the end %d lines say that it is over, want %d", n, tt.over)
				}
				if err := s.Close(context.Background()); err != nil {
					t.Error(err)
				}
				over, open := log.count("kafka: over"), log.count("not over when")
				if over != tt.over || open != tt.open {
					t.Errorf("%d lines say that it is over, %d that it is not, want %d and %d:\n%s",
						over, open, tt.over, tt.open, &log.text)
				}
			})
		})
	}
}
