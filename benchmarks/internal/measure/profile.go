package measure

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/pprof/profile"
)

// Shares are parts of the processor's time by who used it; they add up to 1.
type Shares map[string]float64

// The parts of [Shares].
const (
	ShareKernel      = "kernel"      // system calls: sockets, waking threads, sleeping
	ShareCompression = "compression" // zstd, gzip and the like
	ShareRuntime     = "runtime"     // Go's scheduler, timers and garbage collector
	ShareLoad        = "load"        // the benchmark itself: making events, reading the clock around them
)

// owners names the parts, by the package that the innermost function outside the standard library belongs to.
var owners = []struct{ prefix, part string }{
	{"github.com/klauspost/compress", ShareCompression},
	{"compress/", ShareCompression},
	{"github.com/pierrec/lz4", ShareCompression},
	{"github.com/dashstream/dashstream-go/benchmarks", ShareLoad},
	{"main.", ShareLoad},
	{"github.com/dashstream/dashstream-go/internal/wire", "encoding"},
	{"github.com/dashstream/dashstream-go/internal/redact", "redaction"},
	{"github.com/dashstream/dashstream-go/callback", "callback"},
	{"github.com/dashstream/dashstream-go/batching", "batching"},
	{"github.com/dashstream/dashstream-go/internal/kafka", "internal/kafka"},
	{"github.com/twmb/franz-go", "franz-go"},
	{"go.opentelemetry.io/", "opentelemetry"},
	{"google.golang.org/protobuf", "protobuf"},
	{"net/http", "net/http"},
	{"github.com/IBM/sarama", "sarama"},
	{"github.com/segmentio/kafka-go", "segmentio"},
}

// kernelFunctions are where the runtime enters the kernel.
var kernelFunctions = []string{
	"internal/runtime/syscall", "syscall.Syscall", "syscall.RawSyscall", "runtime.futex", "runtime.epollwait", "runtime.usleep", "runtime.write1",
	"runtime.read", "runtime.madvise", "runtime.mmap", "runtime.sysmon", "runtime.osyield", "runtime.netpoll", "runtime.tgkill", "runtime.nanosleep",
}

// ReadShares attributes a CPU profile. A sample belongs to the kernel if it was taken in a system call, else to the first package of
// [owners] from the innermost function outwards, else to the runtime.
func ReadShares(r io.Reader) (Shares, error) {
	p, err := profile.Parse(r)
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	shares, total := Shares{}, 0.0
	for _, s := range p.Sample {
		n := float64(s.Value[len(s.Value)-1])
		shares[partOf(s)] += n
		total += n
	}
	for part := range shares {
		shares[part] /= total
	}
	return shares, nil
}

func partOf(s *profile.Sample) string {
	for depth, location := range s.Location {
		for _, line := range location.Line {
			if line.Function == nil {
				continue
			}
			name := line.Function.Name
			if depth < 2 && hasPrefix(name, kernelFunctions) {
				return ShareKernel
			}
			for _, o := range owners {
				if strings.HasPrefix(name, o.prefix) {
					return o.part
				}
			}
		}
	}
	return ShareRuntime
}

func hasPrefix(name string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// Within returns the processor time of a CPU profile that was spent in functions of the package, or in what they called.
func Within(r io.Reader, pkg string) (time.Duration, error) {
	p, err := profile.Parse(r)
	if err != nil {
		return 0, fmt.Errorf("profile: %w", err)
	}
	var spent time.Duration
	for _, s := range p.Sample {
		if calls(s, pkg+".") {
			spent += time.Duration(s.Value[len(s.Value)-1])
		}
	}
	return spent, nil
}

func calls(s *profile.Sample, prefix string) bool {
	for _, location := range s.Location {
		for _, line := range location.Line {
			if line.Function != nil && strings.HasPrefix(line.Function.Name, prefix) {
				return true
			}
		}
	}
	return false
}
