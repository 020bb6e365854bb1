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

// compiled is what all handlers know of the graphs that were compiled: Eino's callbacks of
// compilation are global.
var compiled registry

// maxTopologies is how many different graphs are remembered; then the one that was compiled first
// is forgotten.
const maxTopologies = 1024

// registry finds a graph's topology by what a callback knows of the graph.
type registry struct {
	mu        sync.Mutex
	callbacks []compose.GraphCompileCallback // the program's own
	installed bool
	list      []*topology // the newest last
}

// CompileCallback returns the callback by which handlers learn what graphs look like, for programs
// that set compile callbacks themselves (see [WithoutCompileCallback]) or compile graphs before
// there is a handler.
func CompileCallback() compose.GraphCompileCallback { return &compiled }

// install makes the registry Eino's global compile callback, beside the program's own.
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

// OnFinish remembers a graph that was compiled.
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

// candidates returns the graphs that may be the one that Eino calls name when it takes such an
// input (nil if that is not known), the one that was compiled last first. Those that look alike are
// one.
//
// Eino says of a graph that runs no more than its name. But the name is the very string that the
// graph was compiled with: where two graphs were given two strings, these are different ones,
// though they read alike. See [GraphName].
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

// place is where a string lies in memory.
type place struct {
	at     *byte
	length int
}

// identity tells strings apart that are equal. A string that is remembered keeps its place for
// itself.
func identity(s string) place {
	if s == "" {
		return place{}
	}
	return place{unsafe.StringData(s), len(s)}
}

// GraphName returns a name that tells the graphs that are compiled with it apart from all others of
// the same name, for compose.WithGraphName, react.AgentConfig.GraphName and the like. It reads as
// name does.
//
// Graphs of one name have to be told apart by what they are given, their state and their first
// nodes otherwise, where these differ. Those of which that leaves several begin with what all of
// these have in common, and no more edges and branches are reported.
func GraphName(name string) string { return strings.Clone(name) }

// narrow keeps those candidates for which something is true, and all of them if it is true for
// none.
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

// choosing is a run whose start waits for its first node, because several graphs may be the one
// that runs.
type choosing struct {
	once       sync.Once
	candidates []*topology
	start      func(*topology)
}

// settle starts a run that waits for that. at is where it begins, and info what; both are empty if
// it ends with nothing inside.
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

// alike says whether two graphs look the same to those who watch their runs.
func (t *topology) alike(o *topology) bool {
	return t.stateful == o.stateful && t.graph.EntryPoint == o.graph.EntryPoint &&
		reflect.DeepEqual(t.graph.Nodes, o.graph.Nodes) &&
		reflect.DeepEqual(t.graph.Edges, o.graph.Edges)
}
