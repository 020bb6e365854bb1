package dashadk

import (
	"testing"

	"github.com/dashstream/dashstream-go/callback/internal/adk/adktest"
	"github.com/dashstream/dashstream-go/internal/markdown"
)

const line = "dashadk.New(client, dashadk.WithTracerProvider()), // the line"

func TestReadmeShowsWhatTheExamplePrints(t *testing.T) {
	markdown.Shows(t, "README.md", "timeline",
		markdown.ExampleOutput(t, "example_test.go", "New"), *write)
	adktest.BothHave(t, line)
}
