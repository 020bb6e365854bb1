package redact

// announcedNear is how far behind a word that announces it a token may begin whose own form is too
// plain to be looked for everywhere.
const announcedNear = 160

// announcedTriggers are the words near which such tokens are looked for.
func announcedTriggers() []trigger {
	return []trigger{
		{literal: "vault", fold: true, find: findOldVault},
		{literal: "discord", fold: true, find: findDiscord},
		{literal: "bot.run(", find: findDiscord},
		{literal: ".login(", find: findDiscord},
	}
}

// findOldVault looks for a token of Vault before 1.10 behind its name: "s." and 24 letters and
// digits.
func findOldVault(s *scan, at int) {
	const body = 24
	text, from := s.text, max(at, s.noVault)
	s.noVault = max(from, at+announcedNear-2-body)
	for i := from; i+2+body <= min(len(text), at+announcedNear); i++ {
		s.work++
		if text[i] != 's' || text[i+1] != '.' || !startsWord(text, i) {
			continue
		}
		end := s.run(i+2, word|dash, body+1)
		token := text[i+2 : end]
		if len(token) == body && s.run(i+2, alnum, body) == end && contains(token, alnum, digit) &&
			contains(token, alnum, upper) && contains(token, alnum, lower) {
			s.hide(i, end, ruleVault)
			return
		}
	}
}

// findDiscord looks for the token of a bot behind the name of Discord, or behind the call that
// takes it: the number of the bot in base64, six bytes of a time, and 27 or more of a signature.
func findDiscord(s *scan, at int) {
	text, from := s.text, max(at, s.noBot)
	s.noBot = max(from, at+announcedNear)
	for i := from; i < min(len(text), at+announcedNear); i++ {
		s.work++
		if text[i] < 'M' || text[i] > 'O' || !startsWord(text, i) {
			continue
		}
		number := s.run(i, urlish, 28)
		if number-i < 23 || number-i > 28 || byteAt(text, number) != '.' ||
			s.run(number+1, urlish, 7) != number+7 || byteAt(text, number+7) != '.' {
			continue
		}
		if end := s.run(number+8, urlish, 40); end-number-8 >= 27 && end-number-8 < 40 {
			s.hide(i, end, ruleDiscord)
			return
		}
	}
}
