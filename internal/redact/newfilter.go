package redact

import (
	"cmp"
	"math/bits"
	"slices"
)

// newFilter makes a filter for triggers. like is one that was made before for most of them, or nil:
// it saves most of the work. None is made from what is made from another one.
func newFilter(triggers []trigger, like *filter) *filter {
	f := &filter{triggers: triggers, shift: 29 - bits.Len(uint(len(triggers)))}
	made := &origin{windows: make([][2]window, len(triggers))}
	f.anchors = make([]anchorSlot, 1<<(32-f.shift))
	byAnchor, common := map[uint32][]entry{}, newCommonness()
	made.deal(triggers, like, common)
	for i := range triggers {
		t := &triggers[i]
		f.longest = max(f.longest, len(t.literal))
		windows := &made.windows[i]
		for k := range windows {
			f.seen.see(t, &windows[k])
		}
		if len(t.literal) < 3 {
			f.shorts[t.literal[0]|0x20] = true
			f.short = append(f.short,
				shortLiteral{(uint16(t.literal[0]) | uint16(t.literal[1])<<8) | 0x2020, uint16(i)})
			continue
		}
		for _, w := range windows {
			offset := min(max(w.offset, 0), len(t.literal)-3)
			e, trigram := entryOf(t, i, offset), trigramAt(t.literal, offset)
			if !slices.Contains(byAnchor[trigram], e) {
				byAnchor[trigram] = append(byAnchor[trigram], e)
			}
		}
	}
	made.buckets.fill(&f.pairs)
	if like == nil {
		f.origin = made
	}
	for trigram, entries := range byAnchor {
		slot := f.slot(trigram)
		for f.anchors[slot].trigram != 0 {
			slot = f.after(slot)
		}
		f.anchors[slot] = anchorSlot{trigram, uint32(len(f.entries)), uint32(len(entries))}
		f.entries = append(f.entries, entries...)
	}
	return f
}

// spelling is what the windows of a trigger depend on.
type spelling struct {
	literal    string
	fold, word bool
}

// deal finds windows for the triggers. Those that like has keep theirs. The others come by what
// they cost, the dearest first: there is the most choice for what comes first.
func (o *origin) deal(triggers []trigger, like *filter, common *commonness) {
	known := map[spelling][2]window{}
	if like != nil {
		o.buckets = like.origin.buckets
		for i, t := range like.triggers {
			known[spelling{t.literal, t.fold, t.word}] = like.origin.windows[i]
		}
	}
	type candidates struct {
		trigger   int
		even, odd []window
		cost      float64
	}
	var open []candidates
	var none pairSet
	for i := range triggers {
		t := &triggers[i]
		if _, ok := known[spelling{t.literal, t.fold, t.word}]; !ok {
			even, odd := windowsOf(t, common)
			open = append(open, candidates{i, even, odd,
				none.chance(&even[0], common) + none.chance(&odd[0], common)})
		}
	}
	slices.SortStableFunc(open, func(a, b candidates) int { return cmp.Compare(b.cost, a.cost) })
	for _, c := range open {
		t := &triggers[c.trigger]
		known[spelling{t.literal, t.fold, t.word}] =
			[2]window{o.buckets.put(c.even, common), o.buckets.put(c.odd, common)}
	}
	for i, t := range triggers {
		o.windows[i] = known[spelling{t.literal, t.fold, t.word}]
	}
}
