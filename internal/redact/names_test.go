package redact

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

func TestNamesAreFoundInAnySpelling(t *testing.T) {
	r := redactor(t, Rules{})
	tests := map[string]string{
		"password": "password Password PASSWORD passWord PassWord PaSsWoRd pASSWORD pass_word " +
			"password1 password2 password_2 db_password dbPassword DBPassword DB_PASSWORD " +
			"db-password db.password dbpassword rootPassword MYSQL_ROOT_PASSWORD user[password] " +
			"user.password userpassword currentPassword new_password password_confirmation " +
			"passwordConfirmation password_hash passwordHash password_digest passwd PASSWD " +
			"passphrase ssl_passphrase pwd Pwd db_pwd mysqlpwd passwords admin_passwords " +
			"SecretPassword password_string smtp_pass DB_PASS passcode pass PASS pw " +
			"spring.datasource.password x-db-password https://x/password password.value",
		"secret": "secret Secret SECRET client_secret clientSecret ClientSecret client-secret " +
			"CLIENT_SECRET clientsecret app.secret webhookSecret JWT_SECRET sharedSecret secrets " +
			"secret_value secret2 SecretString oauth2_client_secret s3secret",
		"token": "token Token TOKEN access_token accessToken AccessToken ACCESS_TOKEN " +
			"access-token accesstoken refresh_token refreshToken id_token idToken auth_token " +
			"x-auth-token X-Auth-Token xAuthToken authToken authtoken bearer_token github_token " +
			"GITHUB_TOKEN GH_TOKEN hf_token session_token csrf_token csrftoken CSRFToken " +
			"api_token apiToken slack.bot.token access_tokens refreshTokens token_value token1 " +
			"jwt JWT x-amz-security-token deviceToken jwt_token xsrf bearer",
		"api-key": "api_key apiKey ApiKey APIKey API_KEY api-key api.key apikey APIKEY " +
			"ApiKEY xApiKey XApiKey x-api-key X-API-Key openai_api_key OPENAI_API_KEY " +
			"openaiApiKey myapikey api_keys apiKeys api_key_1 Ocp-Apim-Subscription-Key " +
			"OPENAI_KEY aws.key x-functions-key",
		"access-key": "access_key accessKey AccessKey secret_access_key AWS_SECRET_ACCESS_KEY " +
			"awsSecretAccessKey AccountKey account_key SharedAccessKey storage_key accesskey",
		"private-key": "private_key privateKey PRIVATE_KEY private-key privatekey rsa_key " +
			"ssh_key sshKey private_key_pem",
		"secret-key": "secret_key secretKey SECRET_KEY SECRET_KEY_BASE stripeSecretKey " +
			"encryption_key signingKey master_key secretkey",
		"authorization": "authorization Authorization AUTHORIZATION proxy-authorization " +
			"Proxy-Authorization proxyAuthorization http.request.header.authorization " +
			"authorization_header auth basic_auth HTTP_AUTHORIZATION",
		"cookie": "cookie Cookie COOKIE set-cookie Set-Cookie set_cookie setCookie " +
			"setcookie cookies http_cookie cookie_value",
		"credentials": "credential credentials Credentials aws_credentials awsCredentials creds " +
			"db_creds usercredentials",
		"session": "session Session PHPSESSID JSESSIONID connect.sid user_session " +
			"session_cookie",
	}
	n := 0
	for rule, names := range tests {
		for _, name := range strings.Fields(names) {
			n++
			want := markOf(rule)
			if name == "session_cookie" {
				want = markOf("cookie")
			}
			if got, _ := r.String(name, "swordfish"); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
			doc := `{"a":{"` + name + `":"swordfish"},"` + escaped(name) + `":"swordfish"}`
			if got, _, err := r.JSON(nil, []byte(doc)); string(got) != strings.ReplaceAll(doc,
				`"swordfish"`, quoted(want)) {
				t.Errorf("%s: %s (%v)", doc, got, err)
			}
		}
	}
	t.Logf("%d spellings", n)
}

func TestEverythingBelowASecretNameIsHidden(t *testing.T) {
	r := redactor(t, Rules{})
	tests := []struct{ name, doc, want string }{
		{"numbers become marks", `{"password":1234,"pin":5}`,
			`{"password":"[REDACTED:password]","pin":5}`},
		{"true, false, null and nothing stay", `{"token":[true,false,null,"",{"a":null}]}`, ``},
		{"all levels", `{"credentials":{"user":"bob","n":1,"x":[{"y":-1.5e3}]},"z":"bob"}`,
			`{"credentials":{"user":"[REDACTED:credentials]","n":"[REDACTED:credentials]","x":[{"y":"[REDACTED:credentials]"}]},"z":"bob"}`},
		{"a nearer name says more", `{"credentials":{"password":"a"}}`,
			`{"credentials":{"password":"[REDACTED:password]"}}`},
		{"arrays", `{"passwords":["a","b"]}`,
			`{"passwords":["[REDACTED:password]","[REDACTED:password]"]}`},
		{"documents in strings are hidden whole", `{"secret":"{\"a\":1}"}`,
			`{"secret":"[REDACTED:secret]"}`},
		{"auth hides what is directly below", `{"auth":["u","p",1],"x":{"auth":"p"}}`,
			`{"auth":["[REDACTED:authorization]","[REDACTED:authorization]",1],"x":{"auth":"[REDACTED:authorization]"}}`},
		{"but not in objects", `{"session":{"user":"bob","password":"a"}}`,
			`{"session":{"user":"bob","password":"[REDACTED:password]"}}`},
		{"unless a name above does", `{"secret":{"session":{"user":"bob"}}}`,
			`{"secret":{"session":{"user":"[REDACTED:secret]"}}}`},
		{"a schema keeps its words",
			`{"password":{"type":"string","default":"a","enum":["b"],"title":"c"}}`,
			`{"password":{"type":"string","default":"[REDACTED:password]","enum":["[REDACTED:password]"],"title":"c"}}`},
		{"a type that is none of a schema's", `{"password":{"type":"plain","title":"a"}}`,
			`{"password":{"type":"[REDACTED:password]","title":"[REDACTED:password]"}}`},
		{"a token with a probability", `{"token":"Hel","logprob":-1}`, ``},
		{"a token without", `{"token":"Hel","prob":-1}`, `{"token":"[REDACTED:token]","prob":-1}`},
		{"the working directory", `{"PWD":"/root","env":{"OLDPWD":"C:\\x"}}`, ``},
		{"a secret in the working directory",
			`{"PWD":"/home/xoxb-834874293508-9377172304907-V3uP3JzDPkGHLpGOmLHyzwkq/x"}`,
			`{"PWD":"/home/[REDACTED:slack-token]/x"}`},
		{"a password of that name", `{"pwd":"root","db_pwd":"/root"}`,
			`{"pwd":"[REDACTED:password]","db_pwd":"[REDACTED:password]"}`},
		{"a name and its value",
			`[{"name":"DB_PASSWORD","value":"x"},{"Key":"Authorization","n":1,"Value":"Token abcd"}]`,
			`[{"name":"DB_PASSWORD","value":"[REDACTED:password]"},{"Key":"Authorization","n":1,"Value":"[REDACTED:authorization]"}]`},
		{"a value and its name", `{"value":"x","a":1,"b":null,"name":"token"}`,
			`{"value":"[REDACTED:token]","a":1,"b":null,"name":"token"}`},
		{"names of something else",
			`[{"name":"max_tokens","value":"x"},{"name":"token","value":15},{"value":"x","a":[],"name":"token"},{"name":{"a":"token"},"value":"x"}]`, ``},
		{"in a document in a string", `{"arguments":"{\"password\":\"a\",\"n\":1}"}`,
			`{"arguments":"{\"password\":\"[REDACTED:password]\",\"n\":1}"}`},
	}
	for _, tt := range tests {
		want := tt.want
		if want == "" {
			want = tt.doc
		}
		out, changed, err := r.JSON(nil, []byte(tt.doc))
		if !changed {
			out = []byte(tt.doc)
		}
		if err != nil || string(out) != want {
			t.Errorf("%s:\n got %s (%v)\nwant %s", tt.name, out, err, want)
		}
	}
}

func TestNameTellsOfValuesThatAreNoTexts(t *testing.T) {
	r := redactor(t, Rules{Off: []string{"cookie"}})
	for name, want := range map[string]string{"db_password": "[REDACTED:password]",
		"max_tokens": "", "auth": "", "cookie": "", "": ""} {
		if mark, secret := r.Name(name); mark != want || secret != (want != "") {
			t.Errorf("%s: %q, %v", name, mark, secret)
		}
	}
}

func TestManyNamesAreJudgedAlikeEveryTime(t *testing.T) {
	r := redactor(t, Rules{})
	m := corpus.NewMaker(5)
	for range 20_000 {
		name := m.Of(corpus.Letters+"_", 1+m.IntN(12))
		if m.IntN(3) == 0 {
			name += "_password"
		}
		want := r.names.judge(name)
		for range 2 {
			if got := r.know(name, new(budget), new(known)).verdict; got != want {
				t.Fatalf("%s: %+v, want %+v", name, got, want)
			}
		}
	}
}

// Whoever looks at the bytes of a document alone must not take it to be clean if a name in it is a
// secret's.
func TestEveryNameOfASecretIsAnnounced(t *testing.T) {
	for _, r := range []*Redactor{redactor(t, Rules{}),
		redactor(t, Rules{Names: []string{"ssn", "employee id", "q", "x y", "4g"}})} {
		var words []string
		for _, name := range r.names.secrets() {
			words = append(words, name...)
		}
		for word := range tails {
			words = append(words, word)
		}
		words = append(words, joinedWords()...)
		words = append(words, "user", "x", "max", "2", "n", "Ab", "é")
		m := corpus.NewMaker(14)
		secret := 0
		for range 200_000 {
			name := []string{"", "\n", "\r"}[m.IntN(3)]
			for range 1 + m.IntN(3) {
				word := words[m.IntN(len(words))]
				switch m.IntN(5) {
				case 0:
					word = strings.ToUpper(word)
				case 1:
					word = strings.ToUpper(word[:1]) + word[1:]
				case 2:
					at := m.IntN(len(word))
					word = word[:at] + strings.ToUpper(word[at:])
				}
				name += word + []string{"", "_", "-", ".", " ", "/", "\n", "\t", "\""}[m.IntN(9)]
			}
			if !r.names.judge(name).secret {
				continue
			}
			secret++
			if doc := `{` + quoted(name) + `:1}`; r.Clean([]byte(doc)) {
				t.Fatalf("%s seems clean", doc)
			}
		}
		if secret < 10_000 {
			t.Errorf("only %d names are those of secrets", secret)
		}
	}
}

// Users' names may be in any script and any case, as keys, in documents that are written in ASCII,
// and in texts.
func TestUsersNamesInAnyScript(t *testing.T) {
	r := redactor(t, Rules{Names: []string{"табельный номер", "社員番号", "Straßennummer", "αφμ",
		"מספר זהות", "बैंक खाता"}, AllowNames: []string{"пароль"}})
	const secret, mark = "hunter2Xy9", "[REDACTED:name]"
	for _, name := range []string{"табельный номер", "ТАБЕЛЬНЫЙ НОМЕР", "Табельный номер",
		"табельный_номер", "ТАБЕЛЬНЫЙ_НОМЕР", "табельный-номер", "user табельный номер", "社員番号",
		"Straßennummer", "straßennummer", "αφμ", "ΑΦΜ", "מספר זהות", "बैंक खाता"} {
		if got, _ := r.String(name, secret); got != mark {
			t.Errorf("%s: %s", name, got)
		}
		ascii := strings.TrimSuffix(strings.TrimPrefix(strconv.QuoteToASCII(name), `"`), `"`)
		for _, key := range []string{name, ascii} {
			doc := `{"` + key + `":"` + secret + `","a":1}`
			if got := documentOf(t, r, doc); strings.Contains(got, secret) {
				t.Errorf("document: %s", got)
			}
		}
		for _, format := range []string{"%s: %s", "%s=%s", "the %s is %s", "%s = \"%s\""} {
			if got := stringOf(r, fmt.Sprintf(format, name, secret)); strings.Contains(got,
				secret) {
				t.Errorf("text: %s", got)
			}
		}
	}
	for _, harmless := range []string{"номер: 17", "порядковый номер: " + secret, "社員: " + secret} {
		if got := stringOf(r, harmless); got != harmless {
			t.Errorf("%s becomes %s", harmless, got)
		}
	}
	for _, name := range []string{"пароль", "Пароль", "ПАРОЛЬ"} {
		if got, changed := r.String(name, secret); changed {
			t.Errorf("%s is allowed: %s", name, got)
		}
	}
	builtin := redactor(t, Rules{})
	for _, doc := range []string{`{"\u043f\u0430\u0440\u043e\u043b\u044c":"` + secret + `"}`,
		`{"ПАРОЛЬ":"` + secret + `"}`, `{"\u5bc6\u7801":"` + secret + `"}`} {
		if got := documentOf(t, builtin, doc); strings.Contains(got, secret) {
			t.Errorf("built in: %s", got)
		}
	}
}
