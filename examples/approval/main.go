// Approval is a graph that waits for a human, over two processes: the first drafts a text, asks for
// approval and ends; the second, which may start days later on another machine, continues the run.
//
//	go run ./examples/approval ask
//	go run ./examples/approval answer yes
//
// What the second process has to know, the thread and its position, is kept in a file, as it would
// be beside the checkpoint of a graph. Events go to standard output as JSON lines; with
// KAFKA_BROKERS they go to Kafka.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/dashstream/dashstream-go/callback"
)

// waiting is what is kept of a run that waits for a human.
type waiting struct {
	Thread   string
	Position callback.Position
	Draft    string
}

func main() {
	if err := program(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "approval:", err)
		os.Exit(1)
	}
}

func program(args []string) (err error) {
	file := "approval.json"
	if named := os.Getenv("APPROVAL_FILE"); named != "" {
		file = named
	}
	client, err := newClient()
	if err != nil {
		return err
	}
	defer func() {
		_, lost := client.Shutdown(context.Background())
		err = errors.Join(err, lost)
	}()
	switch {
	case len(args) == 1 && args[0] == "ask":
		return ask(client, file)
	case len(args) == 2 && args[0] == "answer":
		return resume(client, file, args[1])
	}
	return errors.New("want ask, or answer and what the human says")
}

// newClient writes JSON lines where the environment names no Kafka.
func newClient() (*callback.Client, error) {
	cfg, err := callback.ConfigFromEnv()
	if err != nil {
		return nil, err
	}
	if len(cfg.Brokers) == 0 && cfg.LinesFile == "" {
		cfg.LinesFile = "-"
	}
	return callback.New(cfg)
}

// ask is the first process: the run ends here with an interrupt, which is no error.
func ask(client *callback.Client, file string) error {
	run := client.StartRun(callback.RunInfo{})
	w := draft(run)
	run.Interrupt("please approve: " + w.Draft)
	// a position is final once all is sent
	if err := client.Flush(context.Background()); err != nil {
		return err
	}
	w.Thread, w.Position = run.ThreadID(), run.Position()
	text, err := json.Marshal(w)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

func draft(run *callback.Run) waiting {
	node := run.StartNode("draft")
	defer node.End(nil)
	return waiting{Draft: "Dear customer, …"}
}

// resume is the second process: the run continues the thread behind the position that was kept.
func resume(client *callback.Client, file, answer string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var w waiting
	if err := json.Unmarshal(text, &w); err != nil {
		return err
	}
	run := client.StartRun(callback.RunInfo{ThreadID: w.Thread, Resume: true, After: w.Position})
	if answer != "yes" {
		err = fmt.Errorf("the draft was not approved: %s", answer)
	} else {
		run.StartNode("send").End(nil)
	}
	run.End(err)
	return err
}
