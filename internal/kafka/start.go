package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// topicTries is how often a topic that is reported as missing is looked up, topicPause the time
// between. A broker may not know yet of a topic that was created a moment ago.
const (
	topicTries = 3
	topicPause = 200 * time.Millisecond
)

// starter asks the cluster whether it will accept what is going to be sent.
type starter struct {
	cfg    *Config
	client *kgo.Client
	log    *slog.Logger
	routes *routes // receives the number of partitions
	// limited receives the topic's limit for a record batch; may be nil.
	limited func(bytes int)
	// refused receives a rejection after the start; may be nil.
	refused func(*refusalError)

	network *network
	tokens  *tokens
	old     sync.Once // old brokers are reported once
	// described is the last description of the topic from a broker that is ready.
	described atomic.Pointer[kmsg.MetadataResponse]
}

// errAbsent says that the topic does not exist.
var errAbsent = errors.New("the topic does not exist")

// ask returns nil if the cluster is ready, a *refusalError if it rejects the client, or another
// error if it could not be asked.
func (s *starter) ask(ctx context.Context) error {
	err := s.askTopic(ctx)
	created := false
	for tries := 1; errors.Is(err, errAbsent) && (tries < topicTries || created); tries++ {
		if s.cfg.CreateTopic && !created {
			if err := s.createTopic(ctx); err != nil {
				return s.explain(err)
			}
			created = true
		}
		if !pause(ctx, topicPause) {
			return ctx.Err()
		}
		err = s.askTopic(ctx)
	}
	if err == nil {
		s.lookAtLeaders(ctx, s.described.Load())
		s.learnLimit(ctx)
	}
	return s.explain(err)
}

// askTopic asks all configured brokers at once and uses the first response. If there is none, a
// rejection takes precedence over a failure to connect.
func (s *starter) askTopic(ctx context.Context) error {
	brokers := s.client.SeedBrokers()
	answers := make(chan error, len(brokers))
	for i, b := range brokers {
		go func() { answers <- s.askOrLook(ctx, b, withPort(s.cfg.Brokers[i])) }()
	}
	var failure, refusal error
	for range brokers {
		err := <-answers
		switch {
		case err == nil || answered(err):
			return err
		case definite(err):
			refusal = err
		default:
			failure = err
		}
	}
	if refusal != nil {
		return refusal
	}
	return failure
}

// topicError is an error in a broker's response about the topic, as opposed to a failure to get
// one.
type topicError struct{ error }

func (e topicError) Unwrap() error { return e.error }

func answered(err error) bool {
	var topic topicError
	return errors.As(err, &topic)
}

func (s *starter) askBroker(ctx context.Context, b *kgo.Broker) error {
	req := kmsg.NewPtrMetadataRequest()
	topic := kmsg.NewMetadataRequestTopic()
	topic.Topic = kmsg.StringPtr(s.cfg.Topic)
	req.Topics = append(req.Topics, topic)
	req.IncludeTopicAuthorizedOperations = true
	answer, err := b.Request(ctx, req)
	if err != nil {
		return err
	}
	if err := s.askVersions(ctx, b); err != nil {
		return topicError{err}
	}
	resp := answer.(*kmsg.MetadataResponse)
	if err := kerr.ErrorForCode(resp.ErrorCode); err != nil {
		return err
	}
	if len(resp.Topics) != 1 {
		return fmt.Errorf("a broker answered on %d topics instead of one", len(resp.Topics))
	}
	switch err := kerr.ErrorForCode(resp.Topics[0].ErrorCode); {
	case errors.Is(err, kerr.UnknownTopicOrPartition):
		return topicError{errAbsent}
	case err != nil:
		return topicError{err}
	}
	s.routes.learn(len(resp.Topics[0].Partitions))
	if !mayWrite(resp.Topics[0].AuthorizedOperations) {
		return topicError{kerr.TopicAuthorizationFailed}
	}
	if err := s.askProducer(ctx, b); err != nil {
		return err
	}
	s.described.Store(resp)
	return nil
}

// askProducer requests a producer ID, only to see whether it is allowed. The client will request
// its own later.
func (s *starter) askProducer(ctx context.Context, b *kgo.Broker) error {
	answer, err := b.Request(ctx, kmsg.NewPtrInitProducerIDRequest())
	if err == nil {
		err = kerr.ErrorForCode(answer.(*kmsg.InitProducerIDResponse).ErrorCode)
	}
	if err != nil && definite(err) {
		return topicError{err}
	}
	return nil
}

// mayWrite decodes the set of operations that a broker allows on a topic. Brokers before 2.3 do not
// report it and send the smallest int32.
func mayWrite(operations int32) bool {
	return operations == math.MinInt32 || operations&(1<<kmsg.ACLOperationWrite) != 0
}

// createTopic creates the topic. It is no error if the topic exists.
func (s *starter) createTopic(ctx context.Context) error {
	req := kmsg.NewPtrCreateTopicsRequest()
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = s.cfg.Topic, -1, -1
	if s.cfg.Partitions > 0 {
		topic.NumPartitions = s.cfg.Partitions
	}
	if s.cfg.ReplicationFactor > 0 {
		topic.ReplicationFactor = s.cfg.ReplicationFactor
	}
	req.Topics = append(req.Topics, topic)
	resp, err := req.RequestWith(ctx, s.client)
	if err != nil {
		return err
	}
	for _, t := range resp.Topics {
		err := kerr.ErrorForCode(t.ErrorCode)
		switch {
		case errors.Is(err, kerr.TopicAlreadyExists):
			return nil
		case err != nil && t.ErrorMessage != nil:
			return fmt.Errorf("creating topic %q: %w (%s)", s.cfg.Topic, err, *t.ErrorMessage)
		case err != nil:
			return fmt.Errorf("creating topic %q: %w", s.cfg.Topic, err)
		}
	}
	s.log.Info("kafka: created the topic", "topic", s.cfg.Topic)
	return nil
}

// askLater asks the cluster, which was unreachable when the Sender was opened, until it is ready,
// and creates the topic if configured. A rejection is logged once, in the words that [Open] would
// have returned, and may pass like others.
func (s *starter) askLater(ctx context.Context, t timing) {
	said := ""
	for tries := 1; ; tries++ {
		if !pause(ctx, t.backoff(tries)) {
			return
		}
		attempt, cancel := context.WithTimeout(ctx, s.cfg.StartTimeout)
		err := s.ask(attempt)
		cancel()
		if ctx.Err() != nil {
			return
		}
		var refusal *refusalError
		switch {
		case err == nil:
			s.log.Info("kafka: the cluster is reachable and accepts records", "brokers",
				s.cfg.Brokers, "topic", s.cfg.Topic)
			return
		case errors.As(err, &refusal) && refusal.Error() != said:
			said = refusal.Error()
			s.refused(refusal)
		}
	}
}

// pause waits for d. It reports false if ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
