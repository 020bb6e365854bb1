package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dashstream/dashstream-go/internal/jsonlines"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/examples/internal/terminal"
	"github.com/dashstream/dashstream-go/internal/reading"
)

// reader reads the topic.
type reader struct {
	program *program
	client  *kgo.Client
	topic   string
	timeout time.Duration // bounds a question to the cluster
	options *options

	partitions int // that are read
}

// begin asks the cluster for the topic, and places the reader in it.
func (r *reader) begin(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	n, err := reading.Partitions(ctx, r.client, r.topic)
	if err != nil {
		return err
	}
	places := map[int32]kgo.Offset{}
	for p := range int32(n) {
		places[p] = r.options.start
	}
	if r.options.offset >= 0 {
		if err := r.bound(ctx, places); err != nil {
			return err
		}
	}
	r.partitions = n
	r.client.AddConsumePartitions(map[string]map[int32]kgo.Offset{r.topic: places})
	fmt.Fprintf(r.program.stderr, "tail: reading %s (%d partitions)\n", r.topic, n)
	return nil
}

// bound moves an offset that is beyond the end of a partition to its end.
func (r *reader) bound(ctx context.Context, places map[int32]kgo.Offset) error {
	ends, err := reading.Offsets(ctx, r.client, r.topic, len(places), reading.End)
	if err != nil {
		return err
	}
	for p, end := range ends {
		if end < r.options.offset {
			places[int32(p)] = kgo.NewOffset().At(end)
			fmt.Fprintf(r.program.stderr, "tail: partition %d ends at offset %d: it is read from "+
				"there\n", p, end)
		}
	}
	return nil
}

// growEvery is how often the reader looks for partitions that the topic did not have.
const growEvery = 5 * time.Second

// grow reads partitions that the topic has got meanwhile. What cannot be asked now is asked next
// time.
func (r *reader) grow(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	n, err := reading.Partitions(ctx, r.client, r.topic)
	if err != nil || n <= r.partitions {
		return
	}
	places := map[int32]kgo.Offset{}
	for p := r.partitions; p < n; p++ {
		places[int32(p)] = kgo.NewOffset().AtStart()
	}
	r.client.AddConsumePartitions(map[string]map[int32]kgo.Offset{r.topic: places})
	r.partitions = n
	fmt.Fprintf(r.program.stderr, "tail: %s has %d partitions now: a thread may go on in another "+
		"one, and lines of both come in no order\n", r.topic, n)
}

// follow prints what is read until it has printed enough, its time is over or ctx ends.
func (r *reader) follow(ctx context.Context) int {
	o := r.options
	if o.limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.limit)
		defer cancel()
	}
	out := bufio.NewWriter(r.program.stdout)
	t := tailer{filter: &o.filter, count: o.count, sequences: jsonlines.NewSequences(),
		owners: jsonlines.NewOwners(), stateOf: o.state, out: out}
	if o.json {
		t.format = jsonLines{}
	} else {
		t.format = &textLines{location: time.Local, colored: terminal.Colored(r.program.stdout)}
	}
	defer func() {
		if summary := t.summary(); summary != "" {
			fmt.Fprintf(r.program.stderr, "tail: %s\n", summary)
		}
	}()
	var complaint string
	for asked := time.Now(); ; {
		fetches := r.poll(ctx)
		if fetches.IsClientClosed() {
			return exitDone
		}
		fetches.EachError(func(topic string, partition int32, err error) {
			// The client goes on by itself; what is said once is enough while it lasts.
			waited := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
			if text := fmt.Sprintf("partition %d: %v", partition, err); !waited &&
				text != complaint {
				complaint = text
				r.program.fail(exitRead, errors.New(text))
			}
		})
		for records := fetches.RecordIter(); !records.Done() && !t.enough(); {
			t.record(records.Next())
		}
		if err := out.Flush(); err != nil {
			return r.unwritten(err)
		}
		if t.enough() || ctx.Err() != nil {
			return exitDone
		}
		if time.Since(asked) >= growEvery {
			r.grow(ctx)
			asked = time.Now()
		}
	}
}

// unwritten ends the program because it cannot print: well, if nobody reads any more, but not if
// lines are lost that somebody wants.
func (r *reader) unwritten(err error) int {
	if terminal.Unread(err) {
		return exitDone
	}
	return r.program.fail(exitRead, err)
}

// poll waits for records, but no longer than until it is time to look for partitions.
func (r *reader) poll(ctx context.Context) kgo.Fetches {
	ctx, cancel := context.WithTimeout(ctx, growEvery)
	defer cancel()
	return r.client.PollFetches(ctx)
}
