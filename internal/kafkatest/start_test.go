package kafkatest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

func TestStartRefuses(t *testing.T) {
	fakeTools(t, true)
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	taken, reservation, err := freePorts(1)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reservation.Close() }()
	for _, c := range []struct {
		name string
		opts Options
		env  map[string]string
		want []string
	}{
		{name: "two brokers", opts: Options{Brokers: 2}, want: []string{"2 brokers", "1 or 3"}},
		{name: "privileged ports", opts: Options{BasePort: 80}, want: []string{"base port 80"}},
		{name: "ports beyond the last", opts: Options{BasePort: 65530},
			want: []string{"base port 65530"}},
		{name: "both at once", opts: Options{BasePort: 80, Brokers: 2},
			want: []string{"base port 80", "2 brokers"}},
		{name: "detached without a directory", opts: Options{Detach: true},
			want: []string{"directory"}},
		{name: "directory of something else", opts: Options{Dir: full},
			want: []string{"not empty"}},
		{name: "comma in the path", opts: Options{Dir: filepath.Join(t.TempDir(), "a,b")},
			want: []string{"comma"}},
		{name: "port in use", opts: Options{BasePort: taken + reservedPort - 4},
			want: []string{fmt.Sprint("port ", taken+reservedPort), "broker 1", "in use"}},
		{name: "old Java", env: map[string]string{fakeVersion: "11.0.2"},
			want: []string{"Java 11", "17"}},
		{name: "no Java", env: map[string]string{"PATH": t.TempDir()},
			want: []string{"no java", "17"}},
		{name: "format", env: map[string]string{fakeBehavior: formatFails},
			want: []string{"broker 1", "cannot be formatted"}},
		{name: "broker dies", env: map[string]string{fakeBehavior: dies},
			want: []string{"broker 1 died while starting", "last words\nCaused by: despair"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			temp := t.TempDir()
			t.Setenv("TMPDIR", temp)
			for name, value := range c.env {
				t.Setenv(name, value)
			}
			cluster, err := Start(t.Context(), c.opts)
			if err == nil {
				closeAndCheck(t, cluster)
			}
			checkError(t, err, c.want...)
			if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func TestDirectoryOfAFailedStartCanBeUsedAgain(t *testing.T) {
	fakeTools(t, true)
	dir := t.TempDir()
	for _, behavior := range []string{formatFails, dies} {
		t.Setenv(fakeBehavior, behavior)
		if c, err := Start(t.Context(), Options{Dir: dir}); err == nil {
			closeAndCheck(t, c)
			t.Fatalf("%s: no error", behavior)
		}
	}
	t.Setenv(fakeBehavior, "")
	start(t, Options{Dir: dir})
}

func TestBrokerIsNotReadyBeforeItServesAll(t *testing.T) {
	fakeTools(t, true)
	for behavior, want := range map[string]string{
		alone: "it knows brokers [1], not",
		mute:  "broker 1: ",
		slow:  "connection refused",
	} {
		t.Run(behavior, func(t *testing.T) {
			t.Setenv(fakeBehavior, behavior)
			dir := t.TempDir()
			ctx, cancel := context.WithTimeoutCause(t.Context(), 6*time.Second,
				errors.New("out of patience"))
			defer cancel()
			_, err := Start(ctx, Options{Dir: dir, Brokers: 3})
			checkError(t, err, "out of patience", want)
			for id := 1; id <= 3; id++ {
				pid, err := layout{dir}.readPID(id)
				if err != nil || pid == 0 {
					t.Errorf("broker %d was not started: %v", id, err)
					continue
				}
				checkGone(t, pid)
			}
		})
	}
}

func TestClustersThatStartTogetherGetDifferentPorts(t *testing.T) {
	fakeTools(t, true)
	clusters := make([]*Cluster, 4)
	var wg sync.WaitGroup
	for i := range clusters {
		wg.Go(func() {
			c, err := Start(t.Context(), Options{})
			if err != nil {
				t.Error(err)
				return
			}
			clusters[i] = c
		})
	}
	wg.Wait()
	for _, c := range clusters {
		if c != nil {
			closeAndCheck(t, c)
		}
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	_, err := Open(filepath.Join(t.TempDir(), "absent"))
	checkError(t, err, "no cluster")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not fs.ErrNotExist", err)
	}
	for text, want := range map[string]string{
		`{`:                              "cluster.json",
		`{"kafka":"3.9.0","brokers":1}`:  "Kafka 3.9.0",
		`{"kafka":"4.4.0","brokers":40}`: "40 brokers",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "cluster.json"), []byte(text),
			0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Open(dir)
		checkError(t, err, want)
	}
}
