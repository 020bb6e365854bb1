package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// newTokens returns the configured source of tokens; nil without OAUTHBEARER.
func (c *Config) newTokens(background context.Context) *tokens {
	s := &c.Security
	if !s.sasl() || s.Mechanism != OAuthBearer {
		return nil
	}
	t := &tokens{log: c.Logger, background: background}
	switch {
	case s.Token != nil:
		t.source = s.Token
	case s.TokenFile != "":
		t.source = func(context.Context) (string, time.Time, error) {
			return readToken(s.TokenFile)
		}
	default:
		e := endpoint{security: s, config: clientcredentials.Config{
			ClientID: s.ClientID, ClientSecret: s.ClientSecret.Reveal(), TokenURL: s.TokenURL,
			Scopes: strings.Fields(s.Scope),
		}}
		t.source = e.token
	}
	return t
}

// readToken reads a token that another program renews, as workload identities do.
func readToken(path string) (string, time.Time, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", time.Time{}, fileError(path, err)
	}
	token := strings.TrimSpace(string(text))
	if !sendable(token) {
		return "", time.Time{}, fmt.Errorf("%s holds no token: %w", shownPath(path), errToken)
	}
	c, _ := claimsOf(token)
	if at := c.expiry(); !at.IsZero() && !at.After(time.Now()) {
		return "", time.Time{}, fmt.Errorf("the token in %s expired %v ago; check what renews it",
			shownPath(path), time.Since(at).Round(time.Second))
	}
	// The file may be replaced at any time, so it is read for each login.
	return token, time.Time{}, nil
}

// endpoint is a token endpoint for client credentials.
type endpoint struct {
	security *Security
	config   clientcredentials.Config
}

// warnOfPlainEndpoint warns if the client's secret leaves this machine without TLS.
func (c *Config) warnOfPlainEndpoint() {
	u, err := url.Parse(c.Security.TokenURL)
	if err != nil || u.Scheme != "http" || u.Hostname() == "localhost" {
		return
	}
	if ip := net.ParseIP(u.Hostname()); ip != nil && ip.IsLoopback() {
		return
	}
	c.Logger.Warn("kafka: the token endpoint is asked over http, so the client's secret and the "+
		"tokens can be read on the way; use https: "+c.name("Security.TokenURL"),
		"endpoint", u.Host)
}

// endpointRefusal means that a token endpoint definitely rejects the client. address is set if what
// responds is not a token endpoint.
type endpointRefusal struct {
	text    string
	address bool
}

func (e *endpointRefusal) Error() string { return e.text }

func (e *endpoint) token(ctx context.Context) (string, time.Time, error) {
	// the application may have replaced the default by another type
	transport := &http.Transport{
		Proxy:             http.ProxyFromEnvironment,
		ForceAttemptHTTP2: true,
		DisableKeepAlives: true, // a token is fetched only every few minutes or hours
	}
	if path := e.security.TokenCAFile; path != "" {
		roots, err := readAuthorities(path)
		if err != nil {
			return "", time.Time{}, err
		}
		transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
	}
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request,
		[]*http.Request) error {
		return http.ErrUseLastResponse // the secret is sent nowhere else
	}}
	t, err := e.config.Token(context.WithValue(ctx, oauth2.HTTPClient, client))
	if err != nil {
		return "", time.Time{}, e.failure(ctx, err)
	}
	if kind := t.Type(); kind != "Bearer" {
		return "", time.Time{},
			fmt.Errorf("the token endpoint at %s gives tokens that are no Bearer tokens", e.host())
	}
	return t.AccessToken, t.Expiry, nil
}

// host is the part of the endpoint's URL that errors show.
func (e *endpoint) host() string {
	if u, err := url.Parse(e.security.TokenURL); err == nil {
		return u.Host
	}
	return "(not shown)"
}

// failure describes an error of a fetch without what was sent or received.
func (e *endpoint) failure(ctx context.Context, err error) error {
	where := "the token endpoint at " + e.host()
	var answer *oauth2.RetrieveError
	var request *url.Error
	switch {
	case errors.As(err, &answer) && answer.Response != nil:
		status := answer.Response.StatusCode
		text := fmt.Sprintf("%s answers %d", where, status)
		if answer.ErrorCode != "" {
			text += ", " + e.clean(answer.ErrorCode)
		}
		if answer.ErrorDescription != "" {
			text += ": " + e.clean(answer.ErrorDescription)
		}
		if status == http.StatusTooManyRequests || status == http.StatusRequestTimeout ||
			status >= 500 || status < 300 {
			return errors.New(text)
		}
		elsewhere := status < 400 || status == http.StatusNotFound ||
			status == http.StatusMethodNotAllowed
		return &endpointRefusal{text, elsewhere}
	case ctx.Err() != nil:
		return fmt.Errorf("%s did not answer within %v", where, tokenTimeout)
	case errors.As(err, &request):
		return fmt.Errorf("%s cannot be asked: %w", where, request.Err)
	}
	return fmt.Errorf("%s gives no token: %s", where, e.clean(err.Error()))
}

// clean returns a text of the endpoint, shortened and without our secret.
func (e *endpoint) clean(text string) string {
	const most = 200
	if secret := e.security.ClientSecret.Reveal(); secret != "" {
		text = strings.NewReplacer(secret, redacted, url.QueryEscape(secret),
			redacted).Replace(text)
	}
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return ' '
		}
		return r
	}, text)
	return text[:min(len(text), most)]
}
