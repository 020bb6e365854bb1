package dasheino

import (
	"context"
	"reflect"
	"slices"
	"sync"

	"github.com/cloudwego/eino/compose"
)

// compiled is what all handlers know of the graphs that were compiled: Eino's callbacks of compilation are global.
var compiled registry

// maxTopologies is how many different graphs are remembered; then the one that was compiled first is forgotten.
const maxTopologies = 1024

// registry finds a graph's topology by what a callback knows of the graph.
type registry struct {
	mu        sync.Mutex
	callbacks []compose.GraphCompileCallback // the program's own
	installed bool
	list      []*topology // the newest last
}

// CompileCallback returns the callback by which handlers learn what graphs look like, for programs that set compile callbacks
// themselves (see [WithoutCompileCallback]) or compile graphs before there is a handler.
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
		return o.graph.Name == t.graph.Name && o.input == t.input && o.graph.ID() == t.graph.ID()
	}
	if i := slices.IndexFunc(r.list, same); i >= 0 {
		t = r.list[i]
		r.list = slices.Delete(r.list, i, i+1)
	}
	if r.list = append(r.list, t); len(r.list) > maxTopologies {
		r.list = slices.Delete(r.list, 0, 1)
	}
}

// find returns the graph of a name that takes such an input (nil if the input is not known): the one that was compiled last. Of
// graphs without a name there must be one only: a run with another graph's topology would be worse than one without.
func (r *registry) find(name string, input any) *topology {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found *topology
	for _, t := range slices.Backward(r.list) {
		if t.graph.Name != name || input != nil && t.input != nil && !reflect.TypeOf(input).AssignableTo(t.input) {
			continue
		}
		if name != "" {
			return t
		}
		if found != nil {
			return nil
		}
		found = t
	}
	return found
}
