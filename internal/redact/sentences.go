package redact

import "strings"

// foreignNames are what passwords are called in other languages, which names of variables seldom
// are.
var foreignNames = []string{
	"contraseña", "clave de acceso", "mot de passe", "senha", "palavra-passe", "hasło", "lösenord",
	"adgangskode", "passord", "пароль",
	"密码", "口令", "密碼", "パスワード", "暗証番号", "비밀번호", "암호", "şifre", "parola d'ordine",
	"heslo", "salasana", "jelszó", "parolă", "κωδικός", "clé api", "clé API", "Clé API",
	"clave de api", "Clave de API", "Chave de API", "schlüssel", "токен", "トークン", "토큰", "令牌",
	"clé secrète", "Clé secrète", "chiave API", "Chiave API", "Parola", "كلمة السر", "Zugangsdaten",
	"clave API", "clave de API", "chave de API", "APIキー", "секретный ключ",
	"mật khẩu", "كلمة المرور", "סיסמה", "पासवर्ड", "รหัสผ่าน", "kata sandi", "API密钥", "密钥",
}

func foreignTriggers() []trigger {
	var ts []trigger
	v := verdict{rule: rulePassword, secret: true}
	for _, name := range foreignNames {
		for _, spelling := range cased(name) {
			ts = append(ts, trigger{literal: spelling, find: func(s *scan, at int) {
				s.findNamed(at, at+len(spelling), v)
			}})
		}
	}
	return ts
}

// findNamed hides what follows a name in another language, in a sentence or elsewhere.
func (s *scan) findNamed(begin, end int, v verdict) {
	end = s.run(end, lower, 3) // as its case, or an article behind it, has it
	a := assignment{scan: s, begin: begin, end: end, verdict: v}
	s.work += workOfName
	a.findValue()
	if a.form == none {
		i := a.copula(s.run(end, blank, 4))
		to := s.run(end, blank, 4)
		for _, c := range [...]string{"to ", "je ", "on ", "este "} { // Polish, Czech, and so on
			if i == 0 && to > end && strings.HasPrefix(s.text[to:], c) {
				i = to + len(c)
			}
		}
		if i == 0 {
			i = a.apposition(s.run(end, blank, 4))
		}
		if next := s.run(end, blank, 4); i == 0 && next > end && a.isOpaqueAt(next) {
			i = next
		}
		if i > 0 {
			a.at, a.form = s.run(i, blank, 4), says
		}
	}
	if a.form != none && a.at < len(s.text) {
		a.hideValue()
	}
}

// copulas are what joins a name with its value in a sentence.
var copulas = [...]string{
	"is now ", "is set to ", "is currently ", "is still ", "is: ", "is ", "was set to ",
	"was changed to ", "was reset to ", "was ", "has been reset to ",
	"has been set to ", "has been changed to ", "should be ", "will be ", "equals ",
	"changed to ", "es: ", "est: ", "ist: ", "ist jetzt ", "ist ", "lautet ", "es ahora ", "es ",
	"est ", "é ", "è ", "är ", "jest ",
	"olarak ", "là ", "是：", "是:", "是 ", "是", "为", "は ", "は", "는 ", "는", "은 ", "은", "- это ",
	"— ", "это ",
}

// copulasBy are those that begin with a byte.
var copulasBy = func() (by [256][]string) {
	for _, c := range copulas {
		by[c[0]] = append(by[c[0]], c)
	}
	for b := byte('a'); b <= 'z'; b++ {
		by[upperOf(b)] = by[b]
	}
	return by
}()

func upperOf(b byte) byte {
	if is(b, lower) {
		return b - 'a' + 'A'
	}
	return b
}

// copula returns what follows a word that joins a name with its value, and 0 if none begins at i.
func (a *assignment) copula(i int) int {
	a.work++
	if i >= len(a.text) {
		return 0
	}
	candidates := copulasBy[a.text[i]]
	a.work += 4 * len(candidates)
	for _, c := range candidates {
		if hasPrefixFold(a.text[i:], c) {
			return i + len(c)
		}
	}
	return 0
}

// apposition returns where the value begins if words begin at i that say whose the secret is, and
// what joins them with the value: for bob is x. It is 0 if there are none.
func (a *assignment) apposition(i int) int {
	text := a.text
	first := i
	for first < len(text) && first < i+8 && (is(text[first], letter) || text[first] >= 0x80) {
		first++
	}
	a.work += first - i
	if !joining[text[i:first]] {
		return 0
	}
	at := first
	for range 6 {
		if byteAt(text, at) != ' ' {
			return 0
		}
		at++
		if value := a.copula(at); value > 0 {
			return value
		}
		word := at
		for word < len(text) && word < at+24 && (is(text[word], ofOwners) || text[word] >= 0x80 ||
			text[word] == '\'' || text[word] == '"' || text[word] == '`') {
			word++
		}
		a.work += word - at
		if word == at {
			return 0
		}
		if byteAt(text, word) == ':' && byteAt(text, word+1) == ' ' {
			return word + 2
		}
		at = word
	}
	return 0
}

// joining are the words that say whose a secret is, or of what.
var joining = setOf("for of to on at in you that which i we für zu zum zur der des von vom para " +
	"pour de du des del della di da do dos na no voor van för till od do от для до к")

// ofOwners are the bytes of the names of users, hosts and services.
const ofOwners = dotted

// nextLine returns where the value begins if it stands alone in a line behind that of its name, in
// a fence or not: 0 if none does. i is where the line of the name ends.
func (a *assignment) nextLine(i int) int {
	text, from := a.text, i
	for i < len(text) && i < from+maxName && is(text[i], space) {
		i++
	}
	for _, member := range [...]string{"value: ", "default: "} {
		if at := i + len(member); strings.HasPrefix(text[i:], member) && at < len(text) &&
			strings.IndexByte("\"'", text[at]) >= 0 && a.isSecretInQuotes(at) {
			return at
		}
	}
	if strings.HasPrefix(text[i:], "```") {
		i = a.run(i+3, alnum, 16)
		if i == len(text) || !is(text[i], newline) {
			return 0
		}
		i = a.run(i, space, 32)
	}
	a.work += i - from
	if i >= len(text) {
		return 0
	}
	end := a.wordEnd(i)
	word := text[i:min(end, i+enough)]
	if len(word) < 8 || !a.endsLine(end) || strings.IndexByte(":,{[(", word[len(word)-1]) >= 0 ||
		strings.IndexByte("\"'{[(<", word[0]) >= 0 || strings.Contains(word, "://") {
		return 0
	}
	if !isStrong(word) && !(len(word) >= 16 && looksSecret(word, true)) {
		return 0
	}
	return i
}
