package kafkatest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
)

// The user of the SASL listeners, with every mechanism.
const (
	user     = "dashstream"
	password = "dashstream-secret"
)

// Further users of the SASL listeners, by PLAIN only, like those of managed clusters. The secrets
// are invented.
const (
	APIKey    = "ABCDEFGH12345678" // as Confluent Cloud's
	APISecret = "cflt0Xq/made+up/rZ3vK8mN1pQ5sT7uW9yA2bD4eF6gH8jL0nP2rS4tV6xZ8="

	ConnectionStringUser = "$ConnectionString" // Event Hubs'
	ConnectionString     = "Endpoint=sb://example.servicebus.windows.net/;" +
		"SharedAccessKeyName=send;SharedAccessKey=bWFkZSB1cCBrZXksIG1hZGUgdXAga2V5Cg=="
)

// Options says what Start starts. The zero value is one broker on free ports, in a temporary
// directory, which ends with this process.
type Options struct {
	// Brokers is 1 or 3; 0 means 1, or the number of the cluster in Dir. Each broker is also a
	// controller. With 3, topics have three replicas by default and min.insync.replicas is 2.
	Brokers int

	// BasePort is the first of the ports, all on 127.0.0.1: broker N has ten of them from BasePort
	// + 10·(N-1) on and uses seven. 0 means free ports, or those of the cluster in Dir.
	BasePort int

	// Dir is the directory of the cluster. If it contains a cluster already, that one is started
	// again with its topics, ports and certificates; otherwise it must be missing or empty. Close
	// stops the cluster and leaves the directory. "" means a temporary directory, which Close
	// removes.
	Dir string

	// Detach lets the brokers outlive this process: Open finds them again. Otherwise they are
	// killed when it ends, even by a crash (on Linux; elsewhere only Close ends them). It needs a
	// Dir.
	Detach bool

	// Log is called with a line, without its line break, for each step that takes time; t.Logf can
	// be used. nil means no log.
	Log func(format string, args ...any)
}

type logf func(format string, args ...any)

func (o Options) validate() error {
	var errs []error
	if o.Brokers != 0 && o.Brokers != 1 && o.Brokers != 3 {
		errs = append(errs, fmt.Errorf("kafkatest: %d brokers: 1 or 3 are possible", o.Brokers))
	}
	if last := 65535 - 3*portsPerBroker; o.BasePort != 0 && (o.BasePort < 1024 ||
		o.BasePort > last) {
		errs = append(errs,
			fmt.Errorf("kafkatest: base port %d: 1024 to %d are possible, or 0 for free ports",
				o.BasePort, last))
	}
	if o.Detach && o.Dir == "" {
		errs = append(errs,
			errors.New("kafkatest: brokers that outlive the process need a directory to be "+
				"found by"))
	}
	return errors.Join(errs...)
}

// Cluster is a cluster of one or three brokers on this machine, running or not. Brokers are
// numbered from 1. Its methods may be called from several goroutines, and several processes may
// open the same directory, as long as one at a time starts brokers in it. The zero value and a nil
// Cluster are not usable.
type Cluster struct {
	TLS      TLSFiles // what a client needs for the SSL and SASLSSL listeners
	User     string   // for the SASL listeners, with each of SCRAM-SHA-256, SCRAM-SHA-512 and PLAIN
	Password string

	layout    layout
	spec      spec
	detach    bool
	temporary bool
	log       logf

	mu       sync.Mutex // held to examine or add processes, not while waiting for one
	children map[int]*process
}

// Start starts a cluster and returns when each broker responds and knows all the others. The first
// time on a machine, it fetches Kafka's libraries with Maven into the user's cache directory. ctx
// bounds only the start, which ends by itself after three minutes, not counting the fetching. If
// Start fails, no broker is running; the error says what is missing on the machine, which port is
// in use, or what the broker that died printed last. Logs remain in Options.Dir.
func Start(ctx context.Context, opts Options) (*Cluster, error) {
	if err := opts.validate(); err != nil {
		return nil, err
	}
	c, reservation, err := opts.prepare(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = reservation.Close() }()
	if err := c.Start(ctx, c.ids()...); err != nil {
		return nil, errors.Join(err, c.discard())
	}
	return c, nil
}

// Open returns the cluster that an earlier Start has created in dir, whether its brokers are
// running or not; it starts nothing. Brokers started through it outlive this process. The error is
// fs.ErrNotExist if dir has no cluster.
func Open(dir string) (*Cluster, error) {
	l, err := findLayout(dir)
	if err != nil {
		return nil, err
	}
	s, err := l.readSpec()
	if err != nil {
		return nil, err
	}
	return newCluster(l, s, Options{Dir: dir, Detach: true}), nil
}

func newCluster(l layout, s spec, opts Options) *Cluster {
	log := opts.Log
	if log == nil {
		log = func(string, ...any) {}
	}
	return &Cluster{
		TLS:       l.tlsFiles(),
		User:      user,
		Password:  password,
		layout:    l,
		spec:      s,
		detach:    opts.Detach,
		temporary: opts.Dir == "",
		log:       log,
		children:  make(map[int]*process),
	}
}

type nopCloser struct{}

func (nopCloser) Close() error { return nil }

// prepare opens the cluster in the directory or creates one there. If its ports were chosen now,
// the reservation keeps them until the brokers have bound them.
func (o Options) prepare(ctx context.Context) (c *Cluster, reservation io.Closer, err error) {
	dir := o.Dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "kafkatest-*"); err != nil {
			return nil, nil, fmt.Errorf("kafkatest: %w", err)
		}
		defer func() {
			if err != nil {
				err = errors.Join(err, os.RemoveAll(dir))
			}
		}()
	}
	l, err := newLayout(dir)
	if err != nil {
		return nil, nil, err
	}
	s, err := l.readSpec()
	switch {
	case err == nil:
		c = newCluster(l, s, o)
		return c, nopCloser{}, c.startable(o)
	case errors.Is(err, fs.ErrNotExist):
		return o.create(ctx, l)
	}
	return nil, nil, err
}

func (o Options) create(
	ctx context.Context, l layout,
) (c *Cluster, reservation io.Closer, err error) {
	if err := l.empty(); err != nil {
		return nil, nil, err
	}
	s := spec{Kafka: Version, ClusterID: newClusterID(), Brokers: max(1, o.Brokers),
		BasePort: o.BasePort}
	c = newCluster(l, s, o)
	in, err := install(ctx, c.log)
	if err != nil {
		return nil, nil, err
	}
	reservation = nopCloser{}
	if s.BasePort != 0 {
		err = checkPorts(s.BasePort, s.Brokers)
	} else {
		s.BasePort, reservation, err = freePorts(s.Brokers)
	}
	if err != nil {
		return nil, nil, err
	}
	c.spec = s
	c.log("creating %s in %s", c.describe(), l.dir)
	if err := l.create(ctx, s, in); err != nil {
		return nil, nil, errors.Join(err, reservation.Close())
	}
	return c, reservation, nil
}

// startable returns why an existing cluster cannot be started with these options.
func (c *Cluster) startable(o Options) error {
	if o.Brokers != 0 && o.Brokers != c.spec.Brokers || o.BasePort != 0 &&
		o.BasePort != c.spec.BasePort {
		return fmt.Errorf("kafkatest: %s holds %s already: leave out what differs, or use a new "+
			"directory",
			c.layout.dir, c.describe())
	}
	for _, id := range c.ids() {
		p, err := c.find(id)
		if err != nil {
			return err
		}
		if p != nil {
			return fmt.Errorf("kafkatest: %s is in use: its broker %d runs (process %d)",
				c.layout.dir, id, p.handle.Pid)
		}
	}
	return checkPorts(c.spec.BasePort, c.spec.Brokers)
}

func (c *Cluster) describe() string {
	brokers := "1 broker"
	if c.spec.Brokers != 1 {
		brokers = fmt.Sprintf("%d brokers", c.spec.Brokers)
	}
	return fmt.Sprintf("%s of Kafka %s from port %d", brokers, Version, c.spec.BasePort)
}

// discard removes the remains of a failed start: the temporary directory, if there is one.
func (c *Cluster) discard() error {
	if !c.temporary {
		return nil
	}
	return os.RemoveAll(c.layout.dir)
}

// Brokers returns the addresses of all brokers on a listener, in the order of their numbers, or nil
// if there is no listener l.
func (c *Cluster) Brokers(l Listener) []string {
	for _, known := range listeners {
		if known.name == l {
			var addrs []string
			for _, id := range c.ids() {
				addrs = append(addrs, loopback(brokerBase(c.spec.BasePort, id)+known.offset))
			}
			return addrs
		}
	}
	return nil
}

// Size returns the number of brokers of the cluster, running or not.
func (c *Cluster) Size() int { return c.spec.Brokers }

// Dir returns the absolute path of the cluster's directory. A broker's log is broker-N/log in it.
func (c *Cluster) Dir() string { return c.layout.dir }

func (c *Cluster) ids() []int {
	ids := make([]int, c.spec.Brokers)
	for i := range ids {
		ids[i] = i + 1
	}
	return ids
}

func (c *Cluster) known(id int) error {
	if id < 1 || id > c.spec.Brokers {
		return fmt.Errorf("kafkatest: no broker %d: they are numbered from 1 to %d", id,
			c.spec.Brokers)
	}
	return nil
}
