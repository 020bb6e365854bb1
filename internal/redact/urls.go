package redact

import "strings"

// urlTriggers are those of credentials in addresses and in the commands that take them.
func urlTriggers() []trigger {
	return []trigger{
		{literal: "://", find: findURL},
		{literal: "@tcp(", find: findDSN},
		{literal: "@unix(", find: findDSN},
		{literal: ":5432:", find: findPassFile},
		{literal: "Private-Lines: ", find: findPuTTY},
		{literal: "jdbc:oracle:thin:", find: findOracle},
		{literal: "&sig=", find: signature("&sig=")},
		{literal: "&amp;sig=", find: signature("&amp;sig=")},
		{literal: "&amp;Signature=", find: signature("&amp;Signature=")},
		{literal: "?sig=", find: signature("?sig=")},
		{literal: "&Signature=", find: signature("&Signature=")},
		{literal: "X-Amz-Signature=", find: signature("X-Amz-Signature=")},
		{literal: "X-Goog-Signature=", find: signature("X-Goog-Signature=")},
		{literal: "hooks.slack.com/", find: webhook("hooks.slack.com/", "services/", "workflows/",
			"triggers/")},
		{literal: "hooks.slack-gov.com/", find: webhook("hooks.slack-gov.com/", "services/",
			"workflows/", "triggers/")},
		{literal: "open.feishu.cn/open-apis/bot/", find: webhook("open.feishu.cn/open-apis/bot/",
			"v2/hook/", "hook/")},
		{literal: "open.larksuite.com/open-apis/bot/", find: webhook(
			"open.larksuite.com/open-apis/bot/", "v2/hook/", "hook/")},
		{literal: "qyapi.weixin.qq.com/cgi-bin/webhook/", find: webhook(
			"qyapi.weixin.qq.com/cgi-bin/webhook/", "send?key=", "upload_media?key=")},
		{literal: ".m.pipedream.net", find: findPipedream},
		{literal: "/hooks/", find: findHook},
		{literal: "hooks.zapier.com/hooks/catch/", find: webhook("hooks.zapier.com/hooks/catch/",
			"")},
		{literal: ".make.com/", find: webhook(".make.com/", "")},
		{literal: "hook.integromat.com/", find: webhook("hook.integromat.com/", "")},
		{literal: "maker.ifttt.com/trigger/", find: webhook("maker.ifttt.com/trigger/", "")},
		{literal: "chat.googleapis.com/v1/spaces/", find: webhook("chat.googleapis.com/v1/spaces/",
			"")},
		{literal: ".logic.azure.com", find: webhook(".logic.azure.com", ":443/workflows/",
			"/workflows/")},
		{literal: "/api/webhooks/", find: webhook("/api/webhooks/", "")},
		{literal: ".webhook.office.com/", find: webhook(".webhook.office.com/", "webhookb2/",
			"webhook/")},
	}
}

// Bounds of how far the authority of a URL is followed, and an IP address in it.
const (
	maxAuthority = 1024
	maxHost      = 64
)

// endsURL reports whether a byte cannot be in a URL, however carelessly that was written.
func endsURL(b byte) bool {
	return b <= ' ' || b == '"' || b == '\'' || b == '`' || b == '<' || b == '>' || b == 0x7f
}

// findURL hides the password in scheme://user:password@host, and a token that stands alone in the
// place of the user.
func findURL(s *scan, at int) {
	text, begin := s.text, at+len("://")
	if at == 0 || !is(text[at-1], alnum) {
		return
	}
	limit := min(len(text), begin+maxAuthority)
	end, colon, last := begin, -1, -1 // of the authority, its first colon, its last @
	for ; end < limit; end++ {
		b := text[end]
		if endsURL(b) || b == '/' || b == '?' || b == '#' || b == '\\' {
			break
		}
		if b == '[' && colon < 0 { // an IPv6 address has colons of its own
			if n := strings.IndexByte(text[end:min(limit, end+maxHost)], ']'); n > 0 {
				end += n
			}
		}
		if b == ':' && colon < 0 {
			colon = end
		}
		if b == '@' {
			last = end
		}
	}
	s.work += end - begin
	if last < 0 {
		last = s.strayAt(colon, end, limit)
	}
	switch {
	case last < 0:
	case colon >= 0 && colon < last:
		if password := text[colon+1 : last]; !isPlaceholder(password) {
			s.hide(colon+1, last, ruleURLPassword)
		}
	case last-begin >= 16 && looksRandom(text[begin:last], 24):
		s.hide(begin, last, ruleURLToken)
	}
}

// strayAt returns where the @ is that ends a password in which a slash, a question mark or a number
// sign was not escaped, so that the authority seemed to end there: -1 if what follows the colon is
// a port.
func (s *scan) strayAt(colon, end, limit int) int {
	text := s.text
	if colon < 0 || end == limit || endsURL(text[end]) || text[end] == '\\' ||
		s.run(colon+1, digit, 6) == end {
		return -1
	}
	if isPlaceholder(text[colon+1 : end]) {
		return -1
	}
	last, i := -1, end
	if s.noAt[0] <= i && i < s.noAt[1] {
		i = s.noAt[1]
	}
	from := i
	for ; i < limit && !endsURL(text[i]); i++ {
		if text[i] == '@' {
			last = i
		}
	}
	if s.work += i - from; last < 0 {
		s.noAt = [2]int{end, i}
	}
	return last
}

// findDSN hides the password in user:password@tcp(host), the form of Go's driver for MySQL.
func findDSN(s *scan, at int) {
	text := s.text
	begin := at
	for begin > 0 && at-begin < 256 && !endsURL(text[begin-1]) {
		begin--
	}
	s.work += at - begin
	if colon := strings.IndexByte(text[begin:at], ':'); colon > 0 &&
		!isPlaceholder(text[begin+colon+1:at]) {
		s.hide(begin+colon+1, at, ruleURLPassword)
	}
}

// findOracle hides the password in jdbc:oracle:thin:user/password@host.
func findOracle(s *scan, at int) {
	begin := at + len("jdbc:oracle:thin:")
	part := s.text[begin:min(len(s.text), begin+256)]
	name, host := strings.IndexByte(part, '/'), strings.IndexByte(part, '@')
	if name > 0 && host > name+1 && run(part, 0, dotted, name) == name &&
		!isPlaceholder(part[name+1:host]) {
		s.hide(begin+name+1, begin+host, ruleURLPassword)
	}
}

// minSignature is how long the signature of a URL is at least.
const minSignature = 20

// signature looks for the signature in a signed URL, which lets in whoever has the URL.
func signature(name string) finder {
	return func(s *scan, at int) {
		begin := at + len(name)
		if end := s.run(begin, dotted|slash|equals|percent|tilde, 2048); end-begin >= minSignature {
			s.hide(begin, end, ruleSignedURL)
		}
	}
}

// webhook looks for the path of a web hook, which lets in whoever knows it.
func webhook(host string, paths ...string) finder {
	return func(s *scan, at int) {
		begin := at + len(host)
		for _, path := range paths {
			if !strings.HasPrefix(s.text[begin:], path) {
				continue
			}
			begin += len(path)
			if end := s.pathEnd(begin); end-begin >= 16 {
				s.hide(begin, end, ruleWebhook)
			}
			return
		}
	}
}

// findPipedream hides the host of a web hook of Pipedream, which is all that is secret of it.
func findPipedream(s *scan, at int) {
	if begin := s.wordBegin(at, lower|digit, 24); at-begin >= 14 {
		s.hide(begin, at, ruleWebhook)
	}
}

// findHook looks at the path of a web hook of those who run Mattermost (26 letters and digits) or
// Rocket.Chat (17, a slash, and more) themselves.
func findHook(s *scan, at int) {
	begin := at + len("/hooks/")
	id := s.run(begin, alnum, 28)
	end := s.run(id, alnum|slash, 80)
	if first := s.text[begin:id]; end-begin == 26 && id == end && contains(first, alnum, digit) &&
		!contains(first, alnum, upper) || id-begin == 17 && byteAt(s.text, id) == '/' &&
		end-id > 40 {
		s.hide(begin, end, ruleWebhook)
	}
}

// pathEnd returns where the path of a web hook ends, in which users may stand before an @.
func (s *scan) pathEnd(i int) int {
	end := s.tokenEnd(i, dotted|slash|percent|tilde)
	for range 3 {
		if end+1 >= len(s.text) || s.text[end] != '@' || !is(s.text[end+1], alnum) {
			break
		}
		end = s.tokenEnd(end+1, dotted|slash|percent|tilde)
	}
	return end
}
