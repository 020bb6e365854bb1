package dashhttp

import (
	"bytes"
	"compress/gzip"

	"github.com/dashstream/dashstream-go/internal/guard"
)

const (
	// maxZipped is how much of a compressed answer is kept until its end, in bytes, and maxUnzipped
	// how much it is followed when it is unpacked.
	maxZipped   = 1 << 20
	maxUnzipped = 16 << 20
)

// unzip reads an answer that the client has asked for, and unpacks, by itself. It could not be read
// as it came without a goroutine. The caller holds the lock.
func (c *call) unzip() {
	defer guard.Recover(func(string) {})
	zipped := c.zipped
	c.zipped, c.form = nil, formUnknown
	unpacked, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		c.form = formUnread
		return
	}
	var buf [4 << 10]byte
	read := 0
	for err == nil && read < maxUnzipped {
		var n int
		n, err = unpacked.Read(buf[:])
		c.feed(buf[:n])
		read += n
	}
	if !c.whole() && (len(zipped) == maxZipped || read >= maxUnzipped) {
		c.form = formUnread // the rest is not known, and may be as it should be
	}
}
