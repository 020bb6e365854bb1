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
	// StateBytes bounds the memory of the states kept to compute patches, in bytes.
	StateBytes int64
	// CheckpointPatches and CheckpointBytes are the number of patches of a state, and their bytes,
	// after which it is sent whole.
	CheckpointPatches int
	CheckpointBytes   int64
	// Redactor hides secrets; nil hides nothing.
	Redactor *redact.Redactor
	// Headers are the headers of every record.
	Headers []batching.Header
	// MessageID returns the id of the message with this number of a batch or message. Micros
	// converts a time with a monotonic reading to the form on the wire: µs since the Unix epoch.
	MessageID func(number uint64) wire.ID
	Micros    func(time.Time) int64
	// ShortenSchema shortens the schema of a graph to limit bytes so that readers can still draw
	// it, if possible. With nil, a schema is cut like any other text.
	ShortenSchema func(text string, limit int) (short string, ok bool)
	// Logger gets what helps to find a defect.
	Logger *slog.Logger
}

// stateLimit is the maximum length of a state's JSON in a message of its own.
func (c *Config) stateLimit(t *Thread) int {
	return c.MaxMessageBytes - t.BatchOverhead - stateOverhead
}

// stateOverhead bounds what a message with a whole state has besides its header and the state.
const stateOverhead = 128
