package kafka

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// recordsOf returns the records section of a batch with these keys.
func recordsOf(keys ...string) []byte {
	var out []byte
	for i, key := range keys {
		r := kmsg.Record{TimestampDelta64: int64(i) * 1000, OffsetDelta: int32(i), Key: []byte(key),
			Value: []byte("value of " + key)}
		r.Length = int32(len(r.AppendTo(nil)) - 1) // length of the rest, for lengths below 64
		out = r.AppendTo(out)
	}
	return out
}

func keyOn(partition, partitions int) string {
	for i := 0; ; i++ {
		if key := fmt.Sprint("key ", i); partitionOf([]byte(key), partitions) == partition {
			return key
		}
	}
}

func TestFirstKeyOfABatch(t *testing.T) {
	for _, keys := range [][]string{{"a"}, {""}, {"a key", "another"}} {
		if key, ok := firstKey(recordsOf(keys...)); !ok || string(key) != keys[0] {
			t.Errorf("the first key of %q is %q, %v", keys, key, ok)
		}
	}
	whole := recordsOf("a key")
	for n := range whole {
		if key, ok := firstKey(whole[:n]); ok {
			t.Errorf("%d of %d bytes have the key %q", n, len(whole), key)
		}
	}
	if _, ok := firstKey(make([]byte, 100)); ok {
		// it begins with an offset of 0
		t.Error("a message set of the format before 0.11 has a key")
	}
}

func FuzzFirstKey(f *testing.F) {
	f.Add(recordsOf("a", "b"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if key, ok := firstKey(data); ok && !bytes.Contains(data, key) {
			t.Errorf("%q is not in %q", key, data)
		}
	})
}

// writer acts as the client: it places records and writes batches.
type writer struct {
	*written
	n int
}

// hand hands over a record and returns its number.
func (w writer) hand(partition int) uint64 {
	number := w.handed.Add(1)
	partitioner{w.written, new(routes)}.Partition(&kgo.Record{Key: []byte(keyOn(partition, w.n))},
		w.n)
	return number
}

// write writes a batch of one record.
func (w writer) write(partition int) {
	w.Compress(new(bytes.Buffer), recordsOf(keyOn(partition, w.n)))
}

func TestOnlyWhatWasHandedOverBeforeCanBeWritten(t *testing.T) {
	w := writer{newWritten(), 4}
	first, other := w.hand(1), w.hand(2)
	w.write(1)
	second := w.hand(1)
	for _, tt := range []struct {
		name      string
		partition int32
		number    uint64
		want      bool
	}{{"in the batch", 1, first, true}, {"after it", 1, second, false},
		{"of another partition", 2, other, false}} {
		if got := w.maybe(tt.partition, tt.number); got != tt.want {
			t.Errorf("a record %s may have been written: %v", tt.name, got)
		}
	}
}

func TestWhatIsWrittenAgainIsInDoubt(t *testing.T) {
	w := writer{newWritten(), 4}
	first := w.hand(1)
	w.write(1)
	if w.repeated(1, first) {
		t.Error("a batch that was written once is in doubt")
	}
	w.write(1)
	second, other := w.hand(1), w.hand(2)
	if !w.repeated(1, first) || w.repeated(1, second) || w.repeated(2, other) {
		t.Error("a batch that was written twice is not in doubt, or others are")
	}
	if n := w.stats.retries.Load(); n != 1 {
		t.Errorf("%d retries, want 1", n)
	}
	w.doubt(1)
	if !w.repeated(1, second) || w.repeated(2, other) {
		t.Error("what follows a batch in doubt is not in doubt, or others are")
	}
}

// If a key does not tell the partition, a batch counts for all of them.
func TestBatchesOfUnknownPartitionsCountForAll(t *testing.T) {
	for name, prepare := range map[string]func(w writer){
		"the number of partitions changed": func(w writer) { w.placed(5) },
		"another partitioner":              func(w writer) { w.partitions.Store(0) },
	} {
		w := writer{newWritten(), 4}
		first := w.hand(1)
		prepare(w)
		w.write(2)
		if !w.maybe(1, first) || w.maybe(1, w.handed.Load()+1) {
			t.Errorf("%s: a batch of partition 2 tells of that partition alone", name)
		}
	}
}

// With another compressor in its place, any request may have contained any record.
func TestAnotherCompressorLeavesEverythingInDoubt(t *testing.T) {
	w := newWritten()
	if w.maybe(0, 1) {
		t.Error("a record may have been written before any request")
	}
	w.stats.requests.Add(1)
	if !w.maybe(0, 1) || !w.repeated(0, 1) {
		t.Error("a record cannot have been written although there was a request")
	}
}

func TestBytesAreCountedBeforeAndAfterCompression(t *testing.T) {
	for _, c := range []Compression{Zstd, LZ4, Snappy, None} {
		cfg := Config{Compression: c}
		w := newWritten()
		inner, err := cfg.compressor(1 << 20)
		if err != nil {
			t.Fatal(err)
		}
		w.inner = inner
		out, codec := w.Compress(new(bytes.Buffer), bytes.Repeat([]byte("words "), 1000))
		before, after := w.stats.uncompressed.Load(), w.stats.compressed.Load()
		if before != 6000 {
			t.Errorf("%s: %d bytes before, want 6000", c, before)
		}
		if c == None {
			if out != nil || codec != kgo.CodecNone || after != 6000 {
				t.Errorf("%s: %d bytes after by codec %v", c, after, codec)
			}
		} else if after == 0 || after > 600 || int(after) != len(out) || codec == kgo.CodecNone {
			t.Errorf("%s: %d bytes after by codec %v", c, after, codec)
		}
	}
}
