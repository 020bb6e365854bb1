package kafkatest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// start starts fake brokers, and checks at the end of the test that none of them is left.
func start(t *testing.T, opts Options) *Cluster {
	t.Helper()
	opts.Log = t.Logf
	c, err := Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeAndCheck(t, c) })
	return c
}

func closeAndCheck(t *testing.T, c *Cluster) {
	t.Helper()
	var pids []int
	for _, id := range c.ids() {
		if pid, err := c.PID(id); err == nil {
			pids = append(pids, pid)
		}
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	for _, pid := range pids {
		checkGone(t, pid)
	}
}

// checkGone fails the test unless there is no such process, not even one that was not waited for.
func checkGone(t *testing.T, pid int) {
	t.Helper()
	p, err := os.FindProcess(pid)
	if err != nil {
		return
	}
	if err := p.Signal(syscall.Signal(0)); !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("process %d is left: signal: %v", pid, err)
	}
}

func pidOf(t *testing.T, c *Cluster, id int) int {
	t.Helper()
	pid, err := c.PID(id)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func checkError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error lacks %q: %v", part, err)
		}
	}
}

func TestStartedBrokersAreListedByListener(t *testing.T) {
	fakeTools(t, true)
	c := start(t, Options{Brokers: 3})
	seen := make(map[string]bool)
	for _, l := range []Listener{Plaintext, SASLPlaintext, SASLSSL, SSL} {
		addrs := c.Brokers(l)
		if len(addrs) != 3 {
			t.Errorf("%s: %v, want three addresses", l, addrs)
		}
		for _, addr := range addrs {
			seen[addr] = true
		}
	}
	if len(seen) != 12 {
		t.Errorf("%d different addresses, want 12", len(seen))
	}
	if got := c.Brokers("OTHER"); got != nil {
		t.Errorf("brokers of no listener: %v", got)
	}
	for _, id := range c.ids() {
		if err := c.Ready(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
}

func TestTemporaryDirectoryGoesWithTheCluster(t *testing.T) {
	fakeTools(t, true)
	c := start(t, Options{})
	if !exists(c.TLS.CA) {
		t.Errorf("no %s", c.TLS.CA)
	}
	closeAndCheck(t, c)
	if exists(c.Dir()) {
		t.Errorf("%s is left", c.Dir())
	}
}

func TestClusterOfOneProcessIsRuledByAnother(t *testing.T) {
	fakeTools(t, true)
	dir := t.TempDir()
	c := start(t, Options{Dir: dir, Detach: true})
	other, err := Open(dir) // it knows the process only from its file, as another process would
	if err != nil {
		t.Fatal(err)
	}
	if got, want := pidOf(t, other, 1), pidOf(t, c, 1); got != want {
		t.Fatalf("process %d by the directory, %d by the starter", got, want)
	}
	if got, want := fmt.Sprint(other.Env()), fmt.Sprint(c.Env()); got != want {
		t.Errorf("settings %s, want %s", got, want)
	}
	for name, end := range map[string]func() error{
		"kill": func() error { return other.Kill(1) },
		"stop": func() error { return other.Stop(t.Context(), 1) },
		"down": other.Close,
	} {
		pid := pidOf(t, c, 1)
		if err := end(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := c.PID(1); err == nil {
			t.Errorf("%s: the starter takes process %d for running", name, pid)
		}
		if err := c.Start(t.Context(), 1); err != nil {
			t.Fatalf("start after %s: %v", name, err)
		}
	}
}

func TestFrozenBrokerIsSilentUntilItIsThawed(t *testing.T) {
	fakeTools(t, true)
	c := start(t, Options{})
	if err := c.Freeze(1); err != nil {
		t.Fatal(err)
	}
	if err := c.Ready(t.Context(), 1); err == nil {
		t.Error("it answers although it is frozen")
	}
	if err := c.Thaw(1); err != nil {
		t.Fatal(err)
	}
	if err := c.Ready(t.Context(), 1); err != nil {
		t.Error(err)
	}
}

func TestFrozenBrokerCanBeEnded(t *testing.T) {
	fakeTools(t, true)
	for name, end := range map[string]func(*Cluster) error{
		"kill":  func(c *Cluster) error { return c.Kill(1) },
		"stop":  func(c *Cluster) error { return c.Stop(t.Context(), 1) },
		"close": (*Cluster).Close,
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, Options{Dir: t.TempDir()})
			pid := pidOf(t, c, 1)
			if err := c.Freeze(1); err != nil {
				t.Fatal(err)
			}
			if err := end(c); err != nil {
				t.Fatal(err)
			}
			checkGone(t, pid)
		})
	}
}

func TestClusterStartsAgainAsItWas(t *testing.T) {
	fakeTools(t, true)
	dir := t.TempDir()
	c := start(t, Options{Dir: dir, Brokers: 3})
	before, err := os.ReadFile(c.TLS.Cert)
	if err != nil {
		t.Fatal(err)
	}

	_, err = Start(t.Context(), Options{Dir: dir})
	checkError(t, err, "in use", strconv.Itoa(pidOf(t, c, 1)))

	closeAndCheck(t, c)
	_, err = Start(t.Context(), Options{Dir: dir, Brokers: 1})
	checkError(t, err, "3 brokers")

	l, err := net.Listen("tcp", c.Brokers(SSL)[1])
	if err != nil {
		t.Fatal(err)
	}
	_, err = Start(t.Context(), Options{Dir: dir})
	checkError(t, err, "for broker 2, is in use")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}

	again := start(t, Options{Dir: dir})
	if got, want := fmt.Sprint(again.Env()), fmt.Sprint(c.Env()); got != want {
		t.Errorf("settings %s, want %s", got, want)
	}
	if after, err := os.ReadFile(again.TLS.Cert); err != nil || string(after) != string(before) {
		t.Errorf("the client's certificate has changed (%v)", err)
	}
}

func TestRemoveLeavesWhatIsNotTheClusters(t *testing.T) {
	fakeTools(t, true)
	dir := filepath.Join(t.TempDir(), "cluster")
	c := start(t, Options{Dir: dir})
	mine := filepath.Join(dir, "notes")
	if err := os.WriteFile(mine, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := c.Remove(); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v in the directory, want the one file that is not the cluster's", entries,
			err)
	}
	if err := os.Remove(mine); err != nil {
		t.Fatal(err)
	}
	if err := start(t, Options{Dir: dir}).Remove(); err != nil {
		t.Fatal(err)
	}
	if exists(dir) {
		t.Error("the empty directory is left")
	}
}

func TestOnlyTheBrokersOwnProcessIsEnded(t *testing.T) {
	fakeTools(t, true)
	if runtime.GOOS == "windows" {
		t.Skip("processes are told apart by id alone here")
	}
	c := start(t, Options{Dir: t.TempDir()})
	if err := c.Kill(1); err != nil {
		t.Fatal(err)
	}
	stranger := exec.Command("sleep", "60")
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = stranger.Wait(); close(ended) }()
	defer func() { _ = stranger.Process.Kill(); <-ended }()
	if err := os.WriteFile(c.layout.pidFile(1), fmt.Append(nil, stranger.Process.Pid),
		0o644); err != nil {
		t.Fatal(err)
	}
	checkError(t, c.Kill(1), "broker 1 does not run")
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := stranger.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the process that has the broker's old id was ended: %v", err)
	}
}

func TestBrokersEndWithACrashOfTheirStarter(t *testing.T) {
	fakeTools(t, true)
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ends children with their parent")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), fakeBehavior+"="+starter, "KAFKATEST_FAKE_DIR="+t.TempDir())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, readErr := bufio.NewReader(out).ReadString('\n')
	killErr := cmd.Process.Kill()
	_ = cmd.Wait()
	if err := errors.Join(readErr, killErr); err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Sscan(line, &pid); err != nil {
		t.Fatalf("the starter says %q", line)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	running := func() bool {
		line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		return err == nil && len(line) > 0
	}
	if err := poll(ctx, time.Millisecond, func() (bool, error) { return !running(), nil }); err !=
		nil {
		t.Errorf("broker %d runs although its starter was killed", pid)
	}
}

func TestUnknownAndStoppedBrokersAreErrors(t *testing.T) {
	fakeTools(t, true)
	c := start(t, Options{})
	checkError(t, c.Start(t.Context(), 1), "runs already")
	for _, id := range []int{0, 2} {
		checkError(t, c.Start(t.Context(), id), "no broker")
		checkError(t, c.Kill(id), "no broker")
	}
	if err := c.Stop(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	_, err := c.PID(1)
	for name, err := range map[string]error{
		"kill":   c.Kill(1),
		"stop":   c.Stop(t.Context(), 1),
		"freeze": c.Freeze(1),
		"thaw":   c.Thaw(1),
		"pid":    err,
		"ready":  c.Ready(t.Context(), 1),
	} {
		t.Run(name, func(t *testing.T) { checkError(t, err, "broker 1 does not run") })
	}
}
