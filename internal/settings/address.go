package settings

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// BrokerAddress allows host:port.
var BrokerAddress = TextRule{Allowed: "host:port", OK: isAddress, Why: wrongAddress}

func isAddress(s string) bool {
	host, port, err := net.SplitHostPort(s)
	return err == nil && isHost(host) && isPort(port)
}

func isHost(s string) bool {
	return s != "" && !strings.ContainsAny(s, " /@=;") && !strings.ContainsFunc(s,
		func(r rune) bool { return !strconv.IsPrint(r) })
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

// wrongAddress says what is wrong with an address, without showing one that may contain a secret.
func wrongAddress(s string) string {
	if at := strings.LastIndex(s, "@"); at >= 0 {
		host := strings.TrimRight(s[at+1:], "/")
		if !isAddress(host) {
			host = "host:port"
		}
		return "has a user name or a password in it (not shown): want " + host +
			" alone, and these in variables of their own"
	}
	shown := shownAddress(s)
	if scheme, rest, ok := strings.Cut(s, "://"); ok {
		if scheme == "" || !plain(scheme) {
			return "has a scheme"
		}
		if rest = strings.TrimRight(rest, "/"); !isAddress(rest) || shown[0] != '"' {
			rest = "host:port"
		}
		return fmt.Sprintf("begins with the scheme %q: want %s alone", scheme+"://", rest)
	}
	if strings.ContainsAny(s, " \t\r\n;") {
		return "is " + shown + ", with a blank or a semicolon in it: addresses are separated by " +
			"commas"
	}
	host, port, err := net.SplitHostPort(s)
	switch {
	case err != nil && net.ParseIP(s) != nil && strings.Contains(s, ":"):
		return fmt.Sprintf("is %s, an IPv6 address without brackets and a port: want [%s]:9092",
			shown, s)
	case err != nil && !strings.Contains(s, ":"):
		return fmt.Sprintf("is %s, without a port", shown)
	case err != nil:
		return "is " + shown
	case host == "":
		return fmt.Sprintf("is %s, without a host", shown)
	case !isHost(host):
		return fmt.Sprintf("is %s, whose host is none", shown)
	}
	if plainWord(port) {
		return fmt.Sprintf("is %s, whose port %q is not a number from 1 to 65535", shown, port)
	}
	return "has a port that is not a number from 1 to 65535"
}

// shownAddress shows an address that consists of labels as in host names. Clouds put an id into
// theirs, so one label may look random if it is short.
func shownAddress(s string) string {
	odd := 0
	for label := range strings.FieldsFuncSeq(s,
		func(r rune) bool { return strings.ContainsRune(".-:[]", r) }) {
		if !plainWord(label) {
			odd++
		}
		if len(label) > 7 && !plainWord(label) || odd > 1 || strings.ToLower(label) != label {
			return Shown(s)
		}
		for _, r := range label {
			if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
				return Shown(s)
			}
		}
	}
	return strconv.Quote(s)
}
