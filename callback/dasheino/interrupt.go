package dasheino

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"unicode/utf8"

	"github.com/cloudwego/eino/compose"
)

// interrupt is why a graph waits for a human.
type interrupt struct {
	reason string
	attrs  []slog.Attr
}

// outcomeOf distinguishes errors by which Eino interrupts a graph from those by which it fails.
func outcomeOf(err error) (o outcome) {
	if err == nil {
		err = errors.New("dasheino: failed without an error")
	}
	defer func() {
		// in the error's own Unwrap, Is or As, or in what an interrupt carries
		if recover() != nil {
			o = outcome{err: err}
		}
	}()
	if info, ok := compose.ExtractInterruptInfo(err); ok {
		return outcome{interrupt: interruptOf(info)}
	}
	if _, ok := compose.IsInterruptRerunError(err); ok {
		// for a node: its graph reports the details
		return outcome{interrupt: &interrupt{reason: "interrupted"}}
	}
	return outcome{err: err}
}

// nodePath returns the path of the node in which the error occurred according to Eino; "" if Eino
// does not say.
func nodePath(err error) (path string) {
	if err == nil {
		return ""
	}
	defer func() {
		if recover() != nil { // in the error's own code
			path = ""
		}
	}()
	const before, after = "\nnode path: [", "]"
	text := err.Error()
	i := strings.LastIndex(text, before)
	if i < 0 || !strings.HasSuffix(text, after) {
		return ""
	}
	return strings.ReplaceAll(text[i+len(before):len(text)-len(after)], ", ", "/")
}

func interruptOf(info *compose.InterruptInfo) *interrupt {
	in := &interrupt{}
	if info == nil {
		in.reason = "interrupted"
		return in
	}
	var reasons, ids []string
	add := func(prefix string, nodes []string) {
		if len(nodes) > 0 {
			reasons = append(reasons, prefix+strings.Join(nodes, ", "))
		}
	}
	add("before ", info.BeforeNodes)
	add("after ", info.AfterNodes)
	planned := len(reasons) > 0 // by the graph itself, whose info is its state
	for _, c := range info.InterruptContexts {
		if c == nil {
			continue
		}
		ids = append(ids, c.ID)
		if !planned && c.Info != nil {
			reasons = append(reasons, cut(fmt.Sprint(c.Info), maxReason))
		}
	}
	if len(reasons) == 0 {
		add("in ", info.RerunNodes)
	}
	if in.reason = strings.Join(reasons, "; "); in.reason == "" {
		in.reason = "interrupted"
	}
	if len(info.RerunNodes) > 0 {
		in.attrs = append(in.attrs, slog.String("nodes", strings.Join(info.RerunNodes, ",")))
	}
	if len(ids) > 0 {
		in.attrs = append(in.attrs, slog.String("interrupt_ids", strings.Join(ids, ",")))
	}
	return in
}

// maxReason is the maximum length of an interrupt's reason, in bytes.
const maxReason = 2000

// cut shortens text to at most limit bytes and says by how much. It does not split characters.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return fmt.Sprintf("%s… (%d more bytes)", text[:limit], len(text)-limit)
}
