package redact

import "strings"

// positional are commands that take a secret as an argument without a name, behind so many others.
var positional = []struct {
	name   string
	before int
}{
	{"vault login ", 0}, {"cargo login ", 0}, {"htpasswd -b", 3}, {"rabbitmqctl add_user ", 1},
	{"rabbitmqctl change_password ", 1}, {"wpa_passphrase ", 1}, {"net user ", 1},
	{"ConvertTo-SecureString ", 0}, {"net use ", 3}, {"mc alias set ", 3},
	{"poetry config http-basic.", 2}, {"poetry config pypi-token.", 1},
	{"dotnet user-secrets set ", 1}, {"NickServ IDENTIFY ", 0}, {"> AUTH ", 0},
	{"> AUTH default ", 0}, {"masterauth ", 0}, {"stats auth ", 0}, {"snmp-server community ", 0},
	{" password 0 ", 0}, {" password 7 ", 0}, {" /rp ", 0}, {" /p ", 0}, {" on >", 0},
	{" /p:", 0}, {" EAP ", 0},
}

// calls are what programs call with a user's name and a password, which is the last argument.
var calls = []string{"auth=(\"", "auth=('", "PasswordCredentials(\"", "PasswordAuthentication(\"",
	"NetworkCredential(\"", "db.auth(\"", "UserPassword(\"", "new PDO(",
	"BasicAuth(\"", "basicAuth(\"", "basic_auth(\"", "getConnection("}

// readers are commands that read a password from the command before them.
var readers = []string{"--password-stdin", "sudo -S", "chpasswd", "passwd --stdin",
	"cryptsetup luks",
	"--with-token", "--data-file=-", "wrangler secret put"}

func argumentTriggers() []trigger {
	var ts []trigger
	for _, p := range positional {
		ts = append(ts, trigger{literal: p.name, find: func(s *scan, at int) {
			s.findPositional(at+len(p.name), p.before)
		}})
	}
	for _, name := range calls {
		ts = append(ts, trigger{literal: name, find: func(s *scan, at int) {
			s.findLastArgument(at + strings.IndexByte(name, '('))
		}})
	}
	for _, name := range readers {
		ts = append(ts, trigger{literal: name, find: findPiped})
	}
	return ts
}

// findPositional hides the word of a command line that stands behind so many others.
func (s *scan) findPositional(i, before int) {
	for range before {
		end := s.wordEnd(i)
		if i = s.run(end, blank, 8); i == end || i == len(s.text) {
			return
		}
	}
	a := assignment{scan: s, begin: i, at: i, form: flag}
	lo, hi, _ := a.value(i)
	s.hideStrong(lo, hi)
}

// hideStrong hides what is likely a password for how it looks.
func (s *scan) hideStrong(lo, hi int) {
	text := s.text[lo:min(hi, lo+enough)]
	s.work += workOfJudge
	if text != "" && text[0] != '-' && (isStrong(text) || looksSecret(text, true)) &&
		!isPlaceholder(text) && !strings.Contains(text, "://") {
		s.hide(lo, hi, rulePassword)
	}
}

// findLastArgument hides the last of the arguments between the bracket at at and the one that
// closes it, if it is a text.
func (s *scan) findLastArgument(at int) {
	end := min(len(s.text), at+enough)
	n := strings.IndexByte(s.text[at:end], ')')
	s.work += enough / 4
	if n < 2 {
		return
	}
	hi := at + n - 1
	quote := s.text[hi]
	if quote != '"' && quote != '\'' {
		return
	}
	lo := at + 1 + strings.LastIndexByte(s.text[at+1:hi], quote)
	if lo > at && strings.IndexByte(s.text[at:lo], ',') > 0 {
		s.hideStrong(lo+1, hi)
	}
}

// handing are commands that hand their arguments to the next one of their line.
var handing = [...]string{"echo ", "printf "}

// findPiped hides what echo or printf hands to the command at at, or what that is given in its
// line, behind the name of a user or not.
func findPiped(s *scan, at int) {
	from := max(s.floor, at-enough)
	line := s.text[from:at]
	line = line[strings.LastIndexByte(line, '\n')+1:]
	from = at - len(line)
	s.work += enough/4 + 4*len(line) // searched backwards, byte by byte
	i := -1
	for _, command := range handing {
		if n := strings.LastIndex(line, command); n >= 0 && strings.IndexByte(line[n:], '|') > 0 {
			i = from + n + len(command)
		}
	}
	if n := strings.Index(s.text[at:min(len(s.text), at+32)], "<<< "); n > 0 {
		i = at + n + len("<<< ")
	}
	if i < 0 {
		return
	}
	for strings.HasPrefix(s.text[i:], "-n ") || strings.HasPrefix(s.text[i:], "-e ") {
		i += 3
	}
	a := assignment{scan: s, begin: i, at: i, form: flag}
	lo, hi, _ := a.value(i)
	if n := strings.IndexByte(s.text[lo:hi], ':'); n > 0 &&
		strings.HasPrefix(s.text[at:], "chpasswd") {
		lo += n + 1
	}
	s.hideStrong(lo, hi)
}
