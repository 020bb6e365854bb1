package dashslog_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/callback/dashslog"
)

// What a node logs is seen in its run, and in the log as before.
func ExampleNewHandler() {
	rec := callbacktest.NewRecorder() // in the place of Kafka
	client, err := callback.New(callback.Config{Sender: rec, SelfMetrics: "off",
		Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}

	logger := slog.New(dashslog.NewHandler(slog.NewTextHandler(os.Stdout, withoutTime)))

	ctx, run := client.StartRunContext(context.Background(), callback.RunInfo{ThreadID: "t"})
	err = callback.Traced(ctx, "retrieve", func(ctx context.Context) error {
		logger.InfoContext(ctx, "searching", slog.Group("index", "name", "docs", "shards", 3))
		logger.WarnContext(ctx, "few results", "found", 1)
		return nil
	})
	run.End(err)

	if _, err := client.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	fmt.Print(rec.Timeline())
	// Output:
	// level=INFO msg=searching index.name=docs index.shards=3
	// level=WARN msg="few results" found=1
	// GRAPH_START
	//   NODE_START retrieve
	//     NODE_SUBSTEP retrieve index={name=docs shards=3} log_level=INFO status=info
	//         substep_name=searching
	//     NODE_WARNING retrieve found=1 log_level=WARN message="few results"
	//   NODE_END retrieve
	// GRAPH_END
}
