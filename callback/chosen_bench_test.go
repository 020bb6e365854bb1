package callback

import (
	"context"
	"log/slog"
	"testing"

	"github.com/dashstream/dashstream-go/batching"
)

// silent acknowledges nothing.
type silent struct{ nowhere }

func (silent) Send(*batching.Batch, func(*batching.Batch, error)) {}

// BenchmarkEmitWithLossesChosen is what an event costs its caller under the settings that choose
// what is lost: while nothing has to be, and while everything that may be is.
func BenchmarkEmitWithLossesChosen(b *testing.B) {
	const v = "values of 20 letters"
	for _, tt := range []struct {
		name   string
		change func(*Config)
		full   bool // the queue, before
	}{
		{"nothing set", func(*Config) {}, false},
		{"shed, no pressure", func(c *Config) { c.Shed = ShedAuto }, false},
		{"sampled", func(c *Config) { c.SampleRate = 0.999 }, false},
		{"not sampled", func(c *Config) { c.SampleRate = 1e-9 }, false},
		{"full, drop", func(*Config) {}, true},
		{"full, shed", func(c *Config) { c.Shed = ShedAuto }, true},
		{"full, drop_oldest", func(c *Config) { c.Overflow = OverflowDropOldest }, true},
	} {
		b.Run(tt.name, func(b *testing.B) {
			cfg := Config{Sender: nowhere{}, SelfMetrics: "off",
				Logger: slog.New(slog.DiscardHandler)}
			if tt.full {
				cfg.Sender, cfg.QueueEvents = silent{}, 10_000
			}
			tt.change(&cfg)
			c, err := New(cfg)
			if err != nil {
				b.Fatal(err)
			}
			n := c.StartRun(RunInfo{ThreadID: "thread"}).StartNode("node")
			if tt.full {
				for range 20_000 {
					n.Progress(0, v)
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				n.Progress(0.5, v)
			}
			b.StopTimer()
			ctx, cancel := context.WithCancel(b.Context())
			cancel()
			_, _ = c.Shutdown(ctx) // nothing is waited for
		})
	}
}
