package dashadk1

import (
	"testing"

	"github.com/dashstream/dashstream-go/internal/markdown"
)

func TestReadmeShowsWhatTheExamplePrints(t *testing.T) {
	markdown.Shows(t, "README.md", "timeline",
		markdown.ExampleOutput(t, "example_test.go", "New"), *write)
}
