// Liveview shows in a browser what agent graphs do, as they do it, from the topic that they are
// streamed to. Without KAFKA_BROKERS it brings a broker and some graphs along.
//
//	go run ./examples/liveview
//
// --help has the rest.
package main

import (
	"os"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/examples/internal/terminal"
)

func main() {
	ctx, stop := terminal.Interruptible()
	defer stop()
	p := program{stdout: os.Stdout, stderr: os.Stderr, config: callback.ConfigFromEnv,
		getenv: os.Getenv}
	os.Exit(p.run(ctx, os.Args[1:]))
}
