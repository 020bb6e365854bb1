package kafkatest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	startTimeout = 3 * time.Minute
	stopTimeout  = time.Minute
	closeTimeout = 10 * time.Second
	killTimeout  = 10 * time.Second
)

// defaultHeap is enough for tests. KAFKA_HEAP_OPTS, which Kafka's own scripts use, replaces it.
const defaultHeap = "-Xms256m -Xmx512m"

// Start starts brokers that are not running, with their existing data, and returns when each of
// them responds and knows all the others. Two of three brokers are needed for one to respond, so
// brokers that are down together must be started by one call. A broker that was killed may rejoin
// only when its session has ended, so its start takes up to nine seconds longer. If Start fails, it
// kills the brokers that it started.
func (c *Cluster) Start(ctx context.Context, ids ...int) error {
	for _, id := range ids {
		if err := c.known(id); err != nil {
			return err
		}
	}
	in, err := install(ctx, c.log)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, fmt.Errorf("not ready after %v",
		startTimeout))
	defer cancel()
	started := make(map[int]*process)
	for _, id := range ids {
		if started[id], err = c.launch(in, id); err != nil {
			delete(started, id)
			break
		}
	}
	if err == nil {
		err = c.ready(ctx, started)
	}
	if err != nil {
		for _, p := range started {
			err = errors.Join(err, p.kill())
		}
	}
	return err
}

// launch starts a broker's process.
func (c *Cluster) launch(in installation, id int) (*process, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, err := c.findLocked(id)
	if err != nil {
		return nil, err
	}
	if p != nil {
		return nil, fmt.Errorf("kafkatest: broker %d runs already (process %d)", id, p.handle.Pid)
	}
	log, err := os.OpenFile(c.layout.logFile(id), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("kafkatest: %w", err)
	}
	defer func() { _ = log.Close() }()
	cmd := c.command(in, id)
	cmd.Stdout, cmd.Stderr = log, log
	p, err = launch(cmd, c.detach)
	if err != nil {
		return nil, fmt.Errorf("kafkatest: start broker %d: %w", id, err)
	}
	c.log("broker %d starts: process %d, log %s", id, p.handle.Pid, c.layout.logFile(id))
	if err := replaceFile(c.layout.pidFile(id), fmt.Appendln(nil, p.handle.Pid)); err != nil {
		return nil, errors.Join(fmt.Errorf("kafkatest: %w", err), p.kill())
	}
	c.children[id] = p
	return p, nil
}

func (c *Cluster) command(in installation, id int) *exec.Cmd {
	heap := os.Getenv("KAFKA_HEAP_OPTS")
	if heap == "" {
		heap = defaultHeap
	}
	args := append(strings.Fields(heap), "-XX:+UseSerialGC", "-XX:-UsePerfData",
		"-Djava.awt.headless=true",
		"-Djava.io.tmpdir="+c.layout.scratch(id),
		"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls="+c.layout.jwksURL(),
		"-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
		"-Dorg.slf4j.simpleLogger.showDateTime=true",
		"-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
		"-cp", filepath.Join(in.libs, "*"), "kafka.Kafka", c.layout.propertiesFile(id))
	cmd := exec.Command(in.java, args...)
	cmd.Dir = c.layout.broker(id)
	return cmd
}

// ready waits until each of the brokers responds and knows all of them.
func (c *Cluster) ready(ctx context.Context, started map[int]*process) error {
	waiting := make(map[int]error) // the last error
	for id := range started {
		waiting[id] = errors.New("not asked yet")
	}
	err := poll(ctx, 100*time.Millisecond, func() (bool, error) {
		for id, p := range started {
			if !p.running() {
				return false,
					fmt.Errorf("kafkatest: broker %d died while starting; its log ends with:\n%s",
						id, c.layout.logTail(id))
			}
		}
		for id := range waiting {
			err := c.serves(ctx, id, started)
			if err == nil {
				delete(waiting, id)
			} else if !over(ctx) { // otherwise the cause is all that the error says
				waiting[id] = err
			}
		}
		return len(waiting) == 0, nil
	})
	if ctx.Err() == nil || err == nil {
		return err
	}
	errs := []error{fmt.Errorf("kafkatest: brokers did not start: %w", err)}
	for id, err := range waiting {
		errs = append(errs, fmt.Errorf("broker %d: %w; its log ends with:\n%s", id, err,
			c.layout.logTail(id)))
	}
	return errors.Join(errs...)
}

// over reports whether ctx has ended, or ends at this very moment: others with the same deadline
// may notice first.
func over(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ctx.Err() != nil || ok && !time.Now().Before(deadline)
}

// serves returns nil if the broker responds, names all brokers that were started, and has opened
// every listener: it opens them one after the other.
func (c *Cluster) serves(ctx context.Context, id int, started map[int]*process) error {
	known, err := registered(ctx, c.Brokers(Plaintext)[id-1])
	if err != nil {
		return err
	}
	for other := range started {
		if !slices.Contains(known, other) {
			return fmt.Errorf("it knows brokers %v, not %d", known, other)
		}
	}
	for _, l := range listeners {
		conn, err := connect(ctx, c.Brokers(l.name)[id-1])
		if err != nil {
			return err
		}
		if err := conn.Close(); err != nil {
			return err
		}
	}
	return nil
}

// find returns the process of a broker, nil if it is not running.
func (c *Cluster) find(id int) (*process, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.findLocked(id)
}

func (c *Cluster) findLocked(id int) (*process, error) {
	if p := c.children[id]; p != nil && p.running() {
		return p, nil
	}
	pid, err := c.layout.readPID(id)
	if err != nil {
		return nil, err
	}
	return findProcess(pid, c.layout.propertiesFile(id)), nil
}

// running is find for callers that need the process.
func (c *Cluster) running(id int) (*process, error) {
	if err := c.known(id); err != nil {
		return nil, err
	}
	p, err := c.find(id)
	if err == nil && p == nil {
		err = fmt.Errorf("kafkatest: broker %d does not run", id)
	}
	return p, err
}

// PID returns a broker's process id, or an error if it is not running.
func (c *Cluster) PID(id int) (int, error) {
	p, err := c.running(id)
	if err != nil {
		return 0, err
	}
	return p.handle.Pid, nil
}

// Ready returns nil if the broker is running and responds within two seconds.
func (c *Cluster) Ready(ctx context.Context, id int) error {
	if _, err := c.running(id); err != nil {
		return err
	}
	if _, err := registered(ctx, c.Brokers(Plaintext)[id-1]); err != nil {
		return fmt.Errorf("kafkatest: broker %d does not answer: %w", id, err)
	}
	return nil
}

// Kill ends a broker as a crash would (SIGKILL), frozen or not, and returns when it is gone. The
// other brokers notice when its session with the controller ends, after nine seconds.
func (c *Cluster) Kill(id int) error { return c.signal(id, (*process).kill) }

// Stop makes a broker, frozen or not, hand over its partitions and end (SIGTERM), and returns when
// it is gone. After a minute, or when ctx ends, it returns an error and the broker may still be
// running. On systems without SIGTERM, it kills the broker.
func (c *Cluster) Stop(ctx context.Context, id int) error {
	p, err := c.running(id)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, stopTimeout,
		fmt.Errorf("it runs %v after it was asked to stop", stopTimeout))
	defer cancel()
	if err = p.terminate(); err == nil {
		err = p.wait(ctx)
	}
	if err != nil {
		return fmt.Errorf("kafkatest: broker %d: %w", id, err)
	}
	return nil
}

// Freeze stops the execution of a broker (SIGSTOP): its connections stay open, the system accepts
// new ones, and nothing is answered until Thaw. It returns when no thread of the broker runs any
// more. It returns errors.ErrUnsupported on systems without such a signal.
func (c *Cluster) Freeze(id int) error { return c.signal(id, (*process).freeze) }

// Thaw lets a frozen broker continue (SIGCONT); it has no effect on others. It returns
// errors.ErrUnsupported on systems without such a signal.
func (c *Cluster) Thaw(id int) error { return c.signal(id, (*process).thaw) }

func (c *Cluster) signal(id int, send func(*process) error) error {
	p, err := c.running(id)
	if err != nil {
		return err
	}
	if err := send(p); err != nil {
		return fmt.Errorf("kafkatest: broker %d: %w", id, err)
	}
	return nil
}

// Close ends all running brokers, frozen or not, whoever has started them, and removes the
// directory if Start has created it. Brokers whose directory stays are asked to stop, and are
// killed if they have not stopped after ten seconds. A second call does nothing.
func (c *Cluster) Close() error {
	if c.temporary {
		return c.Remove()
	}
	return c.end(closeTimeout)
}

// Remove kills all running brokers, and removes what Start has created in the directory, and the
// directory itself if it is empty then. A second call does nothing.
func (c *Cluster) Remove() error {
	if err := c.end(0); err != nil {
		return err
	}
	if err := c.layout.clear(); err != nil {
		return fmt.Errorf("kafkatest: %w", err)
	}
	if entries, err := os.ReadDir(c.layout.dir); err == nil && len(entries) == 0 {
		return os.Remove(c.layout.dir)
	}
	return nil
}

// end asks the brokers to stop, unless patience is 0, waits that long, and kills those that are
// left.
func (c *Cluster) end(patience time.Duration) error {
	var errs []error
	var left []*process
	for _, id := range c.ids() {
		p, err := c.find(id)
		if p != nil {
			left = append(left, p)
		}
		errs = append(errs, err)
	}
	if patience > 0 {
		for _, p := range left {
			errs = append(errs, p.terminate())
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		left = slices.DeleteFunc(left, func(p *process) bool { return p.wait(ctx) == nil })
	}
	for _, p := range left {
		if err := p.kill(); err != nil {
			errs = append(errs, fmt.Errorf("kafkatest: %w", err))
		}
	}
	return errors.Join(errs...)
}
