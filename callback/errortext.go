package callback

import (
	"context"
	"log/slog"
	"strings"
	"sync"

	"github.com/dashstream/dashstream-go/internal/redact"
)

// errorRules hide secrets in the texts of errors that are shown: in the log, in [Client.Stats] and
// on the page. They are the rules of [Config.Redaction] and the built-in ones, which apply even
// where redaction is disabled or some of them are off. What they hide is not counted, because it is
// not published. They are created when the first error is shown.
type errorRules struct {
	rules func() []*redact.Redactor
}

func newErrorRules(cfg *Config) errorRules {
	own := *cfg
	return errorRules{sync.OnceValue(func() []*redact.Redactor {
		builtin, _ := redact.New(redact.Rules{}) // the zero Rules cannot be wrong
		own.Redaction.Disabled = false
		configured, _ := own.redactor() // validated
		return []*redact.Redactor{configured, builtin}
	})}
}

// shown returns the text of an error without its secrets.
func (e errorRules) shown(text string) string {
	if text == "" {
		return ""
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	for _, r := range e.rules() {
		text, _ = r.String("", text)
	}
	return text
}

// errorHider hides secrets in the errors that are logged.
type errorHider struct {
	slog.Handler
	rules errorRules
}

// hideErrors returns a logger that hides secrets in errors, and in attributes named error and
// last_error.
func hideErrors(log *slog.Logger, rules errorRules) *slog.Logger {
	return slog.New(&errorHider{log.Handler(), rules})
}

func (h *errorHider) Handle(ctx context.Context, record slog.Record) error {
	out := slog.NewRecord(record.Time, record.Level, record.Message, record.PC)
	record.Attrs(func(a slog.Attr) bool {
		out.AddAttrs(h.hide(a))
		return true
	})
	return h.Handler.Handle(ctx, out)
}

func (h *errorHider) hide(a slog.Attr) slog.Attr {
	var text string
	switch err, ok := a.Value.Any().(error); {
	case ok:
		text = err.Error()
	case a.Key == "error" || a.Key == "last_error":
		text = a.Value.String()
	default:
		return a
	}
	if shown := h.rules.shown(text); shown != text {
		return slog.String(a.Key, shown)
	}
	return a
}

func (h *errorHider) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &errorHider{h.Handler.WithAttrs(attrs), h.rules}
}

func (h *errorHider) WithGroup(name string) slog.Handler {
	return &errorHider{h.Handler.WithGroup(name), h.rules}
}
