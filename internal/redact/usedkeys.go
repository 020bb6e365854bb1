package redact

import (
	"fmt"
	"strings"
)

// usedKeys are the keys that hold marks, of the objects that are open. Those of which the same mark
// remains are told apart by a number.
type usedKeys struct {
	open []usedKey // those of the innermost object last
	of   map[usedKey]keyUse
}

// usedKey is a key of an object, which is named by how many keys there were when it began.
type usedKey struct {
	object int
	name   string
}

// keyUse is what is known of a key.
type keyUse struct {
	made bool // here, so that it must be kept apart from the others
	// the first number that may be free for what would be called the same; 0 for the first of all
	next int
}

// maxUsed bounds the memory that is kept for the keys of the next document.
const maxUsed = 1 << 8

// reset forgets all keys.
func (u *usedKeys) reset() {
	if len(u.open) > maxUsed {
		*u = usedKeys{}
		return
	}
	u.leave(0)
}

// enter begins with the keys of an object, and returns what leave wants.
func (u *usedKeys) enter() (object int) { return len(u.open) }

// leave ends with the keys of an object.
func (u *usedKeys) leave(object int) {
	for _, k := range u.open[object:] {
		delete(u.of, k)
	}
	clear(u.open[object:])
	u.open = u.open[:object]
}

// unique returns shown, what may be published of a key, with a number behind it if it would be
// taken for another key of the object. hidden says whether something of the key is hidden.
func (u *usedKeys) unique(object int, shown string, hidden bool) string {
	first := usedKey{object, shown}
	k, n := first, max(2, u.of[first].next)
	for ; u.taken(k, hidden); n++ {
		k.name = fmt.Sprintf("%s#%d", shown, n)
	}
	if u.of == nil {
		u.of = map[usedKey]keyUse{}
	}
	if k != first {
		use := u.of[first]
		use.next = n
		u.of[first] = use
	} else {
		k.name = strings.Clone(shown)
	}
	use := u.of[k]
	use.made = use.made || hidden || k != first
	u.of[k] = use
	u.open = append(u.open, k)
	return k.name
}

// taken reports whether a key must not be the same as one that is there.
func (u *usedKeys) taken(k usedKey, made bool) bool {
	use, found := u.of[k]
	return found && (made || use.made)
}
