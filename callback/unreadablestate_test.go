package callback_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

type panicking struct{}

func (panicking) MarshalJSON() ([]byte, error) { panic("the application's own") }

type failing struct{}

func (failing) MarshalJSON() ([]byte, error) { return nil, fmt.Errorf("no") }

func TestAStateThatCannotBeReadSaysSo(t *testing.T) {
	deep := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	for name, tt := range map[string]struct {
		state any
		want  string
	}{
		"a panic": {panicking{}, `{"$unreadable":"!PANIC: the application's own"}`},
		"an error": {failing{},
			`{"$unreadable":"json: error calling MarshalJSON for type callback_test.failing: no"}`},
		"a channel": {make(chan int), `{"$unreadable":"json: unsupported type: chan int"}`},
		"one NaN": {map[string]any{"kept": 1, "score": math.NaN()},
			`{"kept":1,"score":{"$unreadable":"json: unsupported value: NaN"}}`},
		"no JSON":       {json.RawMessage(`{"a":`), `{"$unreadable":"no JSON"}`},
		"empty":         {json.RawMessage(nil), `null`},
		"nil":           {nil, `null`},
		"too deep":      {json.RawMessage(deep), `{"$unreadable":"no JSON"}`},
		"invalid UTF-8": {"a\xffb", "\"a\uFFFDb\""},
	} {
		t.Run(name, func(t *testing.T) {
			r := callbacktest.NewRecorder()
			client := r.Client(t)
			run := client.StartRun(callback.RunInfo{ThreadID: "t"})
			run.SetState(tt.state)
			run.SetState(conversation{Step: 1})
			messages := r.Messages("t")
			if got := string(messages[1].GetStateDiff().GetFullState()); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			if got := string(follow(t, nil, messages)); got != canonical(t, conversation{Step: 1}) {
				t.Errorf("after it readers have %s", got)
			}
			told := degraded(client, "unreadable") + client.Stats().Input.ValuePanics
			if said := strings.Contains(tt.want, "!") ||
				strings.Contains(tt.want, "$"); (told == 1) != said {
				t.Errorf("it was counted %d times", told)
			}
		})
	}
}

func TestAHugeStateIsCutAndNeitherBlocksNorEvicts(t *testing.T) {
	r := callbacktest.NewRecorder()
	client := r.Client(t, func(c *callback.Config) {
		c.MaxMessageBytes, c.QueueBytes,
			c.BatchBytes = 64<<10, 4<<20, 16<<10
	})
	run, other := client.StartRun(callback.RunInfo{ThreadID: "t"}),
		client.StartRun(callback.RunInfo{ThreadID: "other"})
	other.Root().Progress(.5, "waits")
	var items []string
	for i := range 20_000 {
		items = append(items, fmt.Sprintf("item %d of a state that is much too large", i))
	}
	run.SetState(map[string]any{"small": 1, "items": items})
	items[0] = "changed"
	run.SetState(map[string]any{"small": 2, "items": items})
	run.End(nil)
	other.End(nil)
	state := follow(t, nil, r.Messages("t"))
	if len(state) > 64<<10 || !bytes.Contains(state, []byte(`"small":2`)) ||
		!bytes.Contains(state, []byte(`"$truncated"`)) {
		t.Errorf("the state has %d bytes: %.200s", len(state), state)
	}
	complete(t, r)
	if st := client.Stats(); st.Total.Lost() > 0 || degraded(client, "state_truncated") == 0 {
		t.Errorf("lost %d, truncated %d", st.Total.Lost(), degraded(client, "state_truncated"))
	}
}
