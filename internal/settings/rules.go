package settings

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// TextRule says which texts are allowed.
type TextRule struct {
	Allowed string
	OK      func(string) bool
	// Why says what is wrong with a text that is not OK, without showing a secret. nil: only that
	// it is wrong.
	Why func(string) string
}

// AnyText allows any text.
var AnyText = TextRule{Allowed: "any text", OK: func(string) bool { return true }}

// PlainText allows printable text of at most so many bytes.
func PlainText(most int) TextRule {
	return TextRule{Allowed: fmt.Sprintf("printable text of at most %d bytes", most),
		OK: func(s string) bool {
			return s != "" && len(s) <= most && utf8.ValidString(s) && !strings.ContainsFunc(s,
				func(r rune) bool { return !strconv.IsPrint(r) })
		}}
}

var topicForm = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,249}$`)

// TopicName allows what Kafka allows.
var TopicName = TextRule{Allowed: "1 to 249 of the characters a-z A-Z 0-9 . _ -",
	OK: func(s string) bool {
		return topicForm.MatchString(s) && s != "." && s != ".."
	}}

// FilePath allows the path of a file, but not the file's contents.
var FilePath = TextRule{
	Allowed: "the path of a file",
	OK: func(s string) bool {
		return !strings.Contains(s, "-----BEGIN") && !strings.ContainsFunc(s, unicode.IsControl)
	},
	Why: func(s string) string {
		if strings.Contains(s, "-----BEGIN") {
			return "holds a PEM block (not shown) where the path of a file belongs: write it to " +
				"a file"
		}
		if strings.ContainsAny(s, "\r\n") {
			return "holds several lines (not shown)"
		}
		return "has a control character in it: " + Shown(s)
	},
}

// because lets the rule say why a text is wrong.
func (r TextRule) because(s string, err error) error {
	if err == nil || r.Why == nil {
		return err
	}
	if why := r.Why(s); why != "" {
		return errors.New(why)
	}
	return err
}
