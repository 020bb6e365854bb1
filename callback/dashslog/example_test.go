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
		logger.WarnContext(ctx, "few results", "found", 1)
		return nil
	})
	run.End(err)

	if _, err := client.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	for _, e := range rec.Events() {
		fmt.Printf("%v %q %q\n", e.GetEventType(), e.GetNodeId(),
			e.GetAttributes()["message"].GetStringValue())
	}
	// Output:
	// level=WARN msg="few results" found=1
	// EVENT_TYPE_GRAPH_START "" ""
	// EVENT_TYPE_NODE_START "retrieve" ""
	// EVENT_TYPE_NODE_WARNING "retrieve" "few results"
	// EVENT_TYPE_NODE_END "retrieve" ""
	// EVENT_TYPE_GRAPH_END "" ""
}
