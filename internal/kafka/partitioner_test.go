package kafka

import (
	"fmt"
	"hash/crc32"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// TestPartitionIsLibrdkafkas compares partitions with librdkafka's "consistent" partitioner,
// rd_crc32(key) % partitions. The check sums are published test vectors of CRC-32 (IEEE 802.3). The
// first of them is the algorithm's check value, and three are above 2^31, where signed arithmetic
// would give another result.
func TestPartitionIsLibrdkafkas(t *testing.T) {
	for key, sum := range map[string]uint32{
		"123456789": 0xcbf43926,
		"":          0,
		"a":         0xe8b7be43,
		"abc":       0x352441c2,
		"The quick brown fox jumps over the lazy dog": 0x414fa339,
		"message digest":             0x20159d7f,
		"abcdefghijklmnopqrstuvwxyz": 0x4c2750bd,
	} {
		for _, n := range []uint32{1, 3, 12, 100, 1 << 20} {
			r := &kgo.Record{Key: []byte(key)}
			p := partitioner{newWritten(), new(routes)}.ForTopic("t")
			if got := p.Partition(r, int(n)); got != int(sum%n) {
				t.Errorf("key %q goes to partition %d of %d, want %d", key, got, n, sum%n)
			}
			if !p.RequiresConsistency(r) {
				t.Error("a partition without a leader is left out")
			}
		}
	}
}

// TestPartitionIsKgosToo compares with the hasher that franz-go offers for the same purpose.
func TestPartitionIsKgosToo(t *testing.T) {
	if ^uint(0)>>32 == 0 {
		t.Skip("an int has 32 bits here, where kgo.SaramaHasher goes another way than librdkafka")
	}
	hasher := kgo.SaramaHasher(crc32.ChecksumIEEE)
	for i := range 10_000 {
		key := []byte(fmt.Sprint("thread-", i))
		if got, want := partitionOf(key, 12), hasher(key, 12); got != want {
			t.Fatalf("key %s goes to partition %d, want %d", key, got, want)
		}
	}
}
