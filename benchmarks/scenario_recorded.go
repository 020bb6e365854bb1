package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/measure"
	"github.com/dashstream/dashstream-go/benchmarks/internal/record"
	"github.com/dashstream/dashstream-go/benchmarks/internal/sink"
	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// Runs of about 30 messages are taken. A model is assumed to take a second for an answer, to tell
// the share of a run's length.
const (
	shortestRun = 28
	longestRun  = 32
	answerTime  = time.Second
)

func runRecorded(b *bench) ([]row, error) {
	recorded, err := runsOfThirtyMessages(b)
	if err != nil {
		return nil, b.left("recorded runs", err)
	}
	bare, err := bareCost(b, recorded)
	if err != nil {
		return nil, err
	}
	once, err := compressCost(b, recorded)
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, redaction := range []callback.Redaction{{}, {Disabled: true}} {
		for _, compression := range []string{"none", "zstd"} {
			var without float64
			for _, texts := range []texts{textsLeftOut, textsInEvents, textsInMessages} {
				b.say("  %s, %s, redaction: %v", textsNames[texts], compression,
					!redaction.Disabled)
				r, err := cheapest(pick(b, 3, 1), func() (*row, error) {
					return replayed(b, recorded, &replaying{texts, compression, redaction})
				})
				if err != nil {
					return nil, err
				}
				switch {
				case texts == textsLeftOut:
					without = r.CPUPerOp
					r.Multiple, r.Note = r.CPUPerOp/bare,
						fmt.Sprintf("of bare's %.0f ns for the same events", bare)
				case compression == "zstd":
					r.Multiple, r.Note = r.CPUPerOp/once,
						fmt.Sprintf("of the %.0f ns that compressing the texts once takes; the "+
							"texts add %.2f times that", once, (r.CPUPerOp-without)/once)
				}
				rows = append(rows, *r)
			}
		}
	}
	return rows, nil
}

// cheapest measures several times and returns what took the least processor time: other programs
// only add to it.
func cheapest(times int, measured func() (*row, error)) (*row, error) {
	var least *row
	for range times {
		r, err := measured()
		if err != nil {
			return nil, err
		}
		if least == nil || r.CPUPerOp < least.CPUPerOp {
			least = r
		}
	}
	return least, nil
}

// runsOfThirtyMessages are the recorded runs of about that length.
func runsOfThirtyMessages(b *bench) ([]load.Run, error) {
	all, err := load.ReadRuns(b.runs)
	if err != nil {
		return nil, err
	}
	var recorded []load.Run
	for _, r := range all {
		if n := len(r.Messages); n >= shortestRun && n <= longestRun {
			recorded = append(recorded, r)
		}
	}
	if len(recorded) == 0 {
		return nil, fmt.Errorf("%w: no run of %s has %d to %d messages", load.ErrNoRuns, b.runs,
			shortestRun, longestRun)
	}
	return recorded, nil
}

// replaying says how recorded runs are replayed.
type replaying struct {
	texts       texts
	compression string
	redaction   callback.Redaction
}

// replayQueue is small: replaying as fast as it goes would otherwise fill the queue, and what is
// measured then is the price of memory that is in no cache, which a run of minutes never pays.
const replayQueue = 8 << 20

// replayed replays the recorded runs over and over into a sink in another process.
func replayed(b *bench, recorded []load.Run, how *replaying) (*row, error) {
	receiver, err := sink.Start(sink.Kafka)
	if err != nil {
		return nil, err
	}
	r, err := replayInto(b, receiver.Address, recorded, how)
	if err != nil {
		return nil, errors.Join(err, receiver.Close())
	}
	counts, err := receiver.Counts()
	if err != nil {
		return nil, errors.Join(err, receiver.Close())
	}
	r.WirePerOp = float64(counts.WireBytes) / float64(r.Operations)
	return r, receiver.Close()
}

func replayInto(b *bench, address string, recorded []load.Run, how *replaying) (*row, error) {
	client, err := callback.New(callback.Config{
		SelfMetrics: "off", Logger: slog.New(slog.DiscardHandler),
		Compression: callback.Compression(how.compression),
		Topic:       sink.Topic, Brokers: []string{address},
		Overflow: callback.OverflowBlock, BlockTimeout: time.Minute, QueueBytes: replayQueue,
		Redaction: how.redaction,
	})
	if err != nil {
		return nil, err
	}
	p := &replayer{client: client, texts: how.texts}
	n := pick(b, 12_000, 400)
	meter := measure.Start(true)
	for i := range n {
		p.replay(&recorded[i%len(recorded)], i)
	}
	emitting := meter.Elapsed()
	ctx, cancel := context.WithTimeout(context.Background(), load.FinishTimeout)
	defer cancel()
	report, err := client.Shutdown(ctx)
	r := &row{Case: textsNames[how.texts], Contender: nameDashstream, Values: string(load.Recorded),
		Compression: how.compression}
	if how.redaction.Disabled {
		r.Contender = nameUnredacted
	}
	r.setCost(meter.Stop(), uint64(n))
	r.PerSecond, r.NsPerOp = 0, perOp(emitting, uint64(n))
	r.setDelivered(report.Delivered, report.Emitted)
	answers := 0
	for i := range recorded {
		for _, m := range recorded[i].Messages {
			if m.Role == "assistant" {
				answers++
			}
		}
	}
	length := float64(answers) / float64(len(recorded)) * float64(answerTime)
	r.Case += fmt.Sprintf(", %.4f %% of a run with %s an answer", 100*r.CPUPerOp/length, answerTime)
	return r, err
}

// compressCost is the processor time in ns that compressing the texts of one run once takes, at the
// level that the client uses.
func compressCost(b *bench, recorded []load.Run) (float64, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithWindowSize(1<<20), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false))
	if err != nil {
		return 0, err
	}
	all := make([][]byte, len(recorded))
	for i := range recorded {
		all[i] = textsOf(&recorded[i])
	}
	var out []byte
	n := pick(b, 4000, 400)
	least, err := cheapest(pick(b, 3, 1), func() (*row, error) {
		meter := measure.Start(false)
		for i := range n {
			out = encoder.EncodeAll(all[i%len(all)], out[:0])
		}
		return &row{CPUPerOp: perOp(meter.Stop().CPU, uint64(n))}, nil
	})
	return least.CPUPerOp, err
}

// bareCost is the time in ns that bare takes for the events of one run without its texts. Numbers
// are written as text.
func bareCost(b *bench, recorded []load.Run) (float64, error) {
	k := &keeper{}
	client, err := callback.New(callback.Config{SelfMetrics: "off",
		Logger: slog.New(slog.DiscardHandler), Sender: k})
	if err != nil {
		return 0, err
	}
	p := &replayer{client: client}
	for i := range recorded {
		p.replay(&recorded[i], i)
	}
	if _, err := client.Shutdown(context.Background()); err != nil {
		return 0, err
	}
	type event struct {
		message    record.Message
		attributes []record.Attribute
	}
	var events []event
	for _, value := range k.values {
		m, err := dashstreampb.Decode(value)
		if err != nil {
			return 0, err
		}
		for _, e := range m.GetEventBatch().GetEvents() {
			h := e.GetHeader()
			x := event{message: record.Message{
				Micros: h.GetTimestampUs(), Tenant: h.GetTenantId(), Thread: h.GetThreadId(),
				Sequence: h.GetSequence(), Event: e.GetEventType(), Node: e.GetNodeId(),
			}}
			for key, v := range e.GetAttributes() {
				x.attributes = append(x.attributes, record.Text(key, plainText(v)))
			}
			events = append(events, x)
		}
	}
	buffer := make([]byte, 0, 64<<10)
	times := measure.Compare(pick(b, 100, 20), 10, func(n int) {
		for range n {
			for i := range events {
				buffer = events[i].message.Append(buffer[:0], events[i].attributes)
			}
		}
	})
	return times[0] / float64(len(recorded)), nil
}

func plainText(v *dashstreampb.AttributeValue) string {
	if s, ok := v.GetValue().(*dashstreampb.AttributeValue_StringValue); ok {
		return s.StringValue
	}
	text, _ := json.Marshal(v.GetIntValue()) // an int64 is always JSON
	return string(text)
}

// keeper is a Sender that keeps what it is sent.
type keeper struct {
	discard
	mu     sync.Mutex
	values [][]byte
}

// Send implements [batching.Sender].
func (k *keeper) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	k.mu.Lock()
	k.values = append(k.values, append([]byte(nil), b.Value...))
	k.mu.Unlock()
	done(b, nil)
}
