// Package feed reads a topic and hands its records to a view.
package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/callback"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/examples/liveview/internal/intake"
	"github.com/dashstream/dashstream-go/examples/liveview/internal/view"
	"github.com/dashstream/dashstream-go/internal/reading"
)

const (
	lookEvery  = 5 * time.Second // how often the topic is asked for its partitions
	retryEvery = time.Second     // the same while some of it cannot be read
	quietAfter = 2 * time.Second // see Feed.lag
	askTimeout = 5 * time.Second
	pollFor    = 500 * time.Millisecond
	maxRecords = 2000 // of one poll
)

// Feed reads a topic.
type Feed struct {
	Config callback.Config
	View   *view.View
	Start  kgo.Offset
	Logger *slog.Logger
	Now    func() time.Time

	client     *kgo.Client
	intake     *intake.Intake
	topic      string
	id         [16]byte // of the topic that is read
	partitions int
	places     map[int32]*place
	complaint  string
}

// place is where a partition is read.
type place struct {
	next    int64     // the offset to read next
	history int64     // the offset behind what was there when reading began
	end     int64     // the offset behind the last record, as last heard of
	newest  time.Time // the time stamp of the last record that was read
	heard   time.Time // when that was read
}

// Run reads until ctx ends. A cluster that does not answer is asked again; the error is a wrong
// configuration.
func (f *Feed) Run(ctx context.Context) error {
	opts, err := reading.Options(f.Config)
	if err != nil {
		return err
	}
	if f.intake, err = intake.New(); err != nil {
		return err
	}
	opts = append(opts, kgo.WithHooks(&hooks{f.View}), kgo.FetchMaxWait(time.Second))
	if f.client, err = kgo.NewClient(opts...); err != nil {
		return err
	}
	defer f.client.Close()
	f.topic = reading.Topic(f.Config)
	f.View.Topic(f.topic, 0)
	f.places = map[int32]*place{}
	for f.partitions == 0 {
		if f.take(ctx, f.ask(ctx), f.Start); f.partitions == 0 {
			select {
			case <-ctx.Done():
			case <-time.After(retryEvery):
			}
		}
		if ctx.Err() != nil {
			return nil
		}
	}
	f.Logger.Info("liveview: reading", "topic", f.topic, "partitions", f.partitions)
	f.follow(ctx)
	return nil
}

// follow reads until ctx ends. The topic is asked for meanwhile: a cluster may answer late.
func (f *Feed) follow(ctx context.Context) {
	answers := make(chan answer, 1)
	asking, due := false, f.Now().Add(lookEvery)
	for ctx.Err() == nil {
		f.poll(ctx)
		select {
		case a := <-answers:
			asking, due = false, f.Now().Add(retryEvery)
			if f.take(ctx, a, kgo.NewOffset().AtStart()) {
				due = f.Now().Add(lookEvery)
			}
		default:
			if !asking && !f.Now().Before(due) {
				asking = true
				go func() { answers <- f.ask(ctx) }()
			}
		}
	}
	if asking {
		<-answers // which ends with ctx
	}
}

// answer is how the topic is, or why that is not known.
type answer struct {
	topic reading.Description
	err   error
}

func (f *Feed) ask(ctx context.Context) answer {
	bounded, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	d, err := reading.Describe(bounded, f.client, f.topic)
	return answer{d, err}
}

// take reads partitions that are not read yet, from an offset, and reports whether all of the topic
// can be read. A topic that is gone and a partition without a leader send nothing, as one that is
// idle does: it has to be asked for.
func (f *Feed) take(ctx context.Context, a answer, from kgo.Offset) bool {
	d, err := a.topic, a.err
	if ctx.Err() != nil {
		return false
	}
	if err == nil {
		// the client does not read a new topic of this name; brokers that are too old tell no id
		none := [16]byte{}
		if d.ID != f.id && d.ID != none && f.id != none {
			f.client.PurgeTopicsFromConsuming(f.topic)
			f.partitions, f.places = 0, map[int32]*place{}
			f.Logger.Warn("liveview: the topic was made anew; reading it from its start")
			from = kgo.NewOffset().AtStart()
		}
		f.id = d.ID
		f.grow(d.Partitions, from)
	}
	if len(d.Leaderless) > 0 {
		err = fmt.Errorf("topic %q: no leader for %d of %d partitions: %v", f.topic,
			len(d.Leaderless), d.Partitions, d.Leaderless)
	}
	if err != nil {
		err = reading.Explain(f.Config, err)
		f.complain(err)
		f.View.Unreadable(err.Error())
		return false
	}
	f.View.Unreadable("")
	return true
}

// grow reads the partitions below n that are not read yet.
func (f *Feed) grow(n int, from kgo.Offset) {
	if n <= f.partitions {
		return
	}
	places := map[int32]kgo.Offset{}
	for p := f.partitions; p < n; p++ {
		places[int32(p)] = from
	}
	f.client.AddConsumePartitions(map[string]map[int32]kgo.Offset{f.topic: places})
	f.partitions = n
	f.View.Topic(f.topic, n)
}

// complain says once what is wrong, while it lasts.
func (f *Feed) complain(err error) {
	f.View.Trouble(err.Error())
	if text := err.Error(); text != f.complaint {
		f.complaint = text
		f.Logger.Warn("liveview: the topic cannot be read; trying again", "error", text)
	}
}

func (f *Feed) poll(ctx context.Context) {
	bounded, cancel := context.WithTimeout(ctx, pollFor)
	defer cancel()
	fetches := f.client.PollRecords(bounded, maxRecords)
	fetches.EachError(func(_ string, partition int32, err error) {
		if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
			f.complain(fmt.Errorf("partition %d: %w", partition, err))
		}
	})
	now := f.Now()
	var records []view.Incoming
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		at := f.places[p.Partition]
		if at == nil {
			at = &place{history: p.HighWatermark}
			f.places[p.Partition] = at
		}
		for _, r := range p.Records {
			if r.Offset < at.next {
				at.history = 0 // of a topic that was made anew since: none of it was there
			}
			records = append(records, f.incoming(r, r.Offset < at.history))
			at.next, at.end = r.Offset+1, p.HighWatermark
			at.newest, at.heard = r.Timestamp, now
		}
	})
	if len(records) > 0 {
		f.complaint = ""
		f.View.Add(records)
	}
	f.View.Lag(f.lag(now))
}

// lag returns how many records are not read yet, and the greatest age that the newest one read has
// in a partition with such. What is left of a partition that sends nothing is no record: a
// transaction's marker, or the end of a topic that was made anew.
func (f *Feed) lag(now time.Time) (behind int64, age time.Duration) {
	for _, at := range f.places {
		if left := at.end - at.next; left > 0 && now.Sub(at.heard) < quietAfter {
			behind += left
			age = max(age, now.Sub(at.newest))
		}
	}
	return behind, age
}

func (f *Feed) incoming(r *kgo.Record, history bool) view.Incoming {
	in := view.Incoming{Key: r.Key, Size: len(r.Value), Time: r.Timestamp,
		History: history, Partition: r.Partition, Offset: r.Offset}
	for _, h := range r.Headers {
		switch h.Key {
		case pb.HeaderProducer:
			in.Source.Producer = string(h.Value[:min(len(h.Value), 200)])
		case pb.HeaderEpoch:
			in.Source.Epoch = string(h.Value[:min(len(h.Value), 32)])
		}
	}
	in.Record, in.Failure = f.intake.Read(r.Value)
	return in
}

// hooks tell the view whether the cluster answers.
type hooks struct{ view *view.View }

// OnBrokerRead is called by the client for every answer.
func (h *hooks) OnBrokerRead(
	_ kgo.BrokerMetadata, _ int16, _ int, _, _ time.Duration, err error,
) {
	switch {
	case err == nil:
		h.view.Contact()
	case !errors.Is(err, context.Canceled) && !errors.Is(err, net.ErrClosed):
		h.view.Trouble("no answer of a broker: " + err.Error())
	}
}

// OnBrokerConnect is called by the client for every connection.
func (h *hooks) OnBrokerConnect(_ kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		h.view.Trouble("no connection to a broker: " + err.Error())
	}
}
