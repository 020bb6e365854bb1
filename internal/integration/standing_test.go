package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
)

// standing is a cluster of 12 partitions that accepts batches and does not respond until it is
// released.
type standing struct {
	mu   sync.Mutex
	goes bool
	held []func()
}

func (*standing) Route(key []byte) (int, int) { return int(crc32.ChecksumIEEE(key) % 12), 12 }

func (s *standing) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	s.mu.Lock()
	if !s.goes {
		s.held = append(s.held, func() { done(b, nil) })
		s.mu.Unlock()
		return
	}
	s.mu.Unlock()
	done(b, nil)
}

func (s *standing) Stats() batching.SenderStats { return batching.SenderStats{} }

func (s *standing) stand() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.goes = false
}

func (s *standing) goOn() {
	s.mu.Lock()
	s.goes = true
	held := s.held
	s.held = nil
	s.mu.Unlock()
	for _, end := range held {
		end()
	}
}

func (s *standing) Close(context.Context) error {
	s.goOn()
	return nil
}

// agent plays recorded runs one after another on its own threads: a node with its events for each
// message.
type agent struct {
	client *callback.Client
	runs   [][]json.RawMessage
	states bool
	events int // number emitted so far

	serial  int
	run     *callback.Run
	current []json.RawMessage
	at      int
	tokens  int
}

// step emits one message's events.
func (a *agent) step() {
	if a.at == len(a.current) {
		if a.run != nil {
			a.run.End(nil)
			a.events++
		}
		a.serial++
		a.current, a.at = a.runs[a.serial%len(a.runs)], 0
		a.run = a.client.StartRun(callback.RunInfo{ThreadID: fmt.Sprintf("%p-%d", a, a.serial)})
		a.events++
	}
	message := a.current[a.at]
	a.at++
	node := a.run.StartNode("agent")
	llm := node.StartLLM(callback.LLMRequest{Model: "model", Provider: "provider"})
	text := string(message)
	for len(text) > 20 && a.tokens < 40 { // approximately one for each word of a message
		llm.Token(text[:5])
		text = text[20:]
		a.tokens++
	}
	llm.End(callback.LLMResult{CompletionTokens: a.tokens, FinishReason: callback.FinishStop}, nil)
	node.End(nil)
	a.events += 5 + a.tokens
	a.tokens = 0
	if a.states {
		a.run.SetState(stateAfter(a.current, a.at))
		a.events++
	}
}

// played is what happened to events at 20,000 a second while the brokers did not respond for a
// while.
type played struct {
	lasted time.Duration // until the first loss, or the end
	stats  callback.Stats
}

// outage can be begun and ended by a test; both calls may be repeated.
type outage interface {
	stand()
	goOn()
}

// frozen is an outage of real brokers.
type frozen struct {
	t    *testing.T
	c    *cluster
	thaw func()
}

func (f *frozen) stand() {
	if f.thaw == nil {
		f.thaw = f.c.freeze(f.t)
	}
}

func (f *frozen) goOn() {
	if f.thaw != nil {
		f.thaw()
		f.thaw = nil
	}
}

func playWhileStanding(
	t *testing.T, s outage, cfg callback.Config, runs [][]json.RawMessage, states bool,
	stop time.Duration,
) played {
	t.Helper()
	cfg.SelfMetrics, cfg.Logger = "off", slog.New(slog.DiscardHandler)
	client := newClient(t, cfg)
	agents := make([]agent, 200)
	for i := range agents {
		agents[i] = agent{client: client, runs: runs, states: states, serial: i}
	}
	const rate = 20_000
	began, standsAt := time.Now(), time.Second
	p := played{lasted: stop}
	emitted, over := 0, standsAt+stop+2*time.Second
	for now := time.Duration(0); now < over; now = time.Since(began) {
		if now >= standsAt && now < standsAt+stop {
			s.stand()
		} else {
			s.goOn()
		}
		for emitted < int(now.Seconds()*rate) {
			emitted = 0
			for i := range agents {
				agents[i].step()
				emitted += agents[i].events
			}
		}
		if st := client.Stats(); st.Total.Lost() > 0 {
			p.lasted = now - standsAt
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	s.goOn()
	_, _ = client.Shutdown(deadline(t, 30*time.Second))
	p.stats = client.Stats()
	return p
}

// An outage with states lasts nearly as long as one without, because waiting states are turned into
// patches.
func TestStandingBrokerIsOutlastedWithStates(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes emitting at 20,000 events a second impossible")
	}
	standingIsOutlasted(t, func() (outage, callback.Config) {
		s := &standing{goes: true}
		return s, callback.Config{Sender: s}
	})
}

// The same with real brokers, which are frozen.
func TestFrozenBrokerIsOutlastedWithStates(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes emitting at 20,000 events a second impossible")
	}
	if !long() {
		t.Skip("it takes minutes; DASHSTREAM_LONG=1 tries it")
	}
	standingIsOutlasted(t, func() (outage, callback.Config) {
		c := realCluster(t)
		return &frozen{t: t, c: c}, c.config()
	})
}

func standingIsOutlasted(t *testing.T, begin func() (outage, callback.Config)) {
	t.Helper()
	runs, _ := recordedRuns(t)
	const longest = 60 * time.Second
	play := func(states bool, stop time.Duration) played {
		s, cfg := begin()
		return playWhileStanding(t, s, cfg, runs, states, stop)
	}
	plain := play(false, longest)
	states := play(true, longest)
	t.Logf("first loss after %v without states, after %v with; %+v", plain.lasted, states.lasted,
		states.stats.State)
	if states.lasted < 15*time.Second || states.lasted < plain.lasted*6/10 {
		t.Errorf("with states the queue lasted %v, without %v", states.lasted, plain.lasted)
	}
	if short := play(true, 10*time.Second); short.stats.Total.Lost() != 0 {
		t.Errorf("a stop of 10 s cost events: %+v", short.stats.Total)
	}
}
