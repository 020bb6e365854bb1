package main

import "github.com/dashstream/dashstream-go/internal/traces"

// recording is a recorded run as it is replayed. It is made once and shared by all runs that replay
// it; nothing changes it.
type recording struct {
	// task and trial are what the file calls the run, as text.
	task, trial string
	// reward judges the run's outcome; judged says whether the file has one.
	reward float64
	judged bool
	// initial is the state that the run begins with, as JSON: the messages of the system; nil
	// without any.
	initial []byte
	turns   []turn
	// said is what was said after that, as JSON: the messages one after another, a comma in front
	// of each but the first of the conversation.
	said []byte
	// trace is a run of an export of traces, which has no turns and no states.
	trace *traces.Run
}

// size is how many turns there are to replay: those of spans are their starts and ends, in pairs.
func (r *recording) size() int64 {
	if r.trace != nil {
		return int64(len(r.trace.Steps) / 2)
	}
	return int64(len(r.turns))
}

// turn is one execution of a node of the graph.
type turn struct {
	kind turnKind
	// node is the node's name.
	node string
	// text is what was said: the answer of the agent, the words of the user.
	text string
	// prompt is what was said last before the agent's turn; promptTokens counts all that was said
	// before, tokens the answer.
	prompt               string
	promptTokens, tokens int
	// cached are those of promptTokens that the provider had cached, where the file says so.
	cached int
	// counted says that the file has tokens, the number of the answer's; otherwise it is an
	// estimate, and the parts that are streamed count.
	counted bool
	model   string
	// calls are the tools that the agent asks for, or that run in a turn of tools.
	calls []toolCall
	// said are the messages of the turn: where in the recording's said each of them ends.
	said []int
}

// turnKind says how a turn is replayed.
type turnKind uint8

const (
	agentTurn turnKind = iota // a call of a language model
	toolsTurn                 // executions of tools
	userTurn                  // a human's answer
	otherTurn                 // a message of a role that is not known
)

// toolCall is a call of a tool with its result.
type toolCall struct {
	id, name string
	// arguments is JSON; nil if there are none.
	arguments []byte
	result    string
	// answered says whether the recording has the call's result, failed that it is an error.
	answered, failed bool
}

// message is a message of a recording as the file has it.
type message struct {
	role, content, name, callID string
	calls                       []toolCall
	model                       string
	// tokens of the call of the model, as the file has them; 0 if it has none
	sent, received int
	cached         int  // those of sent that the provider had cached
	failed         bool // the result of a tool is an error
	// raw is the message's own JSON.
	raw []byte
}
