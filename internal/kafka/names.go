package kafka

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/dashstream/dashstream-go/internal/settings"
)

// name returns the name that errors use for a setting.
func (c *Config) name(field string) string {
	if c.Name == nil {
		return "Config." + field
	}
	return c.Name(field)
}

// shownPath returns a path as shown in errors, unless it may be a secret in the wrong place.
func shownPath(path string) string {
	return settings.Shown(path)
}

// fileError is an error of reading a file. The operating system's own error contains the path.
func fileError(path string, err error) error {
	var file *fs.PathError
	if errors.As(err, &file) {
		return fmt.Errorf("%s %s: %w", file.Op, shownPath(path), file.Err)
	}
	return err
}
