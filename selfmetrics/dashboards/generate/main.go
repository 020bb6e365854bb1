// The generator of the Grafana dashboard: it writes dashboard.json, which is committed and embedded
// in the package above. It is a module of its own, so that nobody who links the SDK resolves
// Grafana's.
//
//	go run . -o ../dashboard.json
//
// The dashboard reads as the pipe does. Its first row answers whether events will be lost, when,
// and why. Below it each stage has a column (emitted, queue, permits, Kafka, lost), from what
// everybody has to see at the top to what explains it. A file here is a column or a row; panel.go
// is what a panel can be and layout.go where it goes.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
)

func main() {
	out := flag.String("o", "", "file to write, standard output if empty")
	flag.Parse()
	if err := write(*out); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func write(file string) error {
	text, err := generate()
	if err != nil {
		return err
	}
	if file == "" {
		_, err = os.Stdout.Write(text)
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

// generate returns the dashboard's JSON. It is the same at each call.
func generate() ([]byte, error) {
	built, err := build()
	if err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(built, "", "  ")
	return append(text, '\n'), err
}

func build() (classic, error) {
	l := newLayout()
	l.row("Will events be lost, when, and why?")
	l.line(6, answers())
	l.line(7, fleet())
	l.line(8, trends())
	l.folded("The pipe: emitted → queue → permits → Kafka → lost", func() {
		l.columns(7, input(), queue(), permits(), kafka(), lost())
	})
	l.folded("How late do readers see events?", func() { l.line(8, latency()) })
	l.folded("State", func() { l.line(7, state()) })
	l.folded("Producers and their settings", func() { l.line(8, producers()) })
	l.end()
	return l.dashboard.Build()
}
