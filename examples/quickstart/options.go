package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/dashstream/dashstream-go/examples/quickstart/gopher"
)

type options struct {
	questions     []string
	runs          int
	concurrency   int
	rate          float64
	topic, record string
	metricsAddr   string
	quiet         bool
	createTopic   bool
}

const usage = `Usage: quickstart [flags]

An agent graph answers questions about Go's standard library from the sources of your Go
installation. Its runs are streamed to Kafka and read back; the first one is printed as it
happens, and a summary at the end says whether everything arrived. Without KAFKA_BROKERS it
brings a broker along, so it needs nothing but Go.

A model writes the answers if OPENAI_BASE_URL and OPENAI_API_KEY are set (OPENAI_MODEL names
it); otherwise they are quotes. All settings of the SDK are honoured (KAFKA_BROKERS,
KAFKA_SECURITY_PROTOCOL, DASHSTREAM_QUEUE_BYTES, ...).

Examples:
  quickstart
  quickstart --questions "How do I parse a URL?"
  quickstart --runs 500 --concurrency 50
  KAFKA_BROKERS=host:9092 quickstart --questions questions.txt --create-topic

Ctrl-C and SIGTERM cancel the active runs, and the summary follows within ten
seconds. A second one ends the program at once.

An event is all that an agent emits by one call: a node's start, a state, a part of an
answer. Parts of an answer that wait together are sent as one message.

Exit codes: 0 all that was emitted was read back; 1 something is missing, or a run failed; 2
it could not start: a flag or a variable of the environment is wrong, or the cluster
cannot be reached or rejects the client.

Flags:
`

func parseOptions(args []string, stderr io.Writer) (options, error) {
	o := options{}
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, usage); flags.PrintDefaults() }
	asked := flags.String("questions", "", "a `file` with a question on each line, or one question")
	flags.IntVar(&o.runs, "runs", 0, "number of runs; questions are asked in turn (default: each "+
		"question once)")
	flags.IntVar(&o.concurrency, "concurrency", 4, "runs that are active at once")
	flags.Float64Var(&o.rate, "rate", 0, "runs started per second; 0: as fast as possible")
	flags.StringVar(&o.topic, "topic", "",
		"the topic (default: the environment's, or dashstream-events)")
	flags.BoolVar(&o.createTopic, "create-topic", false,
		"create the topic on the cluster if it is absent; the embedded broker has it anyway")
	flags.StringVar(&o.metricsAddr, "metrics-addr", "127.0.0.1:0",
		"where /metrics and a page at /dashstream/ are served; port 0 means any free one")
	flags.StringVar(&o.record, "record", "", "write the runs that were read back to this `file`, "+
		"as conversations that examples/replay replays")
	flags.BoolVar(&o.quiet, "quiet", false, "leave out the answers")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q; a question goes behind --questions",
			flags.Arg(0))
	case o.runs < 0:
		return o, fmt.Errorf("--runs is %d, want 0 or more", o.runs)
	case o.concurrency < 1:
		return o, fmt.Errorf("--concurrency is %d, want 1 or more", o.concurrency)
	case o.rate < 0:
		return o, fmt.Errorf("--rate is %v, want 0 or more", o.rate)
	}
	var err error
	if o.questions, err = readQuestions(*asked); err != nil {
		return o, err
	}
	if o.runs == 0 {
		o.runs = len(o.questions)
	}
	return o, nil
}

func readQuestions(asked string) ([]string, error) {
	if asked == "" {
		return gopher.Questions, nil
	}
	f, err := os.Open(asked)
	if err != nil {
		if strings.ContainsAny(asked, " ?") {
			return []string{asked}, nil
		}
		return nil, fmt.Errorf("--questions is neither a question (with blanks) nor a file that "+
			"can be read: %w", err)
	}
	defer f.Close()
	var found []string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if q := strings.TrimSpace(lines.Text()); q != "" && !strings.HasPrefix(q, "#") {
			found = append(found, q)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("--questions: %w", err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("--questions: %s has no question", asked)
	}
	return found, nil
}

// logger shows what the SDK warns of; what it has to say otherwise, the program says itself.
func logger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelWarn}))
}
