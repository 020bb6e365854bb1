package callback_test

import (
	"context"
	"fmt"
	"iter"
	"log"
	"log/slog"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

// Plain functions become nodes, also those that an errgroup runs at once.
func ExampleTraced() {
	client, show := recorded()
	ctx, run := client.StartRunContext(context.Background(), callback.RunInfo{ThreadID: "t"})

	err := callback.Traced(ctx, "research", func(ctx context.Context) error {
		g, ctx := errgroup.WithContext(ctx)
		for _, source := range []string{"web", "papers"} {
			g.Go(func() error {
				return callback.Traced(ctx, source, func(ctx context.Context) error {
					return nil // ask the source
				})
			})
		}
		return g.Wait()
	})
	run.End(err)

	lines := show()
	slices.Sort(lines) // what runs at once comes in any order
	for _, line := range lines {
		fmt.Println(line)
	}
	// Output:
	// GRAPH_END
	// GRAPH_START
	// NODE_END papers
	// NODE_END research
	// NODE_END web
	// NODE_START papers
	// NODE_START research
	// NODE_START web
}

// A sequence is a node for as long as somebody loops over it.
func ExampleTracedSeq() {
	client, show := recorded()
	ctx, run := client.StartRunContext(context.Background(), callback.RunInfo{ThreadID: "t"})

	pages := callback.TracedSeq(ctx, "crawl", func(ctx context.Context) iter.Seq[string] {
		return slices.Values([]string{"one", "two", "three"})
	})
	for page := range pages {
		fmt.Println(page)
		if page == "two" {
			break
		}
	}
	run.End(nil)

	for _, line := range show() {
		fmt.Println(line)
	}
	// Output:
	// one
	// two
	// GRAPH_START
	// NODE_START crawl
	// NODE_END crawl
	// GRAPH_END
}

// recorded returns a client that sends to memory, and what ends it and shows what it sent.
func recorded() (*callback.Client, func() []string) {
	rec := callbacktest.NewRecorder()
	client, err := callback.New(callback.Config{Sender: rec, SelfMetrics: "off",
		Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}
	return client, func() (lines []string) {
		if _, err := client.Shutdown(context.Background()); err != nil {
			log.Fatal(err)
		}
		for _, e := range rec.Events() {
			line := e.GetEventType().String()[len("EVENT_TYPE_"):]
			if e.GetNodeId() != "" {
				line += " " + e.GetNodeId()
			}
			lines = append(lines, line)
		}
		return lines
	}
}
