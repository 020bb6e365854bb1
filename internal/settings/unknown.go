package settings

import (
	"regexp"
	"slices"
	"strings"
)

// service matches the variables that Kubernetes and Docker set for a service, such as
// DASHSTREAM_SERVICE_HOST and DASHSTREAM_PORT_9092_TCP_ADDR.
var service = regexp.MustCompile(
	`_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$`)

// endpoint matches the value of a service's own variable.
var endpoint = regexp.MustCompile(`^(tcp|udp|sctp)://`)

// Unknown returns the variables with the prefix that are in no row, each with the most similar
// name. environ has the form of [os.Environ]. Variables that Kubernetes sets for a service, and
// names with one of the prefixes in but, are left out.
func (t *Table[C]) Unknown(environ []string, prefix string, but ...string) (said []string) {
	known := t.Names()
	for _, v := range environ {
		name, value, _ := strings.Cut(v, "=")
		upper := strings.ToUpper(name)
		switch {
		case value == "", !strings.HasPrefix(upper, prefix), slices.Contains(known, name):
		case slices.ContainsFunc(but, func(p string) bool { return strings.HasPrefix(upper, p) }):
		case service.MatchString(name), strings.HasSuffix(name, "_PORT") &&
			endpoint.MatchString(value):
		default:
			said = append(said, name+" (nearest: "+nearest(upper, known)+")")
		}
	}
	slices.Sort(said)
	return said
}

// nearest returns the known name with the fewest edits to name.
func nearest(name string, known []string) string {
	best, least := "", 1<<30
	for _, k := range known {
		if d := distance(name, k); d < least {
			best, least = k, d
		}
	}
	return best
}

// distance counts the letters to insert, delete or replace.
func distance(a, b string) int {
	if len(a) > 200 {
		a = a[:200]
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
