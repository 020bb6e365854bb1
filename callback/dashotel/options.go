package dashotel

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/sdk/trace"
)

// DefaultGrace is how long a run waits for spans that are open when its own has ended.
const DefaultGrace = 5 * time.Second

// maxOpen is the most spans that are open at once.
const maxOpen = 100_000

// decideAfter is how long a span may take to say what it is.
const decideAfter = 50 * time.Millisecond

// Option is an option of [NewSpanProcessor].
type Option func(*options)

type options struct {
	thread  func(context.Context, trace.ReadOnlySpan) string
	plain   bool
	texts   bool
	grace   time.Duration
	maxOpen int
}

// WithThreadFunc has f name the thread of runs, before anything that spans say of it. It is called
// at the start of each span that may begin one, with the context of that span's parent; "" leaves
// it to the span. A panic in it counts as "".
func WithThreadFunc(f func(ctx context.Context, span trace.ReadOnlySpan) string) Option {
	return func(o *options) { o.thread = f }
}

// WithPlainSpans makes nodes of the spans inside a run that are not known otherwise.
func WithPlainSpans() Option { return func(o *options) { o.plain = true } }

// WithGrace sets how long a run waits for spans that are open when its own has ended. The default
// is [DefaultGrace]; less than 0 is 0.
func WithGrace(d time.Duration) Option { return func(o *options) { o.grace = max(d, 0) } }

// WithTexts sends prompts and answers, and the arguments and results of tools, where spans have
// them, cut to 16 KiB each.
func WithTexts() Option { return func(o *options) { o.texts = true } }
