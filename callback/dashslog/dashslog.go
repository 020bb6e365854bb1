// Package dashslog turns the lines that a program logs while a run is going on into events of that
// run. One line does it:
//
//	slog.SetDefault(slog.New(dashslog.NewHandler(slog.NewJSONHandler(os.Stderr, nil))))
//
// A line that is logged with a context that carries a run or a node (slog.InfoContext and the like;
// see callback.NewContext and callback.StartNodeContext) becomes an event inside it: NODE_WARNING
// from slog.LevelWarn, with the line as its message, and NODE_SUBSTEP below, with the line as the
// substep's name and the level, in small letters, as its status. An attribute log_level has the
// level. The line's attributes and groups are the event's, among them those that
// [Handler.WithAttrs] and [Handler.WithGroup] have added. Every line is passed on to the next
// handler as it is, whether it becomes an event or not.
//
// A line without a run in its context is passed on only, so what the SDK logs itself can be logged
// through the handler, too: it has no run.
package dashslog

import (
	"context"
	"log/slog"
	"slices"
	"strings"

	"github.com/dashstream/dashstream-go/callback"
)

// Handler is a slog.Handler that makes events of lines and passes them on. Make one with
// [NewHandler]. All methods are safe for concurrent use.
type Handler struct {
	next  slog.Handler
	level slog.Leveler
	outer *scope // what WithAttrs and WithGroup have added; nil for nothing
}

// scope is what one call of WithAttrs or WithGroup has added.
type scope struct {
	outer *scope
	group string // "" for attributes
	attrs []slog.Attr
}

// Option changes what a [Handler] does.
type Option func(*Handler)

// WithLevel says from which level lines become events; slog.LevelInfo if it is not given. What the
// next handler passes on is its own business.
func WithLevel(level slog.Leveler) Option {
	return func(h *Handler) {
		if level != nil {
			h.level = level
		}
	}
}

// NewHandler returns a handler that passes lines on to next; with a nil next, they become events
// only.
//
// The handler of slog.Default must not be next of one that slog.SetDefault is given, before which
// it wrote to package log, which then writes to it: give it another.
func NewHandler(next slog.Handler, opts ...Option) *Handler {
	if next == nil {
		next = slog.DiscardHandler
	}
	h := &Handler{next: next, level: slog.LevelInfo}
	for _, o := range opts {
		o(h)
	}
	return h
}

// Enabled reports whether the next handler wants the line, or it becomes an event.
func (h *Handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.records(ctx, level) != nil || h.next.Enabled(ctx, level)
}

// records returns the node of which a line becomes an event; nil if it becomes none.
func (h *Handler) records(ctx context.Context, level slog.Level) *callback.Node {
	if level < h.level.Level() {
		return nil
	}
	return callback.NodeFromContext(ctx)
}

// Handle makes an event of a line and passes it on. Its error is that of the next handler.
func (h *Handler) Handle(ctx context.Context, line slog.Record) error {
	if node := h.records(ctx, line.Level); node != nil {
		h.record(node, line)
	}
	if !h.next.Enabled(ctx, line.Level) {
		return nil
	}
	return h.next.Handle(ctx, line)
}

func (h *Handler) record(node *callback.Node, line slog.Record) {
	var space [8]slog.Attr
	attrs := space[:0]
	line.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	for s := h.outer; s != nil; s = s.outer {
		switch {
		case s.group == "":
			attrs = append(slices.Clip(s.attrs), attrs...)
		case len(attrs) > 0:
			attrs = []slog.Attr{{Key: s.group, Value: slog.GroupValue(attrs...)}}
		}
	}
	level := line.Level.String()
	attrs = append(attrs, slog.String("log_level", level))
	if line.Level >= slog.LevelWarn {
		node.Warning(line.Message, attrs...)
		return
	}
	node.Substep(line.Message, strings.ToLower(level), attrs...)
}

// WithAttrs returns a handler whose lines have the attributes.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return h.within(h.next.WithAttrs(attrs), &scope{outer: h.outer, attrs: slices.Clone(attrs)})
}

// WithGroup returns a handler whose lines have their attributes in the group.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.within(h.next.WithGroup(name), &scope{outer: h.outer, group: name})
}

func (h *Handler) within(next slog.Handler, s *scope) *Handler {
	return &Handler{next: next, level: h.level, outer: s}
}
