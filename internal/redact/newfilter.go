package redact

import (
	"math/bits"
	"slices"
)

// newFilter makes a filter for triggers. like is one that was made before for most of them, or nil:
// it saves most of the work. None is made from what is made from another one.
func newFilter(triggers []trigger, like *filter) *filter {
	f := &filter{triggers: triggers, shift: 29 - bits.Len(uint(len(triggers)))}
	made := &origin{windows: make([][2]window, len(triggers))}
	f.anchors = make([]anchorSlot, 1<<(32-f.shift))
	type spelling struct {
		literal    string
		fold, word bool
	}
	known := map[spelling][2]window{}
	if like != nil {
		made.buckets = like.origin.buckets
		for i, t := range like.triggers {
			known[spelling{t.literal, t.fold, t.word}] = like.origin.windows[i]
		}
	}
	byAnchor, common := map[uint32][]entry{}, newCommonness()
	for i := range triggers {
		t := &triggers[i]
		f.longest = max(f.longest, len(t.literal))
		windows, ok := known[spelling{t.literal, t.fold, t.word}]
		if !ok {
			even, odd := windowsOf(t, common)
			windows = [2]window{made.buckets.put(even, common), made.buckets.put(odd, common)}
		}
		made.windows[i] = windows
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
