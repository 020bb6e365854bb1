package dasheino

import (
	"slices"
	"sync"

	"github.com/cloudwego/eino/compose"

	"github.com/dashstream/dashstream-go/callback"
)

// scope finds out which way a run takes through a graph. Eino reports nodes, not edges. An edge was
// taken when the node that it leads to begins after the node that it comes from has returned. If a
// branch may lead to several nodes at once, its choice shows only when they begin.
type scope struct {
	topo   *topology      // nil if unknown: then nothing is reported
	node   *callback.Node // the graph: a run's root, or the node that it is
	prefix string         // prefix of the nodes' names
	state  *graphState    // the run's; nil in a graph inside another one

	mu     sync.Mutex
	left   map[string]*departure // by the node that has returned
	groups []*group
}

// departure is what follows from the return of a node.
type departure struct {
	announced bool            // the edges were reported
	edges     map[string]bool // those along which nothing has begun yet
	branches  []choice
}

type choice struct {
	made  bool            // at least one of its nodes has begun
	taken map[string]bool // those that have begun
}

// group is a group of nodes that run at the same time.
type group struct {
	names    []string
	open     map[string]bool // by key
	parallel *callback.Parallel
}

func newScope(topo *topology, node *callback.Node, prefix string) *scope {
	s := &scope{topo: topo, node: node, prefix: prefix, left: map[string]*departure{}}
	s.completed(compose.START)
	return s
}

// completed records that a node has returned.
func (s *scope) completed(key string) {
	if s.topo == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.depart(key)
}

func (s *scope) depart(key string) {
	d := &departure{edges: map[string]bool{}, branches: make([]choice, len(s.topo.branches[key]))}
	for _, to := range s.topo.next[key] {
		d.edges[to] = true
	}
	s.left[key] = d
}

// entered records that a node is about to begin, and reports the ways that led to it.
func (s *scope) entered(key string) {
	if s.topo == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrive(key, map[string]bool{})
}

// arrive reports the ways that led to a node, and whether there are any.
func (s *scope) arrive(key string, seen map[string]bool) (explained bool) {
	if seen[key] {
		return false
	}
	seen[key] = true
	for _, from := range s.topo.previous[key] {
		s.passThrough(from, seen)
		if d := s.left[from]; d != nil && d.edges[key] {
			s.announce(from, d)
			delete(d.edges, key)
			explained = true
		}
	}
	for _, b := range s.topo.chosenBy[key] {
		s.passThrough(b.from, seen)
		explained = s.decide(b, key, true) || explained
	}
	if explained {
		return true
	}
	// Nothing else led here, so it was a branch that has already led to another node.
	for _, b := range s.topo.chosenBy[key] {
		if s.decide(b, key, false) {
			return true
		}
	}
	return false
}

// passThrough makes a node return about which Eino reports nothing, if something led to it.
func (s *scope) passThrough(key string, seen map[string]bool) {
	if s.topo.silent[key] && s.arrive(key, seen) {
		s.depart(key)
	}
}

// decide reports that a branch led to a node, either as its first one or as a further one.
func (s *scope) decide(b branch, key string, first bool) bool {
	d := s.left[b.from]
	if d == nil || d.branches[b.index].made == first || d.branches[b.index].taken[key] {
		return false
	}
	c := &d.branches[b.index]
	if c.made = true; c.taken == nil {
		c.taken = map[string]bool{}
	}
	c.taken[key] = true
	s.node.Branch(s.name(b.from), key, s.name(key))
	return true
}

// announce reports all edges from a node at once, and the nodes that begin at the same time after
// it.
func (s *scope) announce(from string, d *departure) {
	if d.announced {
		return
	}
	d.announced = true
	next := s.topo.next[from]
	if from == compose.START && len(next) == 1 && len(s.topo.branches[from]) == 0 {
		return // the entry point has no predecessor
	}
	names := make([]string, len(next))
	var parallel []string
	for i, to := range next {
		names[i] = s.name(to)
		if to != compose.END && !s.topo.silent[to] && s.ready(to) {
			parallel = append(parallel, to)
		}
	}
	s.node.Edge(s.name(from), names...)
	if len(parallel) < 2 {
		return
	}
	g := &group{open: map[string]bool{}}
	for _, key := range parallel {
		g.names = append(g.names, s.name(key))
		g.open[key] = true
	}
	s.groups = append(s.groups, g)
	g.parallel = s.node.StartParallel(g.names...)
}

// ready reports whether a node begins now that one of its predecessors has returned. In a graph
// without cycles, it waits for the others.
func (s *scope) ready(key string) bool {
	if s.topo.cyclic {
		return true
	}
	for _, from := range s.topo.previous[key] {
		if d := s.left[from]; d == nil || !d.edges[key] {
			return false
		}
	}
	return true
}

// ended records that the end of a node was reported.
func (s *scope) ended(key string) {
	if s.topo == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.groups = slices.DeleteFunc(s.groups, func(g *group) bool {
		delete(g.open, key)
		if len(g.open) > 0 {
			return false
		}
		g.parallel.End()
		return true
	})
}

// close records that the graph has ended.
func (s *scope) close(o outcome) {
	if s.topo == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.groups { // with nodes that never began
		g.parallel.End()
	}
	s.groups = nil
	if o.err == nil && o.interrupt == nil {
		s.arrive(compose.END, map[string]bool{})
	}
}

// name returns a node's name in events and in the schema.
func (s *scope) name(key string) string {
	switch {
	case key == compose.END:
		return callback.EndNode
	case key == compose.START && s.prefix == "":
		return compose.START
	case key == compose.START:
		return s.prefix[:len(s.prefix)-1]
	}
	return s.prefix + key
}
