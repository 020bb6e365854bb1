package settings

import (
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// TextRule says which texts are allowed.
type TextRule struct {
	Allowed string
	OK      func(string) bool
}

// AnyText allows any text.
var AnyText = TextRule{"any text", func(s string) bool { return true }}

// PlainText allows printable text of at most so many bytes.
func PlainText(most int) TextRule {
	return TextRule{fmt.Sprintf("printable text of at most %d bytes", most), func(s string) bool {
		return s != "" && len(s) <= most && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) })
	}}
}

var topicForm = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,249}$`)

// TopicName allows what Kafka does.
var TopicName = TextRule{"1 to 249 of the characters a-z A-Z 0-9 . _ -", func(s string) bool {
	return topicForm.MatchString(s) && s != "." && s != ".."
}}

// BrokerAddress allows host:port.
var BrokerAddress = TextRule{"host:port", func(s string) bool {
	host, port, err := net.SplitHostPort(s)
	if err != nil || host == "" || strings.ContainsAny(host, " /@\t") {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}}
