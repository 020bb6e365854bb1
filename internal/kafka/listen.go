package kafka

import (
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
)

// listen makes s hear what its connections receive.
func (s *Sender) listen() {
	s.network.hear, s.network.failed = s.heard, s.unreached
}

// heard handles a broker's response before the client does.
func (s *Sender) heard(a answer) {
	if s.closing.Load() {
		return
	}
	if a.key == produceKey && a.err != nil && givesUp(a.err) {
		// Whatever is sent from now on must follow what is about to come back. A record that is
		// being handed to the client at this moment comes back as well. mu is held until then, so
		// the record is in the client before the client reads this response.
		s.mu.Lock()
		s.backlogs.shut(a.partition)
		s.mu.Unlock()
		signal(s.wake)
	}
	s.words.hear(a)
}

// unreached handles a failure to connect to an address.
func (s *Sender) unreached(address string, err error) {
	if !s.closing.Load() {
		s.words.note(err, address, -1)
	}
}

// givesUp reports whether franz-go, on err, fails the records of a partition at once instead of
// sending them again by itself.
func givesUp(err error) bool {
	for _, own := range []error{
		kerr.OutOfOrderSequenceNumber, kerr.UnknownProducerID, kerr.InvalidProducerIDMapping,
		kerr.InvalidProducerEpoch,
		kerr.DuplicateSequenceNumber, kerr.ConcurrentTransactions,
	} {
		if errors.Is(err, own) {
			return false
		}
	}
	return !kerr.IsRetriable(err) || errors.Is(err, kerr.CorruptMessage)
}

// whatToDo returns what an operator can do about err, or "".
func (s *starter) whatToDo(err error) string {
	c := s.cfg
	topic := func(format string) string { return fmt.Sprintf(format, c.Topic) }
	switch {
	case tooLarge(err):
		return topic("raise max.message.bytes of topic %q, or lower MaxMessageBytes " +
			"(DASHSTREAM_MAX_MESSAGE_BYTES)")
	case errors.Is(err, kerr.UnknownTopicOrPartition):
		return s.advice(errAbsent)
	case errors.Is(err, kerr.UnknownTopicID), errors.Is(err, kerr.InconsistentTopicID):
		return topic("topic %q was deleted or created anew; once it exists, it is found again")
	case errors.Is(err, kerr.NotEnoughReplicas), errors.Is(err, kerr.NotEnoughReplicasAfterAppend):
		return topic("fewer replicas of topic %q are in sync than its min.insync.replicas; bring " +
			"the missing brokers back")
	case errors.Is(err, kerr.KafkaStorageError), errors.Is(err, kerr.LogDirNotFound):
		return "a broker cannot write to its disk; its own log says why"
	case errors.Is(err, kerr.LeaderNotAvailable), errors.Is(err, kerr.NotLeaderForPartition):
		return topic("partitions of topic %q have no leader, or it has moved; if it lasts, bring " +
			"the missing brokers back")
	case errors.Is(err, kerr.InvalidTimestamp):
		return topic("the clock here, or message.timestamp.before.max.ms and .after.max.ms of " +
			"topic %q, is wrong")
	case errors.Is(err, kerr.InvalidRecord), errors.Is(err, kerr.CorruptMessage):
		return topic("check cleanup.policy and the validation rules of topic %q")
	case errors.Is(err, kerr.UnsupportedCompressionType),
		errors.Is(err, kerr.UnsupportedForMessageFormat):
		return topic("choose another compression (DASHSTREAM_COMPRESSION), or bring topic %q to " +
			"the current format")
	case errors.Is(err, kerr.PolicyViolation):
		return "a policy of the cluster forbids it; ask its operator"
	case errors.Is(err, kerr.ThrottlingQuotaExceeded):
		return "raise the producer's quota"
	case kindOf(err) == "dial", kindOf(err) == "name", kindOf(err) == "timeout":
		return "the cluster gives this address to its clients, or it is configured; check the " +
			"brokers' advertised.listeners, name resolution and firewalls from this machine"
	}
	return s.advice(err)
}
