package chaos

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dashstream/dashstream-go/callback"
)

// tokens is how many parts each streamed answer has.
const tokens = 6

// player emits the events of one thread, one after another. Each has a number, counted from 1: as
// an attribute, in the text of a token, as the id of a call or in a state.
type player struct {
	client  *callback.Client
	thread  string
	emitted uint32 // the last number

	step, turn int // within the node, of nodes in the run
	run        *callback.Run
	node       *callback.Node
	llm        *callback.LLM
}

func (p *player) number() slog.Attr {
	p.emitted++
	return slog.Uint64("n", uint64(p.emitted))
}

func (p *player) call() string {
	p.emitted++
	return strconv.FormatUint(uint64(p.emitted), 10)
}

// padding makes messages as long as those of real runs.
var padding = strings.Repeat("some words of a state ", 6)

// play emits the next event of the thread, or the two that one call emits.
func (p *player) play() {
	const nodesOfRun = 5
	switch {
	case p.run == nil:
		p.run = p.client.StartRun(callback.RunInfo{ThreadID: p.thread,
			Attrs: []slog.Attr{p.number()}})
		p.turn = 0
	case p.turn == nodesOfRun:
		p.run.End(nil, p.number())
		p.run = nil
	default:
		p.playNode()
	}
}

// playNode emits the next event of a node.
func (p *player) playNode() {
	step := p.step
	p.step++
	switch {
	case step == 0:
		p.node = p.run.StartNode("agent", p.number(), slog.String("input", padding))
	case step == 1:
		start := p.number()
		// the number of the final part, which has no text
		final := strconv.FormatUint(uint64(p.emitted+tokens+1), 10)
		p.llm = p.node.StartLLM(callback.LLMRequest{ID: final, Model: "m", Prompt: padding,
			Attrs: []slog.Attr{start}})
	case step < 2+tokens:
		p.llm.Token("t" + p.call() + " ")
	case step == 2+tokens:
		p.emitted++
		p.llm.End(callback.LLMResult{FinishReason: callback.FinishStop,
			Attrs: []slog.Attr{p.number()}}, nil)
	case step == 3+tokens:
		tool := p.node.StartTool(callback.ToolCall{ID: p.call(), Name: "search"})
		p.emitted++
		tool.Complete(padding)
	case step == 4+tokens:
		p.emitted++
		p.node.SetState(map[string]any{"n": p.emitted, "turn": p.turn, "notes": padding})
	case step == 5+tokens:
		p.node.Progress(.5, padding, p.number())
	default:
		p.node.End(nil, p.number())
		p.turn, p.step = p.turn+1, 0
	}
}

// finish ends the thread's run, whatever is open in it. What it emits is not numbered.
func (p *player) finish() {
	if p.run != nil {
		p.llm.End(callback.LLMResult{}, nil)
		p.node.End(nil)
		p.run.End(nil)
	}
}

// load emits at a rate, spread over goroutines.
type load struct {
	players []*player
	stop    chan struct{}
	all     sync.WaitGroup
}

const producers = 8

// startLoad begins to emit about rate events a second in total, until its end.
func startLoad(players []*player, rate int) *load {
	l := &load{players: players, stop: make(chan struct{})}
	each := (len(players) + producers - 1) / producers
	for from := 0; from < len(players); from += each {
		share := players[from:min(from+each, len(players))]
		l.all.Go(func() {
			l.produce(share, float64(rate)*float64(len(share))/
				float64(len(players)))
		})
	}
	return l
}

func (l *load) produce(players []*player, rate float64) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	begin, emitted, next := time.Now(), 0, 0
	for {
		select {
		case <-l.stop:
			return
		case now := <-tick.C:
			for due := int(now.Sub(begin).Seconds() * rate); emitted < due; next++ {
				p := players[next%len(players)]
				before := p.emitted
				p.play()
				emitted += int(p.emitted - before)
			}
		}
	}
}

// end stops the load and returns when nothing is emitted any more.
func (l *load) end() {
	close(l.stop)
	l.all.Wait()
}

func newPlayers(client *callback.Client, name string, n int) (players []*player) {
	for i := range n {
		players = append(players, &player{client: client, thread: fmt.Sprintf("%s-%d", name, i)})
	}
	return players
}
