package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dashstream/dashstream-go/internal/jsonlines"

	"github.com/twmb/franz-go/pkg/kgo"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
)

// textLines writes lines for people.
type textLines struct {
	location *time.Location
	colored  bool
	widest   int // of the threads so far
}

// maxThreadWidth bounds the column of threads; a longer name pushes the rest of its line to the
// right.
const maxThreadWidth = 36

// line is a line for people before it is laid out.
type line struct {
	at                       time.Time
	thread                   string
	sequence                 uint64 // 0 for none
	kind, node, what, colors string
}

func (t *textLines) item(w io.Writer, i *item) {
	l := line{at: i.at(), thread: i.thread(), sequence: i.number(), kind: i.kind()}
	if i.event != nil {
		l.kind = typeName(i.event.GetEventType())
		l.node, l.what = cmp.Or(i.owner, i.event.GetNodeId(), "-"), eventText(i.event)
	} else {
		l.node, l.what = messageText(i.message, i.owner, i.verdict)
	}
	l.colors = colorOf(l.kind, i.message)
	t.write(w, &l)
}

func (t *textLines) jump(w io.Writer, i *item, j jsonlines.Jump) {
	l := line{at: i.at(), thread: i.thread(), kind: kindGap, node: "-", colors: bold + red}
	switch {
	case j.After > 0:
		l.kind, l.what = "out_of_order", fmt.Sprintf("%d comes after %d: late, or a repetition",
			i.header.GetSequence(), j.After)
	case j.From == j.To:
		l.what = fmt.Sprintf("gap: %d missing", j.From)
	default:
		l.what = fmt.Sprintf("gap: %d..%d missing", j.From, j.To)
	}
	if i.why != "" {
		l.what += ", " + i.why
	}
	t.write(w, &l)
}

func (t *textLines) state(w io.Writer, i *item, th *reduce.Thread) {
	l := line{at: i.at(), thread: i.thread(), sequence: th.StateSequence(),
		kind: "state", node: "-", what: cmp.Or(i.verdict, th.Trust().String()), colors: yellow}
	t.write(w, &l)
	text, known := th.State()
	if !known {
		return
	}
	var indented bytes.Buffer
	if json.Indent(&indented, text, "", "  ") != nil { // never: it was parsed
		return
	}
	for s := range strings.Lines(indented.String()) {
		fmt.Fprintln(w, clean(strings.TrimSuffix(s, "\n")))
	}
}

func (t *textLines) broken(w io.Writer, r *kgo.Record, reason *pb.DecodeError) {
	what := fmt.Sprintf("partition %d, offset %d, %d bytes: %v", r.Partition, r.Offset,
		len(r.Value), reason)
	t.write(w, &line{at: r.Timestamp, thread: string(r.Key), kind: kindBroken, node: "-",
		what: clean(what), colors: bold + red})
}

func (t *textLines) write(w io.Writer, l *line) {
	thread := clean(l.thread)
	t.widest = max(t.widest, min(utf8.RuneCountInString(thread), maxThreadWidth))
	sequence := "-"
	if l.sequence > 0 {
		sequence = fmt.Sprint(l.sequence)
	}
	text := fmt.Sprintf("%s  %s  %s  %s  %s  %s",
		t.color(dim, l.at.In(t.location).Format("15:04:05.000")),
		t.color(dim, fmt.Sprintf("%-*s", t.widest, thread)), fmt.Sprintf("%5s", sequence),
		t.color(l.colors, fmt.Sprintf("%-18s", l.kind)), fmt.Sprintf("%-12s", clean(l.node)),
		l.what)
	fmt.Fprintln(w, strings.TrimRight(text, " "))
}

// The colors, as terminals know them.
const (
	bold, dim                              = "\x1b[1m", "\x1b[2m"
	red, green, yellow, blue, purple, cyan = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[34m",
		"\x1b[35m", "\x1b[36m"
	plain = "\x1b[0m"
)

func (t *textLines) color(code, text string) string {
	if !t.colored || code == "" {
		return text
	}
	return code + text + plain
}

// colorOf returns the color of a kind of line.
func colorOf(kind string, m *pb.DashStreamMessage) string {
	failed := pb.ToolExecution_EXECUTION_STAGE_FAILED
	switch {
	case strings.HasSuffix(kind, "error") || m.GetToolExecution().GetStage() == failed:
		return red
	case kind == "node_warning" || strings.HasSuffix(kind, "retry") ||
		strings.HasPrefix(kind, "human"):
		return yellow
	}
	for _, group := range []struct{ begins, color string }{
		{"graph", bold + blue}, {"node", blue}, {"edge", purple}, {"conditional", purple},
		{"parallel", purple}, {"llm", cyan}, {"token", cyan},
		{"tool", green}, {"state", yellow}, {"checkpoint", yellow}, {"memory", yellow},
		{"metrics", dim}, {"execution", bold + blue},
	} {
		if strings.HasPrefix(kind, group.begins) {
			return group.color
		}
	}
	return ""
}
