package callback_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

// One worker seals the messages of all threads, so a text that took long would hold up every other
// one.
func TestHostileTextsHoldNobodyUp(t *testing.T) {
	if callback.RaceEnabled || testing.Short() {
		t.Skip("measures time, which the race detector and short runs spoil")
	}
	const (
		meant = 20 * time.Millisecond // on a machine that does nothing else
		most  = 3 * meant
	)
	tries := 3
	if os.Getenv("DASHSTREAM_LONG") != "" {
		tries = 20
	}
	pieces := []string{"-----BEGIN PRIVATE KEY-----!", "pass:", "a://b:", "pwd={", "password='",
		"AKIAABCDEFGHIJKLMNOP/", "\"\\x1B[\":", ":\\/", "\\u0026sig=", "setPassword(", "<password>",
		"hunter2 password=hunter2;", "password: string = ", "curl -u a", "Authorization: a=",
		"eyJ.",
		"\u043f\u0430\u0440\u043e\u043b\u044c=", "token is the first of all tokens and the key " +
			"to it; ",
		" api", "github", `{"name":"token","value":"the"},`, "os.environ[\"DB_PASSWORD\"]\n"}
	r := callbacktest.NewRecorder()
	client := r.Client(t)
	var worst time.Duration
	for _, piece := range pieces {
		var waits []time.Duration
		for range tries {
			waits = append(waits, waitBehind(t, client, strings.Repeat(piece, 900<<10/len(piece))))
		}
		slices.Sort(waits)
		median := waits[len(waits)/2]
		t.Logf("%v behind %q", median, piece)
		if worst = max(worst, median); median > most {
			t.Errorf("an end waits %v behind 900 KiB of %q, in the median; %v are meant", median,
				piece,
				meant)
		}
	}
	hidden := uint64(0)
	for _, c := range client.Stats().Input.Redactions {
		hidden += c.Count
	}
	if hidden < uint64(len(pieces)) {
		t.Fatalf("%d values are hidden in %d hostile texts: they have not been looked at", hidden,
			len(pieces))
	}
	t.Logf("an end waits %v at most behind 900 KiB, the median of %d tries for each of %d texts",
		worst,
		tries, len(pieces))
}

// waitBehind is how long the end of a run waits behind a text of another thread's.
func waitBehind(t *testing.T, client *callback.Client, text string) time.Duration {
	t.Helper()
	attacker := client.StartRun(callback.RunInfo{ThreadID: "attacker"})
	victim := client.StartRun(callback.RunInfo{ThreadID: "victim"})
	// The call hands the text to the worker when it returns. What it takes to shorten one that is
	// too large is the caller's own time, not that of another thread.
	attacker.Root().StartTool(callback.ToolCall{ID: "1", Name: "http_get"}).Complete(text)
	start := time.Now()
	victim.End(nil)
	if err := client.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	attacker.End(nil)
	return took
}
