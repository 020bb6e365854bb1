package redact

import (
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

// givenAway are texts in which a secret, the %s, has no form of its own: wrapped values, arguments
// of commands and calls, remarks, sentences and other languages.
var givenAway = []string{
	`Config { password: Some("%s") }`, `Settings(api_key=SecretBox('%s'))`,
	`Password: (string) (len=22) "%s"`, `["password"]=> string(22) "%s"`,
	"password: !!str %s\n", "password: &pw %s\n", `char token[] = "%s";`,
	`std::string password{"%s"};`, `static SECRET: &'static str = "%s";`,
	`public string ApiKey { get; set; } = "%s";`, `password <- "%s"`,
	"<key>password</key>\n<string>%s</string>", "&quot;password&quot;:&quot;%s&quot;",
	`requests.get(url, auth=("bob", "%s"))`, `new UsernamePasswordCredentials("bob", "%s")`,
	`DriverManager.getConnection(url, "bob", "%s")`, "mongo -u bob -p %s x",
	"az login --service-principal -u x -p %s --tenant y", "twine upload -u bob -p %s dist/*",
	"bcp x out y -U sa -P %s", "mosquitto_pub -u bob -P %s -t x", "redis-cli --pass %s",
	"openssl enc -aes-256-cbc -k %s -in x", "keytool -storepass %s -list",
	"etcdctl --user root:%s get x", "gem push --key %s", "gh secret set API_KEY --body %s",
	"aws ssm put-parameter --name /db --value %s --type SecureString", "vault login %s",
	"cargo login %s", "htpasswd -b f bob %s", "rabbitmqctl add_user bob %s",
	"wpa_passphrase x %s", "net user bob %s /add", "echo %s | docker login --password-stdin",
	"echo '%s' | sudo -S ls", "echo 'bob:%s' | chpasswd", "chpasswd <<< 'bob:%s'",
	`ConvertTo-SecureString "%s" -AsPlainText -Force`, "git config --global github.token %s",
	"npm config set //registry.npmjs.org/:_authToken %s", "password for bob: %s",
	"password (for bob): %s", "The admin password was changed to %s yesterday.",
	"I set the password to %s.", "Use the password %s to log in", "Password \u279c %s",
	"Tu clave de API es: %s", "APIキー：%s", "Hasło to %s", "heslo: %s",
	"salasana: %s", "jelszó: %s", "parolă: %s", "κωδικός: %s", "Пароль от базы — %s",
}

func TestSecretsAreGivenAwayByWhatTheyStandIn(t *testing.T) {
	r := redactor(t, Rules{})
	m := corpus.NewMaker(seedOf(t))
	for _, text := range givenAway {
		for range draws(20) {
			secret := m.Of(corpus.Letters, 1) + m.Alnum(16) + "a1B2x"
			got, _ := r.String("content", strings.Replace(text, "%s", secret, 1))
			if remains(got, secret) != "" {
				t.Errorf("%q: %q", text, got)
				break
			}
		}
	}
}

func TestTokensGluedToAFlagAreHidden(t *testing.T) {
	r := redactor(t, Rules{})
	secret := "gh" + "p_" + corpus.NewMaker(seedOf(t)).Alnum(36)
	for _, text := range []string{"-k%s", "tool -k%s -v", `args: ["-k%s"]`} {
		got, _ := r.String("content", strings.Replace(text, "%s", secret, 1))
		if strings.Contains(got, secret) {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// What commands and sentences of the same forms have in them without a secret stays.
func TestWhatGivesNothingAwayStays(t *testing.T) {
	r := redactor(t, Rules{})
	for _, text := range []string{
		"PASSWORD=`pass show db`", "password: *default", "docker login -u $U -p $P",
		"echo $TOKEN | docker login --password-stdin", `echo "$PASSWORD" | sudo -S true`,
		"vault login -method=oidc", "net user bob /active:no", "htpasswd -b $FILE $USER $PASS",
		`requests.get(url, auth=("user", os.environ["PW"]))`, "password: Some(String::new())",
		`DriverManager.getConnection("jdbc:h2:mem:test", "sa", "")`, "char token[256];",
		"api_key=SecretStr('**********')", "public string Token { get; set; }",
		"password: &default\n  min: 8", "Please reset the password to continue.",
		"You can change the password to something longer.", "password for user: required",
		"The password was changed to comply with policy.", "Hasło to ważna sprawa.",
		"the password manager 1Password8 is installed", "Пароль от базы знает только Иван.",
		"&quot;password&quot;: &quot;string&quot;", "API key for production: see the wiki",
	} {
		if got, changed := r.String("content", text); changed {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}
