package redact

import (
	"math"
	"strconv"
	"strings"
)

// text hides what is secret in a text that no name stands beside.
func (m *Messages) text(p *part) (shown string, changed bool) {
	s := m.src[p.lo:p.hi]
	switch {
	case looksLikeJSON(s):
		shown, changed = m.r.string(s, &m.budget)
	case m.has(p.lo, p.hi, inTexts):
		shown, changed = m.r.text(s, &m.budget)
	}
	if !changed {
		return s, false
	}
	m.replace(p, p.number, shown)
	return shown, true
}

// document hides what is secret in a JSON document, which may be a single string or number.
func (m *Messages) document(p *part) (shown string, changed bool) {
	out, changed, err := m.r.document(nil, m.src[p.lo:p.hi], maxNested, &m.budget)
	if err != nil {
		return m.text(p)
	}
	if changed {
		m.replace(p, p.number, view(out))
	}
	return view(out), changed
}

// entry hides what is secret in the entry [lo, hi) of a map. One that is not a key and a value, in
// this order, is emptied.
func (m *Messages) entry(c content, lo, hi, level int) {
	key, keyed := partAt(m.src, lo, hi)
	value, valued := partAt(m.src, key.hi, hi)
	keyed = keyed && key.number == entryKey && key.wireType == bytesType
	valued = valued && value.number == entryValue && value.wireType == bytesType
	if !keyed || !valued && key.hi < hi || valued && value.hi < hi {
		m.cut(lo, hi)
		return
	}
	name := m.src[key.lo:key.hi]
	var v verdict
	if m.has(key.lo, key.hi, inAnything) { // or the name is no secret's
		k := m.r.know(name, &m.budget, &m.learned)
		if v = k.verdict; !k.clean {
			m.key(&key, name)
		}
	}
	if !valued {
		return
	}
	switch {
	case c == attributes && name == durationAttribute:
	case c == named:
		m.named(name, v, &value)
	case v.secret && m.r.on[v.rule] || m.has(value.lo, value.hi, inAnything):
		outer := m.enter()
		if c == attributes {
			m.attribute(name, v, value.lo, value.hi, level+1)
		} else {
			m.metric(name, v, value.lo, value.hi)
		}
		m.leave(outer, &value)
	}
}

// key hides what is secret in a key.
func (m *Messages) key(p *part, name string) {
	shown, changed := m.r.text(name, &m.budget)
	if !changed && strings.IndexByte(name, '[') < 0 {
		return
	}
	if unique := m.keys.unique(m.used, shown, changed); unique != name {
		m.replace(p, entryKey, unique)
	}
}

// innerKeys begins with the keys of another map, and returns what outerKeys wants to go back.
func (m *Messages) innerKeys() int {
	used := m.used
	m.used = m.keys.enter()
	return used
}

func (m *Messages) outerKeys(used int) {
	m.keys.leave(m.used)
	m.used = used
}

// named hides a text for the name of its field, or what is secret in it.
func (m *Messages) named(name string, v verdict, p *part) {
	value := m.src[p.lo:p.hi]
	if isDocument(name) {
		value = strings.Trim(value, `"`)
	}
	switch {
	case v.secret && m.r.on[v.rule] && !v.isDirectory(value):
		if !m.r.keeps(&v, value) {
			m.hide(v.rule, name, p, p.number)
		}
	case !m.has(p.lo, p.hi, inAnything):
	case isDocument(name):
		m.document(p)
	default:
		m.text(p)
	}
}

// hide puts a mark in the place of a value, in the field of this number.
func (m *Messages) hide(by rule, name string, p *part, number uint64) {
	mark := m.r.marks[by]
	if isDocument(name) {
		mark = strconv.Quote(mark)
	}
	m.r.count(by)
	m.replace(p, number, mark)
}

// attribute hides what is secret in the AttributeValue [lo, hi), of whose name v is the verdict.
func (m *Messages) attribute(name string, v verdict, lo, hi, level int) {
	hidden := v.secret && m.r.on[v.rule]
	for at := lo; at < hi; {
		p, ok := partAt(m.src, at, hi)
		if !ok || level > maxLevels {
			m.cut(at, hi)
			return
		}
		at = p.hi
		switch {
		case p.number == valueString && p.wireType == bytesType, p.number == valueBytes &&
			p.wireType == bytesType:
			m.named(name, v, &p)
		case p.number == valueInt && p.wireType == varintType, p.number == valueFloat &&
			p.wireType == fixed64:
			m.number(v, hidden && !v.narrow, &p)
		case p.number == valueArray && p.wireType == bytesType, p.number == valueMap &&
			p.wireType == bytesType:
			if hidden && !v.narrow {
				if p.hi > p.lo {
					m.hide(v.rule, name, &p, valueString)
				}
				continue
			}
			if p.number == valueMap {
				v = verdict{}
			}
			if v.secret || m.has(p.lo, p.hi, inAnything) {
				outer, used := m.enter(), m.innerKeys()
				m.group(name, v, p.number == valueMap, p.lo, p.hi, level+1)
				m.outerKeys(used)
				m.leave(outer, &p)
			}
		}
	}
}

// group hides what is secret in the elements of an array, or the entries of a map, [lo, hi).
func (m *Messages) group(name string, v verdict, entries bool, lo, hi, level int) {
	for at := lo; at < hi; {
		p, ok := partAt(m.src, at, hi)
		if !ok {
			m.cut(at, hi)
			return
		}
		at = p.hi
		if p.number != elements || p.wireType != bytesType || !v.secret &&
			!m.has(p.lo, p.hi, inAnything) {
			continue
		}
		outer := m.enter()
		if entries {
			m.entry(attributes, p.lo, p.hi, level+1)
		} else {
			m.attribute(name, v, p.lo, p.hi, level+1)
		}
		m.leave(outer, &p)
	}
}

// number hides a number, for its name or because it is that of a card.
func (m *Messages) number(v verdict, hidden bool, p *part) {
	by := v.rule
	if !hidden {
		if by = ruleCard; !m.r.on[ruleCard] || p.number != valueInt {
			return
		}
	}
	var text string
	if p.number == valueInt {
		n, _ := varint(m.src, p.lo, p.hi)
		text = strconv.FormatInt(int64(n), 10)
	} else {
		text = strconv.FormatFloat(math.Float64frombits(eight(m.src[p.lo:])), 'g', -1, 64)
	}
	if !hidden && (strings.HasPrefix(text, "-") || !isCard(text)) || m.r.allowances.allow(text) {
		return
	}
	m.hide(by, "", p, valueString)
}

// metric hides what is secret in the texts of the MetricValue [lo, hi).
func (m *Messages) metric(name string, v verdict, lo, hi int) {
	for at := lo; at < hi; {
		p, ok := partAt(m.src, at, hi)
		if !ok {
			m.cut(at, hi)
			return
		}
		at = p.hi
		if p.wireType != bytesType {
			continue
		}
		switch p.number {
		case metricString, metricBytes:
			m.named(name, v, &p)
		}
	}
}
