package view

// pending remembers which entities have changed since it was last emptied.
type pending struct {
	changed map[string]map[string]bool // by collection and key; false: it is gone
}

func newPending() pending { return pending{changed: map[string]map[string]bool{}} }

func (p *pending) set(collection, key string) { p.mark(collection, key, true) }

func (p *pending) remove(collection, key string) { p.mark(collection, key, false) }

func (p *pending) mark(collection, key string, there bool) {
	if p.changed[collection] == nil {
		p.changed[collection] = map[string]bool{}
	}
	p.changed[collection][key] = there
}

func (p *pending) take() map[string]map[string]bool {
	taken := p.changed
	p.changed = map[string]map[string]bool{}
	return taken
}
