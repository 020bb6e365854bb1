package kafka

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/dashstream/dashstream-go/internal/settings"
)

// name is how errors call a setting.
func (c *Config) name(field string) string {
	if c.Name == nil {
		return "Config." + field
	}
	return c.Name(field)
}

// shownPath is a path as errors show it: one that may be a secret in the wrong place is not.
func shownPath(path string) string {
	return settings.Shown(path)
}

// fileError is an error of reading a file. The operating system's own has the path in it.
func fileError(path string, err error) error {
	var file *fs.PathError
	if errors.As(err, &file) {
		return fmt.Errorf("%s %s: %w", file.Op, shownPath(path), file.Err)
	}
	return err
}
