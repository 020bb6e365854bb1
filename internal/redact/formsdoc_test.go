package redact

import (
	goflag "flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var updateForms = goflag.Bool("update-forms", false, "write FORMS.md from the tables of the code")

// shapes are the credentials that more than a prefix gives away, and what announces them.
var shapes = []struct {
	rule  rule
	form  string
	known string // literals, one of which a text with such a credential has in it
}{
	{ruleBearer, "letters and digits of RFC 6750, at least 6, behind the word", "bearer "},
	{ruleBasic, "base64 of a user, a colon and a password, behind the word", "basic "},
	{ruleJWT, "base64url of a JSON header with `alg` or `typ`, a dot, and more", "eyJ"},
	{ruleURLPassword, "what stands between the first colon and the last @ of a URL's authority",
		":// @tcp( @unix( jdbc:oracle:thin:"},
	{ruleURLToken, "at least 16 in the place of a URL's user, drawn at random", "://"},
	{ruleSignedURL, "at least 20 of a signature",
		"&sig= ?sig= &Signature= X-Amz-Signature= X-Goog-Signature="},
	{ruleWebhook, "at least 16 of a path", "hooks.slack.com/ hooks.slack-gov.com/ " +
		"open.feishu.cn/open-apis/bot/ open.larksuite.com/open-apis/bot/ " +
		"qyapi.weixin.qq.com/cgi-bin/webhook/ .m.pipedream.net /hooks/ " +
		"hooks.zapier.com/hooks/catch/ " +
		".make.com/ hook.integromat.com/ maker.ifttt.com/trigger/ chat.googleapis.com/v1/spaces/ " +
		".logic.azure.com /api/webhooks/ .webhook.office.com/"},
	{ruleOpenAI, "16 letters and digits in a row with a digit, or 40 mixed", "sk-"},
	{ruleAWSID, "16 capitals and digits behind the prefix", "AKIA ASIA ABIA ACCA A3T"},
	{ruleAWSSecret, "40 of base64, within 100 bytes of an id", "AKIA ASIA"},
	{ruleAzureSecret, "3 before and 31 to 40 behind the middle", "0Q~ 8Q~"},
	{ruleAzureKey, "33 to 76 of base64 before the signature, 6 or 28 behind it",
		"+ASt +ABa +AMC ACDb APIM +ASb +AEh +ARm AIoT AzCa +ACR AzSe AzFu JQQJ"},
	{ruleAzureDevOps, "76 of base64 before the signature, 4 behind it", "AZDO"},
	{ruleTelegram, "6 to 12 digits, a colon, AA, and 28 to 48 of base64url", ":AA"},
	{ruleTwilio, "32 hexadecimal digits behind the prefix", "SK0 SKf"},
	{ruleTerraform, "10 and more before, 40 and more behind the middle", ".atlasv1."},
	{ruleMaxMind, "6, an underscore and 29 before the end", "_mmk"},
	{ruleMailchimp, "32 hexadecimal digits before the data centre", "-us"},
	{ruleSalesforce, "12 or 15 behind the prefix, an exclamation mark, 80 and more", "00D"},
	{ruleNewRelic, "32 to 40 hexadecimal digits before the end", "NRAL"},
	{ruleTableau, "22 of base64 before, 32 letters and digits behind the middle", "==:"},
	{ruleAsana, "0, 1 or 2, one or two numbers behind slashes, a colon and 32 hexadecimal " +
		"digits, within 160 bytes behind the word", "asana"},
	{ruleAuthress, "the kind of a client before, 30 and more behind the middle", ".acc- .acc_"},
	{ruleDropbox, "11 before, 43 behind the middle", "aaaaaaaaaa"},
	{ruleTwitter, "21 letters A, and 81 to 101 more", "aaaaaaaaaa"},
	{ruleVault, "s. and 24 letters and digits, within 160 bytes behind the word", "vault"},
	{ruleDiscord, "23 to 28 and 6 and 27 to 39 of base64url, a dot between them, within 160 bytes",
		"discord bot.run( .login("},
	{ruleBraintree, "`production` or `sandbox`, 16 and 32 behind dollar signs", "access_token$"},
}

// alphabets are the classes of bytes as the documentation names them.
var alphabets = []struct {
	class class
	name  string
}{
	{anyHex, "hexadecimal"}, {alnum, "A-Z a-z 0-9"}, {upper | digit, "A-Z 0-9"},
	{lower | digit, "a-z 0-9"}, {digit, "0-9"}, {hex, "0-9 a-f"}, {lower, "a-z"}, {upper, "A-Z"},
	{under, "_"}, {dash, "-"}, {dot, "."}, {slash, "+ /"}, {equals, "="}, {percent, "%"},
	{tilde, "~"},
}

// alphabetOf names the bytes of a class.
func alphabetOf(c class) string {
	var names []string
	for _, a := range alphabets {
		if c&a.class == a.class && !(a.class == anyHex && c&alnum == alnum) {
			names = append(names, a.name)
			if c &^= a.class; a.class == alnum {
				c &^= anyHex
			}
		}
	}
	return strings.Join(names, " ")
}

// more is what else a form asks for.
func (w wants) more() string {
	var all []string
	for _, want := range []struct {
		is   wants
		says string
	}{{anywhere, "amid a word, in any case"}, {digits, "with a digit"},
		{capitals, "with a capital"},
		{dots, "a dot behind 14"}, {anyCase, "in any case"}, {drawn, "drawn at random"},
		{uuid, "a UUID"}} {
		if w&want.is != 0 {
			all = append(all, want.says)
		}
	}
	return strings.Join(all, ", ")
}

// says describes the parts.
func (f *partedForm) says() string {
	var b strings.Builder
	for _, p := range f.parts {
		n := fmt.Sprint(p.min, " to ", p.max)
		if p.min == p.max {
			n = fmt.Sprint(p.min)
		} else if p.max == open {
			n = fmt.Sprint(p.min, " and more")
		}
		fmt.Fprintf(&b, "%s of %s", n, alphabetOf(p.chars))
		if p.then != "" {
			fmt.Fprintf(&b, ", `%s`, ", strings.ReplaceAll(p.then, "|", `\|`))
		}
	}
	return b.String()
}

// formsDoc is the documentation of all forms.
func formsDoc() string {
	var b strings.Builder
	b.WriteString("# What is found by its form\n\n<!-- Written from the tables of the code: " +
		"go test ./internal/redact -run FormsAreDocumented -update-forms -->\n\n" +
		"A credential of these forms is hidden wherever it stands in a text. Its mark bears the " +
		"name of the\nrule: `[REDACTED:rule]`. The lengths are what is asked for; issuers' " +
		"own are longer, so that what\nwas cut is found too.\n\n" +
		"## By a prefix\n\n| Rule | Begins with | Then | At least | And |\n|---|---|---|--:|---|\n")
	for i := range tokenForms {
		f := &tokenForms[i]
		fmt.Fprintf(&b, "| %s | `%s` | %s | %d | %s |\n", f.rule,
			strings.ReplaceAll(f.prefix, "|", `\|`), alphabetOf(f.chars),
			f.min,
			f.wants.more())
	}
	b.WriteString("\n## By a prefix and the lengths of parts\n\n| Rule | Begins with | Then |\n" +
		"|---|---|---|\n")
	for i := range partedForms {
		f := &partedForms[i]
		fmt.Fprintf(&b, "| %s | `%s` | %s |\n", f.rule, strings.ReplaceAll(f.prefix, "|", `\|`),
			f.says())
	}
	b.WriteString("\n## By more than a prefix\n\n| Rule | Form | Announced by |\n|---|---|---|\n")
	for _, s := range shapes {
		literals := strings.Split(s.known, " ")
		if strings.HasSuffix(s.known, " ") {
			literals = []string{s.known}
		}
		fmt.Fprintf(&b, "| %s | %s | `%s` |\n", fixedNames[s.rule], s.form,
			strings.Join(literals, "` `"))
	}
	return b.String()
}

// FORMS.md has each form of the code, and what it says announces one does.
func TestFormsAreDocumented(t *testing.T) {
	const file = "FORMS.md"
	if *updateForms {
		if err := os.WriteFile(file, []byte(formsDoc()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != formsDoc() {
		t.Errorf("%s is not what the code has (%v): run this test with -update-forms", file, err)
	}
	r := redactor(t, Rules{})
	for by := ruleBearer; by < ruleCard; by++ {
		if !slices.ContainsFunc(shapes, func(s struct {
			rule        rule
			form, known string
		}) bool {
			return s.rule == by
		}) {
			t.Errorf("%s is not documented", fixedNames[by])
		}
	}
	for _, s := range shapes {
		for _, literal := range strings.Fields(s.known) {
			if !slices.ContainsFunc(r.filter.triggers, func(t trigger) bool {
				return strings.TrimSpace(t.literal) == literal
			}) {
				t.Errorf("%s: nothing is looked for at %q", fixedNames[s.rule], literal)
			}
		}
	}
}
