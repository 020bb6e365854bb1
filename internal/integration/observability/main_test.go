package observability

import (
	"fmt"
	"os"
	"testing"
)

// TestMain runs the tests in the directory of the files that they read.
func TestMain(m *testing.M) {
	if err := os.Chdir("../../../examples/observability"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
