package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Open returns a Sender for cfg, after it has asked the cluster once.
//
// A wrong setting is an error before any connection is made. If the cluster rejects the client (its
// password, a certificate, the topic), the error says what to do. If the cluster cannot be reached
// within [Config.StartTimeout], or has not started up, Open logs that and returns a Sender that
// works as soon as the cluster does. If ctx ends first, its error is returned.
func Open(ctx context.Context, cfg Config) (*Sender, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	cfg.warnOfPlainEndpoint()
	s := newSender(&cfg)
	client, err := s.connect(&cfg)
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("kafka: %w", err)
	}
	s.running.Add(1)
	go s.watch(s.background)

	asked, cancel := context.WithTimeout(ctx, cfg.StartTimeout)
	defer cancel()
	start := &starter{
		cfg: &cfg, client: client, log: s.log, routes: &s.routes, limited: s.backlogs.limited,
		refused: s.refusedLater,
		network: s.network, tokens: s.tokens,
	}
	s.words.muted.Store(true)
	err = start.ask(asked)
	s.words.muted.Store(false)
	var refusal *refusalError
	switch {
	case ctx.Err() != nil:
		err = fmt.Errorf("kafka: opening: %w", context.Cause(ctx))
	case errors.As(err, &refusal):
		err = refusal
	case err != nil:
		s.log.Warn("kafka: the cluster cannot be reached; starting without it",
			"brokers", cfg.Brokers, "topic", cfg.Topic, "error", err)
		s.stats.failed(err)
		s.running.Go(func() { start.askLater(s.background, s.timing) })
		return s, nil
	default:
		return s, nil
	}
	// The client has no records yet, so closing it waits for no broker.
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	s.Close(closing) //nolint:errcheck // the error above says more
	return nil, err
}

// refusedLater logs that a cluster which was unreachable at start is reachable now and rejects the
// client.
func (s *Sender) refusedLater(refusal *refusalError) {
	if s.words.told(refusal) {
		return
	}
	s.log.Error("kafka: the cluster rejects the client; batches wait until their delivery timeout",
		"error", refusal)
}

// newSender returns a Sender that has no client yet and is not running.
func newSender(cfg *Config) *Sender {
	t := newTiming(cfg.DeliveryTimeout)
	s := &Sender{
		topic: cfg.Topic, timing: t, log: cfg.Logger, written: newWritten(), start: time.Now(),
		deadlines: newDeadlines(t),
		unknown:   newPartition(unknownPartition), wake: make(chan struct{}, 1),
		drained: make(chan struct{}, 1),
	}
	s.written.stats = &s.stats
	s.backlogs = newBacklogs(cfg.batchBytes())
	s.splitValue = cfg.Split
	s.background, s.stop = context.WithCancel(context.Background())
	s.tokens = cfg.newTokens(s.background)
	advice := (&starter{cfg: cfg, tokens: s.tokens}).whatToDo
	s.words = newWords(cfg, t, &s.stats, advice, func() { signal(s.wake) })
	s.network = newNetwork(cfg, t, nil, &s.stats)
	return s
}

// connect creates the client of s, which does not connect to anything yet.
func (s *Sender) connect(cfg *Config) (*kgo.Client, error) {
	var certs *credentials
	if cfg.Security.tls() {
		var err error
		if certs, err = newCredentials(cfg.Security, cfg.Logger); err != nil {
			return nil, err
		}
	}
	s.network.tls = certs
	s.listen()
	options, err := cfg.clientOptions(s)
	if err != nil {
		return nil, err
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		return nil, err
	}
	s.client = client
	s.cluster.ping = pinger(client)
	return client, nil
}
