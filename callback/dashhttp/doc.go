// Package dashhttp records calls of language models where every Go client makes them: in the
// http.RoundTripper. One line instruments a client:
//
//	hc := &http.Client{Transport: dashhttp.NewTransport(client, nil)}
//
// It is given to the client of the models, as option.WithHTTPClient(hc) to those of OpenAI and
// Anthropic. It sends nothing else than what the client sends, gives the client nothing else than
// what the server answers, and needs no more than the standard library.
//
// # What is recorded
//
// POST requests to paths that end in /chat/completions, /responses, /v1/messages or /embeddings:
// those of OpenAI, of Azure OpenAI, of Anthropic, and of servers that are compatible with one of
// them. Each is a call of a model (LLM_START, and LLM_END or LLM_ERROR) with its model, provider,
// duration, finish reason and counts of tokens: cached_tokens of the prompt were read from a cache
// and cache_write_tokens written to one, reasoning_tokens are those of the answer that went into
// reasoning. All are among prompt_tokens and completion_tokens, whichever API counts them apart. Of
// a streamed answer, the counts are those of the last event that has some, and
// time_to_first_token_us says when its text began.
//
// Each attempt of a client that tries again is a call of its own. Clients that say which attempt it
// is, as those of OpenAI and Anthropic do, give it the attribute attempt, from 1.
//
// A call ends when the client has read the answer to its end or has closed it, or when the context
// of its request ends, whichever is first. An answer that the client closes in its middle is
// "abandoned", a stream that the server ends there "truncated". A client that neither reads on, nor
// closes the answer, nor ends its context leaves a call without an end.
//
// Prompts and answers are sent only with [WithTexts].
//
// # What it does not see
//
// A request's model and prompt are read from the copy that http.Request.GetBody gives. A request
// without one, such as one that is written while it is sent, has its model in the end of its call
// only (response_model). Of an answer that is compressed, for a client that asked for that itself,
// gzip is understood, up to 1 MiB; its tokens are not sent as they come. Of several choices, the
// text of the first is sent. Calls over WebSockets, and APIs of other forms, such as Bedrock's and
// Gemini's own, are not recorded.
//
// Where another adapter, such as dasheino, records the same call, it is recorded twice: use one.
package dashhttp
