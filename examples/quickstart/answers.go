package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dashstream/dashstream-go/callback/dasheino"
	"github.com/dashstream/dashstream-go/examples/internal/terminal"
	"github.com/dashstream/dashstream-go/examples/quickstart/gopher"
)

// answer is what a run gave.
type answer struct {
	question, text string
	err            error
}

// canceled says whether the run was ended by Ctrl-C, which is no failure of its own.
func (x *answer) canceled() bool { return errors.Is(x.err, context.Canceled) }

// answerAll runs the agent for each question, and returns the answers and how many runs failed. The
// end of ctx ends it early.
func (q *quickstart) answerAll(ctx context.Context, a gopher.Agent) (answers []answer, failed int) {
	answers = make([]answer, q.runs)
	var done atomic.Int64
	stopBar := q.progress(&done)
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(q.concurrency, q.runs) {
		workers.Go(func() {
			for i := range next {
				x := answer{question: q.questions[i%len(q.questions)]}
				x.text, x.err = gopher.Ask(dasheino.WithThread(ctx, q.thread(i)), a, x.question)
				answers[i] = x
				done.Add(1)
			}
		})
	}
	q.feed(ctx, next)
	workers.Wait()
	stopBar()
	answered := answers[:0]
	for _, x := range answers {
		if x.question == "" {
			continue // never asked
		}
		if x.err != nil && !x.canceled() {
			failed++
		}
		answered = append(answered, x)
	}
	return answered, failed
}

// thread names a run's thread: no two runs of any quickstart have the same.
func (q *quickstart) thread(run int) string {
	return fmt.Sprintf("quickstart/%s/%d", q.client.InstanceID(), run+1)
}

// feed hands out the runs at the rate that was asked for.
func (q *quickstart) feed(ctx context.Context, next chan<- int) {
	defer close(next)
	begin := time.Now()
	for i := range q.runs {
		if q.rate > 0 {
			timer := time.NewTimer(
				time.Until(begin.Add(time.Duration(float64(i) / q.rate * float64(time.Second)))))
			select {
			case <-timer.C:
			case <-ctx.Done():
				timer.Stop()
				return
			}
		}
		select {
		case next <- i:
		case <-ctx.Done():
			return
		}
	}
}

// progress draws a bar on a terminal, once it has taken a second, and returns what ends it.
func (q *quickstart) progress(done *atomic.Int64) (stop func()) {
	if !terminal.Is(q.stderr) {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var drawing sync.WaitGroup
	drawing.Go(func() {
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		begin := time.Now()
		for {
			select {
			case <-ctx.Done():
				fmt.Fprint(q.stderr, "\r\x1b[K")
				return
			case <-tick.C:
			}
			if time.Since(begin) < time.Second {
				continue
			}
			n := int(done.Load())
			full := 30 * n / q.runs
			fmt.Fprintf(q.stderr, "\r\x1b[K[%s%s] %d of %d runs", strings.Repeat("=", full),
				strings.Repeat(" ", 30-full), n, q.runs)
		}
	})
	return func() { cancel(); drawing.Wait() }
}
