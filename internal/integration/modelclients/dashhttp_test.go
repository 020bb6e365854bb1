package modelclients

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/callback/dashhttp"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// asked is what one question gave: the answer, and the events of its calls of models.
type asked struct {
	answer string
	err    error
	calls  []*pb.Event
	tokens string
}

// ask asks with a client in a node of a run, and holds what was sent against the rules.
func ask(
	t *testing.T, c client, srv *models, text string, parts int, opts ...dashhttp.Option,
) (a asked) {
	t.Helper()
	rec := callbacktest.NewRecorder()
	dash := rec.Client(t)
	rt := dashhttp.NewTransport(dash, srv.transport(), opts...)
	defer rt.CloseIdleConnections()
	ctx, run := dash.StartRunContext(context.Background(), callback.RunInfo{ThreadID: "t"})
	ctx, node := callback.StartNodeContext(ctx, "ask")
	a.answer, a.err = c.ask(ctx, &http.Client{Transport: rt}, srv.URL, text, parts)
	node.End(a.err)
	run.End(a.err)
	if err := rec.Check().Err(); err != nil {
		t.Error(err)
	}
	for _, e := range rec.Events() {
		if strings.HasPrefix(e.GetEventType().String(), "EVENT_TYPE_LLM") {
			a.calls = append(a.calls, e)
		}
	}
	for _, m := range rec.Messages() {
		a.tokens += m.GetTokenChunk().GetText()
	}
	return a
}

func each(t *testing.T, f func(t *testing.T, c client, srv *models)) {
	for _, c := range clients {
		t.Run(c.name, func(t *testing.T) { f(t, c, newModels(t)) })
	}
}

func TestTheClientsCallsAreRecorded(t *testing.T) {
	each(t, func(t *testing.T, c client, srv *models) {
		a := ask(t, c, srv, "Hi", 0)
		if a.err != nil || a.answer != "Hello" && c.name != "embeddings" {
			t.Fatalf("the client got %q, %v", a.answer, a.err)
		}
		if len(a.calls) != 2 {
			t.Fatalf("%d events, want a start and an end: %v", len(a.calls), a.calls)
		}
		start, end := a.calls[0].GetAttributes(), a.calls[1].GetAttributes()
		if start["model"].GetStringValue() != "asked" || start["attempt"].GetIntValue() != 1 ||
			end["response_model"].GetStringValue() != "served" {
			t.Errorf("start %v\nend %v", start, end)
		}
		if end["prompt_tokens"].GetIntValue() != 7 {
			t.Errorf("the prompt has %v tokens, want 7", end["prompt_tokens"])
		}
		if c.name != "embeddings" && (end["completion_tokens"].GetIntValue() != 3 ||
			end["cached_tokens"].GetIntValue() != 4 ||
			end["finish_reason"].GetStringValue() != "stop") {
			t.Errorf("end %v", end)
		}
		if end["abandoned"] != nil || end["truncated"] != nil {
			t.Errorf("the call did not end as it should: %v", end)
		}
		if a.tokens != "" || start["prompt"] != nil || end["completion"] != nil {
			t.Errorf("texts were sent, and nobody asked for them")
		}
	})
}

func TestTextsAreSentWhenTheyAreAskedFor(t *testing.T) {
	each(t, func(t *testing.T, c client, srv *models) {
		a := ask(t, c, srv, "Hi", 0, dashhttp.WithTexts())
		if prompt := a.calls[0].GetAttributes()["prompt"].GetStringValue(); !strings.HasSuffix(
			prompt, "Hi") {
			t.Errorf("prompt %q", prompt)
		}
		whole := a.calls[1].GetAttributes()["completion"].GetStringValue()
		if got := whole + a.tokens; got != a.answer {
			t.Errorf("answer %q, want %q", got, a.answer)
		}
		if c.stream != (a.tokens != "") {
			t.Errorf("the tokens %q were sent of a stream: %v", a.tokens, c.stream)
		}
	})
}

func TestEveryAttemptIsACall(t *testing.T) {
	each(t, func(t *testing.T, c client, srv *models) {
		a := ask(t, c, srv, "again", 0)
		if a.err != nil {
			t.Fatal(a.err)
		}
		var got []string
		for _, e := range a.calls {
			attempt := ""
			if e.GetEventType() == pb.EventType_EVENT_TYPE_LLM_START {
				attempt = fmt.Sprint(" ", e.GetAttributes()["attempt"].GetIntValue())
			}
			got = append(got, strings.TrimPrefix(e.GetEventType().String(), "EVENT_TYPE_LLM_")+
				attempt)
		}
		if s := strings.Join(got, ", "); s != "START 1, ERROR, START 2, END" {
			t.Errorf("calls: %s", s)
		}
		if text := a.calls[1].GetAttributes()["error"].GetStringValue(); !strings.HasPrefix(text,
			"dashhttp: 429 Too Many Requests") {
			t.Errorf("error %q", text)
		}
	})
}

func TestTheClientGetsTheErrorOfTheModel(t *testing.T) {
	each(t, func(t *testing.T, c client, srv *models) {
		a := ask(t, c, srv, "bad", 0)
		if a.err == nil || !strings.Contains(a.err.Error(), "429") {
			t.Errorf("the client got %v", a.err)
		}
		last := a.calls[len(a.calls)-1]
		if text := last.GetAttributes()["error"].GetStringValue(); !strings.Contains(text, "wait") {
			t.Errorf("error %q", text)
		}
		if len(a.calls) != 6 {
			t.Errorf("%d events, want those of three attempts", len(a.calls))
		}
	})
}

func TestAStreamThatTheClientClosesIsAbandoned(t *testing.T) {
	each(t, func(t *testing.T, c client, srv *models) {
		if !c.stream {
			return
		}
		a := ask(t, c, srv, "endless", 1)
		if a.err != nil || a.answer != "Hel" {
			t.Errorf("the client got %q, %v", a.answer, a.err)
		}
		if end := a.calls[len(a.calls)-1]; !end.GetAttributes()["abandoned"].GetBoolValue() {
			t.Errorf("the call ends with %v", end)
		}
	})
}

func TestTheClientSeesNoDifference(t *testing.T) {
	each(t, func(t *testing.T, c client, srv *models) {
		for _, text := range []string{"Hi", "bad"} {
			want, wantErr := c.ask(context.Background(), srv.Client(), srv.URL, text, 0)
			hc := &http.Client{Transport: dashhttp.NewTransport(
				callbacktest.NewRecorder().Client(t), srv.transport(), dashhttp.WithTexts())}
			got, err := c.ask(context.Background(), hc, srv.URL, text, 0)
			if got != want || fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Errorf("%s: with the adapter %q, %v; without %q, %v", text, got, err, want,
					wantErr)
			}
		}
	})
}

func TestAHundredRunsAtOnceLeaveNothingBehind(t *testing.T) {
	const runs = 100
	srv := newModels(t)
	rec := callbacktest.NewRecorder()
	dash := rec.Client(t)
	before := runtime.NumGoroutine()
	rt := dashhttp.NewTransport(dash, srv.transport(), dashhttp.WithTexts())
	hc := &http.Client{Transport: rt}
	var wg sync.WaitGroup
	for i := range runs {
		wg.Go(func() {
			ctx, run := dash.StartRunContext(context.Background(),
				callback.RunInfo{ThreadID: fmt.Sprint(i)})
			c := clients[i%len(clients)]
			if c.stream && i%3 == 0 { // the user leaves
				ctx, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
				defer cancel()
				_, err := c.ask(ctx, hc, srv.URL, "endless", 0)
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s: %v", c.name, err)
				}
				run.End(err)
				return
			}
			_, err := c.ask(ctx, hc, srv.URL, "Hi", 0)
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			run.End(err)
		})
	}
	wg.Wait()
	rt.CloseIdleConnections()
	for deadline := time.Now().Add(30 * time.Second); runtime.NumGoroutine() > before; {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err := rec.Check().Err(); err != nil {
		t.Error(err)
	}
	for i := range runs {
		for _, e := range rec.Events(fmt.Sprint(i)) {
			if e.GetEventType() == pb.EventType_EVENT_TYPE_LLM_END &&
				e.GetAttributes()["prompt_tokens"].GetIntValue() != 7 {
				t.Errorf("run %d: %v", i, e)
			}
		}
	}
}
