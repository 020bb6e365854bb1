package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// inBrowser returns a script of browsertest that is still to be started, and nil unless
// LIVEVIEW_BROWSER is 1: it needs Chromium, Node, and what npm ci installs there.
func inBrowser(t *testing.T, script string, args ...string) *exec.Cmd {
	t.Helper()
	if os.Getenv("LIVEVIEW_BROWSER") != "1" {
		t.Logf("%s is left out: LIVEVIEW_BROWSER is not 1", script)
		return nil
	}
	cmd := exec.Command("node", append([]string{script}, args...)...)
	cmd.Dir = "browsertest"
	return cmd
}

// browserUnderLoad has a browser look at the view for most of a load. What it returns is called
// when the load is over, and returns when the browser has said what it saw.
func browserUnderLoad(t *testing.T, address string, load time.Duration) (over func()) {
	t.Helper()
	cmd := inBrowser(t, "underload.mjs", "http://"+address+"/",
		fmt.Sprint((load - 15*time.Second).Seconds()))
	if cmd == nil {
		return func() {}
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	stdin, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		_ = stdin.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("underload.mjs: %v\n%s", err, &out)
		}
		for line := range strings.Lines(out.String()) {
			t.Log(strings.TrimSpace(line))
		}
	}
}
