package dashmskiam

import (
	"context"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

const secret = "made+up/secret+of+nobody"

func TestATokenIsASignedRequestWithTheEndThatItNames(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAMADEUP")
	t.Setenv("AWS_SECRET_ACCESS_KEY", secret)
	t.Setenv("AWS_SESSION_TOKEN", "made-up-session")
	t.Setenv("AWS_CONFIG_FILE", "/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/none")
	for name, source := range map[string]func(context.Context) (string, time.Time, error){
		"from the environment": Token("eu-central-1"),
		"from a provider": TokenOf("eu-central-1",
			credentials.NewStaticCredentialsProvider("AKIAMADEUP", secret, "made-up-session")),
	} {
		t.Run(name, func(t *testing.T) {
			token, expires, err := source(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			text, err := base64.RawURLEncoding.DecodeString(token)
			if err != nil {
				t.Fatal(err)
			}
			u, err := url.Parse(string(text))
			if err != nil {
				t.Fatal(err)
			}
			q := u.Query()
			if u.Host != "kafka.eu-central-1.amazonaws.com" ||
				q.Get("Action") != "kafka-cluster:Connect" || q.Get("X-Amz-Signature") == "" ||
				!strings.HasPrefix(q.Get("X-Amz-Credential"), "AKIAMADEUP/") ||
				q.Get("X-Amz-Security-Token") != "made-up-session" {
				t.Errorf("the token is %s", u)
			}
			signed, err := time.Parse("20060102T150405Z", q.Get("X-Amz-Date"))
			if err != nil {
				t.Fatal(err)
			}
			lives, err := time.ParseDuration(q.Get("X-Amz-Expires") + "s")
			if got := expires.Sub(signed.Add(lives)); err != nil || got.Abs() > time.Second {
				t.Errorf("it expires at %v, signed at %v for %v", expires, signed, lives)
			}
			if strings.Contains(token+string(text), secret) {
				t.Error("the secret is in the token")
			}
		})
	}
}

func TestAnErrorOfCredentialsIsOneOfTheToken(t *testing.T) {
	none := errors.New("no role")
	source := TokenOf("eu-central-1",
		aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{}, none
		}))
	if token, expires, err := source(t.Context()); token != "" || !expires.IsZero() ||
		!errors.Is(err, none) || !strings.HasPrefix(err.Error(), "dashmskiam: ") {
		t.Errorf("%q, %v, %v", token, expires, err)
	}
}
