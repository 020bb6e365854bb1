package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/callback"
)

func TestWrongOptionsAreErrorsThatNameThem(t *testing.T) {
	for _, tt := range []struct {
		args []string
		env  map[string]string
		want string
	}{
		{[]string{"x"}, nil, `"x" is not expected`},
		{[]string{"--from", "yesterday"}, nil, "--from"},
		{[]string{"--from", "10m"}, nil, "--from"},
		{[]string{"--memory", "1"}, nil, "--memory is 1"},
		{[]string{"--pace", "NaN"}, nil, "--pace"},
		{[]string{"--listen", "8089"}, nil, "--listen"},
		{[]string{"--listen", "0.0.0.0:1"}, nil, "LIVEVIEW_TOKEN"},
		{[]string{"--listen", ":1"}, nil, "LIVEVIEW_TOKEN"},
		{nil, map[string]string{"LIVEVIEW_TOKEN": "short"}, "less than 16"},
		{nil, map[string]string{sendTimeoutName: "0"}, sendTimeoutName + ` is "0"`},
		{nil, map[string]string{sendTimeoutName: "61"}, "1 to 60"},
		{nil, map[string]string{sendTimeoutName: "1.5"}, "1 to 60"},
		{nil, map[string]string{sendTimeoutName: "5s"}, "1 to 60"},
	} {
		getenv := func(name string) string { return tt.env[name] }
		if _, err := parseOptions(tt.args, getenv, io.Discard, time.Now()); err == nil ||
			!strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v, %v: %v, want %q", tt.args, tt.env, err, tt.want)
		}
		var stderr bytes.Buffer
		p := program{stdout: io.Discard, stderr: &stderr, getenv: getenv,
			config: func() (callback.Config, error) { return callback.Config{}, nil }}
		if code := p.run(t.Context(), tt.args); code != exitUsage ||
			!strings.Contains(stderr.String(), tt.want) {
			t.Errorf("%v, %v: exit code %d, %s", tt.args, tt.env, code, &stderr)
		}
	}
}

func TestSendTimeoutIsFiveSecondsOrWhatIsSaid(t *testing.T) {
	for text, want := range map[string]time.Duration{"": 5 * time.Second, "1": time.Second,
		"60": time.Minute} {
		o, err := parseOptions(nil, func(name string) string {
			if name == sendTimeoutName {
				return text
			}
			return ""
		}, io.Discard, time.Now())
		if err != nil || o.sendTimeout != want || !o.loopback {
			t.Errorf("%q: %v, %v, want %v", text, o.sendTimeout, err, want)
		}
	}
}

func TestHelpTeaches(t *testing.T) {
	var out bytes.Buffer
	_, err := parseOptions([]string{"--help"}, func(string) string { return "" }, &out, time.Now())
	if !errors.Is(err, flag.ErrHelp) {
		t.Fatal(err)
	}
	for _, part := range []string{"KAFKA_BROKERS", "LIVEVIEW_TOKEN", sendTimeoutName, "-memory",
		"Exit codes"} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("--help does not mention %s", part)
		}
	}
}

func TestDemoHasRunsThatRunFailAndWait(t *testing.T) {
	address := freeAddress(t)
	i := launch(nil, "", address, "--pace", "5")
	v := newViewer(address, map[string]string{"runs": `"kind":"runs"`})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); v.run(ctx) }()
	for begin := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		shown := v.of("runs")
		if strings.Contains(shown, `"status":"running"`) &&
			strings.Contains(shown, `"status":"failed"`) &&
			strings.Contains(shown, `"waiting":"before answer"`) {
			break
		}
		if time.Since(begin) > time.Minute {
			t.Fatalf("after a minute: %.2000s", shown)
		}
	}
	cancel()
	<-done
	i.stop(t)
}
