package callback

import (
	"github.com/dashstream/dashstream-go/internal/kafka"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// splitRecord divides a record of events that brokers rejected, so that only the event at fault is
// lost. See [kafka.Config.Split].
func splitRecord(value []byte) (first, second kafka.Part, ok bool) {
	a, b, ok := wire.SplitEvents(value)
	return kafka.Part(a), kafka.Part(b), ok
}
