package dashhttp_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
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

// patience is how long something may take on a machine that has other things to do.
const patience = 30 * time.Second

// endless is a server of a stream that begins and does not end.
func endless(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, events(`{"model":"m","choices":[{"delta":{"content":"Hi"}}]}`))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	t.Cleanup(s.Close)
	return s
}

// open begins a call and reads the first bytes of its answer.
func open(t *testing.T, ctx context.Context, rt http.RoundTripper, url string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v1/chat/completions",
		strings.NewReader(`{"model":"m"}`))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := rt.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := resp.Body.Read(make([]byte, 1<<10)); err != nil {
		t.Fatal(err)
	}
	return resp
}

func TestAStreamThatIsGivenUpEnds(t *testing.T) {
	why := errors.New("the user has left")
	for _, tt := range []struct {
		name   string
		giveUp func(*http.Response, context.CancelCauseFunc)
		kind   pb.EventType
		want   string
	}{
		{"closed", func(r *http.Response, _ context.CancelCauseFunc) { _ = r.Body.Close() },
			pb.EventType_EVENT_TYPE_LLM_END, "abandoned=true model=m response_model=m"},
		{"context ended, and nobody reads or closes",
			func(_ *http.Response, cancel context.CancelCauseFunc) { cancel(why) },
			pb.EventType_EVENT_TYPE_LLM_ERROR,
			"error=the user has left finish_reason=error model=m response_model=m"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := endless(t)
			rec := callbacktest.NewRecorder()
			withRun(rec.Client(t), func(ctx context.Context) {
				ctx, cancel := context.WithCancelCause(ctx)
				defer cancel(nil)
				resp := open(t, ctx, dashhttp.NewTransport(nil, nil), srv.URL)
				tt.giveUp(resp, cancel)
				await(t, "the call's end", func() bool {
					_, ends := calls(rec)
					return len(ends) == 1
				})
				_ = resp.Body.Close()
			})
			check(t, rec)
			_, ends := calls(rec)
			if ends[0].GetEventType() != tt.kind || show(ends[0]) != tt.want {
				t.Errorf("%v %s, want %v %s", ends[0].GetEventType(), show(ends[0]), tt.kind,
					tt.want)
			}
		})
	}
}

// await waits until something is so.
func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s has not come", what)
		}
	}
}

func TestADocumentThatIsReadToItsLastByteIsWhole(t *testing.T) {
	url := server(t, 200, asJSON, `{"choices":[{"finish_reason":"stop"}]}`+"\n").URL
	rec := callbacktest.NewRecorder()
	withRun(rec.Client(t), func(ctx context.Context) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v1/chat/completions",
			strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := dashhttp.NewTransport(nil, nil).RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.NewDecoder(resp.Body).Decode(&v); err != nil { // stops before EOF
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	})
	if _, ends := calls(rec); len(ends) != 1 || show(ends[0]) != "finish_reason=stop" {
		t.Errorf("the call ends with %v", ends)
	}
}

func TestAStreamThatEndsInItsMiddleIsTruncated(t *testing.T) {
	url := server(t, 200, sse, events(`{"choices":[{"delta":{"content":"Hi"}}]}`)).URL
	_, _, end := one(t, url+"/v1/chat/completions", `{}`, nil)
	if show(end) != "truncated=true" {
		t.Errorf("the call ends with %s", show(end))
	}
}

func TestTheLastEventCountsThoughNoLineEndsIt(t *testing.T) {
	url := server(t, 200, sse, `data: {"choices":[{"finish_reason":"stop"}],"usage":{`+
		`"prompt_tokens":3}}`).URL
	_, _, end := one(t, url+"/v1/chat/completions", `{}`, nil)
	if want := "finish_reason=stop prompt_tokens=3 total_tokens=3"; show(end) != want {
		t.Errorf("the call ends with %s, want %s", show(end), want)
	}
}

func TestAnEventMayHaveSeveralLines(t *testing.T) {
	for _, end := range []string{"\n", "\r\n", "\r"} {
		lines := []string{"event: x", `data: {"choices":[{"finish_reason":`, ":", `data:"stop"}]}`,
			"", "data: [DONE]", "", ""}
		url := server(t, 200, sse, strings.Join(lines, end)).URL
		_, _, got := one(t, url+"/v1/chat/completions", `{}`, nil)
		if show(got) != "finish_reason=stop" {
			t.Errorf("with %q, the call ends with %s", end, show(got))
		}
	}
}

func zip(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, s)
	_ = w.Close()
	return b.String()
}

func TestCompressedAnswersAreReadAsFarAsTheyCanBe(t *testing.T) {
	usage := `{"choices":[{"finish_reason":"stop"}],"usage":{"prompt_tokens":3}}`
	var numbers strings.Builder
	for i := range 20_000 {
		fmt.Fprint(&numbers, i)
	}
	long := zip(`{"a":"` + numbers.String() + `"}`)
	read := "finish_reason=stop prompt_tokens=3 total_tokens=3"
	for name, tt := range map[string]struct{ encoding, contentType, body, want string }{
		"document": {"gzip", "application/json", zip(usage), read},
		"stream":   {"gzip", "text/event-stream", zip(events(usage, "[DONE]")), read},
		"broken":   {"gzip", "application/json", "no gzip at all", ""},
		"cut off": {"gzip", "application/json", long[:len(long)/2],
			"error=dashhttp: the answer ends in its middle finish_reason=error"},
		"cut off before anything": {"gzip", "application/json", long[:12], ""},
		"bomb": {"gzip", "application/json", zip(`{"a":"` + strings.Repeat("a", 40<<20) +
			`","usage":{"prompt_tokens":3}}`), ""},
		"unknown": {"br", "application/json", "\x00\x01", ""},
	} {
		t.Run(name, func(t *testing.T) {
			url := server(t, 200, map[string]string{"Content-Encoding": tt.encoding,
				"Content-Type": tt.contentType}, tt.body).URL + "/v1/chat/completions"
			rec := callbacktest.NewRecorder()
			withRun(rec.Client(t), func(ctx context.Context) {
				if got := post(t, ctx, dashhttp.NewTransport(nil, nil), url, "{}",
					"Accept-Encoding", "gzip"); got != tt.body {
					t.Errorf("%d bytes were read, want the %d that were sent", len(got),
						len(tt.body))
				}
			})
			if _, ends := calls(rec); len(ends) != 1 || show(ends[0]) != tt.want {
				t.Errorf("the call ends with %v, want %s", ends, tt.want)
			}
		})
	}
}

func TestTheServerGetsWhatTheClientSends(t *testing.T) {
	body := `{"model":"m","messages":[]}`
	for name, getBody := range map[string]func() (io.ReadCloser, error){
		"none":   nil,
		"error":  func() (io.ReadCloser, error) { return nil, io.ErrUnexpectedEOF },
		"panic":  func() (io.ReadCloser, error) { panic("no body") },
		"broken": func() (io.ReadCloser, error) { return io.NopCloser(brokenReader{}), nil },
		"nil":    func() (io.ReadCloser, error) { return nil, nil },
	} {
		t.Run(name, func(t *testing.T) {
			var got string
			var header http.Header
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				b, _ := io.ReadAll(r.Body)
				got, header = string(b), r.Header
			}))
			defer s.Close()
			rec := callbacktest.NewRecorder()
			withRun(rec.Client(t), func(ctx context.Context) {
				req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/v1/responses",
					strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				req.GetBody = getBody
				req.Header.Set("X-Mine", "1")
				resp, err := dashhttp.NewTransport(nil, nil).RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				_ = resp.Body.Close()
			})
			if got != body || header.Get("X-Mine") != "1" || len(header) != 4 {
				t.Errorf("the server got %q with %v", got, header)
			}
			if starts, ends := calls(rec); len(starts) != 1 || len(ends) != 1 {
				t.Errorf("%d starts and %d ends", len(starts), len(ends))
			}
		})
	}
}

type brokenReader struct{}

func (brokenReader) Read(p []byte) (int, error) { return len(p) + 1, nil }

func TestManyCallsAtOnceStayApartAndLeaveNothingBehind(t *testing.T) {
	const runs = 100
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Model string }
		_ = json.NewDecoder(r.Body).Decode(&asked)
		w.Header().Set("Content-Type", "text/event-stream")
		for range 20 {
			_, _ = io.WriteString(w, events(fmt.Sprintf(
				`{"model":%q,"choices":[{"delta":{"content":"%s "}}]}`, asked.Model, asked.Model)))
			w.(http.Flusher).Flush()
		}
		_, _ = io.WriteString(w, events("[DONE]"))
	}))
	defer srv.Close()
	rec := callbacktest.NewRecorder()
	client := rec.Client(t, func(c *callback.Config) { c.Redaction.Disabled = true })
	next := &http.Transport{}
	rt := dashhttp.NewTransport(client, next, dashhttp.WithTexts())
	before := runtime.NumGoroutine()
	var wg sync.WaitGroup
	for i := range runs {
		wg.Go(func() {
			model := fmt.Sprintf("m%d", i)
			ctx, run := client.StartRunContext(context.Background(),
				callback.RunInfo{ThreadID: model})
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			post(t, ctx, rt, srv.URL+"/v1/chat/completions", `{"model":"`+model+`"}`)
			run.End(nil)
		})
	}
	wg.Wait()
	rt.CloseIdleConnections()
	await(t, "the end of all goroutines", func() bool { return runtime.NumGoroutine() <= before })
	check(t, rec)
	for i := range runs {
		model := fmt.Sprintf("m%d", i)
		var got strings.Builder
		for _, m := range rec.Messages(model) {
			got.WriteString(m.GetTokenChunk().GetText())
		}
		if got.String() != strings.Repeat(model+" ", 20) {
			t.Errorf("thread %s has the tokens %q", model, got.String())
		}
	}
}
