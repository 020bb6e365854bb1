package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// The kinds of line, as --kind names them. An event is also known by its type.
const (
	kindEvent  = "event"
	kindGap    = "gap"
	kindBroken = "undecodable"
)

var kinds = []string{kindEvent, "state_diff", "token_chunk", "tool_execution", "checkpoint",
	"metrics", "error", "execution_trace", kindGap}

// typeName is a type of event as --kind and the lines name it: node_start.
func typeName(t pb.EventType) string {
	name, known := strings.CutPrefix(t.String(), "EVENT_TYPE_")
	if !known {
		return "type_" + t.String() // a number that is not in the contract
	}
	return strings.ToLower(name)
}

// filter says what to show.
type filter struct {
	thread string // "" for all
	prefix bool   // thread is the beginning of those to show
	kinds  map[string]bool
}

func newFilter(thread, kind string) (filter, error) {
	f := filter{}
	f.thread, f.prefix = strings.CutSuffix(thread, "*")
	if kind == "" {
		return f, nil
	}
	known := map[string]bool{}
	for _, k := range kinds {
		known[k] = true
	}
	for t := range pb.EventType_name {
		known[typeName(pb.EventType(t))] = true
	}
	f.kinds = map[string]bool{}
	for k := range strings.SplitSeq(kind, ",") {
		k = strings.ToLower(strings.TrimSpace(k))
		if !known[k] {
			return f, fmt.Errorf("--kind names %q, want some of %s", k,
				strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		f.kinds[k] = true
	}
	return f, nil
}

func (f *filter) wantsThread(id string) bool {
	if f.prefix {
		return strings.HasPrefix(id, f.thread)
	}
	return f.thread == "" || f.thread == id
}

// wantsKind takes the names that a line's kind has.
func (f *filter) wantsKind(names ...string) bool {
	return f.kinds == nil || slices.ContainsFunc(names, func(name string) bool {
		return f.kinds[name]
	})
}
