"""Records spans of real instrumentations, against a fake of OpenAI's server on this machine.

    python record.py openinference | traceloop | otel-v2 | langchain-openinference |
        langchain-traceloop

It writes an ExportTraceServiceRequest in JSON, as a file of the collector has it, to stdout. The
README beside it names the packages and their versions.
"""

import http.server
import json
import os
import sys
import threading

os.environ["OPENAI_API_KEY"] = "none"
os.environ.setdefault("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true")

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult


def value(v):
    if isinstance(v, bool):
        return {"boolValue": v}
    if isinstance(v, int):
        return {"intValue": str(v)}
    if isinstance(v, float):
        return {"doubleValue": v}
    if isinstance(v, str):
        return {"stringValue": v}
    return {"arrayValue": {"values": [value(x) for x in v]}}


def attributes(attrs):
    return [{"key": k, "value": value(v)} for k, v in (attrs or {}).items()]


class Memory(SpanExporter):
    def __init__(self):
        self.spans = []

    def export(self, spans):
        self.spans += spans
        return SpanExportResult.SUCCESS

    def request(self):
        scopes = {}
        for s in self.spans:
            span = {
                "traceId": format(s.context.trace_id, "032x"),
                "spanId": format(s.context.span_id, "016x"),
                "parentSpanId": format(s.parent.span_id, "016x") if s.parent else "",
                "name": s.name, "kind": s.kind.value + 1,
                "startTimeUnixNano": str(s.start_time), "endTimeUnixNano": str(s.end_time),
                "attributes": attributes(s.attributes),
                "events": [{"name": e.name, "timeUnixNano": str(e.timestamp),
                            "attributes": [a for a in attributes(e.attributes)
                                           if a["key"] != "exception.stacktrace"]}
                           for e in s.events],
                "status": {"code": s.status.status_code.value,
                           "message": s.status.description or ""},
            }
            scope = s.instrumentation_scope
            scopes.setdefault((scope.name, scope.version or ""), []).append(span)
        return {"resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [
            {"scope": {"name": n, "version": v}, "spans": spans}
            for (n, v), spans in scopes.items()]}]}


TOOL_CALL = {"id": "call_1", "type": "function",
             "function": {"name": "weather", "arguments": '{"city":"Paris"}'}}
USAGE = {"prompt_tokens": 21, "completion_tokens": 7, "total_tokens": 28,
         "prompt_tokens_details": {"cached_tokens": 16},
         "completion_tokens_details": {"reasoning_tokens": 3}}


class Fake(http.server.BaseHTTPRequestHandler):
    """Answers a chat: with a call of a tool, then with text; and fails if it is asked to."""

    def log_message(self, *args):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/embeddings"):
            return self.answer({"object": "list", "model": "text-embedding-3-small",
                                "data": [{"object": "embedding", "index": 0,
                                          "embedding": [0.1, 0.2]}],
                                "usage": {"prompt_tokens": 4, "total_tokens": 4}})
        last = body["messages"][-1]
        if "FAIL" in str(last["content"]):
            return self.answer({"error": {"message": "no such model", "type": "invalid"}}, 400)
        message, finish = {"role": "assistant", "content": "It rains in Paris."}, "stop"
        if body.get("tools") and last["role"] == "user":
            message = {"role": "assistant", "content": None, "tool_calls": [TOOL_CALL]}
            finish = "tool_calls"
        if body.get("stream"):
            return self.stream(message["content"])
        self.answer({"id": "chatcmpl-1", "object": "chat.completion", "created": 1,
                     "model": "gpt-4o-2024-08-06", "usage": USAGE,
                     "choices": [{"index": 0, "message": message, "finish_reason": finish}]})

    def answer(self, body, code=200):
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def stream(self, text):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        def chunk(delta, finish=None, usage=None):
            body = {"id": "chatcmpl-2", "object": "chat.completion.chunk", "created": 1,
                    "model": "gpt-4o-2024-08-06", "usage": usage, "choices": [] if usage else
                    [{"index": 0, "delta": delta, "finish_reason": finish}]}
            self.wfile.write(b"data: " + json.dumps(body).encode() + b"\n\n")
        for word in text.split(" "):
            chunk({"role": "assistant", "content": word + " "})
        chunk({}, finish="stop")
        chunk({}, usage=USAGE)
        self.wfile.write(b"data: [DONE]\n\n")


TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}}}}}]


def use_openai(url):
    import openai
    client = openai.OpenAI(base_url=url, max_retries=0)
    def chat(text, **more):
        return client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": text}], **more)
    chat("What is the weather?", tools=TOOLS)
    for _ in chat("Say it again.", stream=True, stream_options={"include_usage": True}):
        pass
    client.embeddings.create(model="text-embedding-3-small", input="Paris")
    try:
        chat("FAIL")
    except openai.BadRequestError:
        pass


def use_langchain(url):
    from langchain_core.tools import tool
    from langchain_openai import ChatOpenAI
    from langgraph.prebuilt import create_react_agent

    @tool
    def weather(city: str) -> str:
        """Tells the weather."""
        return "rain"

    model = ChatOpenAI(model="gpt-4o", base_url=url, max_retries=0)
    agent = create_react_agent(model, [weather], name="assistant")
    agent.invoke({"messages": [("user", "What is the weather?")]},
                 {"configurable": {"thread_id": "thread-1"}, "metadata": {"session_id": "s-1"}})


def instrument(what, provider):
    if what == "openinference":
        from openinference.instrumentation.openai import OpenAIInstrumentor
        OpenAIInstrumentor().instrument(tracer_provider=provider)
    elif what == "traceloop":
        from opentelemetry.instrumentation.openai import OpenAIInstrumentor
        OpenAIInstrumentor().instrument(tracer_provider=provider)
    elif what == "otel-v2":
        from opentelemetry.instrumentation.openai_v2 import OpenAIInstrumentor
        OpenAIInstrumentor().instrument(tracer_provider=provider)
    elif what == "langchain-openinference":
        from openinference.instrumentation.langchain import LangChainInstrumentor
        LangChainInstrumentor().instrument(tracer_provider=provider)
    elif what == "langchain-traceloop":
        from opentelemetry.instrumentation.langchain import LangchainInstrumentor
        LangchainInstrumentor().instrument(tracer_provider=provider)
    return use_langchain if what.startswith("langchain") else use_openai


def main():
    memory = Memory()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    trace.set_tracer_provider(provider)
    use = instrument(sys.argv[1], provider)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Fake)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with provider.get_tracer("application").start_as_current_span("POST /ask"):
        use("http://127.0.0.1:%d/v1" % server.server_port)
    json.dump(memory.request(), sys.stdout)
    print()


main()
