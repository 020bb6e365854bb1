package kafka

import "sync/atomic"

// routes knows among how many partitions keys are spread: from the start's look at the cluster, and
// from then on from the client, which tells the partitioner with every record.
type routes struct{ partitions atomic.Int32 }

// learn notes that the topic has n partitions.
func (r *routes) learn(n int) {
	if n > 0 && r.partitions.Load() != int32(n) {
		r.partitions.Store(int32(n))
	}
}

// Route implements [batching.Router]: the partition of key, and how many partitions the topic has
// as far as is known. Both are 0 until the cluster has told of the topic. A topic that grows sends
// keys another way; then Route follows with the first record after the client has heard of it.
func (s *Sender) Route(key []byte) (route, routes int) {
	n := int(s.routes.partitions.Load())
	if n == 0 {
		return 0, 0
	}
	return partitionOf(key, n), n
}
