package seal

import (
	"log/slog"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/internal/redact"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// Config configures a [Sealer].
type Config struct {
	// MaxMessageBytes bounds a record, in bytes.
	MaxMessageBytes int
	// StateBytes bounds the memory of the states that are kept to make patches from, in bytes.
	StateBytes int64
	// CheckpointPatches and CheckpointBytes say after how many patches of a state, or bytes of
	// them, it goes out whole.
	CheckpointPatches int
	CheckpointBytes   int64
	// Redactor hides secrets; nil hides nothing.
	Redactor *redact.Redactor
	// Headers are the headers of every record.
	Headers []batching.Header
	// MessageID makes the id of a message of the number of a batch or a message. Micros returns
	// a time with a monotonic reading as the wire has it: µs since the Unix epoch.
	MessageID func(number uint64) wire.ID
	Micros    func(time.Time) int64
	// ShortenSchema makes the schema of a graph fit limit bytes and keeps it one that readers can
	// draw, if it can. nil cuts a schema like any other text.
	ShortenSchema func(text string, limit int) (short string, ok bool)
	// Logger takes what is worth a line for whoever looks for a defect.
	Logger *slog.Logger
}

// stateLimit is how long the JSON of a state may be so that it fits into a message of its own.
func (c *Config) stateLimit(t *Thread) int {
	return c.MaxMessageBytes - t.BatchOverhead - stateOverhead
}

// stateOverhead is what a message with a whole state has beside its header and the state, at most.
const stateOverhead = 128
