package main

import (
	"context"
	"io"
	"os"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/examples/internal/terminal"
)

func main() {
	ctx, stop := terminal.Interruptible()
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program. When ctx ends, it ends what is under way, sends what waits, and says what
// became of all events.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	p := program{stdout: stdout, screen: newScreen(stderr), config: callback.ConfigFromEnv}
	return p.run(ctx, args)
}
