package redact

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

// formsOfPrograms are commands, files and sentences; %s is a password of letters, digits and one
// symbol.
var formsOfPrograms = []string{
	"setPassword(\"%s\")", "user.set_password('%s')", "identified by '%s'", "IDENTIFIED BY \"%s\"",
	"PASSWORD = N'%s'", "ALTER LOGIN sa WITH PASSWORD = N'%s';",
	"- name: DB_PASSWORD\n  value: %s\n",
	"env:\n- name: DB_PASSWORD\n  value: \"%s\"\n- name: PORT\n  value: \"80\"\n",
	"ENV DB_PASSWORD %s\n", "aws configure set aws_secret_access_key %s", "mysql -u root -p%s shop",
	"mysqldump -uroot -p'%s' db",
	"sshpass -p %s ssh bob@host", "sshpass -p '%s' ssh bob@host",
	"docker login -u bob -p %s registry.example.com", "curl -su bob:%s https://example.com",
	"curl -k -u 'bob:%s' https://example.com",
	"//registry.example.com/:_auth=%s", "_auth=%s", "localhost:5432:db:bob:%s\n", "*:5432:*:bob:%s",
	"<property name=\"password\" value=\"%s\"/>", "<entry key=\"password\">%s</entry>",
	"<add key=\"DbPassword\" value=\"%s\" />", "<user name=\"bob\" password='%s'/>",
	"const password: string = \"%s\"", "var password string = \"%s\"", "password string = `%s`",
	"let password: String = \"%s\".to_string();",
	"val dbPassword: String = \"%s\"", "Authorization: Foo %s7Qx9",
	"Authorization: Custom-Scheme %s8Zq1x", "API key:\n%s1a2B3c\n",
	"API key:\n```\n%s1a2B3c\n```\n", "Your password:\n\n    %s\n",
	"the password for bob is %s", "the password for the database is %s.", "The password is now %s",
	"Passwort：%s", "密码：%s", "密码是%s", "password：%s", "Das Passwort ist %s", "La contraseña es %s",
	"contraseña: %s",
	"Le mot de passe est %s", "A senha é %s", "パスワード: %s", "パスワードは%s", "пароль: %s", "Пароль: %s",
	"비밀번호: %s", "redis-cli -a %s ping", "PGPASSWORD=%s psql", "helm install x --set db.password=%s",
	"git clone https://bob:%s@example.com/x.git", "https:\\/\\/bob:%s@example.com",
	"map[Password:[%s]]", "map[Authorization:[Bearer %s7x]]", "map[X-Api-Key:[%s7x9a]]",
	"map[Cookie:[sid=%s; a=b]]",
	"{Password:[%s]}", "[{Name:password Value:%s}]", "&{User:bob Password:%s}",
	"Config(user='bob', password='%s')", "User{name=bob, password=%s, age=3}", "password:%s",
	"\"password\"=>\"%s\"", ":password => '%s',",
	"password is set to %s", "--token %s9xQ2", "-H 'X-Api-Key: %s9xQ2'", "requirepass %s\n",
	"psk=\"%s\"\n", "wpa_passphrase=%s",
	"adminPass = \"%s\"", "--mail-pass %s", "imap_pass=\"%s\"",
	"<a:licenseKey>%s7x</a:licenseKey>", "<password><![CDATA[%s]]></password>",
	"&lt;password&gt;%s&lt;/password&gt;", "<td>Password</td><td>a&amp;%s</td>",
	"IDENTIFIED WITH mysql_native_password BY '%s'", "DB_PASSWORD ?= %s\n",
	"$ENV{'DB_PASSWORD'} = '%s';", "Dim dbPassword As String = \"%s\"",
	"    ApiToken    REG_SZ    %s7xQa",
	"reg add HKCU\\Software /v DbPassword /t REG_SZ /d \"%s\" /f",
	"os.getenv(\"DB_PASSWORD\", default=\"%s\")",
	"mapOf(\"user\" to \"bob\", \"password\" to \"%s\")", "{password, \"%s\"}.",
	"  ~ password = \"q7Old!Kx9w\" -> \"%s\"", "password = <<EOT\n%s7xQa1\nEOT\n",
	"DB_PASSWORD:\n  value: \"%s\"\n", "- \"--db-password\"\n- \"%s7xQa\"\n",
	"credentials: bob / %s7xQa", "Zugangsdaten: bob / %s7xQa",
	"Use the following password to go on:\n\n%s7xQa\n",
	"user,password\nbob,%s7xQa\n", "User\tPassword\tMail\nbob\t%s7xQa\tb@example.com\n",
	"| User | Password | Host |\n|---|---|---|\n| bob | %s7xQa | x |\n",
	" id | api_key \n----+---------\n  1 | %s7xQa\n",
	"cqlsh -u bob -p %s db", "ssh-keygen -N '%s' -f k", "sqlplus scott/%s@db",
	"curl --proxy-user bob:%s https://example.com", "ipmitool -U a -P %s chassis status",
	"net use Z: \\\\h\\s /user:bob %s", "redis> AUTH %s\nOK",
	"echo '%s7xQa' | gh auth login --with-token", "Chiave API: %s7xQa", "Salasana on %s7xQa",
	"set $password \"%s\";",
	"I used %s7xQaB!4z as the password",
	"db.auth(\"bob\", \"%s\")",
}

func TestFormsOfProgramsGiveTheirSecretsAway(t *testing.T) {
	r := redactor(t, Rules{})
	seed := seedOf(t)
	rnd := rand.New(rand.NewPCG(seed, 3))
	m := corpus.NewMaker(seed)
	for _, form := range formsOfPrograms {
		for range 20 {
			secret := m.Alnum(6+rnd.IntN(8)) + "q" + m.Of("!$*^+", 1) + "K" + m.Of(corpus.Digits,
				2) + "v"
			text := strings.ReplaceAll(form, "%s", secret)
			if got, _ := r.String("content", text); remains(got, secret) != "" {
				t.Errorf("%s: %q becomes %q", form, text, got)
				break
			}
		}
	}
}
