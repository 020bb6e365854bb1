package adk

import "github.com/dashstream/dashstream-go/callback"

// call is what callbacks say of a call of a tool.
type call struct {
	id, name     string
	args, result map[string]any
	raw          string // arguments that are encoded already
}

// key tells the calls of a run apart.
func (c *call) key() string {
	if c.id == "" {
		return "\x00" + c.name
	}
	return c.id
}

// start begins a call of a tool in a place.
func (p *place) start(c *call) *callback.Tool {
	x := callback.ToolCall{ID: c.id, Name: c.name}
	switch {
	case p.run.rec.opts.textless:
	case c.raw != "":
		x.Arguments = c.raw
	case c.args != nil:
		x.Arguments = c.args
	}
	return p.node.StartTool(x)
}

// beforeTool begins a call of a tool.
func (r *Recorder) beforeTool(c Context, t call) {
	r.in(c, func(p *place) {
		p.goesOn()
		p.run.tools[t.key()] = p.start(&t)
	})
}

// afterTool ends a call of a tool.
func (r *Recorder) afterTool(c Context, t call, err error) {
	r.in(c, func(p *place) {
		tool := p.run.tools[t.key()]
		delete(p.run.tools, t.key())
		switch {
		case err != nil:
			tool.Fail(firstLine(err))
		case r.opts.textless || t.result == nil:
			tool.Complete(nil)
		default:
			tool.Complete(t.result)
		}
	})
}

// toolError reports a call of a tool that does not exist. Of others, afterTool says how they end.
func (r *Recorder) toolError(c Context, t call, err error) {
	r.in(c, func(p *place) {
		if p.run.tools[t.key()] == nil {
			p.goesOn()
			p.start(&t).Fail(firstLine(err))
		}
	})
}
