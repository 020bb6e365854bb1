package redact

import (
	stdbase64 "encoding/base64"
	"math/rand/v2"
	"strings"
)

// planted is a text that holds a secret. All are made up when the tests run, from pieces, so that no scanner of sources finds them.
type planted struct {
	what   string
	text   string
	secret string // no byte of the output may spell it
	rule   string // that finds it; "" if several may
}

// maker makes random parts of credentials, the same in every run.
type maker struct{ *rand.Rand }

func newMaker(seed uint64) maker { return maker{rand.New(rand.NewPCG(seed, 6))} }

func (m maker) of(alphabet string, n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(alphabet[m.IntN(len(alphabet))])
	}
	return b.String()
}

const (
	digitsOf  = "0123456789"
	lowersOf  = "abcdefghijklmnopqrstuvwxyz"
	uppersOf  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lettersOf = lowersOf + uppersOf
	alnumsOf  = lettersOf + digitsOf
	urlishOf  = alnumsOf + "-_"
	base64Of  = alnumsOf + "+/"
	hexOf     = "0123456789abcdef"
)

// alnum is n letters and digits, the first a letter, the second a digit.
func (m maker) alnum(n int) string {
	return m.of(lettersOf, 1) + m.of(digitsOf, 1) + m.of(alnumsOf, n-2)
}
func (m maker) urlish(n int) string {
	return m.of(lettersOf, 1) + m.of(digitsOf, 1) + m.of(urlishOf, n-3) + m.of(alnumsOf, 1)
}
func (m maker) base64(n int) string {
	return m.of(lettersOf, 1) + m.of(digitsOf, 1) + m.of(base64Of, n-3) + m.of(alnumsOf, 1)
}
func (m maker) hex(n int) string { return m.of(hexOf, n) }

// password is a password as people make them.
func (m maker) password() string {
	words := []string{"hunter", "Tr0ub4dor", "swordFish", "Winter", "dragon", "letMeIn", "qwerty", "Monkey"}
	return words[m.IntN(len(words))] + m.of(digitsOf, 3) + m.of("!$*^~+", 1) + m.of(lowersOf, 2)
}

// tokens are credentials that are known by their own form.
func (m maker) tokens() []planted {
	type form struct{ rule, text string }
	forms := []form{
		{"openai-key", "sk" + "-" + m.alnum(48)},
		{"openai-key", "sk" + "-" + m.alnum(20) + "T3Blbk" + "FJ" + m.alnum(20)},
		{"openai-key", "sk" + "-" + m.hex(32)},
		{"openai-key", "sk" + "-proj-" + m.urlish(48)},
		{"openai-key", "sk" + "-proj-" + m.urlish(156)},
		{"openai-key", "sk" + "-svcacct-" + m.urlish(120)},
		{"openai-key", "sk" + "-admin-" + m.urlish(120)},
		{"anthropic-key", "sk" + "-ant-api03-" + m.urlish(93) + "AA"},
		{"anthropic-key", "sk" + "-ant-admin01-" + m.urlish(93) + "AA"},
		{"anthropic-key", "sk" + "-ant-oat01-" + m.urlish(80)},
		{"openrouter-key", "sk" + "-or-v1-" + m.hex(64)},
		{"langfuse-key", "sk" + "-lf-" + m.hex(8) + "-" + m.hex(4) + "-" + m.hex(4) + "-" + m.hex(4) + "-" + m.hex(12)},
		{"groq-key", "gsk" + "_" + m.alnum(52)},
		{"xai-key", "xai" + "-" + m.alnum(80)},
		{"perplexity-key", "pplx" + "-" + m.alnum(48)},
		{"replicate-token", "r8" + "_" + m.alnum(37)},
		{"langsmith-key", "lsv2" + "_pt_" + m.hex(32) + "_" + m.hex(10)},
		{"langsmith-key", "lsv2" + "_sk_" + m.hex(32) + "_" + m.hex(10)},
		{"nvidia-key", "nvapi" + "-" + m.urlish(64)},
		{"tavily-key", "tvly" + "-" + m.alnum(32)},
		{"pinecone-key", "pcsk" + "_" + m.alnum(6) + "_" + m.alnum(63)},
		{"fireworks-key", "fw" + "_" + m.alnum(24)},
		{"huggingface-token", "hf" + "_" + m.of(lettersOf, 34)},
		{"huggingface-token", "api" + "_org_" + m.of(lettersOf, 34)},
		{"elevenlabs-key", "sk" + "_" + m.hex(48)},
		{"github-token", "ghp" + "_" + m.alnum(36)},
		{"github-token", "gho" + "_" + m.alnum(36)},
		{"github-token", "ghu" + "_" + m.alnum(36)},
		{"github-token", "ghs" + "_" + m.alnum(36)},
		{"github-token", "ghr" + "_" + m.alnum(76)},
		{"github-token", "github" + "_pat_" + m.alnum(22) + "_" + m.alnum(59)},
		{"gitlab-token", "glpat" + "-" + m.urlish(20)},
		{"gitlab-token", "glpat" + "-" + m.urlish(27) + "." + m.of(lowersOf+digitsOf, 9)},
		{"gitlab-token", "gldt" + "-" + m.urlish(20)},
		{"gitlab-token", "glrt" + "-t3_" + m.urlish(20)},
		{"gitlab-token", "glcbt" + "-64_" + m.urlish(20)},
		{"gitlab-token", "glptt" + "-" + m.hex(40)},
		{"gitlab-token", "glft" + "-" + m.urlish(20)},
		{"gitlab-token", "gloas" + "-" + m.hex(64)},
		{"gitlab-token", "glsoat" + "-" + m.urlish(20)},
		{"gitlab-token", "GR1348" + "941" + m.urlish(20)},
		{"atlassian-token", "ATATT3" + "xFfGF0" + m.urlish(180)},
		{"slack-token", "xoxb" + "-" + m.of(digitsOf, 12) + "-" + m.of(digitsOf, 13) + "-" + m.alnum(24)},
		{"slack-token", "xoxp" + "-" + m.of(digitsOf, 12) + "-" + m.of(digitsOf, 12) + "-" + m.of(digitsOf, 12) + "-" + m.hex(32)},
		{"slack-token", "xoxa" + "-2-" + m.alnum(40)},
		{"slack-token", "xoxe" + ".xoxp-1-" + m.alnum(163)},
		{"slack-token", "xapp" + "-1-A" + m.of(uppersOf, 10) + "-" + m.of(digitsOf, 13) + "-" + m.hex(64)},
		{"google-api-key", "AI" + "za" + "Sy" + m.urlish(33)},
		{"google-oauth-token", "ya" + "29." + "a0" + m.urlish(100)},
		{"google-oauth-secret", "GOC" + "SPX-" + m.urlish(28)},
		{"google-refresh-token", "1/" + "/0" + m.urlish(60)},
		{"aws-access-key-id", "AK" + "IA" + m.of(uppersOf+"234567", 16)},
		{"aws-access-key-id", "AS" + "IA" + m.of(uppersOf+"234567", 16)},
		{"aws-bedrock-key", "AB" + "SK" + m.base64(128)},
		{"alibaba-key", "LT" + "AI" + m.alnum(20)},
		{"digitalocean-token", "dop" + "_v1_" + m.hex(64)},
		{"digitalocean-token", "doo" + "_v1_" + m.hex(64)},
		{"heroku-key", "HRKU" + "-AA" + m.urlish(58)},
		{"azure-client-secret", m.alnum(3) + "8Q" + "~" + m.alnum(34)},
		{"azure-key", m.base64(76) + "+A" + "St" + m.of(alnumsOf, 5) + "A=="},
		{"azure-key", m.base64(76) + "AC" + "Db" + m.of(alnumsOf, 5) + "g=="},
		{"azure-key", m.base64(33) + "+A" + "Eh" + m.of(alnumsOf, 6) + "="},
		{"azure-key", m.alnum(42) + "Az" + "Se" + "B" + m.of(alnumsOf, 5)},
		{"azure-key", m.urlish(44) + "Az" + "Fu" + m.of(alnumsOf, 5) + "w=="},
		{"azure-key", m.alnum(52) + "JQ" + "QJ99" + m.of(alnumsOf, 26)},
		{"azure-key", m.alnum(52) + "JQ" + "QJ99" + m.of(alnumsOf, 26) + "Zz=="},
		{"stripe-key", "sk" + "_live_" + m.alnum(24)},
		{"stripe-key", "sk" + "_test_" + m.alnum(99)},
		{"stripe-key", "rk" + "_live_" + m.alnum(24)},
		{"stripe-webhook-secret", "wh" + "sec_" + m.alnum(32)},
		{"square-token", "sq0" + "atp-" + m.urlish(22)},
		{"square-token", "EA" + "AA" + m.urlish(60)},
		{"shopify-token", "shp" + "at_" + m.hex(32)},
		{"shopify-token", "shp" + "ss_" + m.hex(32)},
		{"shippo-token", "shippo" + "_live_" + m.hex(40)},
		{"easypost-key", "EZ" + "AK" + m.alnum(54)},
		{"npm-token", "npm" + "_" + m.alnum(36)},
		{"pypi-token", "pypi" + "-AgEIcHlwaS5vcmc" + m.urlish(120)},
		{"rubygems-key", "ruby" + "gems_" + m.hex(48)},
		{"docker-token", "dckr" + "_pat_" + m.urlish(27)},
		{"artifactory-key", "AK" + "Cp" + m.alnum(69)},
		{"doppler-token", "dp" + ".pt." + m.alnum(43)},
		{"vault-token", "hv" + "s." + m.urlish(95)},
		{"vault-token", "hv" + "b." + m.urlish(150)},
		{"terraform-token", m.alnum(14) + ".atlas" + "v1." + m.urlish(67)},
		{"age-key", "AGE-SECRET" + "-KEY-1" + m.of("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)},
		{"sendgrid-key", "S" + "G." + m.urlish(22) + "." + m.urlish(43)},
		{"brevo-key", "xkeysib" + "-" + m.hex(64) + "-" + m.alnum(16)},
		{"twilio-key", "S" + "K" + m.hex(32)},
		{"newrelic-key", "NRAK" + "-" + m.of(uppersOf+digitsOf, 27)},
		{"grafana-token", "gl" + "c_" + m.base64(100)},
		{"grafana-token", "gl" + "sa_" + m.alnum(32) + "_" + m.hex(8)},
		{"sentry-token", "sntryu" + "_" + m.hex(64)},
		{"dynatrace-token", "dt0" + "c01." + m.alnum(24) + "." + m.alnum(64)},
		{"databricks-token", "da" + "pi" + m.hex(32)},
		{"planetscale-token", "pscale" + "_tkn_" + m.alnum(43)},
		{"supabase-key", "sb" + "p_" + m.hex(40)},
		{"linear-key", "lin" + "_api_" + m.alnum(40)},
		{"notion-token", "nt" + "n_" + m.of(digitsOf, 11) + m.alnum(35)},
		{"figma-token", "fi" + "gd_" + m.urlish(40)},
		{"postman-key", "PM" + "AK-" + m.hex(24) + "-" + m.hex(34)},
		{"azure-devops-token", m.alnum(76) + "AZ" + "DO" + m.of(alnumsOf, 4)},
		{"cerebras-key", "cs" + "k-" + m.alnum(48)},
		{"together-key", "tgp" + "_v1_" + m.urlish(43)},
		{"jina-key", "ji" + "na_" + m.hex(32) + m.urlish(28)},
		{"firecrawl-key", "f" + "c-" + m.hex(32)},
		{"e2b-key", "e2" + "b_" + m.hex(40)},
		{"firebase-key", "APA" + "91b" + m.urlish(134)},
		{"netlify-token", "nf" + "p_" + m.alnum(40)},
		{"sonar-token", "sq" + "p_" + m.hex(40)},
		{"circleci-token", "CCI" + "PAT_" + m.alnum(22) + "_" + m.hex(40)},
		{"1password-key", "A" + "3-" + m.of(uppersOf, 6) + "-" + m.of(digitsOf, 6) + "-" + m.of(uppersOf, 5) + "-" + m.of(uppersOf, 5) + "-" + m.of(uppersOf, 5) + "-" + m.of(uppersOf, 5)},
		{"hubspot-token", "pat" + "-na1-" + m.hex(8) + "-" + m.hex(4) + "-" + m.hex(4) + "-" + m.hex(4) + "-" + m.hex(12)},
		{"posthog-key", "ph" + "x_" + m.alnum(43)},
		{"telegram-token", m.of("123456789", 1) + m.of(digitsOf, 9) + ":A" + "A" + m.urlish(33)},
		{"aws-access-key-id", "A3" + "TX" + m.of(uppersOf+"234567", 16)},
		{"gitlab-token", "glag" + "ent-" + m.urlish(50)},
		{"grafana-token", "eyJ" + "rIjoi" + m.alnum(80) + "=="},
		{"clickhouse-key", "4b" + "1d" + "Q" + m.alnum(37)},
		{"defined-networking-token", "dn" + "key-" + m.urlish(26) + "-" + m.urlish(52)},
		{"gocardless-token", "li" + "ve_" + m.urlish(40)},
		{"lob-key", "li" + "ve_" + m.hex(34) + "7"},
		{"harness-token", "p" + "at." + m.urlish(22) + "." + m.alnum(24) + "." + "Q7" + m.alnum(18)},
		{"infracost-token", "i" + "co-" + m.alnum(32)},
		{"prefect-token", "pn" + "u_" + m.alnum(36)},
		{"pulumi-token", "pu" + "l-" + m.hex(40)},
		{"plaid-token", "access" + "-production-" + m.hex(8) + "-" + m.hex(4) + "-" + m.hex(4) + "-" + m.hex(4) + "-" + m.hex(12)},
		{"settlemint-token", "sm" + "_pat_" + m.alnum(16)},
		{"mapbox-token", "s" + "k.ey" + "J1Ijoi" + m.alnum(60) + "." + m.urlish(22)},
		{"mailgun-key", "ke" + "y-" + m.hex(32)},
		{"maxmind-key", m.alnum(6) + "_" + m.alnum(29) + "_" + "mmk"},
		{"mailchimp-key", m.hex(32) + "-u" + "s17"},
		{"jwt", m.jwt(`{"alg":"HS256","typ":"JWT"}`)},
		{"jwt", m.jwt(`{"typ":"JWT","alg":"RS256","kid":"` + m.hex(32) + `"}`)},
		{"jwt", m.jwt(`{"alg":"RSA-OAEP","enc":"A256GCM"}`) + "." + m.urlish(60) + "." + m.urlish(22)},
		{"private-key", m.pem("RSA PRIVATE KEY", "\n")},
		{"private-key", m.pem("PRIVATE KEY", "\n")},
		{"private-key", m.pem("EC PRIVATE KEY", "\r\n")},
		{"private-key", m.pem("OPENSSH PRIVATE KEY", "\n")},
		{"private-key", m.pem("ENCRYPTED PRIVATE KEY", "\n")},
		{"private-key", m.pem("PGP PRIVATE KEY BLOCK", "\n")},
		{"private-key", m.pem("PRIVATE KEY", `\n`)},
	}
	var out []planted
	for _, f := range forms {
		out = append(out, planted{f.rule, f.text, f.text, f.rule})
	}
	return out
}

func (m maker) jwt(header string) string {
	encode := stdbase64.RawURLEncoding.EncodeToString
	return encode([]byte(header)) + "." + encode([]byte(`{"sub":"`+m.hex(16)+`","iat":1516239022}`)) + "." + m.urlish(43)
}

func (m maker) pem(label, newline string) string {
	var b strings.Builder
	b.WriteString("-----BEG" + "IN " + label + "-----" + newline)
	for range 8 {
		b.WriteString(m.base64(64) + newline)
	}
	return b.String() + m.base64(30) + "==" + newline + "-----E" + "ND " + label + "-----"
}

// contexts are secrets that what stands beside them gives away; only they may be hidden.
func (m maker) contexts() []planted {
	var out []planted
	put := func(rule, before, secret, after string) {
		out = append(out, planted{before + "…" + after, before + secret + after, secret, rule})
	}
	pw := m.password
	aws := m.of(uppersOf, 1) + m.of(digitsOf, 1) + m.of(lowersOf, 1) + m.of(base64Of, 37)

	put("bearer-token", "curl -H 'X-Auth: Bearer ", m.urlish(40), "' https://example.com")
	put("bearer-token", "bearer ", m.alnum(20), "")
	put("authorization", "Authorization: Bearer ", m.urlish(40), "\r\nHost: example.com")
	put("authorization", "authorization: bearer ", m.of(lowersOf, 12), "")
	put("authorization", "Authorization: Token ", m.hex(40), "\n")
	put("authorization", `sent {"Authorization": "Basic `, stdbase64.StdEncoding.EncodeToString([]byte("admin:"+pw())), `"}`)
	put("authorization", `headers["Authorization"] = "Bearer `, m.alnum(30), `"`)
	put("authorization", "Authorization: Digest ", `username="bob", response="`+m.hex(32)+`"`, "")
	put("authorization", "Authorization: ", m.alnum(32), "")
	put("authorization", "Proxy-Authorization: Basic ", stdbase64.StdEncoding.EncodeToString([]byte("u:p")), "")
	put("authorization", "Authorization: AWS4-HMAC-SHA256 ", "Credential=x/20240520/us-east-1/s3/aws4_request, Signature="+m.hex(64), "")
	put("basic-auth", "sent Basic ", stdbase64.StdEncoding.EncodeToString([]byte("svc:"+pw())), " to the proxy")
	put("basic-auth", "curl -u admin:", pw(), " https://example.com/api")
	put("basic-auth", "curl --user 'admin:", pw(), "' https://example.com/api")
	put("cookie", "Cookie: ", "sid="+m.alnum(24)+"; theme=dark", "\r\n")
	put("cookie", "Set-Cookie: ", "session="+m.hex(32)+"; Path=/; HttpOnly", "\n")
	put("cookie", `-H "Cookie: `, "a=b; token="+m.alnum(10), `"`)
	put("", "Cookie: csrftoken=x; ", "PHPSESSID="+m.hex(26), "")

	put("url-password", "postgres://app:", pw(), "@db.internal:5432/orders?sslmode=disable")
	put("url-password", "mongodb+srv://root:", "p@ss"+m.of(digitsOf, 2), "@cluster0.example.net/test")
	put("url-password", "redis://:", "x"+m.of(digitsOf, 1), "@cache:6379/0")
	put("url-password", "https://user:", "q7", "@example.com/path")
	put("url-password", "amqp://guest:", "pa/ss?w#"+m.of(digitsOf, 3), "@mq:5672/vhost")
	put("url-password", "git clone https://oauth2:", m.alnum(20), "@gitlab.example.com/a/b.git")
	put("url-password", "jdbc:mysql://root:", pw(), "@localhost/x")
	put("url-password", "ftp://anonymous:", "me%40example", "@ftp.example.com")
	put("url-token", "https://", m.alnum(32), "@github.com/org/repo.git")
	put("url-password", "root:", pw(), "@tcp(127.0.0.1:3306)/shop?parseTime=true")
	put("signed-url", "https://acct.blob.core.windows.net/c/f?sv=2022-11-02&se=2024-05-20&sp=r&sig=", m.alnum(40)+"%3D", "")
	put("signed-url", "https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=", m.hex(64), "")
	put("signed-url", "https://storage.googleapis.com/b/o?X-Goog-Signature=", m.hex(256), "")
	put("signed-url", "https://d1.cloudfront.net/v.mp4?Expires=1&Signature=", m.alnum(80)+"__", "&Key-Pair-Id=K")
	put("webhook-url", "https://hooks."+"slack.com/services/", "T"+m.of(uppersOf, 8)+"/B"+m.of(uppersOf, 8)+"/"+m.alnum(24), "")
	put("webhook-url", "https://discord.com/api/webhooks/", m.of(digitsOf, 18)+"/"+m.urlish(68), "")
	put("session", "sent _my_app_session=", m.alnum(32), " to it")
	put("token", "https://example.com/reset?user=1&token=", m.of(lowersOf, 10), "&next=/")
	put("token", "https://example.com/cb#access_token=", m.alnum(30), "&token_type=bearer")
	put("api-key", "https://maps.example.com/v1?api_key=", m.alnum(20), "")
	put("api-key", "https://maps.example.com/v1?x=1&apikey=", m.hex(20), "&y=2")

	put("password", "Server=db;Database=x;User Id=sa;Password=", pw(), ";Encrypt=true")
	put("password", "Server=db;Uid=root;Pwd=", "a1", ";")
	put("password", "Server=db;Uid=root;pwd=", "correct horse", ";")
	put("password", "Driver={ODBC 17};UID=sa;PWD=", "{a;b"+m.of(digitsOf, 3)+"}", ";")
	put("password", "host=db user=app password=", pw(), " dbname=orders")
	put("password", "host=db user=app password='", "two words"+m.of(digitsOf, 2), "' dbname=orders")
	put("access-key", "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=", m.base64(86)+"==", ";EndpointSuffix=core.windows.net")
	put("access-key", "Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=", m.base64(43)+"=", "")
	put("password", "jdbc:postgresql://db/x?user=app&password=", pw(), "&ssl=true")
	put("password", "CREATE USER app WITH PASSWORD '", pw(), "';")
	put("password", "CREATE USER 'app'@'%' IDENTIFIED BY '", pw(), "';")
	put("password", "export DB_PASSWORD=", pw(), "\nexport PORT=80")
	put("password", "DB_PASS=", pw(), "")
	put("password", "MYSQL_ROOT_PASSWORD: ", pw(), "\n")
	put("password", "spring.datasource.password=", pw(), "\n")
	put("password", "user: bob\npassword: ", "swordfish", "\nport: 80")
	put("password", "password = ", "swordfish", "\n")
	put("password", "password = \"", "swordfish", "\"")
	put("password", `{"user": "bob", "password": "`, "correct horse battery", `"`) // cut off
	put("password", `log: {\"password\": \"`, pw(), `\", \"x\": 1}`)
	put("password", "{'passwd': '", pw(), "'}")
	put("password", `password => "`, pw(), `",`)
	put("password", "my password is ", pw(), ", please log in")
	put("password", "mysql -h db --password ", pw(), " shop")
	put("password", "mysqldump --password=", pw(), " shop")
	put("password", "<password>", pw(), "</password>")
	put("password", "passphrase: ", pw(), "\n")
	put("password", `db_password := "`, pw(), `"`)
	put("password", `login("bob", password="`, pw(), `")`)
	put("token", "SESSION_TOKEN=", m.base64(3000), " next")
	put("password", "user=bob pass=", pw(), "")
	put("password", `{"user": "bob", "password": "`, "correct horse batt", "") // cut off
	put("token", `{"token": "`, "abcdef", "")
	put("password", "the password `", pw(), "` is yours")
	put("password", "Your password is: ", pw(), "\n")
	put("password", "the old password was ", pw(), ", change it")
	put("password", "**Password:** ", pw(), "\n")
	put("password", "**Password**: ", pw(), "\n")
	put("password", "- **Password:** `", pw(), "`")
	put("api-key", "*API key*: ", m.alnum(24), "\n")
	put("token", "__token__: ", m.alnum(24), "\n")
	put("password", "<b>Password:</b> ", pw(), "<br>")
	put("password", "<strong>Password</strong>: ", pw(), "</p>")
	put("password", "<tr><td>Password</td><td>", pw(), "</td></tr>")
	put("password", "| user | bob |\n| password | ", pw(), " |\n")
	put("api-key", "| API key | ", m.alnum(32), " |\n")
	put("password", "password -> ", pw(), "\n")
	put("password", "Password \u2192 ", pw(), "")
	put("password", "password - ", pw(), "\n")
	put("password", "user\tbob\npassword\t", pw(), "\n")
	put("password", "password: |\n  ", "correct horse\n  battery "+m.of(digitsOf, 2), "\nuser: bob")
	put("password", "db:\n  password: >-\n    ", pw(), "\n  port: 80")
	put("password", "machine example.com login bob password ", pw(), "\n")
	put("url-password", "jdbc:oracle:thin:scott/", pw(), "@//db:1521/orcl")
	put("api-key", "X-Api-Key: ", m.of(lowersOf, 20), "\r\n")
	put("aws-session-token", "", "IQoJ"+"b3JpZ2lu"+m.base64(300)+"==", "")
	put("aws-session-token", "", "FwoG"+"ZXIvYXdz"+m.base64(300)+"=", "")
	put("aws-secret-key", "", aws, " AK"+"IA"+m.of(uppersOf, 16))
	put("secret", "client_secret=", m.alnum(30), "&grant_type=client_credentials")
	put("secret", "client_secret: ", m.urlish(30), "\n")
	put("secret", `"clientSecret": "`, m.of(lowersOf, 12), `"`)
	put("secret", "JWT_SECRET=", m.of(lowersOf, 12), "\n")
	put("api-key", "X-Api-Key: ", m.alnum(32), "\r\n")
	put("api-key", "my API key is ", m.alnum(32), ".")
	put("api-key", "OPENAI_API_KEY=", m.alnum(24), "")
	put("api-key", `apiKey: "`, m.alnum(16), `",`)
	put("api-key", `req.Header.Set("X-Api-Key", "`, m.alnum(24), `")`)
	put("token", "access_token: ", m.alnum(30), "\n")
	put("token", "CI_JOB_TOKEN=", m.alnum(20), "\n")
	put("token", "token=", m.alnum(20), "")
	put("token", `setenv("AUTH_TOKEN", "`, m.alnum(20), `")`)
	put("access-key", "aws_secret_access_key = ", aws, "\n")
	put("access-key", "AWS_SECRET_ACCESS_KEY=", aws, "\n")
	put("secret-key", "SECRET_KEY_BASE=", m.hex(128), "\n")
	put("secret-key", "ENCRYPTION_KEY='", m.hex(64), "'")
	put("credentials", "credentials: ", m.alnum(20), "\n")
	put("aws-secret-key", "AK"+"IA"+m.of(uppersOf, 16)+",", aws, "\n")
	put("aws-secret-key", "AK"+"IA"+m.of(uppersOf, 16)+" / ", aws, "")
	put("private-key", "PRIVATE_KEY=", m.pem("RSA PRIVATE KEY", "\n"), "\nPORT=80")
	put("private-key", `private_key: "`, m.pem("PRIVATE KEY", `\n`), `"`)
	put("private-key", "password: ", m.pem("RSA PRIVATE KEY", "\n"), "")
	put("aws-secret-key", "access_key=AK"+"IA"+m.of(uppersOf, 16)+" ", aws, "\n")
	put("private-key", "", strings.TrimSuffix(m.pem("RSA PRIVATE KEY", "\n"), "\n-----E"+"ND RSA PRIVATE KEY-----"), "")
	return out
}
