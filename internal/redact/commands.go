package redact

import "strings"

// A command takes a secret behind a flag that has no telling name.
type command struct {
	name  string // as it is called, with what must follow it
	flags string // letters of flags with one dash
	long  string // or a flag with two dashes
	glued bool   // the secret stands in the same word, or not at all
	user  bool   // the secret stands behind a user's name and a colon
}

var commands = []command{
	{name: "mysql", flags: "p", glued: true}, {name: "mariadb", flags: "p", glued: true},
	{name: "sshpass ", flags: "p"}, {name: "redis-cli ", flags: "a", long: "--pass"},
	{name: "curl ", flags: "uU", long: "--proxy-user", user: true},
	{name: "docker login ", flags: "p"}, {name: "podman login ", flags: "p"},
	{name: "registry login ", flags: "p"}, {name: "nerdctl login ", flags: "p"},
	{name: "acr login ", flags: "p"},
	{name: "ldapsearch ", flags: "w"}, {name: "ldapmodify ", flags: "w"},
	{name: "ldapadd ", flags: "w"}, {name: "sqlcmd ", flags: "P"}, {name: "mongosh ", flags: "p"},
	{name: "mongodump ", flags: "p"},
	{name: "mongo ", flags: "p"}, {name: "mongorestore ", flags: "p"},
	{name: "az login ", flags: "p"}, {name: "twine upload ", flags: "p"},
	{name: "bcp ", flags: "P"}, {name: "mosquitto_", flags: "P"},
	{name: "openssl enc ", flags: "k"}, {name: "etcdctl ", user: true},
	{name: "aws ssm put-parameter ", long: "--value"},
	{name: "az keyvault secret set ", long: "--value"},
	{name: "gh secret set ", flags: "b", long: "--body"}, {name: "gem push ", long: "--key"},
	{name: "lftp ", flags: "u", user: true}, {name: "smbclient ", flags: "U", user: true},
	{name: "rpcclient ", flags: "U", user: true},
	{name: "cqlsh ", flags: "p"}, {name: "auth login ", flags: "p"},
	{name: "oc login ", flags: "p"},
	{name: "doctl auth init ", flags: "t"}, {name: "evil-winrm ", flags: "p"},
	{name: "ncftp", flags: "p"}, {name: "ipmitool ", flags: "P"},
	{name: "ldappasswd ", flags: "sw"}, {name: "psexec ", flags: "p"},
	{name: "snmp", flags: "A"}, {name: "ssh-keygen ", flags: "N"},
	{name: "rar a ", flags: "p", glued: true},
	{name: "skopeo copy ", long: "--src-creds", user: true},
	{name: "unzip ", flags: "P"}, {name: "zip ", flags: "P"},
	{name: "7z ", flags: "p", glued: true}, {name: "wget ", flags: "", user: true},
}

func commandTriggers() []trigger {
	var ts []trigger
	for i := range commands {
		ts = append(ts, trigger{literal: commands[i].name, find: commands[i].find})
	}
	ts = append(ts, trigger{literal: "http -a ", find: findHTTPie},
		trigger{literal: "sqlplus ", find: findSQLPlus},
		trigger{literal: "insert into ", fold: true, find: findInsert})
	return append(ts, argumentTriggers()...)
}

// maxCommand bounds how much of a command line is looked at.
const maxCommand = 1024

// find looks at the words behind a command, as far as its line goes, for a flag that a secret
// follows.
func (c *command) find(s *scan, at int) {
	if !startsWord(s.text, at) {
		return
	}
	text, i := s.text, at+len(c.name)
	if text[i-1] != ' ' { // mysqldump
		i = s.run(i, lower|dash, 16) // or mosquitto_pub
		if byteAt(text, i) != ' ' {
			return
		}
	}
	if i < s.noFlag {
		return // the command before it had none
	}
	end := min(len(text), at+maxCommand)
	for i < end {
		i = s.run(i, blank, 64)
		if i >= end || is(text[i], newline) && text[i-1] != '\\' ||
			strings.IndexByte("|;", text[i]) >= 0 {
			break
		}
		if is(text[i], newline) {
			i++
			continue
		}
		begin := i
		if text[i] == '"' || text[i] == '\'' {
			if n := strings.IndexByte(text[i+1:end], text[i]); n >= 0 {
				i += n + 2
			}
		}
		for i < end && !is(text[i], space) {
			i++
		}
		s.work += i - begin
		if text[begin] == '-' && c.flag(s, begin, i, end) {
			return
		}
	}
	s.noFlag = max(s.noFlag, i)
}

// flag looks at the flag [begin, end) of a command that ends at limit, and reports whether it is
// one that a secret goes with.
func (c *command) flag(s *scan, begin, end, limit int) bool {
	text := s.text
	if hasPrefixFold(text[begin:end], "--user") && c.user {
		return c.hide(s, min(limit, begin+len("--user")), limit)
	}
	if byteAt(text, begin+1) == '-' {
		if c.long == "" || !strings.HasPrefix(text[begin:end], c.long) {
			return false
		}
		if i := begin + len(c.long); i == end || text[i] == '=' {
			return c.hide(s, i, limit)
		}
		return false
	}
	n := strings.IndexAny(text[begin:end], c.flags+"=\"'")
	if c.flags == "" || n < 1 || strings.IndexByte(c.flags, text[begin+n]) < 0 ||
		n > 1 && s.run(begin+1, letter, n-1) != begin+n {
		return false
	}
	if after := begin + n + 1; after < end || !c.glued {
		return c.hide(s, after, limit)
	}
	return true
}

// hide hides the value that begins at i, or behind the blanks that do.
func (c *command) hide(s *scan, i, limit int) bool {
	i = s.run(i, blank|equals, 4)
	if i >= limit {
		return true
	}
	a := assignment{scan: s, begin: i, at: i, form: flag}
	lo, hi, _ := a.value(i)
	if c.user {
		separator := ":"
		switch c.name {
		case "lftp ":
			separator = ","
		case "smbclient ", "rpcclient ":
			separator = "%"
		}
		colon := strings.IndexAny(s.text[lo:hi], separator)
		if colon < 1 || colon+1 < hi-lo && s.text[lo+colon+1] == '/' {
			return true
		}
		lo += colon + 1
	}
	if lo < hi && !isPlaceholder(s.text[lo:hi]) && (s.text[lo] != '-' || isStrong(s.text[lo:hi])) {
		if c.user {
			s.hide(lo, hi, ruleBasic)
		} else {
			s.hide(lo, hi, rulePassword)
		}
	}
	return true
}

// findPassFile hides the password in a line of .pgpass: host:port:database:user:password.
func findPassFile(s *scan, at int) {
	text := s.text
	if at == 0 || text[at-1] <= ' ' {
		return
	}
	i := at + len(":5432:")
	for range 2 {
		n := strings.IndexByte(text[i:min(len(text), i+maxName)], ':')
		s.work += maxName / 8
		if n < 1 || strings.ContainsAny(text[i:i+n], " \t\r\n\"'/") {
			return
		}
		i += n + 1
	}
	if end := s.wordEnd(i); end > i && !isPlaceholder(text[i:end]) && text[i] != '/' {
		s.hide(i, end, rulePassword)
	}
}

// findPuTTY hides the private lines of a key of PuTTY's.
func findPuTTY(s *scan, at int) {
	i := s.run(at+len("Private-Lines: "), digit, 6)
	end := s.whole(i, base64|space)
	for end > i && is(s.text[end-1], space) {
		end--
	}
	if line := strings.LastIndexByte(s.text[i:end], '\n'); line > 0 &&
		strings.HasPrefix(s.text[i+line+1:], "Private-MAC") {
		end = i + line
	}
	for i < end && is(s.text[i], space) {
		i++
	}
	s.hide(i, end, rulePrivateKey)
}

// findHTTPie hides the password in http -a user:x.
func findHTTPie(s *scan, at int) {
	c := command{user: true}
	c.hide(s, at+len("http -a "), min(len(s.text), at+maxCommand))
}

// findSQLPlus hides the password in sqlplus user/x@host.
func findSQLPlus(s *scan, at int) {
	begin := at + len("sqlplus ")
	if strings.HasPrefix(s.text[begin:], "-s ") || strings.HasPrefix(s.text[begin:], "-S ") {
		begin += len("-s ")
	}
	if !startsWord(s.text, at) || begin >= len(s.text) {
		return
	}
	end := s.wordEnd(begin)
	part := s.text[begin:end]
	if host := strings.LastIndexByte(part, '@'); host > 0 {
		part = part[:host]
	}
	name := strings.IndexByte(part, '/')
	if name > 0 && name+1 < len(part) && run(part, 0, dotted, name) == name &&
		!isPlaceholder(part[name+1:]) {
		s.hide(begin+name+1, begin+len(part), rulePassword)
	}
}
