package callback_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

func TestAStateIsWholeOnceWhenPartOfItCannotBeWritten(t *testing.T) {
	r := callbacktest.NewRecorder()
	client := r.Client(t)
	run := client.StartRun(callback.RunInfo{ThreadID: "t"})
	notes := strings.Repeat("kept ", 200)
	for i, score := range []float64{1, 2, math.NaN(), math.NaN(), 5, math.NaN()} {
		run.SetState(map[string]any{"notes": notes, "score": score, "step": i})
	}
	var forms []bool
	for _, m := range r.Messages("t")[1:] {
		forms = append(forms, len(m.GetStateDiff().GetFullState()) > 0)
	}
	if want := []bool{true, false, true, false, false, true}; !slices.Equal(forms, want) {
		t.Errorf("whole are %v, want %v", forms, want)
	}
}
