package dashhttp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/callback/dashhttp"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

var sse = map[string]string{"Content-Type": "text/event-stream; charset=utf-8"}
var asJSON = map[string]string{"Content-Type": "application/json"}

func events(datas ...string) string {
	return "data: " + strings.Join(datas, "\n\ndata: ") + "\n\n"
}

var answers = []struct {
	name, path, request string
	header              map[string]string
	body                string
	start, end          string // without texts
	prompt, answer      string // with them
}{
	{
		name: "chat completions", path: "/v1/chat/completions", header: asJSON,
		request: `{"messages":[{"role":"system","content":"Be brief."},{"role":"user",` +
			`"content":[{"type":"text","text":"Hi \"you\""},{"type":"image_url"}]}],` +
			`"tools":[{"type":"function","function":{"name":"f"}}],"model":"gpt-5"}`,
		body: `{"id":"c1","model":"gpt-5-2026","choices":[{"index":0,"message":{"role":` +
			`"assistant","content":"Hello\nthere"},"finish_reason":"stop"}],"usage":{` +
			`"prompt_tokens":20,"completion_tokens":7,"total_tokens":27,"prompt_tokens_details":` +
			`{"cached_tokens":16},"completion_tokens_details":{"reasoning_tokens":4}}}`,
		start: "messages=2 model=gpt-5 provider=127.0.0.1 tools=1",
		end: "cached_tokens=16 completion_tokens=7 finish_reason=stop model=gpt-5 " +
			"prompt_tokens=20 reasoning_tokens=4 response_model=gpt-5-2026 total_tokens=27",
		prompt: "system: Be brief.\n\nuser: Hi \"you\"", answer: "Hello\nthere",
	},
	{
		name: "chat completions, streamed", path: "/v1/chat/completions", header: sse,
		request: `{"model":"gpt-5","stream":true,"messages":[{"role":"user","content":"Hi"}]}`,
		body: events(
			`{"model":"gpt-5","choices":[{"index":0,"delta":{"role":"assistant","content":""},`+
				`"finish_reason":null}],"usage":null}`,
			`{"model":"gpt-5","choices":[{"index":0,"delta":{"content":"Hel"}}],"usage":null}`,
			`{"model":"gpt-5","choices":[{"index":1,"delta":{"content":"No"}}],"usage":null}`,
			`{"model":"gpt-5","choices":[{"index":0,"delta":{"content":"lo"}}],"usage":null}`,
			`{"model":"gpt-5","choices":[{"index":0,"delta":{},"finish_reason":"length"}]}`,
			`{"model":"gpt-5","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}`,
			`[DONE]`),
		start: "messages=1 model=gpt-5 provider=127.0.0.1",
		end: "completion_tokens=2 finish_reason=length model=gpt-5 prompt_tokens=3 " +
			"response_model=gpt-5 total_tokens=5",
		prompt: "user: Hi", answer: "Hello",
	},
	{
		name: "Azure's deployment", header: asJSON,
		path:    "/openai/deployments/mine/chat/completions?api-version=2026-01-01",
		request: `{"messages":[{"role":"user","content":"Hi"}]}`,
		body: `{"choices":[{"message":{"content":null,"tool_calls":[{"id":"1"}]},` +
			`"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}`,
		start: "messages=1 model=mine provider=127.0.0.1",
		end: "completion_tokens=2 finish_reason=tool_calls model=mine prompt_tokens=3 " +
			"total_tokens=5",
		prompt: "user: Hi",
	},
	{
		name: "responses", path: "/v1/responses", header: asJSON,
		request: `{"model":"gpt-5","instructions":"Be brief.","input":"Hi"}`,
		body: `{"object":"response","status":"incomplete","model":"gpt-5","error":null,` +
			`"incomplete_details":{"reason":"max_output_tokens"},"output":[{"type":"reasoning",` +
			`"content":[{"type":"reasoning_text","text":"hm"}]},{"content":[{"type":` +
			`"output_text","text":"Hello"}],"type":"message"}],"usage":{"input_tokens":9,` +
			`"input_tokens_details":{"cached_tokens":8},"output_tokens":5,` +
			`"output_tokens_details":{"reasoning_tokens":3},"total_tokens":14}}`,
		start: "model=gpt-5 provider=127.0.0.1",
		end: "cached_tokens=8 completion_tokens=5 finish_reason=length model=gpt-5 " +
			"prompt_tokens=9 provider_finish_reason=max_output_tokens reasoning_tokens=3 " +
			"response_model=gpt-5 total_tokens=14",
		prompt: "system: Be brief.\n\nHi", answer: "Hello",
	},
	{
		name: "responses, streamed", path: "/openai/v1/responses", header: sse,
		request: `{"model":"gpt-5","stream":true,"input":[{"role":"user","content":` +
			`[{"type":"input_text","text":"Hi"}]}]}`,
		body: "event: response.created\n" + events(
			`{"type":"response.created","response":{"status":"in_progress","model":"gpt-5"}}`,
			`{"type":"response.reasoning_text.delta","delta":"hm"}`,
			`{"type":"response.output_text.delta","delta":"Hel"}`,
			`{"delta":"lo","type":"response.output_text.delta"}`,
			`{"type":"response.output_text.done","text":"Hello"}`,
			`{"type":"response.function_call_arguments.delta","delta":"{}"}`,
			`{"type":"response.completed","response":{"status":"completed","model":"gpt-5",`+
				`"output":[{"type":"message","content":[{"text":"Hello"}]},`+
				`{"type":"function_call"}],"usage":{"input_tokens":9,"output_tokens":5}}}`),
		start: "messages=1 model=gpt-5 provider=127.0.0.1",
		end: "completion_tokens=5 finish_reason=tool_calls model=gpt-5 prompt_tokens=9 " +
			"response_model=gpt-5 total_tokens=14",
		prompt: "user: Hi", answer: "Hello",
	},
	{
		name: "messages", path: "/v1/messages", header: asJSON,
		request: `{"model":"claude","max_tokens":9,"messages":[{"role":"user","content":"Hi"}],` +
			`"system":[{"type":"text","text":"Be"},{"type":"text","text":"brief."}]}`,
		body: `{"type":"message","model":"claude-5","content":[{"type":"thinking","thinking":` +
			`"hm"},{"type":"text","text":"Hello"}],"stop_reason":"end_turn","usage":{` +
			`"input_tokens":4,"cache_creation_input_tokens":30,"cache_read_input_tokens":200,` +
			`"output_tokens":6}}`,
		start: "messages=1 model=claude provider=127.0.0.1",
		end: "cache_write_tokens=30 cached_tokens=200 completion_tokens=6 finish_reason=stop " +
			"model=claude prompt_tokens=234 provider_finish_reason=end_turn " +
			"response_model=claude-5 total_tokens=240",
		prompt: "system: Be\nbrief.\n\nuser: Hi", answer: "Hello",
	},
	{
		name: "messages, streamed", path: "/v1/messages", header: sse,
		request: `{"model":"claude","stream":true,"messages":[{"role":"user","content":"Hi"}]}`,
		body: strings.ReplaceAll("event: message_start\n"+events(
			`{"type":"message_start","message":{"model":"claude-5","content":[],"usage":{`+
				`"input_tokens":4,"cache_read_input_tokens":200,"output_tokens":1}}}`,
			`{"type":"ping"}`,
			`{"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"hm"}}`,
			`{"type":"content_block_delta","delta":{"type":"text_delta","text":"Hel"}}`,
			`{"type":"content_block_delta","delta":{"type":"text_delta","text":"lo"}}`,
			`{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{`+
				`"output_tokens":6}}`,
			`{"type":"message_stop"}`), "\n", "\r\n"),
		start: "messages=1 model=claude provider=127.0.0.1",
		end: "cached_tokens=200 completion_tokens=6 finish_reason=tool_calls model=claude " +
			"prompt_tokens=204 provider_finish_reason=tool_use response_model=claude-5 " +
			"total_tokens=210",
		prompt: "user: Hi", answer: "Hello",
	},
	{
		name: "embeddings", path: "/v1/embeddings", header: asJSON,
		request: `{"model":"embed","input":["one","two"]}`,
		body: `{"data":[{"embedding":[0.1,-2e-3]}],"model":"embed","usage":{"prompt_tokens":2,` +
			`"total_tokens":2}}`,
		start:  "model=embed provider=127.0.0.1",
		end:    "model=embed prompt_tokens=2 response_model=embed total_tokens=2",
		prompt: "one\ntwo",
	},
	{
		name: "a document though the header says nothing", path: "/v1/chat/completions",
		header:  map[string]string{"Content-Type": ""},
		request: `{"model":"m"}`, body: "\n " + `{"choices":[{"finish_reason":"odd"}]}`,
		start: "model=m provider=127.0.0.1", end: "model=m provider_finish_reason=odd",
	},
	{
		name: "a stream though the header says something else", path: "/v1/chat/completions",
		header:  map[string]string{"Content-Type": "text/plain"},
		request: `{"model":"m"}`, body: ": hello\n\n" + events(
			`{"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}`),
		start: "model=m provider=127.0.0.1", end: "finish_reason=stop model=m", answer: "Hi",
	},
}

func TestACallIsRecordedWithoutTexts(t *testing.T) {
	for _, tt := range answers {
		t.Run(tt.name, func(t *testing.T) {
			url := server(t, 200, tt.header, tt.body).URL + tt.path
			rec, start, end := one(t, url, tt.request, nil)
			if got := show(start); got != tt.start {
				t.Errorf("start:\n%s, want\n%s", got, tt.start)
			}
			if got := show(end); got != tt.end {
				t.Errorf("end:\n%s, want\n%s", got, tt.end)
			}
			if end.GetEventType() != pb.EventType_EVENT_TYPE_LLM_END || start.GetNodeId() != "ask" {
				t.Errorf("%v in node %q", end.GetEventType(), start.GetNodeId())
			}
			if got := tokens(rec); got != "" {
				t.Errorf("tokens %q were sent, and nobody asked for texts", got)
			}
		})
	}
}

func TestTextsAreSentWhenTheyAreAskedFor(t *testing.T) {
	for _, tt := range answers {
		t.Run(tt.name, func(t *testing.T) {
			url := server(t, 200, tt.header, tt.body).URL + tt.path
			rec, start, end := one(t, url, tt.request, nil, dashhttp.WithTexts())
			if got := start.GetAttributes()["prompt"].GetStringValue(); got != tt.prompt {
				t.Errorf("prompt %q, want %q", got, tt.prompt)
			}
			got := tokens(rec) + end.GetAttributes()["completion"].GetStringValue()
			if got != tt.answer {
				t.Errorf("answer %q, want %q", got, tt.answer)
			}
		})
	}
}

func TestWhatTheClientReadsIsWhatTheServerSent(t *testing.T) {
	for _, tt := range answers {
		url := server(t, 200, tt.header, tt.body).URL + tt.path
		rec := callbacktest.NewRecorder()
		withRun(rec.Client(t), func(ctx context.Context) {
			if got := post(t, ctx, dashhttp.NewTransport(nil, nil), url, tt.request); got !=
				tt.body {
				t.Errorf("%s: %q was read, want %q", tt.name, got, tt.body)
			}
		})
	}
}

func TestTheAttemptIsWhatTheClientSays(t *testing.T) {
	url := server(t, 200, asJSON, `{}`).URL + "/v1/chat/completions"
	for header, want := range map[string]int64{"": 0, "0": 1, "2": 3, "-1": 0, "x": 0,
		"99999999999999999999": 0} {
		_, start, _ := one(t, url, `{"model":"m"}`, []string{"X-Stainless-Retry-Count", header})
		if got := start.GetAttributes()["attempt"].GetIntValue(); got != want {
			t.Errorf("retry count %q: attempt %d, want %d", header, got, want)
		}
	}
}

func TestAnswersThatAreErrorsFailTheCall(t *testing.T) {
	for _, tt := range []struct {
		name, path string
		status     int
		header     map[string]string
		body, want string
	}{
		{"with an error", "/v1/chat/completions", 429, asJSON,
			`{"error":{"message":"too fast","type":"requests","code":"rate_limit_exceeded"}}`,
			"dashhttp: 429 Too Many Requests: rate_limit_exceeded: too fast"},
		{"Anthropic's", "/v1/messages", 529, asJSON,
			`{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`,
			"dashhttp: 529: overloaded_error: Overloaded"},
		{"an error that is a text", "/v1/chat/completions", 404, asJSON, `{"error":"no model m"}`,
			"dashhttp: 404 Not Found: no model m"},
		{"an error that is a message", "/v1/embeddings", 400, asJSON,
			`{"object":"error","message":"too long"}`, "dashhttp: 400 Bad Request: too long"},
		{"no document", "/v1/responses", 502, asJSON, "<html>", "dashhttp: 502 Bad Gateway"},
		{"an empty one", "/v1/responses", 500, nil, "", "dashhttp: 500 Internal Server Error"},
		{"in a stream", "/v1/messages", 200, sse, events(`{"type":"message_start"}`,
			`{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`),
			"dashhttp: overloaded_error: Overloaded"},
		{"in a stream of responses", "/v1/responses", 200, sse, events(
			`{"type":"error","code":"server_error","message":"broken"}`),
			"dashhttp: server_error: broken"},
		{"a response that failed", "/v1/responses", 200, sse, events(`{"type":"response.failed",` +
			`"response":{"status":"failed","error":{"code":"server_error","message":"broken"}}}`),
			"dashhttp: server_error: broken"},
		{"in a stream of completions", "/v1/chat/completions", 200, sse, events(
			`{"error":{"message":"broken","code":null}}`), "dashhttp: broken"},
		{"cut off", "/v1/chat/completions", 200, asJSON, `{"model":"m","choices":[{"mess`,
			"dashhttp: the answer ends in its middle"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			url := server(t, tt.status, tt.header, tt.body).URL + tt.path
			_, _, end := one(t, url, `{"model":"m"}`, nil)
			if end.GetEventType() != pb.EventType_EVENT_TYPE_LLM_ERROR {
				t.Fatalf("the call ends with %v", end.GetEventType())
			}
			if got := end.GetAttributes()["error"].GetStringValue(); got != tt.want {
				t.Errorf("error %q, want %q", got, tt.want)
			}
		})
	}
}

func TestOtherRequestsPassUnseen(t *testing.T) {
	srv := server(t, 200, asJSON, `{}`)
	rec := callbacktest.NewRecorder()
	withRun(rec.Client(t), func(ctx context.Context) {
		rt := dashhttp.NewTransport(nil, nil)
		for _, path := range []string{"/v1/models", "/v1/threads/t/messages",
			"/v1/responses/r/cancel",
			"/v1/messages/count_tokens", "/v1/messages/batches", "/completions/chat", "/"} {
			post(t, ctx, rt, srv.URL+path, `{"model":"m"}`)
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/v1/responses", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := rt.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close() //nolint:errcheck // it was not read
	})
	if starts, _ := calls(rec); len(starts) > 0 {
		t.Errorf("%d calls were recorded, want none: %v", len(starts), starts)
	}
}

func TestACallOutsideOfRunsIsARunOfItsOwn(t *testing.T) {
	url := server(t, 500, asJSON, `{}`).URL + "/v1/messages"
	rec := callbacktest.NewRecorder()
	type key struct{}
	rt := dashhttp.NewTransport(rec.Client(t), nil,
		dashhttp.WithThreadFunc(func(ctx context.Context) string {
			return ctx.Value(key{}).(string)
		}))
	post(t, context.WithValue(context.Background(), key{}, "conversation"), rt, url, `{}`)
	post(t, context.Background(), rt, url, `{}`) // the function panics
	check(t, rec)
	if threads := rec.Threads(); len(threads) != 2 || threads[0] != "conversation" {
		t.Errorf("threads %q", threads)
	}
	want := "GRAPH_START LLM_START LLM_ERROR GRAPH_ERROR"
	var got []string
	for _, e := range rec.Events("conversation") {
		got = append(got, strings.TrimPrefix(e.GetEventType().String(), "EVENT_TYPE_"))
	}
	if strings.Join(got, " ") != want {
		t.Errorf("%q was sent, want %s", got, want)
	}
	if name := rec.Events("conversation")[0].GetAttributes()["graph_name"].GetStringValue(); name !=
		"messages" {
		t.Errorf("the run's graph is %q", name)
	}
}

func TestWithoutAClientNothingOutsideOfRunsIsRecorded(t *testing.T) {
	url := server(t, 200, asJSON, `{"a":1}`).URL + "/v1/messages"
	disabled, err := callback.New(callback.Config{Disabled: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, client := range []*callback.Client{nil, disabled} {
		for _, rt := range []*dashhttp.Transport{nil, dashhttp.NewTransport(client, nil)} {
			if got := post(t, context.Background(), rt, url, `{}`); got != `{"a":1}` {
				t.Errorf("%q was read", got)
			}
			rt.CloseIdleConnections()
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestARequestThatIsNotAnsweredFailsTheCall(t *testing.T) {
	broken := errors.New("no route")
	for name, next := range map[string]roundTripper{
		"no route": func(*http.Request) (*http.Response, error) { return nil, broken },
		"dashhttp: the transport panicked": func(*http.Request) (*http.Response, error) {
			panic(broken)
		},
	} {
		rec := callbacktest.NewRecorder()
		withRun(rec.Client(t), func(ctx context.Context) {
			defer func() {
				if r := recover(); r != nil && r != broken {
					t.Errorf("panic %v, want the transport's", r)
				}
			}()
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://x/v1/responses",
				io.NopCloser(strings.NewReader("{}")))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := dashhttp.NewTransport(nil, next).RoundTrip(req); err != broken {
				t.Errorf("error %v, want the transport's", err)
			}
		})
		check(t, rec)
		_, ends := calls(rec)
		if len(ends) != 1 || ends[0].GetAttributes()["error"].GetStringValue() != name {
			t.Errorf("%s: the call ends with %v", name, ends)
		}
	}
}

func TestProvidersAreNamed(t *testing.T) {
	for host, want := range map[string]string{"api.openai.com": "openai",
		"API.Anthropic.com": "anthropic", "mine.openai.azure.com:443": "azure",
		"openai.azure.com.evil.example": "openai.azure.com.evil.example", "[::1]:8080": "::1"} {
		rec := callbacktest.NewRecorder()
		next := roundTripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
		})
		withRun(rec.Client(t), func(ctx context.Context) {
			post(t, ctx, dashhttp.NewTransport(nil, next), "https://"+host+"/v1/messages", "{}")
		})
		starts, _ := calls(rec)
		if got := starts[0].GetAttributes()["provider"].GetStringValue(); got != want {
			t.Errorf("%s: provider %q, want %q", host, got, want)
		}
	}
}
