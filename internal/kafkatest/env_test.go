package kafkatest

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// recorder is a test that records why it was ended.
type recorder struct {
	testing.TB
	fatal string
}

func (r *recorder) Helper() {}

func (r *recorder) Fatalf(format string, args ...any) {
	r.fatal = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// fatalOf returns the message with which f ends its test, or "".
func fatalOf(f func(testing.TB)) string {
	r := &recorder{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(r)
	}()
	<-done
	return r.fatal
}

func TestBrokersComeFromTheEnvironment(t *testing.T) {
	for value, want := range map[string]string{
		"":                              "",
		" 127.0.0.1:9092 ":              "127.0.0.1:9092",
		"a.example:9092,b.example:9093": "a.example:9092,b.example:9093",
		"[::1]:9092":                    "[::1]:9092",
	} {
		t.Setenv(envBrokers, value)
		if got := Brokers(t); got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
	for _, value := range []string{"localhost", "a:9092,", "a:9092;b:9092", "a:"} {
		t.Setenv(envBrokers, value)
		if got := fatalOf(func(tb testing.TB) { Brokers(tb) }); !strings.Contains(got,
			"is not host:port") {
			t.Errorf("%q: test ended with %q", value, got)
		}
	}
}

func TestClusterComesFromTheEnvironment(t *testing.T) {
	t.Setenv(envDir, "")
	if c := FromEnv(t); c != nil {
		t.Errorf("cluster in %s", c.Dir())
	}
	t.Setenv(envDir, t.TempDir())
	if got := fatalOf(func(tb testing.TB) { FromEnv(tb) }); !strings.Contains(got, "no cluster") {
		t.Errorf("empty directory: test ended with %q", got)
	}

	fakeTools(t, true)
	c := start(t, Options{Dir: t.TempDir()})
	for _, setting := range c.Env() {
		name, value, _ := strings.Cut(setting, "=")
		if value == "" {
			t.Errorf("%s is empty", name)
		}
		t.Setenv(name, value)
	}
	if got := FromEnv(t).Brokers(SSL); got[0] != c.Brokers(SSL)[0] {
		t.Errorf("SSL listener at %v, want %v", got, c.Brokers(SSL))
	}
	if got, want := Brokers(t), strings.Join(c.Brokers(Plaintext), ","); got != want {
		t.Errorf("brokers %s, want %s", got, want)
	}
}
