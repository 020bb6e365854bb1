package kafka

import "sync/atomic"

// routes knows the number of partitions: first from the check at start, and then from the client,
// which passes it to the partitioner with every record.
type routes struct{ partitions atomic.Int32 }

// learn records that the topic has n partitions.
func (r *routes) learn(n int) {
	if n > 0 && r.partitions.Load() != int32(n) {
		r.partitions.Store(int32(n))
	}
}

// Route implements [batching.Router]: it returns the partition of key and the topic's number of
// partitions, as far as known. Both are 0 until the topic is known. When the number of partitions
// grows, keys may move; Route follows with the first record after the client has noticed.
func (s *Sender) Route(key []byte) (route, routes int) {
	n := int(s.routes.partitions.Load())
	if n == 0 {
		return 0, 0
	}
	return partitionOf(key, n), n
}
