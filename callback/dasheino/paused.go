package dasheino

import (
	"maps"
	"sync"
)

// maxPaused is how many threads that wait for a human are remembered; beyond that, the one that has
// waited longest is forgotten.
const maxPaused = 1024

// paused remembers, by thread, what interrupted runs had done: which nodes had returned, and which
// ways from them had been taken. Eino does not report that again when it resumes the run. A run
// that is resumed by another process continues without that information.
type paused struct {
	mu    sync.Mutex
	byID  map[string]*pausedRun
	queue []*pausedRun // oldest first, including those that were taken
}

// pausedRun is what an interrupted run had done, by the path of each graph in it.
type pausedRun struct {
	thread string
	left   map[string]map[string]*departure
}

func (p *paused) put(thread string, run *pausedRun) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byID == nil {
		p.byID = map[string]*pausedRun{}
	}
	run.thread = thread
	p.byID[thread] = run
	if p.queue = append(p.queue, run); len(p.queue) <= maxPaused {
		return
	}
	if oldest := p.queue[0]; p.byID[oldest.thread] == oldest {
		delete(p.byID, oldest.thread)
	}
	p.queue[0] = nil
	p.queue = p.queue[1:]
}

// take returns what the thread's run had done, and forgets it. It is empty if that is unknown.
func (p *paused) take(thread string) *pausedRun {
	p.mu.Lock()
	defer p.mu.Unlock()
	run := p.byID[thread]
	if run == nil {
		return &pausedRun{}
	}
	delete(p.byID, thread)
	return run
}

// pausing records what a graph of the run had done when it was interrupted.
func (t *tree) pausing(s *scope, path string) *pausedRun {
	left := s.departures()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pauses == nil {
		t.pauses = &pausedRun{left: map[string]map[string]*departure{}}
	}
	t.pauses.left[path] = left
	return t.pauses
}

// departures returns a copy of the departures from the nodes that have returned.
func (s *scope) departures() map[string]*departure {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := map[string]*departure{}
	for key, d := range s.left {
		c := &departure{announced: d.announced, edges: maps.Clone(d.edges),
			branches: make([]choice, len(d.branches))}
		for i, b := range d.branches {
			c.branches[i] = choice{b.made, maps.Clone(b.taken)}
		}
		left[key] = c
	}
	return left
}

// resume restores the graph to where it was when it was interrupted.
func (s *scope) resume(run *pausedRun, path string) {
	left, known := run.left[path]
	if !known && path != "" {
		return // it was not running then, so it begins
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left = map[string]*departure{}
	for key, d := range left {
		if s.topo != nil && len(d.branches) == len(s.topo.branches[key]) {
			s.left[key] = d
		}
	}
}
