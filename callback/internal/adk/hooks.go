package adk

import "google.golang.org/genai"

// ToolContext is what contexts of tools say beyond [Context].
type ToolContext interface {
	Context
	FunctionCallID() string
}

// Hooks are callbacks of a plug-in: C and T are ADK's contexts of agents and tools, Tool its
// interface of a tool, Req and Resp its requests to models and their responses. They always return
// nil, so that they change nothing.
type Hooks[C Context, T ToolContext, Tool interface{ Name() string }, Req, Resp any] struct {
	Recorder *Recorder
	// Request and Response read what ADK hands over.
	Request  func(*Req) (model string, contents []*genai.Content)
	Response func(*Resp) Response
}

// BeforeAgent is the plug-in's BeforeAgentCallback.
func (h *Hooks[C, T, Tool, Req, Resp]) BeforeAgent(c C) (*genai.Content, error) {
	h.Recorder.beforeAgent(c)
	return nil, nil
}

// AfterAgent is the plug-in's AfterAgentCallback.
func (h *Hooks[C, T, Tool, Req, Resp]) AfterAgent(c C) (*genai.Content, error) {
	h.Recorder.afterAgent(c)
	return nil, nil
}

// BeforeModel is the plug-in's BeforeModelCallback.
func (h *Hooks[C, T, Tool, Req, Resp]) BeforeModel(c C, req *Req) (*Resp, error) {
	model, contents := h.Request(req)
	h.Recorder.beforeModel(c, model, contents)
	return nil, nil
}

// AfterModel is the plug-in's AfterModelCallback.
func (h *Hooks[C, T, Tool, Req, Resp]) AfterModel(c C, resp *Resp, err error) (*Resp, error) {
	var r Response
	if resp != nil {
		r = h.Response(resp)
	}
	h.Recorder.afterModel(c, r, err)
	return nil, nil
}

// ModelError is the plug-in's OnModelErrorCallback.
func (h *Hooks[C, T, Tool, Req, Resp]) ModelError(c C, _ *Req, err error) (*Resp, error) {
	h.Recorder.modelError(c, err)
	return nil, nil
}

// BeforeTool is the plug-in's BeforeToolCallback.
func (h *Hooks[C, T, Tool, Req, Resp]) BeforeTool(
	c T, t Tool, args map[string]any,
) (map[string]any, error) {
	h.Recorder.beforeTool(c, call{id: c.FunctionCallID(), name: t.Name(), args: args})
	return nil, nil
}

// AfterTool is the plug-in's AfterToolCallback.
func (h *Hooks[C, T, Tool, Req, Resp]) AfterTool(
	c T, t Tool, args, result map[string]any, err error,
) (map[string]any, error) {
	h.Recorder.afterTool(c,
		call{id: c.FunctionCallID(), name: t.Name(), args: args, result: result}, err)
	return nil, nil
}

// ToolError is the plug-in's OnToolErrorCallback.
func (h *Hooks[C, T, Tool, Req, Resp]) ToolError(
	c T, t Tool, args map[string]any, err error,
) (map[string]any, error) {
	h.Recorder.toolError(c, call{id: c.FunctionCallID(), name: t.Name(), args: args}, err)
	return nil, nil
}
