// Shed is an application that emits more than its Kafka takes and loses nothing: it leaves out what
// is not needed as soon as the client says "elevated", and as much of it as has to be.
//
//	go run ./examples/shed --overload 5 --duration 2m
//
// It needs no Kafka: behind the client is a sender that takes so many events a second. Every ten
// seconds it prints what was emitted, left out, delivered and lost, and the level of pressure. It
// exits with 1 if an event was lost.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/dashstream/dashstream-go/callback"
)

type options struct {
	overload, capacity float64 // as a multiple, in events a second
	from, until        time.Duration
	lasts              time.Duration
	queueBytes         int64
	keepAll            bool // to see what is lost then
}

func main() { os.Exit(program(os.Args[1:], os.Stdout, os.Stderr)) }

func program(args []string, stdout, stderr io.Writer) int {
	var o options
	f := flag.NewFlagSet("shed", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.Float64Var(&o.overload, "overload", 5, "how many times its capacity is emitted in an "+
		"overload")
	f.Float64Var(&o.capacity, "capacity", 1000, "how many events a second the sender takes")
	f.DurationVar(&o.lasts, "duration", 2*time.Minute, "how long it runs")
	f.BoolVar(&o.keepAll, "keep-all", false, "leave nothing out, to see what is lost then")
	f.Int64Var(&o.queueBytes, "queue-bytes", 32<<20, "the client's queue")
	if err := f.Parse(args); err != nil {
		return 2
	}
	o.from, o.until = o.lasts/10, o.lasts*9/10
	r, err := run(&o, stdout)
	if err != nil {
		fmt.Fprintln(stderr, "shed:", err)
		return 2
	}
	if r.lost > 0 {
		return 1
	}
	return 0
}

// result is what became of a run.
type result struct {
	emitted, shed, delivered, lost uint64
	changes                        []time.Duration // of the level
}

const (
	tick = 10 * time.Millisecond
	// needed is the share of the events that are never left out.
	needed = 0.1
	// usual is the load outside of the overload, as a share of the capacity.
	usual = 0.5
	// size is how much an event says, in bytes.
	size = 1000
)

// run emits for some time: usually half of what the sender takes, and in the overload more.
func run(o *options, stdout io.Writer) (*result, error) {
	r, began := new(result), time.Now()
	sender := newSender(o.capacity)
	changed := make(chan time.Duration, 1000)
	client, err := callback.New(callback.Config{
		Sender: sender, Service: "shed", QueueBytes: o.queueBytes,
		Logger:     slog.New(slog.DiscardHandler),
		OnPressure: func(callback.Pressure) { changed <- time.Since(began) },
	})
	if err != nil {
		return nil, err
	}
	s := &shedder{client: client, keep: 1}
	root := client.StartRun(callback.RunInfo{ThreadID: "conversation-1"}).Root()
	text := string(make([]byte, size))
	due, decided, told := 0.0, began, began
	for now := began; now.Sub(began) < o.lasts; now = pause(now) {
		load := usual
		if at := now.Sub(began); at >= o.from && at < o.until {
			load = o.overload
		}
		for due += load * o.capacity * tick.Seconds(); due >= 1; due-- {
			if s.wants() {
				root.Thinking(1, text)
			}
		}
		if now.Sub(decided) >= decideEvery && !o.keepAll {
			s.decide(now.Sub(decided))
			decided = now
		}
		if now.Sub(told) >= 10*time.Second {
			told = now
			s.tell(stdout, now.Sub(began))
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	_, err = client.Shutdown(ctx)
	total := client.Stats().Total
	r.emitted, r.delivered, r.lost, r.shed = total.Emitted, total.Delivered, total.Lost(), s.shed
	close(changed)
	for at := range changed {
		r.changes = append(r.changes, at)
	}
	fmt.Fprintf(stdout, "emitted %d, left out %d, delivered %d, lost %d; the level changed %d "+
		"times\n",
		r.emitted, r.shed, r.delivered, r.lost, len(r.changes))
	return r, err
}

// pause waits for the next tick.
func pause(now time.Time) time.Time {
	next := now.Add(tick)
	time.Sleep(time.Until(next))
	return next
}
