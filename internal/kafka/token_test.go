package kafka

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// source is a test's source of tokens.
type source struct {
	asked atomic.Int64
	next  func(ctx context.Context, n int) (string, time.Time, error)
}

func (s *source) get(ctx context.Context) (string, time.Time, error) {
	n := s.asked.Add(1)
	return s.next(ctx, int(n))
}

func testTokens(t *testing.T, s *source) (*tokens, *bytes.Buffer) {
	log := new(bytes.Buffer)
	return &tokens{source: s.get, background: t.Context(),
		log: slog.New(slog.NewTextHandler(log, nil))}, log
}

func TestATokenIsUsedUntilAFifthOfItsTimeIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{next: func(_ context.Context, n int) (string, time.Time, error) {
			return fmt.Sprint("token-", n), time.Now().Add(100 * time.Second), nil
		}}
		tokens, _ := testTokens(t, s)
		for _, at := range []struct {
			wait time.Duration
			want string
		}{{0, "token-1"}, {79 * time.Second, "token-1"}, {2 * time.Second, "token-2"},
			{79 * time.Second, "token-2"}, {time.Hour, "token-3"}} {
			time.Sleep(at.wait)
			if got, err := tokens.get(t.Context()); got != at.want || err != nil {
				t.Errorf("after %v more: %q, %v, want %s", at.wait, got, err, at.want)
			}
		}
		tokens.drop("token-3") // a broker has refused it
		if got, err := tokens.get(t.Context()); got != "token-4" || err != nil {
			t.Errorf("after a refusal: %q, %v", got, err)
		}
		tokens.drop("token-3") // another connection was rejected with the previous one
		if got, _ := tokens.get(t.Context()); got != "token-4" {
			t.Errorf("after a late refusal: %q", got)
		}
	})
}

func TestATokenWhoseEndIsNotKnownIsAskedForEachTime(t *testing.T) {
	s := &source{next: func(_ context.Context, n int) (string, time.Time, error) {
		return fmt.Sprint("token-", n), time.Time{}, nil
	}}
	tokens, _ := testTokens(t, s)
	for i := range 3 {
		if got, err := tokens.get(t.Context()); got != fmt.Sprint("token-", i+1) || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func TestTheOldTokenIsUsedWhileANewOneCannotBeHad(t *testing.T) {
	for name, fail := range map[string]func(context.Context) error{
		"fails":  func(context.Context) error { return errors.New("no") },
		"panics": func(context.Context) error { panic("no") },
		"hangs":  func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
		"returns an error that panics": func(context.Context) error {
			return fmt.Errorf("no token: %w", (*nilError)(nil))
		},
		"sleeps": func(context.Context) error {
			time.Sleep(time.Minute)
			return errors.New("late")
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var broken atomic.Bool
				s := &source{next: func(ctx context.Context, n int) (string, time.Time, error) {
					if broken.Load() {
						return "", time.Time{}, fail(ctx)
					}
					return fmt.Sprint("token-", n), time.Now().Add(100 * time.Second), nil
				}}
				tokens, log := testTokens(t, s)
				_, _ = tokens.get(t.Context())
				broken.Store(true)
				time.Sleep(85 * time.Second)
				begin := time.Now()
				if got, err := tokens.get(t.Context()); got != "token-1" || err != nil ||
					time.Since(begin) > 2*time.Second {
					t.Errorf("while it is good: %q, %v, after %v", got, err, time.Since(begin))
				}
				time.Sleep(20 * time.Second)
				for range 3 {
					begin = time.Now()
					if got, err := tokens.get(t.Context()); got != "" || err == nil ||
						time.Since(begin) > tokenTimeout+time.Second {
						t.Errorf("once it has expired: %q, %v, after %v", got, err,
							time.Since(begin))
					} else {
						kindOf(err) // as the log asks
					}
				}
				broken.Store(false)
				time.Sleep(2 * time.Minute)
				if got, err := tokens.get(t.Context()); got == "" || err != nil {
					t.Errorf("once there is one again: %q, %v", got, err)
				}
				synctest.Wait()
				if text := log.String(); strings.Count(text, "no token to log in with") != 1 ||
					strings.Count(text, "again") != 1 {
					t.Errorf("the log:\n%s", text)
				}
			})
		})
	}
}

func TestManyLoginsAskOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{next: func(_ context.Context, n int) (string, time.Time, error) {
			time.Sleep(time.Second)
			if n == 1 {
				return "", time.Time{}, errors.New("no")
			}
			return "token", time.Now().Add(time.Hour), nil
		}}
		tokens, _ := testTokens(t, s)
		for range 100 {
			go func() { _, _ = tokens.get(t.Context()) }()
		}
		time.Sleep(1100 * time.Millisecond)
		if _, err := tokens.get(t.Context()); err == nil || s.asked.Load() != 1 {
			t.Errorf("%v; asked %d times, want once", err, s.asked.Load())
		}
		time.Sleep(tokenPause)
		if got, err := tokens.get(t.Context()); got != "token" || err != nil ||
			s.asked.Load() != 2 {
			t.Errorf("%q, %v; asked %d times, want twice", got, err, s.asked.Load())
		}
	})
}

func TestTokensThatCannotBeSentAreErrors(t *testing.T) {
	for _, bad := range []string{"", "a b", "a\nb", "a\x01b", "ä"} {
		s := &source{next: func(context.Context, int) (string, time.Time, error) {
			return bad,
				time.Time{}, nil
		}}
		tokens, _ := testTokens(t, s)
		if got, err := tokens.get(t.Context()); err == nil || bad != "" &&
			strings.Contains(err.Error(), bad) {
			t.Errorf("%q gave %q, %v", bad, got, err)
		}
	}
	s := &source{next: func(context.Context, int) (string, time.Time, error) {
		return "token", time.Now().Add(-time.Hour), nil
	}}
	tokens, _ := testTokens(t, s)
	if _, err := tokens.get(t.Context()); err == nil || !strings.Contains(err.Error(),
		"expired 1h0m0s ago") {
		t.Errorf("a token that has expired: %v", err)
	}
}

func TestATokensFileIsReadForEachLogin(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	if _, _, err := readToken(path); err == nil {
		t.Error("no error without a file")
	}
	for text, want := range map[string]string{"one\n": "one", "  two  ": "two", "": "", "a b": ""} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, _, err := readToken(path); got != want || (err == nil) != (want != "") {
			t.Errorf("%q gave %q, %v", text, got, err)
		}
	}
	expired := "e30." + "eyJleHAiOjEwMDAwMDAwMDB9" + ".x" // {"exp":1000000000}
	if err := os.WriteFile(path, []byte(expired), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := readToken(path); err == nil || !strings.Contains(err.Error(), "expired") ||
		strings.Contains(err.Error(), "eyJ") {
		t.Errorf("a token that has expired: %v", err)
	}
}

func TestTheMechanismSpeaksAsRFC7628Says(t *testing.T) {
	s := &source{next: func(context.Context, int) (string, time.Time, error) {
		return "abc.def", time.Now().Add(time.Hour), nil
	}}
	tokens, _ := testTokens(t, s)
	b := bearer{tokens, []string{"logicalCluster=lkc-1", "identityPoolId=pool-1"}}
	session, first, err := b.Authenticate(t.Context(), "broker:9092")
	const want = "n,,\x01auth=Bearer " +
		"abc.def\x01logicalCluster=lkc-1\x01identityPoolId=pool-1\x01\x01"
	if err != nil || string(first) != want {
		t.Fatalf("%q, %v, want %q", first, err, want)
	}
	if done, answer, err := session.Challenge(nil); !done || answer != nil || err != nil {
		t.Errorf("a token that is taken: %v, %q, %v", done, answer, err)
	}
	if done, answer, err := session.Challenge([]byte(`{"status":"invalid_token"}`)); done ||
		string(answer) != "\x01" || err != nil {
		t.Errorf("a token that is refused: %v, %q, %v", done, answer, err)
	}
	if _, _, err := session.Challenge([]byte("more")); err == nil {
		t.Error("a broker that goes on is followed")
	}
	if _, _ = tokens.get(t.Context()); s.asked.Load() != 2 {
		t.Errorf("asked %d times, want again after the refusal", s.asked.Load())
	}
}

func TestAFailureToGetATokenIsWorthAnotherTry(t *testing.T) {
	for _, err := range []error{errors.New("no"), context.DeadlineExceeded,
		&endpointRefusal{text: "401"}, os.ErrNotExist} {
		failure := error(&tokenFailure{err})
		if !kgo.IsRetryableBrokerErr(fmt.Errorf("unable to init sasl: %w", failure)) {
			t.Errorf("franz-go would give everything up for %v", err)
		}
	}
}

func TestExtensions(t *testing.T) {
	for s, want := range map[string]bool{
		"logicalCluster=lkc-1": true, "a=b c": true, "a=b=c": true, "": false, "a": false,
		"=b": false, "a=": false, "a1=b": false, "auth=b": false,
		"AUTH=b": false, "a=\x01": false, "a=ä": false,
	} {
		if got := IsExtension(s); got != want {
			t.Errorf("IsExtension(%q) is %v", s, got)
		}
	}
}

// A broker rejects a login within a second of the last one. A token that is valid for a shorter
// time than that would lead to one.
func TestNoLoginHasATokenThatIsAboutToExpire(t *testing.T) {
	for _, life := range []time.Duration{5 * time.Second, 10 * time.Second, time.Minute,
		time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			var expires time.Time
			s := &source{next: func(context.Context, int) (string, time.Time, error) {
				expires = time.Now().Add(life)
				return "token", expires, nil
			}}
			tokens, _ := testTokens(t, s)
			for range 100 {
				if _, err := tokens.get(t.Context()); err != nil {
					t.Fatal(err)
				}
				if left := time.Until(expires); left < 2*time.Second {
					t.Errorf("a login with a token of %v, %v before it expires", life, left)
				}
				time.Sleep(life/20 + 7*time.Millisecond)
			}
		})
	}
}

// nilError is an error whose methods panic if it is nil.
type nilError struct{ inner error }

func (e *nilError) Error() string { return e.inner.Error() }
func (e *nilError) Unwrap() error { return e.inner }
