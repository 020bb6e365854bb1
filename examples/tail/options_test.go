package main

import (
	"bytes"
	"errors"
	"flag"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

func TestStartIsReadInAllItsForms(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_000)
	for from, want := range map[string]kgo.Offset{
		"start":  kgo.NewOffset().AtStart(),
		"end":    kgo.NewOffset().AfterMilli(1_700_000_000_001),
		"-90s":   kgo.NewOffset().AfterMilli(1_700_000_000_000 - 90_000),
		"-1h30m": kgo.NewOffset().AfterMilli(1_700_000_000_000 - 5_400_000),
		"0":      kgo.NewOffset().At(0),
		"12345":  kgo.NewOffset().At(12345),
	} {
		if got, _, err := parseStart(from, now); err != nil || got != want {
			t.Errorf("--from %s: %v (%v), want %v", from, got, err, want)
		}
	}
	for _, from := range []string{"", "middle", "-5", "5m", "1.5", "99999999999999999999"} {
		if _, _, err := parseStart(from, now); err == nil {
			t.Errorf("--from %q is taken", from)
		}
	}
}

func TestWrongFlagsAreNamed(t *testing.T) {
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"--colour"}, "flag provided but not defined: -colour"},
		{[]string{"topic"}, `"topic" is not expected`},
		{[]string{"--count=-1"}, "--count is -1"},
		{[]string{"--state="}, "--state is empty"},
		{[]string{"--thread", ""}, "--thread is empty"},
		{[]string{"--kind="}, "--kind is empty"},
		{[]string{"--for=-1s"}, "--for is -1s"},
		{[]string{"--for=soon"}, `invalid value "soon" for flag -for`},
		{[]string{"--from=now"}, `--from is "now"`},
		{[]string{"--kind=node_start,nodes"}, `--kind names "nodes", want some of checkpoint, `},
		{[]string{"--kind=,"}, `--kind names ""`},
		{[]string{"--state=t", "--kind=error"}, "--state shows one thread's state"},
		{[]string{"--kind=event_batch"}, `--kind names "event_batch"`},
	} {
		if _, err := parseOptions(c.args, new(bytes.Buffer), time.Now()); err == nil ||
			!strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: error %v, want %q", c.args, err, c.says)
		}
	}
	_, err := parseOptions([]string{"--count=-1", "--from=now", "--kind=x"}, new(bytes.Buffer),
		time.Now())
	if strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("not all at once: %v", err)
	}
}

func TestHelpNamesEveryFlag(t *testing.T) {
	var out bytes.Buffer
	if _, err := parseOptions([]string{"--help"}, &out, time.Now()); !errors.Is(err, flag.ErrHelp) {
		t.Fatal(err)
	}
	for _, word := range append([]string{
		"-thread", "-kind", "-state", "-json", "-from", "-count", "-for", "-brokers", "-topic",
		"NO_COLOR", "Exit codes",
	}, kinds...) {
		if !strings.Contains(out.String(), word) {
			t.Errorf("%q is missing in\n%s", word, &out)
		}
	}
}
