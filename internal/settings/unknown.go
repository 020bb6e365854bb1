package settings

import (
	"regexp"
	"slices"
	"strings"
)

// service matches what Kubernetes and Docker set for a service: DASHSTREAM_SERVICE_HOST,
// DASHSTREAM_PORT_9092_TCP_ADDR and their like.
var service = regexp.MustCompile(
	`_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$`)

// endpoint is what they set a service's own variable to.
var endpoint = regexp.MustCompile(`^(tcp|udp|sctp)://`)

// Unknown says which variables with the prefix are in none of the rows, each with the name that
// comes nearest. environ is in the form of [os.Environ]; what Kubernetes sets for a service, and
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

// nearest returns the name with the fewest edits from it to name.
func nearest(name string, known []string) string {
	best, least := "", 1<<30
	for _, k := range known {
		if d := distance(name, k); d < least {
			best, least = k, d
		}
	}
	return best
}

// distance counts the letters to insert, leave out or replace.
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
