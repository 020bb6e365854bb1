package callback_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

// One worker seals the messages of all threads, so a text that took long would delay every other
// one.
func TestHostileTextsHoldNobodyUp(t *testing.T) {
	if callback.RaceEnabled || testing.Short() {
		t.Skip("measures time, which the race detector and short runs spoil")
	}
	pieces := []string{"-----BEGIN PRIVATE KEY-----!", "pass:", "a://b:", "pwd={", "password='",
		"AKIAABCDEFGHIJKLMNOP/"}
	r := callbacktest.NewRecorder()
	client := r.Client(t)
	var waits []time.Duration
	for _, piece := range pieces {
		attacker := client.StartRun(callback.RunInfo{ThreadID: "attacker"})
		text := strings.Repeat(piece, 900<<10/len(piece))
		victim := client.StartRun(callback.RunInfo{ThreadID: "victim"})
		start := time.Now() // the worker may begin to seal the text at once
		attacker.Root().StartTool(callback.ToolCall{ID: "1", Name: "http_get"}).Complete(text)
		victim.End(nil)
		if err := client.Flush(context.Background()); err != nil {
			t.Fatal(err)
		}
		waits = append(waits, time.Since(start))
		attacker.End(nil)
	}
	hidden := uint64(0)
	for _, c := range client.Stats().Input.Redactions {
		hidden += c.Count
	}
	if hidden < uint64(len(pieces)) {
		t.Fatalf("%d values are hidden in %d hostile texts: they were not searched", hidden,
			len(pieces))
	}
	slices.Sort(waits)
	t.Logf("each: %v", waits)
	t.Logf("an end waits %v behind a hostile text of 900 KiB, in the median", waits[len(waits)/2])
	// the aim is 20 ms, on an otherwise idle machine
	if median := waits[len(waits)/2]; median > 2*time.Second {
		t.Errorf("an end waits %v behind a hostile text of 900 KiB, in the median", median)
	}
}
