package redact

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Redactor hides secrets. It is immutable but for its counters, and safe for concurrent use; one
// serves a whole process. A nil Redactor hides nothing.
type Redactor struct {
	names  names
	known  knownNames
	filter *filter
	rules  []string
	marks  []string
	on     []bool
	counts []atomic.Uint64

	allowances allowances
	custom     []custom
	always     uint64 // which custom rules are tried on every text
	blind      bool   // there are secrets that neither a literal nor an @ announces
	scans      sync.Pool
	walkers    sync.Pool
	unsearched func() // nil, or what is called when a budget is spent for the first time
}

// Count says how many values a rule has hidden.
type Count struct {
	Rule   string
	Hidden uint64
}

// New makes a Redactor. The error joins all that is wrong with the rules.
func New(rules Rules) (*Redactor, error) {
	r := &Redactor{rules: builtins()}
	var errs []error
	for _, name := range rules.Names {
		if err := r.addName(name); err != nil {
			errs = append(errs, err)
		}
	}
	if len(rules.Custom) > maxCustom {
		errs = append(errs, fmt.Errorf("redact: %d custom rules, want at most %d",
			len(rules.Custom), maxCustom))
		rules.Custom = nil
	}
	for i := range rules.Custom {
		c, err := rules.Custom[i].compile()
		if err == nil {
			c.rule = rule(len(r.rules))
			err = r.addRule(rules.Custom[i].Name)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if len(c.literals) == 0 {
			r.always |= 1 << len(r.custom)
		}
		r.custom = append(r.custom, c)
	}
	for _, name := range rules.AllowNames {
		if err := r.names.allow(name); err != nil {
			errs = append(errs, err)
		}
	}
	var err error
	r.allowances, err = rules.allowances()
	errs = append(errs, err, r.switchOff(&rules))
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	r.finish()
	return r, nil
}

// addName takes a name of the user's, with the rule that bears it already, or a new one.
func (r *Redactor) addName(name string) error {
	joined, err := ruleOfName(name)
	if err != nil {
		return err
	}
	bears := joined
	if !isASCII(joined) {
		bears = otherScripts
	}
	if by := slices.Index(builtins(), joined); by > int(ruleSession) {
		bears += "-name" // that rule is one for values, which is switched on and off by itself
	}
	by := slices.Index(r.rules, bears)
	if by < 0 {
		by = len(r.rules)
		r.rules = append(r.rules, bears)
	}
	r.names.add(joined, rule(by))
	return nil
}

// addRule gives the next number to a rule of the user's.
func (r *Redactor) addRule(name string) error {
	if slices.Contains(r.rules, name) {
		return fmt.Errorf("redact: rule %q: there is one of this name", name)
	}
	r.rules = append(r.rules, name)
	return nil
}

func (r *Redactor) switchOff(rules *Rules) error {
	r.on = slices.Repeat([]bool{true}, len(r.rules))
	r.on[ruleCard], r.on[ruleEmail] = rules.CreditCards, rules.Emails
	var errs []error
	for _, name := range rules.Off {
		i := slices.Index(r.rules, name)
		if i == int(ruleUnsearched) {
			errs = append(errs,
				fmt.Errorf("redact: rule %q cannot be switched off: nobody has looked at what it "+
					"hides", name))
			continue
		}
		if i < 0 {
			errs = append(errs,
				fmt.Errorf("redact: there is no rule %q to switch off; there are %s", name,
					strings.Join(r.rules, ", ")))
			continue
		}
		r.on[i] = false
	}
	return errors.Join(errs...)
}

// finish builds what follows from the rules.
func (r *Redactor) finish() {
	r.counts = make([]atomic.Uint64, len(r.rules))
	for _, name := range r.rules {
		r.marks = append(r.marks, markOf(name))
	}
	r.names.build()
	if r.filter = builtinFilter(); len(r.names.added)+len(r.custom) > 0 {
		r.filter = newFilter(r.triggers(), r.filter)
	}
	r.blind = r.always != 0 || r.on[ruleCard] || !r.announced()
	r.scans.New = func() any { return new(scan) }
	r.walkers.New = func() any { return new(walker) }
}

// builtinFilter is the filter of all Redactors that have no rules of the user's.
var builtinFilter = sync.OnceValue(func() *filter {
	r := &Redactor{rules: builtins()}
	r.names.build()
	return newFilter(r.triggers(), nil)
})

func (r *Redactor) triggers() []trigger {
	ts := slices.Concat(tokenTriggers(r.rules), partedTriggers(r.rules), shapeTriggers(),
		urlTriggers(), commandTriggers(),
		foreignTriggers(), veilTriggers(), assignTriggers(&r.names), scriptTriggers(&r.names))
	for i := range r.custom {
		wanted := uint64(1) << i
		for _, literal := range r.custom[i].literals {
			ts = append(ts, trigger{literal: literal, fold: true, find: func(s *scan, _ int) {
				s.wanted |= wanted
			}})
		}
	}
	return append(ts, encodedTriggers(ts, &r.names)...)
}

// Rules returns the names of all rules, the user's included, in an order that stays. It is the
// closed list of what may stand in a mark, and of the labels of a counter. Nil for a nil Redactor.
func (r *Redactor) Rules() []string {
	if r == nil {
		return nil
	}
	return slices.Clone(r.rules)
}

// Counts returns how many values each rule has hidden so far, in the order of [Redactor.Rules],
// rules that have hidden nothing included. What seemed to be a JSON document and was none after
// something in it had been hidden is looked at again as a text, and counts twice. Nil for a nil
// Redactor.
func (r *Redactor) Counts() []Count {
	if r == nil {
		return nil
	}
	counts := make([]Count, len(r.rules))
	for i := range counts {
		counts[i] = Count{r.rules[i], r.counts[i].Load()}
	}
	return counts
}

// OnUnsearched has f called once, when for the first time a text is more work than a message is
// worth. It is called amid that text's redaction, and must not be set while the Redactor is in use.
// A nil Redactor ignores it.
func (r *Redactor) OnUnsearched(f func()) {
	if r != nil {
		r.unsearched = f
	}
}

// count takes down that a rule has hidden a value in a text.
func (r *Redactor) count(by rule) {
	if n := r.counts[by].Add(1); n == 1 && by == ruleUnsearched && r.unsearched != nil {
		r.unsearched()
	}
}

// Name returns the mark that stands for the values of fields of this name, and whether they are
// secret for their name. It is for values that are not texts: numbers and groups, below which
// everything is secret too. It does not count.
func (r *Redactor) Name(key string) (mark string, secret bool) {
	if r == nil {
		return "", false
	}
	b := budgetFor(len(key))
	v := &r.know(key, &b, new(known)).verdict
	if !v.secret || v.narrow || !r.on[v.rule] {
		return "", false
	}
	return r.marks[v.rule], true
}

// String returns what may be published of value, the text of a field named key, and whether that
// differs from value. A value that holds a JSON document (an object, an array or a string) is
// walked as one. key may be empty, and is not itself looked into: pass it as a value without a key
// for that. It allocates only where it hides something.
func (r *Redactor) String(key, value string) (string, bool) {
	if r == nil || value == "" {
		return value, false
	}
	b := budgetFor(len(key) + len(value))
	if hidden, ok := r.byName(key, value, &b); ok {
		return hidden, true
	}
	return r.string(value, &b)
}

// string is String for a value that no name stands beside.
func (r *Redactor) string(value string, b *budget) (string, bool) {
	if looksLikeJSON(value) {
		if !r.mayHide(value) {
			return value, false
		}
		if out, changed, err := r.document(nil, value, maxNested, b); err == nil {
			if !changed {
				return value, false
			}
			return string(out), true
		}
	}
	return r.text(value, b)
}

// Clean reports whether there is certainly nothing to hide in a text or in a JSON document, for a
// fraction of what looking at its values costs. False says only that they have to be looked at.
// True for a nil Redactor.
func (r *Redactor) Clean(text []byte) bool { return r == nil || !r.mayHide(view(text)) }

// blindTo reports whether there may be secrets in a text, or in encoded messages, that no literal
// announces.
func (r *Redactor) blindTo(s string) bool {
	return r.blind || r.on[ruleEmail] && mayHoldEmail(s)
}

// mayHide reports whether there may be something to hide in a text that may be a JSON document.
func (r *Redactor) mayHide(s string) bool {
	if r.blindTo(s) {
		return true
	}
	var few [8]found
	left := patienceFor(len(s))
	for i := r.filter.next(s, 0); i >= 0; i = r.filter.next(s, i+2) {
		literals, tried := r.filter.literals(few[:0], s, i, inAnything)
		if left.stop(tried) {
			return true
		}
		for _, l := range literals {
			if t := &r.filter.triggers[l.trigger]; !t.word || isWord(s, l.at, l.at+len(t.literal)) {
				return true
			}
		}
	}
	return false
}

// byName hides a value for the name of its field.
func (r *Redactor) byName(key, value string, b *budget) (string, bool) {
	v := &r.know(key, b, new(known)).verdict
	if !v.secret || !r.on[v.rule] || v.isDirectory(value) || r.keeps(v, value) {
		return value, false
	}
	r.counts[v.rule].Add(1)
	return r.marks[v.rule], true
}

// keeps reports whether a value with a secret's name may be published as it is: it is empty, a
// mark, allowed, or one of the words that the names stand beside that are read narrowly.
func (r *Redactor) keeps(v *verdict, value string) bool {
	return value == "" || onlyMarks(value) || isFixture(value) || v.narrow && isState(value) ||
		r.allowances.allow(value)
}

// isDirectory reports whether a value is the working directory, which shells keep under the name
// that connection strings have for a password. It is a text like any other, in which there may be a
// secret.
func (v *verdict) isDirectory(value string) bool { return v.directory && isPath(value) }

// Bytes is String for bytes: it appends to dst what may be published of src and returns it with
// true, or dst as it is with false when all of src may be. Bytes that are not a JSON document are
// taken as text, whatever they are.
func (r *Redactor) Bytes(dst []byte, key string, src []byte) ([]byte, bool) {
	out, changed := r.String(key, view(src))
	if !changed {
		return dst, false
	}
	return append(dst, out...), true
}
