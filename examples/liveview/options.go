package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const usage = `Usage: liveview [flags]

Shows in a browser what agent graphs do, as they do it: the runs that go on and what they wait
for, errors first; a run as a graph, a waterfall and a timeline, with its calls and its state,
now or at any moment before; the instances of the SDK that send; and the view's own health.

It only reads. Without KAFKA_BROKERS it brings a broker along, and an agent that answers
questions, so that there is something to see.

Examples:
  liveview
  KAFKA_BROKERS=host:9092 liveview --from -10m
  LIVEVIEW_TOKEN=... KAFKA_BROKERS=host:9092 liveview --listen 0.0.0.0:8080

Flags:
%s
Environment:
  LIVEVIEW_TOKEN              who asks needs this token, in a header (Authorization: Bearer)
                              or by the page's form, which sets a cookie. At least 16
                              characters. Required when --listen is not a loopback address.
  WEBSOCKET_SEND_TIMEOUT_SECS how long a send to a browser may take, 1 to 60 (default 5)
  KAFKA_BROKERS, KAFKA_TOPIC, KAFKA_SECURITY_PROTOCOL, ...
                              the cluster, as for the SDK

What a producer wrote is bounded before it is shown. Attributes that are not in the contract
are counted, and shown by their names only. /metrics, /health and /version are for operators.

Ctrl-C and SIGTERM end it, within twice the send timeout.

Exit codes:
  0  it ended by Ctrl-C or SIGTERM
  1  it could not listen, or the client of the cluster could not be made
  2  a flag or a variable of the environment is wrong
`

// options are what the command line and the environment say.
type options struct {
	listen         string
	loopback       bool
	brokers, topic string
	from           kgo.Offset
	memory         int // MiB
	perAddress     int
	maxClients     int
	sendTimeout    time.Duration
	token          string
	pace           float64
}

// parseOptions reads the command line and the environment. Its error is flag.ErrHelp when that asks
// for help, which is written to out then.
func parseOptions(
	args []string, getenv func(string) string, out io.Writer, now time.Time,
) (options, error) {
	o := options{token: getenv("LIVEVIEW_TOKEN")}
	var from string
	flags := flag.NewFlagSet("liveview", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8089", "`address` to serve at; port 0 is any "+
		"free one")
	flags.StringVar(&from, "from", "-1h", "`where` in the topic to begin: start, end, or a time "+
		"back such as -10m")
	flags.StringVar(&o.brokers, "brokers", "", "`addresses` of the cluster, separated by commas "+
		"(default: the environment's, or an embedded broker)")
	flags.StringVar(&o.topic, "topic", "",
		"the `topic` (default: the environment's, or dashstream-events)")
	flags.IntVar(&o.memory, "memory", 256, "`MiB` for what is remembered; older runs are a line")
	flags.IntVar(&o.perAddress, "per-address", 64, "browsers that one address may connect")
	flags.IntVar(&o.maxClients, "max-clients", 256, "browsers that may connect in all")
	flags.Float64Var(&o.pace, "pace", 1, "how fast the embedded agent asks; 0: it does not")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		var table strings.Builder
		flags.SetOutput(&table)
		flags.PrintDefaults()
		fmt.Fprintf(out, usage, table.String())
	}
	if err != nil {
		return o, err
	}
	var errs []error
	if flags.NArg() > 0 {
		errs = append(errs, fmt.Errorf("%q is not expected", flags.Arg(0)))
	}
	if o.from, err = parseStart(from, now); err != nil {
		errs = append(errs, err)
	}
	if o.loopback, err = isLoopback(o.listen); err != nil {
		errs = append(errs, err)
	} else if !o.loopback && o.token == "" {
		errs = append(errs, fmt.Errorf("--listen is %s, which others can reach: set LIVEVIEW_TOKEN",
			o.listen))
	}
	if o.token != "" && len(o.token) < 16 {
		errs = append(errs, errors.New("LIVEVIEW_TOKEN has less than 16 characters"))
	}
	for _, n := range []struct {
		name            string
		value, min, max int
	}{
		{"memory", o.memory, 16, 1 << 20}, {"per-address", o.perAddress, 1, 1 << 16},
		{"max-clients", o.maxClients, 1, 1 << 16},
	} {
		if n.value < n.min || n.value > n.max {
			errs = append(errs, fmt.Errorf("--%s is %d, want %d to %d", n.name, n.value, n.min,
				n.max))
		}
	}
	if !(o.pace >= 0 && o.pace <= 100) {
		errs = append(errs, fmt.Errorf("--pace is %v, want 0 to 100", o.pace))
	}
	o.sendTimeout, err = sendTimeout(getenv(sendTimeoutName))
	return o, errors.Join(append(errs, err)...)
}

const sendTimeoutName = "WEBSOCKET_SEND_TIMEOUT_SECS"

// sendTimeout reads WEBSOCKET_SEND_TIMEOUT_SECS.
func sendTimeout(text string) (time.Duration, error) {
	if text == "" {
		return 5 * time.Second, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 60 {
		return 0, fmt.Errorf("%s is %q, want a whole number of seconds from 1 to 60",
			sendTimeoutName, text)
	}
	return time.Duration(n) * time.Second, nil
}

func isLoopback(address string) (bool, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false, fmt.Errorf("--listen is %q, want host:port", address)
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback(), nil
}

// parseStart reads --from.
func parseStart(from string, now time.Time) (kgo.Offset, error) {
	switch from {
	case "start":
		return kgo.NewOffset().AtStart(), nil
	case "end":
		return kgo.NewOffset().AfterMilli(now.UnixMilli() + 1), nil
	}
	if back, err := time.ParseDuration(from); err == nil && back < 0 {
		return kgo.NewOffset().AfterMilli(now.Add(back).UnixMilli()), nil
	}
	return kgo.NewOffset(), fmt.Errorf("--from is %q, want start, end, or a time back such as -10m",
		from)
}
