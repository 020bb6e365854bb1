package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
)

// The exit codes.
const (
	exitDone       = 0
	exitIncomplete = 1
	exitUsage      = 2
	exitFile       = 3
	exitStart      = 4
	exitLost       = 5
)

const usage = `Usage: replay [flags] FILE...

Replays recorded runs of agents as graph runs through the SDK, at full detail, and says what
became of every event. A FILE is JSON, compressed with gzip or not, and - is the standard
input: a list of runs, one run, or runs one after another (JSON lines). A run is an object
with its messages under traj, messages, history or trajectory, and task_id, trial and reward
if they are known; or the list of messages alone. Known are

  OpenAI          {role, content, tool_calls}, calls of functions and custom ones; task_id,
                  reward and traj as tau-bench has them
  Anthropic       blocks: text, thinking, tool_use, tool_result; {system, model, messages}
  LangChain       {"type": "human"}, the same under "data", and its own serialization ("lc")
  SWE-agent       history, or the steps of trajectory
  mini-swe-agent  messages with commands in blocks of bash, or under extra.actions

An export of traces is replayed with its own times and tree: each topmost span that is known
as an agent, a workflow or a call is a run. Known are

  OTLP            JSON as the file exporter of OpenTelemetry's collector writes it, a line or
                  the whole file; spans by the GenAI conventions, OpenInference, Traceloop,
                  genkit and ADK
  Langfuse        traces with their observations, or observations, as its API and its
                  exports have them

Token counts come from the file; where it has none, they are estimates. Anything unknown in
a file is an error that names the place. Recordings are replayed in turn, each run on a
thread of its own. After each message, the conversation so far is the run's state
(--state=false leaves that out).

Flags:
%s
Everything else is set by the environment as for any program that uses the SDK:
KAFKA_BROKERS, KAFKA_SECURITY_PROTOCOL, DASHSTREAM_QUEUE_BYTES and so on. With no --rate,
emitting waits while the queue is full instead of dropping events (unless
DASHSTREAM_OVERFLOW is set), so that the replay is as fast as the cluster. With a --rate,
the default applies: events are dropped and counted while the queue is full.

Ctrl-C and SIGTERM end the active runs as canceled, and what is queued is sent. A second
one ends the program at once.

The last line of stdout is one JSON object:
  emitted, accepted     events that the runs emitted, and those of them that were enqueued
  delivered             events that were acknowledged
  unacknowledged        events that were given up, but may have arrived
  unchanged             states that did not have to be sent, because nothing had changed
  dropped               events that were lost, by reason; a reason without a loss is not in it
  queued, in_flight     events without an outcome; 0 after a complete shutdown
  high_water            {events, bytes, permits}: the highest levels during the replay
  door_to_ack_ms        {p50, p99, max}: time from emit until the acknowledgement, in ms
  state                 {patches, whole, checkpoints, bytes}: messages with states, by
                        form, and their bytes before compression
  messages, batches     what was acknowledged, as messages and as records on the wire,
                        without in-band reports
  wire_bytes            bytes written to the cluster, compressed, including in-band reports
                        and the overhead of the protocol
  cpu_ns_per_event      CPU time of this process, user and system, while it replayed, per
                        emitted event, in ns
  seconds               how long the replay and the shutdown took

Exit codes:
  0  all events were delivered: emitted = delivered + unchanged
  1  events were left when the time for the shutdown was over, or the account does not
     balance, as the JSON line shows; or that line cannot be written
  2  a flag or a variable of the environment is wrong
  3  a file cannot be used; the message names the run and the field
  4  the client cannot start: its settings do not fit together, or the cluster rejects it;
     or --metrics-addr cannot be used
  5  events were lost: dropped, or given up without an acknowledgement; the JSON line says
     how many, and why
`

// options are what the command line says.
type options struct {
	files       []string
	runs        int64
	concurrency int
	rate        float64
	state       bool
	duration    time.Duration
	brokers     string
	topic       string
	createTopic bool
	metricsAddr string
}

// parseOptions reads the command line. Its error is flag.ErrHelp when that asks for help, which is
// written to out then.
func parseOptions(args []string, out io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("replay", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Int64Var(&o.runs, "runs", 0, "replays `N` runs; 0: each recorded run once, or with "+
		"--duration as many as there is time for")
	flags.IntVar(&o.concurrency, "concurrency", 16, "`N` runs are active at once")
	flags.Float64Var(&o.rate, "rate", 0, "`events` a second of all runs together; 0: as fast as "+
		"it goes")
	flags.BoolVar(&o.state, "state", true, "sends the conversation so far as the run's state "+
		"after each message; false: only the state that it begins with")
	flags.DurationVar(&o.duration, "duration", 0, "ends the replay after this `time`; 0: when all "+
		"runs are done")
	flags.StringVar(&o.brokers, "brokers", "", "`addresses` of the cluster, host:port, separated "+
		"by commas (default: the environment's, or localhost:9092)")
	flags.StringVar(&o.topic, "topic", "",
		"the `topic` (default: the environment's, or dashstream-events)")
	flags.BoolVar(&o.createTopic, "create-topic", false, "creates the topic if it is absent")
	flags.StringVar(&o.metricsAddr, "metrics-addr", "",
		"serves Prometheus metrics on this `address` at /metrics and a page about the client at "+
			"/dashstream/, such as :9464; with port 0 on any that is free")
	err := flags.Parse(args)
	// flags may also stand behind a file
	for ; err == nil && flags.NArg() > 0; err = flags.Parse(flags.Args()[1:]) {
		o.files = append(o.files, flags.Arg(0))
	}
	if errors.Is(err, flag.ErrHelp) {
		var table strings.Builder
		flags.SetOutput(&table)
		flags.PrintDefaults()
		fmt.Fprintf(out, usage, table.String())
	}
	if err != nil {
		return options{}, err
	}
	return o, o.validate()
}

func (o *options) validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(len(o.files) > 0, "no FILE to replay")
	stdin := slices.Index(o.files, "-")
	check(stdin < 0 || !slices.Contains(o.files[stdin+1:], "-"), "- is there twice")
	check(o.runs >= 0, "--runs is %d, want at least 0", o.runs)
	check(o.concurrency >= 1, "--concurrency is %d, want at least 1", o.concurrency)
	check(o.rate >= 0 && !math.IsInf(o.rate, 1), "--rate is %v, want at least 0", o.rate)
	check(o.duration >= 0, "--duration is %v, want at least 0", o.duration)
	return errors.Join(errs...)
}
