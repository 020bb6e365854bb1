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
	// the benchmark itself: making events, reading the clock around them
	ShareLoad = "load"
)

// Owner says which part a function belongs to whose name begins with Prefix.
type Owner struct {
	Prefix, Part string
	// Below says that all that such a function calls belongs to that part too.
	Below bool
}

// Packages are the parts by the package that the innermost function outside the standard library
// belongs to.
var Packages = []Owner{
	{Prefix: "github.com/klauspost/compress", Part: ShareCompression},
	{Prefix: "compress/", Part: ShareCompression},
	{Prefix: "github.com/pierrec/lz4", Part: ShareCompression},
	{Prefix: "github.com/dashstream/dashstream-go/benchmarks", Part: ShareLoad},
	{Prefix: "main.", Part: ShareLoad},
	{Prefix: "github.com/dashstream/dashstream-go/internal/wire", Part: "encoding"},
	{Prefix: "github.com/dashstream/dashstream-go/internal/redact", Part: "redaction"},
	{Prefix: "github.com/dashstream/dashstream-go/callback", Part: "callback"},
	{Prefix: "github.com/dashstream/dashstream-go/batching", Part: "batching"},
	{Prefix: "github.com/dashstream/dashstream-go/internal/kafka", Part: "internal/kafka"},
	{Prefix: "github.com/twmb/franz-go", Part: "franz-go"},
	{Prefix: "go.opentelemetry.io/", Part: "opentelemetry"},
	{Prefix: "google.golang.org/protobuf", Part: "protobuf"},
	{Prefix: "net/http", Part: "net/http"},
	{Prefix: "github.com/IBM/sarama", Part: "sarama"},
	{Prefix: "github.com/segmentio/kafka-go", Part: "segmentio"},
}

// kernelFunctions are where the runtime enters the kernel.
var kernelFunctions = []string{
	"internal/runtime/syscall", "syscall.Syscall", "syscall.RawSyscall", "runtime.futex",
	"runtime.epollwait", "runtime.usleep", "runtime.write1",
	"runtime.read", "runtime.madvise", "runtime.mmap", "runtime.sysmon", "runtime.osyield",
	"runtime.netpoll", "runtime.tgkill", "runtime.nanosleep",
}

// ReadShares attributes a CPU profile. A sample belongs to what it is below of, else to the kernel
// if it was taken in a system call, else to the first of the owners from the innermost function
// outwards, else to the runtime.
func ReadShares(r io.Reader, owners []Owner) (Shares, error) {
	p, err := profile.Parse(r)
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	shares, total := Shares{}, 0.0
	for _, s := range p.Sample {
		n := float64(s.Value[len(s.Value)-1])
		shares[partOf(s, owners)] += n
		total += n
	}
	for part := range shares {
		shares[part] /= total
	}
	return shares, nil
}

func partOf(s *profile.Sample, owners []Owner) string {
	for _, o := range owners {
		if o.Below && calls(s, o.Prefix) {
			return o.Part
		}
	}
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
				if strings.HasPrefix(name, o.Prefix) {
					return o.Part
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

// Within returns the processor time of a CPU profile that was spent in functions of the package, or
// in what they called.
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
