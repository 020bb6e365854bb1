package settings

import (
	"fmt"
	"slices"
	"strings"
)

// StringList is a list of texts that rule allows, separated by commas.
func StringList[C any](env, field string, at func(*C) *[]string, def []string, rule TextRule,
	help string) Row[C] {
	return Row[C]{
		Setting: Setting{
			Env: env, Field: field, Default: strings.Join(def, ","),
			Allowed: rule.Allowed + ", separated by commas", Help: help,
		},
		parse: func(c *C, value, _ string) (string, error) {
			items := strings.Split(value, ",")
			for i := range items {
				items[i] = strings.TrimSpace(items[i])
			}
			if err := rule.list(items); err != nil {
				return "", err
			}
			*at(c) = items
			return "", nil
		},
		fill: func(c *C) {
			if f := at(c); len(*f) == 0 {
				*f = slices.Clone(def)
			}
		},
		check: func(c *C) error { return rule.list(*at(c)) },
		value: func(c *C) any { return *at(c) },
	}
}

// list reports which entries are wrong, and why.
func (r TextRule) list(items []string) error {
	var wrong []string
	for i, item := range items {
		if r.OK(item) {
			continue
		}
		where := fmt.Sprintf("entry %d of %d", i+1, len(items))
		switch why := r.why(item); {
		case item == "":
			wrong = append(wrong, where+" is empty: a comma too many")
		case why != "":
			wrong = append(wrong, where+" "+why)
		default:
			wrong = append(wrong, where+" is "+Shown(item))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(wrong, "; "))
}

func (r TextRule) why(item string) string {
	if r.Why == nil {
		return ""
	}
	return r.Why(item)
}
