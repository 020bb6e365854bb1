package callback

import (
	"cmp"
	"errors"
	"log/slog"
	"slices"
	"sync"
)

// ErrUnended is the error with which [Run.EndOpen] and [Node.EndOpen] end what is open.
var ErrUnended = errors.New("did not end")

// openSet is what has started in a run and not ended, with the order of the starts. A nil openSet
// keeps nothing.
type openSet struct {
	mu    sync.Mutex
	last  uint64
	items map[openItem]uint64
}

// openItem is something that starts and ends inside a node.
type openItem interface {
	// outer returns the node that it is in.
	outer() *Node
	// endUnended ends it as something that did not end, and reports whether it was still open.
	endUnended(attrs []slog.Attr) bool
}

func (o *openSet) add(item openItem) {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.items == nil {
		o.items = map[openItem]uint64{}
	}
	o.last++
	o.items[item] = o.last
}

func (o *openSet) remove(item openItem) {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.items, item)
}

// below returns what is open in n, the last that started first: what is inside something else comes
// before it.
func (o *openSet) below(n *Node) []openItem {
	o.mu.Lock()
	defer o.mu.Unlock()
	type numbered struct {
		item   openItem
		number uint64
	}
	var found []numbered
	for item, number := range o.items {
		for outer := item.outer(); outer != nil; outer = outer.parent {
			if outer == n {
				found = append(found, numbered{item, number})
				break
			}
		}
	}
	slices.SortFunc(found, func(a, b numbered) int { return cmp.Compare(b.number, a.number) })
	items := make([]openItem, len(found))
	for i := range found {
		items[i] = found[i].item
	}
	return items
}

// EndOpen ends what has started in the run and not ended, innermost first, and returns how many
// that were. It does not end the run. Nodes and calls of models and tools end with [ErrUnended] and
// an attribute "unended" (a ToolExecution without that), groups of parallel nodes and searches as
// usual. attrs are added to each end; among them may be [At]. Each is counted: see
// dashstream_unended_total. It needs [RunInfo].TrackOpen, and does nothing without.
func (r *Run) EndOpen(attrs ...slog.Attr) int { return r.Root().EndOpen(attrs...) }

// EndOpen is [Run.EndOpen] for what has started inside the node.
func (n *Node) EndOpen(attrs ...slog.Attr) (ended int) {
	if n == nil || n.run.open == nil {
		return 0
	}
	attrs = append(slices.Clip(attrs), slog.Bool("unended", true))
	for _, item := range n.run.open.below(n) {
		if item.endUnended(attrs) {
			ended++
		}
	}
	n.thread.client.unended.Add(uint64(ended))
	return ended
}

func (n *Node) outer() *Node     { return n.parent }
func (l *LLM) outer() *Node      { return l.node }
func (t *Tool) outer() *Node     { return t.node }
func (p *Parallel) outer() *Node { return p.node }
func (s *Search) outer() *Node   { return s.node }

func (n *Node) endUnended(attrs []slog.Attr) bool { return n.end(ErrUnended, attrs) }

func (l *LLM) endUnended(attrs []slog.Attr) bool {
	return l.end(&LLMResult{Attrs: attrs}, ErrUnended)
}

func (t *Tool) endUnended(attrs []slog.Attr) bool     { return t.fail(ErrUnended, attrs) }
func (p *Parallel) endUnended(attrs []slog.Attr) bool { return p.end(attrs) }

func (s *Search) endUnended(attrs []slog.Attr) bool {
	return s.end(OptimizationResult{Termination: ErrUnended.Error()}, attrs)
}
