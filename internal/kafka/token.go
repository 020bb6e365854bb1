package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
)

const (
	// tokenTimeout bounds one fetch of a token.
	tokenTimeout = 10 * time.Second
	// tokenPatience is how long a login waits for a new token while the previous one is still good.
	tokenPatience = time.Second
	// shortSession is the least time that a token must remain valid for a login. The client logs in
	// again a second before a session ends, and a broker rejects that within a second of the last
	// login.
	shortSession = 2500 * time.Millisecond
	// tokenPause is how long no login asks again after a failure: after an outage all connections
	// log in at once.
	tokenPause = 250 * time.Millisecond
)

var errToken = errors.New("it is empty, or has a control character in it")

// tokens keeps the token that connections log in with. It fetches the next one at the first login
// at which less than a fifth of the token's lifetime is left, or less than shortSession. Brokers
// that limit a session by its token (connections.max.reauth.ms) request such a login before the
// token expires. So there is no timer, and an idle client fetches nothing. If the next token cannot
// be fetched, the old one is used for as long as it is good.
type tokens struct {
	source func(context.Context) (token string, expires time.Time, err error)
	log    *slog.Logger
	// background ends with the Sender.
	background context.Context

	mu      sync.Mutex
	token   string
	fetched time.Time
	expires time.Time // zero: unknown
	pending *fetch
	failed  time.Time // when the last fetch failed; zero if it did not
	failure error
	told    bool // whether it was logged that there is none
}

// fetch is a request for a token, shared by all who wait for it.
type fetch struct {
	done  chan struct{}
	token string
	err   error
}

// get returns a token to log in with.
func (t *tokens) get(ctx context.Context) (string, error) {
	t.mu.Lock()
	now := time.Now()
	old, good := t.token, t.good(now)
	if good && now.Before(t.renewal()) {
		t.mu.Unlock()
		return old, nil
	}
	if t.pending == nil && !t.failed.IsZero() && now.Sub(t.failed) < tokenPause {
		err := t.failure
		t.mu.Unlock()
		if good {
			return old, nil
		}
		return "", err
	}
	f := t.pending
	if f == nil {
		f = &fetch{done: make(chan struct{})}
		t.pending = f
		go t.fetch(f)
	}
	t.mu.Unlock()

	wait := tokenTimeout
	if good {
		wait = tokenPatience
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	err := fmt.Errorf("none came within %v", wait)
	select {
	case <-f.done:
		if f.err == nil {
			return f.token, nil
		}
		err = f.err
	case <-timer.C:
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	if good && t.isGood(old) {
		return old, nil
	}
	t.tell(err)
	return "", err
}

// good reports whether the current token can be used. The caller holds mu.
func (t *tokens) good(now time.Time) bool { return t.token != "" && now.Before(t.expires) }

// renewal is the time from which a login fetches the next token. The caller holds mu.
func (t *tokens) renewal() time.Time {
	life := t.expires.Sub(t.fetched)
	return t.expires.Add(-max(life/5, min(shortSession, life/2)))
}

func (t *tokens) isGood(token string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.token == token && t.good(time.Now())
}

// fetch calls the source. A source that does not return delays later fetches, which would do no
// better, but delays no login for longer than tokenTimeout.
func (t *tokens) fetch(f *fetch) {
	ctx, cancel := context.WithTimeout(t.background, tokenTimeout)
	defer cancel()
	token, expires, err := guarded(ctx, t.source)
	if err == nil && !sendable(token) {
		err = fmt.Errorf("a token was fetched that cannot be sent: %w", errToken)
	}
	now := time.Now()
	if err == nil && !expires.IsZero() && !expires.After(now) {
		err = fmt.Errorf("a token was fetched that expired %v ago; check what renews it, and the "+
			"clocks",
			now.Sub(expires).Round(time.Second))
	}
	t.mu.Lock()
	t.pending = nil
	if f.err = err; err == nil {
		f.token = token
		t.token, t.fetched, t.expires, t.failed = token, now, expires, time.Time{}
	} else {
		t.failed, t.failure = now, err
	}
	t.mu.Unlock()
	t.tell(err)
	close(f.done)
}

// guarded calls user code.
func guarded(ctx context.Context, source func(context.Context) (string, time.Time, error)) (
	token string, expires time.Time, err error,
) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the function that returns tokens panics: %v", p)
		}
	}()
	if token, expires, err = source(ctx); err != nil {
		_, _ = err.Error(), kindOf(err) // if its methods panic, they do so here
	}
	return token, expires, err
}

// sendable reports whether a token has the form that the mechanism requires (RFC 6750, 2.1, and
// what issuers add to it).
func sendable(token string) bool {
	return token != "" && !strings.ContainsFunc(token, func(r rune) bool {
		return r <= ' ' ||
			r > '~'
	})
}

// drop discards a token that a broker has rejected, so that the next login fetches another one.
func (t *tokens) drop(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == token {
		t.token = ""
	}
}

// subject is the subject of the last token; "" if that is not visible.
func (t *tokens) subject() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, _ := claimsOf(t.token)
	return c.Subject
}

// tell logs once when tokens cannot be fetched, and once when they can be again.
func (t *tokens) tell(err error) {
	t.mu.Lock()
	was := t.told
	t.told = err != nil
	t.mu.Unlock()
	switch {
	case err != nil && !was && t.background.Err() == nil:
		t.log.Warn("kafka: no token to log in with; logins wait until there is one", "error", err)
	case err == nil && was:
		t.log.Info("kafka: there is a token to log in with again")
	}
}
