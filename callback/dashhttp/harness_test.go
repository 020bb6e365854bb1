package dashhttp_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/callback/dashhttp"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// server answers every request with the same bytes.
func server(t *testing.T, status int, header map[string]string, body string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		for k, v := range header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return s
}

// post sends a request and returns the bytes of its answer.
func post(
	t *testing.T, ctx context.Context, rt http.RoundTripper, url, body string, header ...string,
) string {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := rt.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return string(got)
}

// withRun calls f inside the node "ask" of a run, which it ends.
func withRun(client *callback.Client, f func(ctx context.Context)) {
	ctx, run := client.StartRunContext(context.Background(), callback.RunInfo{ThreadID: "t"})
	ctx, node := callback.StartNodeContext(ctx, "ask")
	f(ctx)
	node.End(nil)
	run.End(nil)
}

// check fails the test unless what was sent follows the rules.
func check(t *testing.T, rec *callbacktest.Recorder) {
	t.Helper()
	if err := rec.Check().Err(); err != nil {
		t.Error(err)
	}
}

// calls returns the starts and the ends of calls of models.
func calls(rec *callbacktest.Recorder) (starts, ends []*pb.Event) {
	for _, e := range rec.Events() {
		switch e.GetEventType() {
		case pb.EventType_EVENT_TYPE_LLM_START:
			starts = append(starts, e)
		case pb.EventType_EVENT_TYPE_LLM_END, pb.EventType_EVENT_TYPE_LLM_ERROR:
			ends = append(ends, e)
		}
	}
	return starts, ends
}

// show writes an event's attributes, but those that are times, in the order of their names.
func show(e *pb.Event) string {
	var parts []string
	attrs := e.GetAttributes()
	for _, k := range slices.Sorted(maps.Keys(attrs)) {
		switch v := attrs[k]; k {
		case "duration_us", "time_to_first_token_us":
		default:
			parts = append(parts, k+"="+text(v))
		}
	}
	return strings.Join(parts, " ")
}

func text(v *pb.AttributeValue) string {
	switch x := v.GetValue().(type) {
	case *pb.AttributeValue_StringValue:
		return x.StringValue
	case *pb.AttributeValue_IntValue:
		return fmt.Sprint(x.IntValue)
	case *pb.AttributeValue_BoolValue:
		return fmt.Sprint(x.BoolValue)
	}
	return v.String()
}

// tokens returns the text that was streamed.
func tokens(rec *callbacktest.Recorder) string {
	var all strings.Builder
	for _, m := range rec.Messages() {
		all.WriteString(m.GetTokenChunk().GetText())
	}
	return all.String()
}

// one records one call in a run and returns its start and its end.
func one(
	t *testing.T, url, body string, header []string, opts ...dashhttp.Option,
) (rec *callbacktest.Recorder, start, end *pb.Event) {
	t.Helper()
	rec = callbacktest.NewRecorder()
	client := rec.Client(t)
	rt := dashhttp.NewTransport(nil, nil, opts...)
	defer rt.CloseIdleConnections()
	withRun(client, func(ctx context.Context) { post(t, ctx, rt, url, body, header...) })
	check(t, rec)
	starts, ends := calls(rec)
	if len(starts) != 1 || len(ends) != 1 {
		t.Fatalf("%d starts and %d ends of calls, want one of each", len(starts), len(ends))
	}
	return rec, starts[0], ends[0]
}
