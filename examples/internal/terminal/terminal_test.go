package terminal

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestWhatIsNoTerminalIsNotTakenForOne(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // nothing was written
	t.Setenv("TERM", "xterm")
	if Is(file) || Is(new(bytes.Buffer)) || Colored(file) {
		t.Error("a file or a buffer is taken for a terminal")
	}
}

func TestColorsCanBeTurnedOff(t *testing.T) {
	device, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0) // a character device, as a terminal is
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close() //nolint:errcheck // nothing was written
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	if !Colored(device) {
		t.Skipf("%s is not a character device here", os.DevNull)
	}
	t.Setenv("NO_COLOR", "1")
	if Colored(device) {
		t.Error("NO_COLOR is not respected")
	}
	t.Setenv("TERM", "dumb")
	if Is(device) {
		t.Error("a dumb terminal is taken for one that understands escape sequences")
	}
}
