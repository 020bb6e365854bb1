package observability

import (
	"fmt"
	"os"
	"testing"
)

// TestMain runs the tests where the files are that they look at.
func TestMain(m *testing.M) {
	if err := os.Chdir("../../../examples/observability"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
