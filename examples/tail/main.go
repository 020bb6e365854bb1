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

// run is the program. It ends when ctx does, and when it has printed what it was asked for.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return (&program{stdout: stdout, stderr: stderr, config: callback.ConfigFromEnv}).run(ctx, args)
}
