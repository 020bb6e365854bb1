package kafka

import (
	"hash/crc32"

	"github.com/twmb/franz-go/pkg/kgo"
)

// partitionOf returns the partition that librdkafka's "consistent" partitioner chooses: the CRC-32
// (IEEE) of the key, modulo the number of partitions. Producers in other languages write to the
// same topic, and the records of one key must be in one partition whoever wrote them.
//
// kgo.SaramaHasher with crc32.ChecksumIEEE computes the same if an int has 64 bits, but not if it
// has 32.
func partitionOf(key []byte, partitions int) int {
	return int(crc32.ChecksumIEEE(key) % uint32(partitions))
}

// partitioner places records by their keys. It tells written and routes the number of partitions.
type partitioner struct {
	written *written
	routes  *routes
}

func (p partitioner) ForTopic(string) kgo.TopicPartitioner { return p }

// RequiresConsistency makes the client choose among all partitions, not only those that have a
// leader at the moment.
func (partitioner) RequiresConsistency(*kgo.Record) bool { return true }

func (p partitioner) Partition(r *kgo.Record, n int) int {
	p.written.placed(n)
	p.routes.learn(n)
	return partitionOf(r.Key, n)
}
