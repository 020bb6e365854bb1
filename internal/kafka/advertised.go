package kafka

import (
	"context"
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// errOldBrokers means that the brokers do not support records with headers.
var errOldBrokers = errors.New("the brokers are too old")

const (
	produceZstd    = 7 // the first version of produce requests that allows zstd: Kafka 2.1
	produceHeaders = 3 // the first version whose records have headers: Kafka 0.11
	// leadersTimeout bounds how long New waits for the addresses that brokers advertise.
	leadersTimeout = 2 * time.Second
)

// askVersions asks which request versions the brokers support.
func (s *starter) askVersions(ctx context.Context, b *kgo.Broker) error {
	answer, err := b.Request(ctx, kmsg.NewPtrApiVersionsRequest())
	if err != nil {
		return nil // the client has asked it too, and will report what is wrong
	}
	resp := answer.(*kmsg.ApiVersionsResponse)
	if kerr.ErrorForCode(resp.ErrorCode) != nil {
		return nil
	}
	for _, key := range resp.ApiKeys {
		switch {
		case key.ApiKey != produceKey:
		case key.MaxVersion < produceHeaders:
			return errOldBrokers
		case key.MaxVersion < produceZstd && s.cfg.Compression == Zstd:
			s.old.Do(func() {
				s.log.Warn("kafka: brokers older than Kafka 2.1 do not support zstd, so nothing "+
					"is compressed; choose lz4 or snappy: "+s.cfg.name("Compression"),
					"brokers", s.cfg.Brokers)
			})
		}
	}
	return nil
}

// withPort adds Kafka's default port to an address without a port.
func withPort(address string) string {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return net.JoinHostPort(strings.Trim(address, "[]"), "9092")
	}
	return address
}

// lookAtLeaders connects to the advertised addresses of the brokers that lead the topic's
// partitions, and logs those that cannot be reached. A cluster can be reachable at the configured
// address and unreachable at all others; without this check, that would show only when events are
// given up. If ctx was cancelled, nothing is logged, because then nobody waited for a response.
func (s *starter) lookAtLeaders(ctx context.Context, resp *kmsg.MetadataResponse) {
	leaders := map[string]bool{}
	for _, p := range resp.Topics[0].Partitions {
		for _, b := range resp.Brokers {
			if b.NodeID == p.Leader {
				leaders[net.JoinHostPort(b.Host, strconv.Itoa(int(b.Port)))] = true
			}
		}
	}
	look, cancel := context.WithTimeout(ctx, leadersTimeout)
	defer cancel()
	type result struct {
		address string
		err     error
	}
	results := make(chan result, len(leaders))
	for address := range leaders {
		go func() {
			conn, err := s.network.dial(look, "tcp", address)
			if err == nil {
				conn.Close() // nolint:errcheck // nothing was sent
			}
			results <- result{address, err}
		}()
	}
	var unreachable []string
	var failure error
	for range len(leaders) {
		select {
		case r := <-results:
			if r.err != nil {
				unreachable, failure = append(unreachable, r.address), r.err
			}
			delete(leaders, r.address)
		case <-look.Done():
		}
	}
	if look.Err() != nil {
		for address := range leaders {
			unreachable, failure = append(unreachable, address), errors.New("no answer")
		}
	}
	if len(unreachable) == 0 || errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	slices.Sort(unreachable)
	s.log.Warn("kafka: the cluster responds, but addresses that its brokers advertise cannot be "+
		"reached from here; records for them wait. Check advertised.listeners there, and names "+
		"and firewalls here",
		"asked", s.cfg.Brokers, "unreachable", unreachable, "error", failure)
}
