package callback_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

// bySize emits a message of each kind that grows with n.
var bySize = map[string]func(n *callback.Node, l *callback.LLM, size int){
	"event": func(n *callback.Node, _ *callback.LLM, size int) {
		n.Warning(strings.Repeat("x", size))
	},
	"token_chunk": func(_ *callback.Node, l *callback.LLM, size int) {
		l.Token(strings.Repeat("x ", size/2))
	},
	"tool_execution": func(n *callback.Node, _ *callback.LLM, size int) {
		n.StartTool(callback.ToolCall{Arguments: strings.Repeat("x", size)})
	},
	"metrics": func(n *callback.Node, _ *callback.LLM, size int) {
		n.Metrics("s", strings.Repeat("x", size), []callback.Metric{{Name: "m", Value: 1}}, nil)
	},
	"error": func(n *callback.Node, _ *callback.LLM, size int) {
		n.Error(errOops, callback.ErrorInfo{Stack: strings.Repeat("x", size)})
	},
}

// uncut are the kinds of message without text that could be shortened.
var uncut = map[string]bool{"metrics": true}

func TestAMessageThatIsTooLargeTakesNoOtherDown(t *testing.T) {
	for kind, emit := range bySize {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rec := callbacktest.NewRecorder()
				client := rec.Client(t, func(cfg *callback.Config) {
					cfg.MaxMessageBytes = 100_000
				})
				run := client.StartRun(callback.RunInfo{ThreadID: "thread"})
				l := run.Root().StartLLM(callback.LLMRequest{})
				emit(run.Root(), l, 10)
				emit(run.Root(), l, 200_000)
				emit(run.Root(), l, 10)
				run.End(nil)
				wantNumbers, wantDropped := upTo(6), uint64(0)
				if uncut[kind] {
					wantNumbers, wantDropped = upTo(6, 4), 1
				}
				if got := sequences(rec); !slices.Equal(got, wantNumbers) {
					t.Errorf("the numbers are %v, want %v", got, wantNumbers)
				}
				s := client.Stats().Total
				if s.Dropped[batching.TooLarge] != wantDropped || s.DroppedTotal() != wantDropped ||
					s.Accepted != 6-wantDropped {
					t.Errorf("the account is %+v, want %d dropped as too large", s, wantDropped)
				}
				if n := degraded(client, "message_truncated"); n != 1-wantDropped {
					t.Errorf("%d messages were cut", n)
				}
			})
		})
	}
}

// The limit is the size of the message as a record of its own, plus or minus the effect of numbers
// of other widths.
func TestTheLimitOfAMessageIsThatOfItsRecord(t *testing.T) {
	const limit, slack = 20_000, 40
	for kind, emit := range bySize {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rec := callbacktest.NewRecorder()
				client := rec.Client(t, func(cfg *callback.Config) {
					cfg.MaxMessageBytes,
						cfg.BatchBytes = limit, 1024
				})
				run := client.StartRun(callback.RunInfo{ThreadID: "thread"})
				l := run.Root().StartLLM(callback.LLMRequest{})
				flush(t, client)
				passes := func(size int) bool {
					before := client.Stats().Total.Dropped[batching.TooLarge]
					emit(run.Root(), l, size)
					flush(t, client)
					return client.Stats().Total.Dropped[batching.TooLarge] == before
				}
				low, high := 0, limit // the largest accepted size lies between
				for high-low > 1 {
					if middle := (low + high) / 2; passes(middle) {
						low = middle
					} else {
						high = middle
					}
				}
				largest := 0
				for _, r := range rec.Records() {
					largest = max(largest, len(r.Value))
				}
				if largest > limit || largest < limit-slack {
					t.Errorf("the largest record has %d bytes, want %d to %d", largest, limit-slack,
						limit)
				}
			})
		})
	}
}

func TestAMessageMayBeLargerThanABatch(t *testing.T) {
	rec := callbacktest.NewRecorder()
	client := rec.Client(t, func(cfg *callback.Config) { cfg.BatchBytes = 1024 })
	run := client.StartRun(callback.RunInfo{ThreadID: "thread"})
	for _, size := range []int{10, 500, 2_000, 100_000, 800_000, 10} {
		run.Root().Warning(strings.Repeat("x", size))
	}
	if got := sequences(rec); !slices.Equal(got, upTo(7)) {
		t.Errorf("the numbers are %v, want 1 to 7", got)
	}
}

// Whatever the sizes of messages and the limits, no record is larger than one message may be.
func TestNoRecordIsLargerThanTheLimit(t *testing.T) {
	for _, limit := range []int{1 << 10, 8 << 10, 900 << 10} {
		for _, batch := range []int{512, 3_000, limit} {
			if batch > limit {
				continue
			}
			t.Run(fmt.Sprintf("limit %d, batch %d", limit, batch), func(t *testing.T) {
				rec := callbacktest.NewRecorder()
				client := rec.Client(t, func(cfg *callback.Config) {
					cfg.MaxMessageBytes,
						cfg.BatchBytes = limit, batch
				})
				run := client.StartRun(callback.RunInfo{ThreadID: "thread"})
				l := run.Root().StartLLM(callback.LLMRequest{ID: "r"})
				rnd := rand.New(rand.NewPCG(uint64(limit), uint64(batch)))
				for range 300 {
					size := rnd.IntN(200)
					if rnd.IntN(10) == 0 {
						size = limit - rnd.IntN(400)
					}
					if text := strings.Repeat("x", max(size, 1)); rnd.IntN(3) == 0 {
						l.Token(text)
					} else {
						run.Root().Progress(0, text, slog.Int("n", 1))
					}
				}
				for _, r := range rec.Records() {
					if len(r.Value) > limit {
						t.Fatalf("a record has %d bytes, the limit is %d", len(r.Value), limit)
					}
				}
				checkAccount(t, client)
			})
		}
	}
}
