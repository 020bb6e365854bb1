package chaos

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/internal/kafkatest"
)

// sample is what the process holds while nothing is emitted and nothing is queued.
type sample struct {
	heap       int64 // bytes, after a garbage collection
	goroutines int64
	files      int64
}

func takeSample(t *testing.T) sample {
	t.Helper()
	runtime.GC()
	runtime.GC() // what pools had is free only now
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return sample{int64(mem.HeapAlloc), int64(runtime.NumGoroutine()), int64(len(files))}
}

// holdings are what must not grow, and by how much it varies: brokers that return are connected to
// at different moments.
var holdings = []struct {
	name   string
	varies int64
	of     func(sample) int64
}{
	{"heap, bytes", 1 << 20, func(s sample) int64 { return s.heap }},
	{"goroutines", 10, func(s sample) int64 { return s.goroutines }},
	{"file handles", 10, func(s sample) int64 { return s.files }},
}

// growth returns by how much the lowest value of the last third exceeds the lowest one of the first
// third: what varies comes back to it, what leaks does not.
func growth(samples []sample, of func(sample) int64) int64 {
	var values []int64
	for _, s := range samples {
		values = append(values, of(s))
	}
	third := (len(values) + 2) / 3
	return slices.Min(values[len(values)-third:]) - slices.Min(values[:third])
}

// Brokers come and go for as long as the soak lasts, and threads come that never came before. Heap,
// goroutines and file handles stay what they were.
func TestNothingGrowsWhileBrokersComeAndGo(t *testing.T) {
	cluster := threeBrokers(t)
	total := lasting(t, "DASHSTREAM_SOAK", time.Minute, 30*time.Minute)
	lasts := min(total/20, 10*time.Second)
	brokers := cluster.Brokers(kafkatest.Plaintext)
	topic := createTopic(t, brokers)
	network := newNetwork(t, brokers)
	soaked := newParty(t, "soak", 0, network, callback.Config{Brokers: brokers, Topic: topic,
		RememberedThreads: threads, SelfMetricsInterval: time.Second})
	turmoil := newTurmoil(t, cluster, network, topic)
	var samples []sample
	const warmup = 2
	for begin, round := time.Now(), 0; time.Since(begin) < total || len(samples) < 6; round++ {
		players := newPlayers(soaked.client, fmt.Sprint("round-", round), threads)
		load := startLoad(players, rate/5)
		f := fault{kind: kinds[round%len(kinds)], broker: 1 + round%3, lasts: lasts}
		err := turmoil.do(f)
		time.Sleep(lasts / 3)
		load.end()
		if err != nil {
			t.Fatalf("%s of broker %d: %v", f.kind, f.broker, err)
		}
		for _, p := range players {
			p.finish()
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		if err := soaked.client.Flush(ctx); err != nil {
			t.Error(err)
		}
		cancel()
		if round >= warmup {
			samples = append(samples, takeSample(t))
		}
	}
	report, err := soaked.client.Shutdown(t.Context())
	t.Logf("%d events, %d delivered, %d rounds\n%s", report.Emitted, report.Delivered,
		len(samples)+warmup, tableOfSamples(samples))
	if err != nil || !report.Complete() {
		t.Errorf("%+v, %v", report, err)
	}
	for _, h := range holdings {
		if grown := growth(samples, h.of); grown > h.varies {
			t.Errorf("%s: grown by at least %d, want at most %d", h.name, grown, h.varies)
		}
	}
}

func tableOfSamples(samples []sample) string {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "\tlowest\thighest\tfirst\tlast\tgrowth\tallowed\t")
	for _, h := range holdings {
		lowest, highest := h.of(samples[0]), h.of(samples[0])
		for _, s := range samples {
			lowest, highest = min(lowest, h.of(s)), max(highest, h.of(s))
		}
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t\n", h.name, lowest, highest,
			h.of(samples[0]), h.of(samples[len(samples)-1]), growth(samples, h.of), h.varies)
	}
	_ = w.Flush()
	return out.String()
}

func TestGrowthIsToldFromVariation(t *testing.T) {
	for _, tt := range []struct {
		name   string
		values []int64
		want   int64
	}{
		{"flat", []int64{5, 5, 5, 5, 5, 5}, 0},
		{"varies", []int64{5, 9, 3, 8, 9, 4}, -1},
		{"a peak in the middle", []int64{5, 6, 90, 90, 6, 5}, 0},
		{"grows", []int64{5, 6, 7, 8, 9, 10}, 4},
		{"grows and varies", []int64{5, 9, 14, 16, 22, 18}, 13},
		{"shrinks", []int64{10, 9, 8, 7, 6, 5}, -4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var samples []sample
			for _, v := range tt.values {
				samples = append(samples, sample{heap: v})
			}
			if got := growth(samples, holdings[0].of); got != tt.want {
				t.Errorf("%d, want %d", got, tt.want)
			}
		})
	}
}
