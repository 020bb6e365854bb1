package redact

import (
	"crypto/sha1"
	"crypto/sha256"
	stdbase64 "encoding/base64"
	"fmt"
	"strings"
	"testing"
)

// harmlessTexts look like secrets, or speak of them, and are none.
var harmlessTexts = []string{
	// On secrets, in prose.
	"Our password policy requires 12 characters, one digit and one symbol.",
	"Passwords must be at least 8 characters long and must not equal the last five passwords.",
	"Password: must contain at least 8 characters",
	"Password: 12-character minimum, rotated every 90 days.",
	"Passwords: 12 characters minimum",
	"password: required",
	"Password (optional):",
	"Please reset your password: https://example.com/reset",
	"The password is required.",
	"The password is incorrect!",
	"Your password is too weak; your new password must be stronger.",
	"The password is case-sensitive.",
	"Error: invalid password: try again",
	"wrong password: access denied",
	"I forgot my password, can you help me to log in?",
	"Never share your password, token or API key with anyone.",
	"The token is invalid or expired.",
	"The token is expired",
	"Each token is a piece of a word; a word is 1.3 tokens on average.",
	"token: a piece of text",
	"The access token is valid for 3600 seconds.",
	"Tokens: 512 in, 128 out",
	"It costs $0.002 per token: cheap.",
	"time to first token: 350ms",
	"max token: 4096",
	"The secret is to stir slowly.",
	"The secret of success: work.",
	"Victoria's Secret is a brand; the secretary keeps the minutes.",
	"The bearer of this letter is entitled to one free bag.",
	"The Ring-bearer went to Mordor.",
	"Use bearer authentication for this API.",
	"Authorization: Bearer token authentication is required",
	"Authorization: Bearer <token>",
	"Authorization: Bearer $TOKEN",
	"Authorization: Bearer ${ACCESS_TOKEN}",
	"Authorization: Bearer {{ token }}",
	"Authorization: Bearer {token}",
	"Authorization: Bearer YOUR_API_KEY",
	"Authorization required",
	"Authorization: required",
	"authorization: none",
	"I prefer basic economy on Monday; basic authentication is not my field.",
	"Basic Economy fares do not include baggage. Basic training takes 6 weeks.",
	"A cookie: chocolate chip, two of them.",
	"We use cookies. Cookie policy: see below.",
	"session: closed at 5pm",
	"The session is over.",
	"API key: see the docs",
	"The API key is required for this call.",
	"api_key: <your key>",
	"api_key=<API_KEY>", "api_key=YOUR_API_KEY",
	"api key: your-api-key",
	"key: value, turn the key to the left",
	"The primary key is user_id, the foreign key is order_id.",
	"partition key: user_id",
	"key=value&other=thing",
	"press any key: enter",
	"keyboard=qwerty&monkey=see&turkey=sandwich",
	"public_key=abcdef012345",
	"sort key = created_at",
	"credentials: missing",
	"credentials are checked at the door",
	"private key: none",
	"passport number: X1234567",
	"passenger: Ann Lee, boarding pass: B12",
	"compass=north bypass=true passive=1",
	"secretary: Ann, secretariat = building 5",
	"tokenizer=cl100k_base&tokenize=true",
	"max_tokens=512 prompt_tokens=17 completion_tokens=99 total_tokens=116",
	"next_page_token=2&page_token=3",
	"token_count: 123456, token_type=bearer",
	"password_policy=strict12 password_length: 12chars",
	"PWD=/home/user/project",
	"OLDPWD=/tmp/x1",
	"pwd: /usr/local/bin",
	"password=${DB_PASSWORD}",
	"password=$DB_PASSWORD",
	"password=<password>",
	"password={{password}}",
	"password=********",
	"password=xxxxxxxx",
	"password: ••••••••",
	"password=[REDACTED]",
	"password=[REDACTED:password]",
	"password=%s",
	"password=%(password)s",
	"Password=;User=x",
	"--password to be asked for it",
	"login with --token <token>",
	"pass: 12, fail: 3; pass=12 fail=3 pass=9/10",
	"pass:ok", "bypass: off",
	`print("token: " + token)`,
	`{"token": 464, "token_str": " dog"`,
	"| token | count | price2 |", "| token | 2024-05-20T10:30:00Z |", "| Password | varchar(255) |", "| --- | --- |",
	"token - a piece of text, version2", "the secret - chapter12 says it all",
	"The password was changed yesterday.", "Your password is: required", "**Password:** at least 8 characters", "<b>Password</b> is required",
	"password: |\n\nuser: bob", "key\tvalue1", "Password policy\tstrict1", "login page password reset", "name, value, token_count",
	"jdbc:oracle:thin:@//db:1521/orcl",
	"locale en-us1, us-east-1", "live_update test_case pat.match sat.solver",
	// In programs.
	"password = get_password()",
	"password = os.environ['DB_PASSWORD']",
	"password = config.password",
	"password = None",
	"password: str",
	"password: string;",
	"def login(username: str, password: str) -> bool:",
	"login(username=username, password=password)",
	"connect(host, user=user, password=pw)",
	"if password == other_password:",
	"const token = await getToken();",
	"token = tokenizer.decode(ids)",
	"token = tokens[i]",
	"for token in tokens: print(token)",
	`if token == "<eos>": break`,
	"token := lexer.Next()",
	"token: Token",
	"secret: Secret = None",
	"secret = secrets.get(name)",
	"api_key=os.getenv(\"OPENAI_API_KEY\")",
	"api_key = settings.api_key",
	"client = OpenAI(api_key=api_key)",
	"let apiKey: string",
	"private key: KeyObject",
	`password = input("Password: ")`,
	`getpass.getpass("Password: ")`,
	`<input type="password" name="password" id="password">`,
	`<label for="password">Password</label>`,
	"SELECT * FROM users WHERE password = ?",
	"UPDATE users SET password = $1 WHERE id = $2",
	"UPDATE users SET password = :password",
	"ALTER TABLE users ADD COLUMN password varchar(255)",
	"password VARCHAR(255) NOT NULL",
	"func (c *Config) Password() string { return c.password }",
	"type Config struct { Password string; Token string }",
	"passwords, tokens and secrets []string",
	"import secrets, tokenize",
	"from secrets import token_hex",
	"f\"Bearer {token}\"",
	"headers={'Authorization': f'Bearer {token}'}",
	"headers = {\"Authorization\": \"Bearer \" + token}",
	"req.headers.authorization",
	"res.cookie('name', value)",
	"document.cookie",
	"cookie: Cookie",
	"var sk_container_id_1 = document.querySelector('.sk-container-id-1')",
	"<div class=\"sk-estimator-doc-link fitted sk-top-container sk-text-repr-fallback\">",
	"risk-assessment-2024-final-version-3 task-force-one-two-three disk-usage-monitor-agent",
	"npm_config_registry npm_package_version npm_lifecycle_event",
	"hf_hub_download hf_transfer hf_model_id",
	"pypi-mirror-setup-guide-for-beginners",
	"key_length = 2048; key_size=4096",
	"keyPressed: true, keyCode: 13",
	"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
	"-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----",
	"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGxZ8f5mZ0b8cJ user@host",
	"git checkout -b feature/token-refresh",
	"git@github.com:org/repo.git",
	"SKU: SK1234567890, SKILL, SKIP, ASIAN, ASIA PACIFIC",
	"eyJhbGciOi is how a JWT begins",
	"AIza is how a Google key begins, AKIA how one of AWS does, ghp_ one of GitHub, sk- one of OpenAI",
	"shift+Q~ and 3Q~4Q",
	"map[string]string{\"a\": \"b\"}",
	"The mark is [REDACTED:github-token], or [REDACTED:password] and [REDACTED].",
	// Addresses.
	"https://example.com/path?q=a:b@c",
	"https://example.com:8443/a@b",
	"http://localhost:3000/users/@me",
	"https://user@example.com/repo.git",
	"ssh://git@github.com/org/repo.git",
	"https://medium.com/@someone/a-story-8f14e45fceea",
	"postgres://localhost:5432/db?sslmode=disable",
	"postgres://${USER}:${PASSWORD}@localhost/db",
	"postgres://user:<password>@localhost/db",
	"https://[2001:db8::1]:8080/x@y",
	"mailto:someone@example.com",
	"s3://bucket/key/with/path/part-00000",
	"gs://bucket/secret-santa/list.txt",
	"file:///etc/passwd",
	"see https://en.wikipedia.org/wiki/Password and https://example.com/tokens/new",
	"https://hooks.example.com/services/list",
	"https://example.com/?sig=short&signature=none",
	"data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg'/>",
	"npm install @babel/core@7.24.0 @tcp/ip",
	"10:30:AAPL rose; ratio 3:AA, codes 12:AAB",
	"curl https://example.com -o out.txt",
	"curl -u \"$USER:$PASS\" https://example.com",
	"curl -H \"Authorization: Bearer $TOKEN\" https://example.com",
	// Numbers.
	"order 1234567890123456, 4111111111111112 fails the check",
	"ISBN 978-3-16-148410-0 and 0-306-40615-2",
	"+1 (415) 555-2671, +49 30 901820, 0800 123 4567",
	"2024-05-20T10:30:00Z 1716201000000 1716201000000000 v1.2.3-rc.4",
	"IBAN DE89 3704 0044 0532 0130 00",
	"MAC 00:1B:44:11:3A:B7, IP 192.168.1.1, port 443",
	"credit_card_4421486 gift_card_8541487 certificate_7504069",
	"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
}

// harmlessNames are names of fields whose values are not secret.
var harmlessNames = []string{
	"max_tokens", "maxTokens", "prompt_tokens", "completion_tokens", "total_tokens", "token_count", "tokenCount", "tokens", "n_tokens", "tokens_per_second",
	"cached_tokens", "reasoning_tokens", "prompt_tokens_details", "token_type", "token_url", "token_endpoint", "token_limit", "stop_token_ids", "eos_token",
	"bos_token", "pad_token", "unk_token", "next_token", "nextToken", "nextPageToken", "continuation_token", "page_token", "time_to_first_token", "cost_per_token",
	"cancellationToken", "tokenizer", "tokenizer_config", "tokenized", "first_token_at", "input_token", "output_token_count", "has_token", "num_token",
	"password_policy", "passwordPolicy", "password_length", "password_strength", "password_changed_at", "passwordResetUrl", "password_hint", "has_password",
	"is_password", "forgot_password", "passwordless", "passport", "passport_number", "passenger", "passengers", "compass", "bypass", "pass_rate", "passed",
	"first_pass", "boarding_pass", "token_str", "token_text", "ring_bearer", "mw_pw", "secretary", "secretariat", "secret_santa", "secret_name", "secrets_manager_arn", "is_secret", "secret_count",
	"key", "keys", "primary_key", "foreign_key", "public_key", "publicKey", "cache_key", "sort_key", "partition_key", "idempotency_key", "keyboard", "keyword",
	"keywords", "monkey", "turkey", "key_id", "access_key_id", "private_key_id", "private_key_path", "api_key_name", "has_api_key", "api_key_count", "api_keys_count",
	"author", "authors", "authority", "authenticated", "auth_type", "auth_method", "authorization_url", "authorization_endpoint", "oauth_scopes",
	"cookie_policy", "cookie_consent", "cookies_enabled", "cookiecutter", "session_id", "sessionId", "session_count", "session_name", "sessions",
	"credential_id", "credentials_path", "credential_type", "credit", "accredited", "id", "name", "content", "role", "user", "username", "email", "url",
	"The user asked how a long sentence that ends in the word password is judged",
}

func harmless() []string {
	m := newMaker(3)
	texts := append([]string(nil), harmlessTexts...)
	for i := range 12 {
		h1, h2 := sha1.Sum([]byte{byte(i)}), sha256.Sum256([]byte{byte(i)})
		texts = append(texts,
			fmt.Sprintf("%s-%s-4%s-a%s-%s", m.hex(8), m.hex(4), m.hex(3), m.hex(3), m.hex(12)),
			fmt.Sprintf("commit %x", h1),
			fmt.Sprintf("sha256:%x", h2),
			"etag: \""+m.hex(32)+"\"",
			"call_"+m.of(alnumsOf, 24),
			"chatcmpl-"+m.of(alnumsOf, 29),
			"run_"+m.of(alnumsOf, 24)+" msg_"+m.of(alnumsOf, 24)+" toolu_"+m.of(alnumsOf, 22),
			"data:image/png;base64,"+stdbase64.StdEncoding.EncodeToString([]byte(m.of(alnumsOf+"\x00\x01\xff\xfe", 3000))),
			"integrity sha512-"+stdbase64.StdEncoding.EncodeToString([]byte(m.of(alnumsOf, 64))),
		)
	}
	return texts
}

func TestHarmlessCorpusIsLargeEnough(t *testing.T) {
	if n := len(harmless()) + len(harmlessNames); n < 200 || len(harmless()) < 200 {
		t.Errorf("%d harmless texts and names, want at least 200", n)
	}
}

func TestHarmlessTextsAreNotTouched(t *testing.T) {
	r := redactor(t, Rules{CreditCards: true})
	for _, text := range harmless() {
		if got, changed := r.String("content", text); changed || got != text {
			t.Errorf("%q becomes %q", text, got)
		}
		for where, doc := range documents(text) {
			if out, changed, err := r.JSON(nil, []byte(doc)); changed || err != nil {
				t.Errorf("%q, %s: becomes %s (%v)", text, where, out, err)
			}
		}
		if out, changed := r.Bytes(nil, "result", []byte(text)); changed {
			t.Errorf("%q becomes %q", text, out)
		}
	}
}

func TestHarmlessNamesDoNotHide(t *testing.T) {
	r := redactor(t, Rules{})
	for _, name := range harmlessNames {
		if got, changed := r.String(name, "swordfish7"); changed {
			t.Errorf("%s: %q", name, got)
		}
		doc := `{` + quoted(name) + `:{"a":"swordfish7","b":17}}`
		if out, changed, err := r.JSON(nil, []byte(doc)); changed || err != nil {
			t.Errorf("%s becomes %s (%v)", doc, out, err)
		}
	}
}

// harmlessDocuments have structures that the walk must leave alone.
var harmlessDocuments = []string{
	`{"choices":[{"logprobs":{"content":[{"token":"Hel","logprob":-0.1,"bytes":[72],"top_logprobs":[{"token":"Hel","logprob":-0.1}]}]}}]}`,
	`{"score":0.5,"token":464,"token_str":" dog","sequence":"x"}`,
	`{"pass":12,"fail":3,"bearer":true}`,
	`{"bytes":[72],"logprob":-0.1,"token":"Hel","top_logprobs":[]}`,
	`{"name":"login","parameters":{"type":"object","properties":{"user":{"type":"string"},"password":{"type":"string","description":"The user's password","minLength":8}},"required":["user","password"]}}`,
	`{"properties":{"token":{"description":"x","type":["string","null"],"title":"Token"}}}`,
	`{"auth":{"type":"oauth2","user":"bob"},"session":{"user":"bob","messages":["hi"],"n":3}}`,
	`{"password":"","token":null,"secret":true,"api_key":false,"cookies":[],"credentials":{}}`,
	`{"password":"[REDACTED:password]","token":"[REDACTED]"}`,
	`{"PWD":"/home/bob","OLDPWD":"/tmp"}`,
	`{"usage":{"prompt_tokens":17,"completion_tokens":5,"total_tokens":22}}`,
	" { \"a\" : [ 1 , -0.5e+10 , 1E5 , true , false , null , \"\\u00e9\\ud83d\\ude00\\/\" ] } \n",
	`[]`, `{}`, `"x"`, `0`, `-1.5`, `null`,
	`{"[REDACTED:github-token]":1,"[REDACTED:github-token]":2}`,
}

func TestHarmlessDocumentsAreNotTouched(t *testing.T) {
	r := redactor(t, Rules{CreditCards: true, Emails: true})
	for _, doc := range harmlessDocuments {
		if out, changed, err := r.JSON(nil, []byte(doc)); changed || err != nil {
			t.Errorf("%s becomes %s (%v)", doc, out, err)
		}
		if got, changed := r.String("content", doc); changed || got != doc {
			t.Errorf("as a text %s becomes %s", doc, got)
		}
	}
}

func TestBase64ImagesAreNotTouched(t *testing.T) {
	if testing.Short() {
		t.Skip("8 MiB of random base64 take a second")
	}
	r := redactor(t, Rules{CreditCards: true, Emails: true})
	m := newMaker(4)
	for _, alphabet := range []string{base64Of, urlishOf, hexOf, digitsOf} {
		for range 8 {
			text := m.of(alphabet, 1<<18)
			if got, changed := r.text(text); changed {
				i := strings.Index(got, markBegin)
				t.Errorf("random %.10s…: %s", alphabet, got[max(0, i-30):i+40])
			}
		}
	}
}
