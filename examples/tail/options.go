package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// The exit codes.
const (
	exitDone  = 0
	exitRead  = 1
	exitUsage = 2
)

const usage = `Usage: tail [flags]

Prints a topic live, decoded, as it is read. One line is one event:

  time  thread  sequence  kind  node  what happened

The node is the one in which it happened. search#2 is a second search that runs at the same
time.

For a state, the line says what changed: the operations, with their paths and sizes, or the
size of the whole state. It also says whether the result matches its hash (verified) or has
none (no hash). If tail cannot follow the state, the line says so with the reason (such as
not followed: unproven, after a loss), until the state is sent whole again.

With --state THREAD, it prints the whole state of that thread instead, each time that it
changes: a line that says whether its hash was verified, and the state as JSON.

Numbers that a thread skips are shown (gap: 17..19 missing; with --kind, if it names gap),
and so are records that do not decode, with the reason. What producers state as lost is shown
in a line of the thread that lacks it (explained: 17..19 lost, event queue_full), before or
after the gap is seen. At its end, tail says how many numbers are missing, how many of them
are explained, by kind and reason, and how many are not.

Flags:
%s
The cluster, the topic, TLS and SASL are those of the SDK's own settings in the environment:
KAFKA_BROKERS, KAFKA_TOPIC, KAFKA_SECURITY_PROTOCOL and so on. Colors are for terminals, and
NO_COLOR turns them off.

With --json, a line is one JSON object: partition, offset, the node if it is known, and the
event or message under the name of its kind, in the form of protobuf's own JSON with the
names of dashstream.proto. 64-bit numbers are strings. Bytes that hold JSON are shown as
that JSON, other bytes as a string if they are text and in base64 if not, ids as UUIDs,
hashes in hexadecimal. A gap is {"gap": {"thread_id", "from", "to"}}, a number that came
late or again {"out_of_order": {"thread_id", "sequence", "after"}}, a loss that a producer
states {"explained": {"thread_id", "first", "last", "count", "events", "message_type",
"reason"}}, a state (--state) {"state": {"thread_id", "sequence", "trust", "state"}}, and a record that does not decode
{"undecodable": {"key", "reason", "detail", "value_bytes"}}.

Exit codes:
  0  it ended by --count, --for, Ctrl-C or SIGTERM, or because the reader of its output is gone
  1  the topic cannot be read, or what is printed cannot be written
  2  a flag or a variable of the environment is wrong
`

// options are what the command line says.
type options struct {
	brokers, topic string
	filter         filter
	state          string // the thread of which the state is shown; "" for lines of everything
	json           bool
	start          kgo.Offset
	offset         int64 // where start is an offset; -1 where it is another place
	count          int
	limit          time.Duration
}

// parseOptions reads the command line. Its error is flag.ErrHelp when that asks for help, which is
// written to out then.
func parseOptions(args []string, out io.Writer, now time.Time) (options, error) {
	var o options
	var thread, kind, from string
	flags := flag.NewFlagSet("tail", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&thread, "thread", "", "shows only this `thread`; with a * at its end, all "+
		"that begin with it")
	flags.StringVar(&kind, "kind", "", "shows only these `kinds`, separated by commas: "+
		strings.Join(kinds, ", ")+
		", or a type of event such as node_start")
	flags.BoolVar(&o.json, "json", false, "prints one JSON object a line")
	flags.StringVar(&o.state, "state", "", "shows the state of this `thread` as it changes, and "+
		"nothing else")
	flags.StringVar(&from, "from", "", "`where` to begin: start, end, an offset (of every "+
		"partition; its end where that comes before), or a time back such as -10m (default: end; "+
		"with --state, start)")
	flags.IntVar(&o.count, "count", 0, "ends after `N` lines; 0: never")
	flags.DurationVar(&o.limit, "for", 0, "ends after this `time`; 0: never")
	flags.StringVar(&o.brokers, "brokers", "", "`addresses` of the cluster, host:port, separated "+
		"by commas (default: the environment's, or localhost:9092)")
	flags.StringVar(&o.topic, "topic", "",
		"the `topic` (default: the environment's, or dashstream-events)")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		var table strings.Builder
		flags.SetOutput(&table)
		flags.PrintDefaults()
		fmt.Fprintf(out, usage, table.String())
	}
	if err != nil {
		return options{}, err
	}
	var errs []error
	if flags.NArg() > 0 {
		errs = append(errs, fmt.Errorf("%q is not expected; the topic is given by --topic",
			flags.Arg(0)))
	}
	flags.Visit(func(f *flag.Flag) { // a variable that is not set, rather than the wish to see all
		if (f.Name == "state" || f.Name == "thread" || f.Name == "kind") && f.Value.String() == "" {
			errs = append(errs, fmt.Errorf("--%s is empty; leave it out to see all", f.Name))
		}
	})
	if o.count < 0 {
		errs = append(errs, fmt.Errorf("--count is %d, want at least 0", o.count))
	}
	if o.limit < 0 {
		errs = append(errs, fmt.Errorf("--for is %v, want at least 0", o.limit))
	}
	if o.state != "" && (thread != "" || kind != "") {
		errs = append(errs,
			errors.New("--state shows one thread's state and nothing else: --thread and --kind do "+
				"not go with it"))
	}
	o.filter, err = newFilter(thread, kind)
	errs = append(errs, err)
	switch {
	case from == "" && o.state != "":
		from = "start"
	case from == "":
		from = "end"
	}
	o.start, o.offset, err = parseStart(from, now)
	return o, errors.Join(append(errs, err)...)
}

// parseStart reads --from. The end is where the time stamps of records pass now, or the end of the
// log if none does: so what is written from the next millisecond on is read, and a partition that
// is added later from its start.
func parseStart(from string, now time.Time) (start kgo.Offset, offset int64, err error) {
	start = kgo.NewOffset()
	switch from {
	case "start":
		return start.AtStart(), -1, nil
	case "end":
		return start.AfterMilli(now.UnixMilli() + 1), -1, nil
	}
	if back, err := time.ParseDuration(from); err == nil && back < 0 {
		return start.AfterMilli(now.Add(back).UnixMilli()), -1, nil
	}
	if n, err := strconv.ParseInt(from, 10, 64); err == nil && n >= 0 {
		return start.At(n), n, nil
	}
	return start, -1,
		fmt.Errorf("--from is %q, want start, end, an offset, or a time back such as -10m", from)
}
