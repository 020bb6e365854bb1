package callback_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// answer begins two model calls that stream their answers, after three events.
func answer(client *callback.Client) (run *callback.Run, n *callback.Node, a, b *callback.LLM) {
	run = client.StartRun(callback.RunInfo{ThreadID: "thread"})
	n = run.Root()
	return run, n, n.StartLLM(callback.LLMRequest{ID: "a"}),
		n.StartLLM(callback.LLMRequest{ID: "b"})
}

func TestTokensThatWaitTogetherAreOneMessage(t *testing.T) {
	const starts = "1:graph_start 2:llm_start 3:llm_start "
	type stage struct {
		client *callback.Client
		n      *callback.Node
		a, b   *callback.LLM
	}
	tests := map[string]struct {
		do   func(s stage)
		want string
	}{
		"one request": {func(s stage) { s.a.Token("x"); s.a.Token("y"); s.a.Token("z") },
			`4:a="xyz"`},
		"two requests by turns": {func(s stage) {
			s.a.Token("x")
			s.b.Token("1")
			s.a.Token("y")
			s.b.Token("2")
		}, `4:a="xy" 5:b="12"`},
		"an event between": {func(s stage) { s.a.Token("x"); s.n.Warning("w"); s.a.Token("y") },
			`4:a="x" 5:node_warning 6:a="y"`},
		"an event between, for both": {func(s stage) {
			s.a.Token("x")
			s.b.Token("1")
			s.n.Warning("w")
			s.b.Token("2")
			s.a.Token("y")
		}, `4:a="x" 5:b="1" 6:node_warning 7:b="2" 8:a="y"`},
		"more than the linger between": {func(s stage) {
			s.a.Token("x")
			time.Sleep(time.Second)
			s.a.Token("y")
		}, `4:a="x" 5:a="y"`},
		"a flush between": {func(s stage) {
			s.a.Token("x")
			if err := s.client.Flush(contextOf(s.n)); err != nil {
				panic(err)
			}
			s.a.Token("y")
		}, `4:a="x" 5:a="y"`},
		"the end of one": {func(s stage) {
			s.a.Token("x")
			s.b.Token("1")
			s.a.End(callback.LLMResult{}, nil)
			s.b.Token("2")
		}, `4:a="x" 5:b="1" 6:llm_end 7:b="2"`},
		"no text, only ids": {func(s stage) {
			s.a.Chunk(callback.TokenChunk{IDs: []uint32{1}})
			s.a.Token("x")
		}, `4:a="x"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rec := callbacktest.NewRecorder()
				client := rec.Client(t)
				_, n, a, b := answer(client)
				tt.do(stage{client, n, a, b})
				if got := describe(rec); got != starts+tt.want {
					t.Errorf("sent %s, want %s%s", got, starts, tt.want)
				}
				checkAccount(t, client)
			})
		})
	}
}

func TestMergedTokensKeepWhatBelongsToEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := callbacktest.NewRecorder()
		client := rec.Client(t)
		_, _, a, _ := answer(client)
		a.Chunk(callback.TokenChunk{Text: "x", IDs: []uint32{1}, Logprobs: []float32{-1}})
		flush(t, client)
		a.Chunk(callback.TokenChunk{Text: "y", IDs: []uint32{2, 3}, Logprobs: []float32{-2, -3}})
		a.Chunk(callback.TokenChunk{Text: "z"})
		a.Chunk(callback.TokenChunk{IDs: []uint32{4}, Logprobs: []float32{-4}})
		a.End(callback.LLMResult{FinishReason: callback.FinishStop, PromptTokens: 1,
			CompletionTokens: 2}, nil)
		var chunk *pb.TokenChunk
		for _, m := range rec.Messages() {
			if m.GetTokenChunk() != nil {
				chunk = m.GetTokenChunk()
			}
		}
		got := fmt.Sprint(chunk.GetText(), chunk.GetTokenIds(), chunk.GetLogprobs(),
			chunk.GetChunkIndex(), chunk.GetIsFinal(), chunk.GetFinishReason(),
			chunk.GetStats().GetTotalTokens())
		if want := "yz[2 3 4] [-2 -3 -4] 1 true FINISH_REASON_STOP 3"; got != want {
			t.Errorf("the merged chunk says %s, want %s", got, want)
		}
		tokens := client.Stats().Kinds[pb.MessageType_MESSAGE_TYPE_TOKEN_CHUNK]
		if tokens.Delivered != 5 || tokens.Messages != 2 {
			t.Errorf("%d chunks delivered in %d messages, want 5 in 2", tokens.Delivered,
				tokens.Messages)
		}
	})
}

// A chunk lost between two others leaves a gap between their numbers: they must not become one
// message.
func TestALossBetweenTokensSplitsThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, c := withCourier(t, func(cfg *callback.Config) {
			cfg.QueueEvents, cfg.Linger = 5, time.Minute
		})
		run := client.StartRun(callback.RunInfo{ThreadID: "thread"})
		l := run.Root().StartLLM(callback.LLMRequest{ID: "a"})
		other := client.StartRun(callback.RunInfo{ThreadID: "other"})
		flush(t, client)
		c.hold()
		l.Token("x")
		l.Token("y")
		other.Edge("p", "q")
		other.Edge("q", "r")
		other.End(nil) // sent at once, with the edges
		synctest.Wait()
		l.Token("lost")
		c.release() // makes room while the tokens still wait
		synctest.Wait()
		l.Token("z")
		if got, want := describe(c.Recorder,
			"thread"), `1:graph_start 2:llm_start 3:a="xy" 5:a="z"`; got != want {
			t.Errorf("sent %s, want %s", got, want)
		}
		if n := client.Stats().Kinds[pb.MessageType_MESSAGE_TYPE_TOKEN_CHUNK].
			Dropped[batching.QueueFull]; n != 1 {
			t.Errorf("%d chunks dropped, want 1", n)
		}
		checkAccount(t, client)
	})
}

// All chunks of a merged message share its number, so a failed send leaves a gap of one number and
// counts every chunk.
func TestALostMergedMessageCountsEveryChunk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, c := withCourier(t)
		run, _, a, _ := answer(client)
		flush(t, client)
		c.decide(func(*batching.Batch) error { return errRefused })
		a.Token("x")
		a.Token("y")
		flush(t, client)
		c.decide(nil)
		run.Edge("p", "q")
		if got, want := describe(c.Recorder), "1:graph_start 2:llm_start 3:llm_start "+
			"5:edge_traversal"; got != want {
			t.Errorf("sent %s, want %s", got, want)
		}
		if n := client.Stats().Kinds[pb.MessageType_MESSAGE_TYPE_TOKEN_CHUNK].
			Dropped[batching.Rejected]; n != 2 {
			t.Errorf("%d chunks dropped, want 2", n)
		}
	})
}

func TestCharactersSplitOverTokens(t *testing.T) {
	const smile = "😀" // four bytes
	tests := map[string]struct {
		parts []string
		want  string
		bad   uint64 // strings that were repaired
	}{
		"whole": {[]string{smile, "a"}, smile + "a", 0},
		"one byte and three": {[]string{"a" + smile[:1], smile[1:] + "b"},
			"a" + smile + "b", 0},
		"two and two": {[]string{smile[:2], smile[2:]}, smile, 0},
		"byte by byte": {[]string{smile[:1], smile[1:2], smile[2:3],
			smile[3:]}, smile, 0},
		"a Chinese text, byte by byte": {strings.Split("\xe6\x96\x87\xe5\xad\x97", ""), "文字",
			0},
		"two in one part": {[]string{smile + smile[:3], smile[3:] + smile},
			smile + smile + smile, 0},
		"never whole":                       {[]string{"a" + smile[:3]}, "a\uFFFD", 1},
		"never whole, and something else":   {[]string{"a" + smile[:3], "b"}, "a\uFFFDb", 1},
		"never UTF-8":                       {[]string{"a\xffb"}, "a\uFFFDb", 1},
		"the middle of a character first":   {[]string{smile[2:], "b"}, "\uFFFDb", 1},
		"an empty part between":             {[]string{smile[:2], "", smile[2:]}, smile, 0},
		"the beginning of what cannot come": {[]string{"\xf5", "a"}, "\uFFFDa", 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, together := range []bool{true, false} {
				rec := callbacktest.NewRecorder()
				client := rec.Client(t)
				_, _, a, _ := answer(client)
				for _, p := range tt.parts {
					a.Token(p)
					if !together {
						flush(t, client)
					}
				}
				a.End(callback.LLMResult{}, nil)
				var text strings.Builder
				for _, m := range rec.Messages() {
					text.WriteString(m.GetTokenChunk().GetText())
				}
				if text.String() != tt.want {
					t.Errorf("the text is %q, want %q (sent together: %v)", text.String(), tt.want,
						together)
				}
				if n := client.Stats().Input.InvalidUTF8; n != tt.bad {
					t.Errorf("%d strings counted as repaired, want %d", n, tt.bad)
				}
			}
		})
	}
}

// Parts of one answer may come from several goroutines: their order is that of the calls, and every
// character arrives once.
func TestTokensFromManyGoroutines(t *testing.T) {
	rec := callbacktest.NewRecorder()
	client := rec.Client(t)
	_, _, a, b := answer(client)
	var wg sync.WaitGroup
	for _, l := range []*callback.LLM{a, a, b, b} {
		wg.Go(func() {
			for range 500 {
				l.Token("x ")
			}
		})
	}
	wg.Wait()
	a.End(callback.LLMResult{}, nil)
	b.End(callback.LLMResult{}, nil)
	texts, next := map[string]int{}, map[string]uint32{}
	for _, m := range rec.Messages() {
		if x := m.GetTokenChunk(); x != nil {
			id := x.GetRequestId()
			if x.GetChunkIndex() != next[id] {
				t.Fatalf("a chunk of %s begins with part %d, want %d", id, x.GetChunkIndex(),
					next[id])
			}
			next[id] += uint32(len(x.GetText()) / 2)
			texts[id] += len(x.GetText()) / 2
		}
	}
	if texts["a"] != 1000 || texts["b"] != 1000 {
		t.Errorf("texts of %v characters, want 1000 each", texts)
	}
	checkAccount(t, client)
}
