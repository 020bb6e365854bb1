package observability

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// commands are those of README.md for whoever has no containers, word for word.
type commands struct{ producer, prometheus, freeze, thaw, down string }

func readCommands(t *testing.T) (c commands) {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Without containers\n")
	section, _, _ = strings.Cut(section, "\n## ")
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(section, -1)
	if len(blocks) != 4 {
		t.Fatalf("README.md has %d blocks of commands, want 4", len(blocks))
	}
	steps := strings.Split(strings.TrimSpace(blocks[3][1]), "\n")
	if len(steps) != 3 {
		t.Fatalf("the outage has %d commands, want 3", len(steps))
	}
	return commands{blocks[0][1], blocks[1][1], steps[0], steps[1], steps[2]}
}

// stack is what the README's commands start: Kafka, a producer and Prometheus.
type stack struct {
	t        *testing.T
	ctx      context.Context
	commands commands
	producer *exec.Cmd
	*prometheus
}

// The addresses are those of the README.
const (
	producerAddress   = "localhost:9464"
	prometheusAddress = "localhost:9090"
	// notice is how long before the first loss the alert has to fire where two minutes or more lie
	// between the outage and the loss.
	notice = 30 * time.Second
	// bound is how long the test waits for anything.
	bound = 5 * time.Minute
)

// startStack runs the README's commands, with more brokers if they are asked for, and returns when
// Prometheus has seen what the producer delivered.
func startStack(t *testing.T, brokers string) *stack {
	t.Helper()
	for _, tool := range []string{"prometheus", "java"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("there is no %s, which the README's commands need", tool)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	t.Cleanup(cancel)
	s := &stack{t: t, ctx: ctx, commands: readCommands(t)}
	s.prometheus = &prometheus{t: t, address: prometheusAddress}
	t.Cleanup(func() { _ = shell(s.commands.down).Run() }) // it may not have come up
	start := s.commands.producer
	if brokers != "1" {
		start = strings.Replace(start, "up --export", "up --brokers "+brokers+" --export", 1)
	}
	s.producer = s.run(start)
	s.run(strings.Replace(s.commands.prometheus, "/tmp/dashstream-prometheus", t.TempDir(), 1))
	await(t, ctx, "Prometheus has seen what the producer delivered", func() bool {
		list, err := s.query("min(dashstream_events_delivered_total{message_type='event'}) > 0")
		return err == nil && len(list) > 0
	})
	time.Sleep(30 * time.Second) // rates of a minute begin to be true
	if firing := s.firing(); len(firing) > 0 {
		t.Errorf("before the outage these alerts fire: %v", firing)
	}
	return s
}

// shell is a command of the README, run at the repository's root.
func shell(command string) *exec.Cmd {
	c := exec.Command("bash", "-c", command)
	c.Dir = "../.."
	return c
}

// run starts a command of the README that stays.
func (s *stack) run(command string) *exec.Cmd {
	s.t.Helper()
	return s.start(shell(command))
}

// start starts a program that stays, and ends all of its process group with the test.
func (s *stack) start(c *exec.Cmd) *exec.Cmd {
	s.t.Helper()
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	log, err := os.CreateTemp(s.t.TempDir(), "log")
	if err != nil {
		s.t.Fatal(err)
	}
	c.Stdout, c.Stderr = log, log
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = c.Wait(); close(ended) }() // how it ends is not what is tested
	s.t.Cleanup(func() {
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGTERM) // it may have ended
		select {
		case <-ended:
		case <-time.After(15 * time.Second):
			_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
			<-ended
		}
		if text, _ := os.ReadFile(log.Name()); s.t.Failed() {
			s.t.Logf("%s said:\n%s", c, tail(string(text)))
		}
		_ = log.Close()
	})
	return c
}

// do runs a command that ends.
func (s *stack) do(command string) {
	s.t.Helper()
	if out, err := shell(command).CombinedOutput(); err != nil {
		s.t.Fatalf("%s: %v\n%s", command, err, out)
	}
}

func await(t *testing.T, ctx context.Context, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain until %s", what)
		case <-ticker.C:
		}
	}
}

func tail(text string) string {
	const most = 4000
	if len(text) > most {
		return "…" + text[len(text)-most:]
	}
	return text
}
