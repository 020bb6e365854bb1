package dasheino

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"github.com/cloudwego/eino/callbacks"
	"github.com/cloudwego/eino/compose"

	"github.com/dashstream/dashstream-go/callback"
)

// compiled is what all handlers know about compiled graphs: Eino's callbacks of compilation are
// global.
var compiled registry

// maxTopologies is how many different graphs are remembered; beyond that, the one that was compiled
// first is forgotten.
const maxTopologies = 1024

// registry finds a graph's topology from what a callback knows about the graph.
type registry struct {
	mu        sync.Mutex
	callbacks []compose.GraphCompileCallback // the program's own
	installed bool
	list      []*topology // newest last
}

// CompileCallback returns the callback through which handlers learn the structure of graphs. It is
// for programs that set compile callbacks themselves (see [WithoutCompileCallback]) or compile
// graphs before they create a handler.
func CompileCallback() compose.GraphCompileCallback { return &compiled }

// install makes the registry Eino's global compile callback, in addition to the program's own.
func (r *registry) install(cbs []compose.GraphCompileCallback) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.installed && len(cbs) == 0 {
		return
	}
	r.installed = true
	r.callbacks = append(r.callbacks, cbs...)
	compose.InitGraphCompileCallbacks(append([]compose.GraphCompileCallback{r}, r.callbacks...))
}

// OnFinish remembers a compiled graph.
func (r *registry) OnFinish(_ context.Context, info *compose.GraphInfo) {
	if info == nil {
		return
	}
	t := newTopology(info)
	r.mu.Lock()
	defer r.mu.Unlock()
	same := func(o *topology) bool {
		return identity(o.name) == identity(t.name) && o.input == t.input && o.alike(t)
	}
	if i := slices.IndexFunc(r.list, same); i >= 0 {
		t = r.list[i]
		r.list = slices.Delete(r.list, i, i+1)
	}
	if r.list = append(r.list, t); len(r.list) > maxTopologies {
		r.list = slices.Delete(r.list, 0, 1)
	}
}

// candidates returns the graphs that may be the one that Eino calls name when it gets such an input
// (nil if unknown), latest first. Graphs that look alike count as one.
//
// Eino reports only the name of a running graph. But the name is the very string that the graph was
// compiled with: two graphs that were given two strings can be told apart, even if the strings are
// equal. See [GraphName].
func (r *registry) candidates(name string, input any) []*topology {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []*topology
	for _, t := range slices.Backward(r.list) {
		if identity(t.name) != identity(name) || input != nil && t.input != nil &&
			!reflect.TypeOf(input).AssignableTo(t.input) {
			continue
		}
		if !slices.ContainsFunc(found, t.alike) {
			found = append(found, t)
		}
	}
	return found
}

// place is the position of a string in memory.
type place struct {
	at     *byte
	length int
}

// identity distinguishes equal strings. A string that is remembered is not freed, so its place
// stays unique.
func identity(s string) place {
	if s == "" {
		return place{}
	}
	return place{unsafe.StringData(s), len(s)}
}

// GraphName returns a copy of name that distinguishes the graphs compiled with it from all others
// of the same name. It is for compose.WithGraphName, react.AgentConfig.GraphName and the like.
//
// Without it, graphs with the same name are told apart by their input, their state and their first
// nodes, as far as these differ. If several graphs remain, the run begins with what they have in
// common, and no further edges and branches are reported.
func GraphName(name string) string { return strings.Clone(name) }

// narrow returns the candidates for which is returns true, or all of them if there are none.
func narrow(list []*topology, is func(*topology) bool) []*topology {
	var kept []*topology
	for _, t := range list {
		if is(t) {
			kept = append(kept, t)
		}
	}
	if len(kept) == 0 {
		return list
	}
	return kept
}

// choosing is a run whose start waits for its first node, because several graphs may be the running
// one.
type choosing struct {
	once       sync.Once
	candidates []*topology
	start      func(*topology)
}

// settle starts a run that waits for its first node. at is the address of that node, and info
// describes it; both are empty if the run ends without one.
func (s *span) settle(at compose.AddressSegment, info *callbacks.RunInfo) {
	if s.choice == nil {
		return
	}
	s.choice.once.Do(func() {
		list := s.choice.candidates
		if at.Type == compose.AddressSegmentNode && info != nil {
			list = narrow(list, func(t *topology) bool {
				return slices.Contains(t.reach(compose.START), at.ID)
			})
			list = narrow(list, func(t *topology) bool {
				return slices.ContainsFunc(t.graph.Nodes, func(n callback.GraphNode) bool {
					return n.Name == at.ID && n.Description == info.Name &&
						n.Type == nodeType(info.Component) &&
						n.Attributes[implementationKey] == info.Type
				})
			})
		}
		s.choice.start(common(list))
	})
}

// alike reports whether two graphs look the same to those who watch their runs.
func (t *topology) alike(o *topology) bool {
	return t.stateful == o.stateful && t.graph.EntryPoint == o.graph.EntryPoint &&
		reflect.DeepEqual(t.graph.Nodes, o.graph.Nodes) &&
		reflect.DeepEqual(t.graph.Edges, o.graph.Edges)
}
