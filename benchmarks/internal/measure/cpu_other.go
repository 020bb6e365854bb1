//go:build !unix

package measure

import "time"

// CPU returns 0: this system has no getrusage. Tables leave the column out then.
func CPU() time.Duration { return 0 }
