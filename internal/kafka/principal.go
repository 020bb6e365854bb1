package kafka

import (
	"encoding/base64"
	"strings"
	"unicode"

	"github.com/dashstream/dashstream-go/internal/settings"
)

// principal is the name by which ACLs know this client: the user that logs in, or the subject of
// its token or certificate. It is "" if that is not visible from here.
func (s *starter) principal() string {
	sec := &s.cfg.Security
	switch {
	case sec.sasl() && sec.Mechanism == OAuthBearer && s.tokens == nil:
		return "" // for a reader, whose client has the certificates
	case sec.sasl() && sec.Mechanism == OAuthBearer:
		return s.tokens.subject()
	case sec.sasl():
		return sec.Username
	case sec.tls() && sec.CertFile != "":
		pair, err := readKeyPair(sec.CertFile, sec.KeyFile, sec.KeyPassword)
		if err != nil || pair.Leaf == nil {
			return ""
		}
		return pair.Leaf.Subject.String() // in the order and form that Java uses, RFC 2253
	}
	return ""
}

// aclPrincipal is the principal as an argument of kafka-acls.sh.
func (s *starter) aclPrincipal() string {
	name := s.principal()
	switch {
	case name == "" && !s.cfg.Security.sasl() && s.cfg.Security.CertFile == "":
		return "User:ANONYMOUS"
	case name == "" || settings.Shown(name)[0] != '"' && !distinguished(name):
		return "User:CLIENT (in the place of CLIENT the name that the brokers know this client by)"
	case strings.ContainsFunc(name, func(r rune) bool {
		return r != '-' && r != '_' && r != '.' &&
			!isLetterOrDigit(r)
	}):
		return "'User:" + strings.ReplaceAll(name, "'", `'\''`) + "'"
	}
	return "User:" + name
}

func distinguished(name string) bool { return strings.Contains(name, "CN=") }

func isLetterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// oddities describes invisible peculiarities of a password: most passwords that are rejected
// although they look right have one.
func oddities(password Secret) string {
	p := password.Reveal()
	var odd []string
	switch {
	case strings.HasSuffix(p, "\n"):
		odd = append(odd, "ends in a line break")
	case strings.TrimRightFunc(p, unicode.IsSpace) != p:
		odd = append(odd, "ends in a blank")
	}
	if strings.TrimLeftFunc(p, unicode.IsSpace) != p {
		odd = append(odd, "begins with a blank")
	}
	if strings.HasPrefix(p, "\uFEFF") || strings.ContainsFunc(strings.TrimSpace(p), invisible) {
		odd = append(odd, "has an invisible character in it")
	}
	if len(p) > 1 && (p[0] == '"' || p[0] == '\'') && p[len(p)-1] == p[0] {
		odd = append(odd, "is in quotes, which count as a part of it")
	}
	if b, err := base64.StdEncoding.DecodeString(p); err == nil && len(b) > 0 &&
		(b[len(b)-1] == '\n') {
		odd = append(odd, "looks like base64 of a text, as in a Kubernetes Secret that was not "+
			"decoded")
	}
	if len(odd) == 0 {
		return ""
	}
	return "; the password " + strings.Join(odd, ", and ")
}

func invisible(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u00a0' || r == '\uFFFD'
}
