package callback_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

// streamedText returns the text of all answers that were sent. It checks the order of their parts.
func streamedText(t *testing.T, rec *callbacktest.Recorder) string {
	t.Helper()
	var text strings.Builder
	next := map[string]uint32{}
	for _, m := range rec.Messages() {
		x := m.GetTokenChunk()
		if x == nil {
			continue
		}
		text.WriteString(x.GetText())
		if x.GetChunkIndex() < next[x.GetRequestId()] {
			t.Errorf("part %d of %s comes behind part %d", x.GetChunkIndex(), x.GetRequestId(),
				next[x.GetRequestId()]-1)
		}
		next[x.GetRequestId()] = x.GetChunkIndex() + 1
	}
	return text.String()
}

// longestOf returns the length of the longest part of a secret that a text contains.
func longestOf(secret, text string) (longest int) {
	for i := range secret {
		for i+longest < len(secret) && strings.Contains(text, secret[i:i+longest+1]) {
			longest++
		}
	}
	return longest
}

// Every known secret, split anywhere across two and three messages, each of which was sent before
// the next one comes.
func TestNoSecretLeavesInTheMessagesThatItIsCutOver(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	synctest.Test(t, func(t *testing.T) {
		rec := callbacktest.NewRecorder()
		client := rec.Client(t, func(c *callback.Config) { c.SelfMetrics = "off" })
		secrets := map[string]corpus.Secret{}
		var waiting []*callback.LLM
		rest := map[*callback.LLM][]string{}
		for i, s := range corpus.Secrets(seed) {
			for cut := 1; cut < len(s.Text); cut += 1 + len(s.Text)/40 {
				id := fmt.Sprint(i, "/", cut)
				secrets[id] = s
				l := client.StartRun(callback.RunInfo{ThreadID: id}).Root().
					StartLLM(callback.LLMRequest{ID: id})
				second := cut + rnd.IntN(len(s.Text)-cut)
				rest[l] = []string{s.Text[:cut], s.Text[cut:second], s.Text[second:]}
				waiting = append(waiting, l)
			}
		}
		for part := range 3 {
			for _, l := range waiting {
				l.Token(rest[l][part])
			}
			flush(t, client)
			time.Sleep(time.Second)
		}
		for _, l := range waiting {
			l.End(callback.LLMResult{}, nil)
		}
		leaves := map[string]string{}
		for _, m := range rec.Messages() {
			if x := m.GetTokenChunk(); x != nil {
				leaves[x.GetRequestId()] += x.GetText()
			}
		}
		for id, s := range secrets {
			if whole := hiddenWhole(t, client, s.Text); strings.Contains(whole, s.Secret) {
				continue
			} else if n := longestOf(s.Secret, leaves[id]); n > max(8,
				longestOf(s.Secret, whole)) && !strings.Contains(s.Text, "PRIVATE KEY") {
				t.Errorf("%s, cut at %s: %d bytes leave in %.200q", s.What, id, n, leaves[id])
			} else if strings.Contains(leaves[id], s.Secret) || n > 40 {
				t.Errorf("%s, cut at %s: leaves in %.200q", s.What, id, leaves[id])
			}
		}
	})
}

var wholes = map[string]string{}

// hiddenWhole returns what is sent of a text that comes as one part.
func hiddenWhole(t *testing.T, client *callback.Client, text string) string {
	t.Helper()
	if whole, ok := wholes[text]; ok {
		return whole
	}
	rec := callbacktest.NewRecorder()
	l := rec.Client(t, func(c *callback.Config) { c.SelfMetrics = "off" }).
		StartRun(callback.RunInfo{ThreadID: "t"}).Root().StartLLM(callback.LLMRequest{})
	l.Token(text)
	l.End(callback.LLMResult{}, nil)
	var whole strings.Builder
	for _, m := range rec.Messages() {
		whole.WriteString(m.GetTokenChunk().GetText())
	}
	wholes[text] = whole.String()
	return whole.String()
}

func TestWhatIsKeptOfAnAnswerGoesOut(t *testing.T) {
	const begin = "the password is hun"
	tests := map[string]struct {
		do   func(t *testing.T, client *callback.Client, run *callback.Run, l *callback.LLM)
		want string
	}{
		"with the rest of it": {func(t *testing.T, _ *callback.Client, _ *callback.Run,
			l *callback.LLM) {
			l.Token("ter2! or so")
			l.End(callback.LLMResult{}, nil)
		}, "the password is [REDACTED:password] or so"},
		"at the end of the call": {func(t *testing.T, _ *callback.Client, _ *callback.Run,
			l *callback.LLM) {
			l.End(callback.LLMResult{}, nil)
		}, "the password is hun"},
		"at the end of the run": {func(t *testing.T, _ *callback.Client, run *callback.Run,
			l *callback.LLM) {
			run.End(nil)
		}, "the password is hun"},
		"at the end of the client": {func(t *testing.T, client *callback.Client, run *callback.Run,
			l *callback.LLM) {
			if _, err := client.Shutdown(context.Background()); err != nil {
				t.Error(err)
			}
		}, "the password is hun"},
		"when the call is tried again": {func(t *testing.T, client *callback.Client,
			run *callback.Run, l *callback.LLM) {
			l.Retry(2, nil)
			l.Token("ter2 is a name")
			l.End(callback.LLMResult{}, nil)
		}, "the password is hunter2 is a name"},
		"when no more comes for long": {func(t *testing.T, client *callback.Client,
			run *callback.Run, l *callback.LLM) {
			l.Token("ter2!")
			time.Sleep(29 * time.Second)
			flush(t, client)
			time.Sleep(2 * time.Second)
			l.Token("x7 or so")
		}, "the password is [REDACTED:password]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rec := callbacktest.NewRecorder()
				client := rec.Client(t)
				run := client.StartRun(callback.RunInfo{ThreadID: "t"})
				l := run.Root().StartLLM(callback.LLMRequest{})
				l.Token(begin)
				flush(t, client)
				if got := streamedText(t, rec); got != "the password" && got != "the " {
					t.Errorf("%q left at once", got)
				}
				tt.do(t, client, run, l)
				if got := streamedText(t, rec); got != tt.want {
					t.Errorf("%q, want %q", got, tt.want)
				}
				checkAccount(t, client)
			})
		})
	}
}

// Token ids spell out the text.
func TestIDsGoWithTheirTextAndNotWithASecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := callbacktest.NewRecorder()
		client := rec.Client(t)
		l := client.StartRun(callback.RunInfo{ThreadID: "t"}).Root().StartLLM(callback.LLMRequest{})
		for i, text := range []string{"say", " gh", "p_", strings.Repeat("aB3", 8),
			strings.Repeat("cD4", 8), " GPT", "-4", "o", " is"} {
			l.Chunk(callback.TokenChunk{Text: text, IDs: []uint32{uint32(i + 1)},
				Logprobs: []float32{float32(-i - 1)}})
			flush(t, client)
		}
		l.End(callback.LLMResult{}, nil)
		var ids []uint32
		var logprobs []float32
		for _, m := range rec.Messages() {
			if x := m.GetTokenChunk(); x != nil {
				ids, logprobs = append(ids, x.GetTokenIds()...),
					append(logprobs, x.GetLogprobs()...)
				if slices.Contains(x.GetTokenIds(), 8) && !strings.Contains(x.GetText(), "4o") {
					t.Errorf("ids %v with %q", x.GetTokenIds(), x.GetText())
				}
			}
		}
		if want := []uint32{1, 2, 7, 8, 9}; !slices.Equal(ids, want) || len(logprobs) != len(want) {
			t.Errorf("ids %v, log probabilities %v, want those of %v", ids, logprobs, want)
		}
		if got := streamedText(t, rec); got != "say gh[REDACTED:github-token] GPT-4o is" {
			t.Errorf("%q", got)
		}
	})
}

// Parts are numbered, sent and accounted for as if none of their text were kept back.
func TestKeepingTextsLeavesNumbersAsTheyAre(t *testing.T) {
	sent := func(disabled bool) (numbers []uint64, indexes []uint32, delivered uint64) {
		synctest.Test(t, func(t *testing.T) {
			rec := callbacktest.NewRecorder()
			client := rec.Client(t, func(c *callback.Config) { c.Redaction.Disabled = disabled })
			run, n, a, b := answer(client)
			for i, text := range []string{"my", " api_key", "=", "Q7", "x9", "\n", "ok", " then"} {
				a.Token(text)
				b.Token(text)
				if i%3 == 0 {
					n.Warning("w")
				}
			}
			a.End(callback.LLMResult{FinishReason: callback.FinishStop}, nil)
			b.End(callback.LLMResult{}, nil)
			run.End(nil)
			for _, m := range rec.Messages("thread") {
				if x := m.GetTokenChunk(); x != nil {
					indexes = append(indexes, x.GetChunkIndex())
				}
			}
			numbers = sequences(rec)
			delivered = client.Stats().Kinds[pb.MessageType_MESSAGE_TYPE_TOKEN_CHUNK].Delivered
		})
		return numbers, indexes, delivered
	}
	numbers, indexes, delivered := sent(false)
	wantNumbers, wantIndexes, wantDelivered := sent(true)
	if !slices.Equal(numbers, wantNumbers) || !slices.Equal(indexes, wantIndexes) ||
		delivered != wantDelivered {
		t.Errorf("numbers %v, indexes %v, %d delivered; without redaction %v, %v, %d", numbers,
			indexes, delivered, wantNumbers, wantIndexes, wantDelivered)
	}
}

// The memory of all kept answers is bounded: beyond the bound, none keeps more text back.
func TestAnswersTakeBoundedMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := callbacktest.NewRecorder()
		// a sixteenth of it is 1 MiB
		client := rec.Client(t, func(c *callback.Config) { c.QueueBytes = 16 << 20 })
		run := client.StartRun(callback.RunInfo{ThreadID: "t"})
		for range 200 {
			run.Root().StartLLM(callback.LLMRequest{}).Token("ghp" + "_" + strings.Repeat("-",
				15<<10))
		}
		if n := callback.AnswerBytes(client); n > 1<<20+200*4<<10 {
			t.Errorf("answers take %d bytes", n)
		}
		run.End(nil)
		flush(t, client)
	})
}
