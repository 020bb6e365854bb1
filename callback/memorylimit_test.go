package callback

import (
	"strings"
	"testing"
	"testing/fstest"
)

// files makes a file system from paths and contents.
func files(all map[string]string) fstest.MapFS {
	f := fstest.MapFS{}
	for name, text := range all {
		f[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return f
}

func TestTheLeastLimitOfMemoryCounts(t *testing.T) {
	const v2, v1 = "0::/\n", "5:cpu,cpuacct:/\n4:memory:/docker/abc\n0::/\n"
	for _, tt := range []struct {
		name    string
		files   map[string]string
		goLimit int64
		bytes   int64
		by      string
	}{
		{"none", nil, 0, 0, ""},
		{"Go's", nil, 64 << 20, 64 << 20, "GOMEMLIMIT"},
		{"a container's", map[string]string{"proc/self/cgroup": v2,
			"sys/fs/cgroup/memory.max": "268435456\n"}, 0, 256 << 20, "memory.max"},
		{"a container's without one", map[string]string{"proc/self/cgroup": v2,
			"sys/fs/cgroup/memory.max": "max\n"}, 0, 0, ""},
		{"both", map[string]string{"proc/self/cgroup": v2,
			"sys/fs/cgroup/memory.max": "268435456\n"}, 200 << 20, 200 << 20, "GOMEMLIMIT"},
		{"a service's, of the group above", map[string]string{
			"proc/self/cgroup":                                "0::/system.slice/x.service\n",
			"sys/fs/cgroup/system.slice/memory.max":           "104857600\n",
			"sys/fs/cgroup/system.slice/x.service/memory.max": "max\n",
		}, 0, 100 << 20, "memory.max"},
		{"the older control groups", map[string]string{
			"proc/self/cgroup": v1,
			"sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "134217728\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes":            "9223372036854771712\n",
		}, 0, 128 << 20, "memory.limit_in_bytes"},
		{"the older ones without", map[string]string{
			"proc/self/cgroup":                           v1,
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
		}, 0, 0, ""},
		{"nonsense", map[string]string{"proc/self/cgroup": "x\n0::\n:::\n",
			"sys/fs/cgroup/memory.max": "much"}, 0, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := limitOfMemory(files(tt.files), tt.goLimit)
			if got.bytes != tt.bytes || !strings.Contains(got.by, tt.by) {
				t.Errorf("the limit is %+v, want %d by %s", got, tt.bytes, tt.by)
			}
		})
	}
}

func TestAQueueBeyondTheMemoryLimitIsToldWithTheNumberToSet(t *testing.T) {
	for _, tt := range []struct {
		name  string
		limit int64
		set   func(*Config)
		want  []string // nil: no advice
	}{
		{"no limit", 0, nil, nil},
		{"room", 1 << 30, nil, nil},
		{"a small limit", 64 << 20, nil, []string{"(128MiB)", "GOMEMLIMIT is 64MiB",
			"DASHSTREAM_QUEUE_BYTES=16MiB", "DASHSTREAM_STATE_BYTES=8MiB"}},
		{"as it was advised", 64 << 20, func(c *Config) {
			c.QueueBytes, c.StateBytes = 16<<20, 8<<20
		}, nil},
		{"a large queue", 1 << 30, func(c *Config) { c.QueueBytes = 1 << 30 },
			[]string{"DASHSTREAM_QUEUE_BYTES=256MiB"}},
		{"next to nothing", 100 << 10, nil, []string{"DASHSTREAM_QUEUE_BYTES=64KiB"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := Config{}.withDefaults()
			if tt.set != nil {
				tt.set(&c)
			}
			got := c.memoryAdvice(memoryLimit{tt.limit, "GOMEMLIMIT"})
			if (got == "") != (tt.want == nil) {
				t.Errorf("it says %q", got)
			}
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("it does not say %s: %s", want, got)
				}
			}
		})
	}
}
