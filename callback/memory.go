package callback

import (
	"bufio"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/dashstream/dashstream-go/internal/settings"
)

// memoryLimit is a limit on the memory of this process, and its source.
type memoryLimit struct {
	bytes int64
	by    string
}

// noLimit is above every real limit: cgroup v1 uses a number of that size for none.
const noLimit = 1 << 62

// limitOfMemory returns the lowest of the limits on this process: Go's own, which GOMEMLIMIT sets,
// and those of its control groups, such as a container's. bytes is 0 if there is none.
func limitOfMemory(root fs.FS, goLimit int64) (least memoryLimit) {
	limits := append(groupLimits(root), memoryLimit{goLimit, "GOMEMLIMIT"})
	for _, l := range limits {
		if l.bytes > 0 && l.bytes < noLimit && (least.bytes == 0 || l.bytes < least.bytes) {
			least = l
		}
	}
	return least
}

// groupLimits reads the limits of the control groups, from this process's own upwards. Inside a
// container, its group usually is the root of what is visible.
func groupLimits(root fs.FS) (limits []memoryLimit) {
	const mount = "sys/fs/cgroup"
	file, err := root.Open("proc/self/cgroup")
	if err != nil {
		return nil // not Linux, or nothing visible
	}
	defer file.Close() //nolint:errcheck // it was only read
	for lines := bufio.NewScanner(file); lines.Scan(); {
		parts := strings.SplitN(lines.Text(), ":", 3)
		if len(parts) != 3 {
			continue
		}
		base, name := mount, "memory.max"
		switch {
		case parts[0] == "0" && parts[1] == "":
		case strings.Contains(","+parts[1]+",", ",memory,"):
			base, name = mount+"/memory", "memory.limit_in_bytes"
		default:
			continue
		}
		for group := path.Clean("/" + parts[2]); ; group = path.Dir(group) {
			if n := readLimit(root, path.Join(base, group, name)); n > 0 {
				limits = append(limits, memoryLimit{n, "the container's limit (" + name + ")"})
			}
			if group == "/" {
				break
			}
		}
	}
	return limits
}

// readLimit returns 0 for "max" and for a file that does not exist.
func readLimit(root fs.FS, name string) int64 {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// A full queue must leave memory for the application and the garbage collector. Queue and states
// together get at most half of the limit, and the advised size is a quarter of it.
const (
	mostOfLimit    = 2
	advisedOfLimit = 4
)

// memoryAdvice says what to set if the queue and the states could exceed their part of the limit;
// "" if they cannot.
func (c *Config) memoryAdvice(limit memoryLimit) string {
	most := limit.bytes / mostOfLimit
	if limit.bytes == 0 || c.QueueBytes <= most && c.QueueBytes+c.StateBytes <= most+most/2 {
		return ""
	}
	advised := max(limit.bytes/advisedOfLimit, minQueueBytes)
	if advised >= mib {
		advised -= advised % mib
	}
	set := fmt.Sprintf("DASHSTREAM_QUEUE_BYTES=%s", settings.FormatSize(advised))
	if states := max(limit.bytes/advisedOfLimit/2, minStateBytes); c.StateBytes > states {
		if states >= mib {
			states -= states % mib
		}
		set += fmt.Sprintf(" and DASHSTREAM_STATE_BYTES=%s", settings.FormatSize(states))
	}
	return fmt.Sprintf("the queue (%s) and the states (%s) may grow to more than the memory limit "+
		"leaves: %s is %s; in an outage the collector would run without a pause, or the process "+
		"be killed; set %s",
		settings.FormatSize(c.QueueBytes), settings.FormatSize(c.StateBytes), limit.by,
		settings.FormatSize(limit.bytes), set)
}

// checkMemory logs the advice for the limits of this process.
func (c *Config) checkMemory() {
	goLimit := debug.SetMemoryLimit(-1)
	if goLimit == math.MaxInt64 {
		goLimit = 0
	}
	if advice := c.memoryAdvice(limitOfMemory(os.DirFS("/"), goLimit)); advice != "" {
		c.Logger.Warn("dashstream: " + advice)
	}
}
