package dashstreampb

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/proto"
)

var update = flag.Bool("update", false, "write testdata from the fixtures")

// Each kind of message is in testdata as the value of a record, in both framings. Bytes once
// written must decode to the same message for ever; a difference here is a change of the wire
// format, which others read and write.
func TestGoldenValues(t *testing.T) {
	for _, f := range fixtures() {
		t.Run(f.name, func(t *testing.T) {
			plainFile := filepath.Join("testdata", f.name+".plain")
			zstdFile := filepath.Join("testdata", f.name+".zstd")
			compressed := markCompressed(f.message)
			if *update {
				write(t, plainFile, encodePlain(t, f.message))
				write(t, zstdFile, encodeZstd(t, encodePlain(t, compressed)))
			}

			plain := read(t, plainFile)
			decodesTo(t, plain, f.message)
			if got := encodePlain(t, f.message); !bytes.Equal(got, plain) {
				t.Errorf("the fixture encodes to\n%x\nwant\n%x", got, plain)
			}
			decoded, err := Decode(plain)
			if err != nil {
				t.Fatal(err)
			}
			if got := encodePlain(t, decoded); !bytes.Equal(got, plain) {
				t.Errorf("the decoded message encodes to\n%x\nwant\n%x", got, plain)
			}
			// The compression of an encoder is not part of the format, so its bytes are only read.
			decodesTo(t, read(t, zstdFile), compressed)
		})
	}
}

func decodesTo(t *testing.T, value []byte, want *DashStreamMessage) {
	t.Helper()
	got, err := Decode(value)
	if err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(got, want) {
		t.Errorf("decoded\n%v\nwant\n%v", got, want)
	}
}

// markCompressed returns a copy in which every header says that the body is a zstd frame.
func markCompressed(m *DashStreamMessage) *DashStreamMessage {
	m = proto.CloneOf(m)
	m.Header().Compression = CompressionType_COMPRESSION_ZSTD
	for h := range m.Headers() {
		h.Compression = CompressionType_COMPRESSION_ZSTD
	}
	return m
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, file string, b []byte) {
	t.Helper()
	if err := os.WriteFile(file, b, 0o644); err != nil {
		t.Fatal(err)
	}
}
