// Package reading connects readers to the cluster that the SDK writes to, by the same settings.
package reading

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/internal/kafka"
)

// Topic returns the topic that a configuration means: its own, or the SDK's default.
func Topic(cfg callback.Config) string { return or(cfg.Topic, byDefault("Topic")) }

// Options returns the options of a client that reads from the cluster that cfg means, with its TLS
// and SASL. What to read is the caller's to add. The error names what is wrong with cfg.
func Options(cfg callback.Config) ([]kgo.Opt, error) { return configOf(cfg).ReaderOptions() }

// Explain returns err with what to do about it, if it is the cluster's definite no to a reader.
func Explain(cfg callback.Config, err error) error { return configOf(cfg).ExplainReading(err) }

func configOf(cfg callback.Config) kafka.Config {
	brokers := cfg.Brokers
	if len(brokers) == 0 {
		brokers = []string{byDefault("Brokers")}
	}
	mechanism := cfg.SASLMechanism
	switch {
	case mechanism == callback.MechanismNone:
		mechanism = ""
	case mechanism == "" && cfg.SASLToken != nil:
		mechanism = callback.MechanismOAuthBearer
	}
	return kafka.Config{
		Brokers: brokers,
		Topic:   Topic(cfg),
		Security: kafka.Security{
			Protocol:          kafka.Protocol(cfg.SecurityProtocol),
			Mechanism:         kafka.Mechanism(mechanism),
			Username:          cfg.SASLUsername,
			Password:          cfg.SASLPassword,
			Token:             cfg.SASLToken,
			TokenURL:          cfg.SASLTokenURL,
			ClientID:          cfg.SASLClientID,
			ClientSecret:      cfg.SASLClientSecret,
			Scope:             cfg.SASLScope,
			TokenCAFile:       cfg.SASLTokenCAFile,
			TokenFile:         cfg.SASLTokenFile,
			Extensions:        cfg.SASLExtensions,
			CAFile:            cfg.TLSCAFile,
			CertFile:          cfg.TLSCertFile,
			KeyFile:           cfg.TLSKeyFile,
			KeyPassword:       cfg.TLSKeyPassword,
			EndpointAlgorithm: kafka.EndpointAlgorithm(cfg.TLSEndpointAlgorithm),
		},
		Dialer:  cfg.Dialer,
		Options: cfg.KafkaOptions,
		Logger:  cfg.Logger,
		Name:    variable,
	}
}

// variable is how errors call a setting: by the variable that sets it, which is what a program's
// user knows.
func variable(field string) string {
	names := []string{field}
	if of, found := strings.CutPrefix(field, "Security."); found {
		names = []string{"SASL" + of, "TLS" + of, "Security" + of}
	}
	for _, name := range names {
		for _, s := range callback.Settings() {
			if s.Field == name {
				return s.Env
			}
		}
	}
	return field
}

// byDefault returns the default of a setting that is a text.
func byDefault(field string) string {
	for _, s := range callback.Settings() {
		if s.Field == field {
			return s.Default
		}
	}
	return ""
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

const (
	// topicTries is how often a topic that is said to be absent is asked for: a broker may not have
	// heard yet of one that was created a moment ago.
	topicTries = 3
	topicPause = 200 * time.Millisecond
)

// Partitions asks the cluster for the number of a topic's partitions. That the topic does not exist
// is an error, and so is a cluster that does not answer before ctx ends.
func Partitions(ctx context.Context, client *kgo.Client, topic string) (int, error) {
	d, err := Describe(ctx, client, topic)
	return d.Partitions, err
}

// Description is how a topic is.
type Description struct {
	ID         [16]byte // of a topic that is deleted and made anew it is another one; zero: none
	Partitions int
	Leaderless []int32 // the partitions that nobody can read now
}

// Describe asks as [Partitions] does, for more than that.
func Describe(ctx context.Context, client *kgo.Client, topic string) (Description, error) {
	type answer struct {
		topic kmsg.MetadataResponseTopic
		err   error
	}
	answered := make(chan answer, 1)
	go func() { // a new connection's first requests do not end with ctx, but with the client
		t, err := askAgain(ctx, client, topic)
		answered <- answer{t, err}
	}()
	var a answer
	select {
	case a = <-answered:
	case <-ctx.Done():
		a.err = fmt.Errorf("the cluster does not answer: %w", context.Cause(ctx))
	}
	if a.err != nil {
		return Description{}, fmt.Errorf("topic %q: %w", topic, a.err)
	}
	d := Description{ID: a.topic.TopicID, Partitions: len(a.topic.Partitions)}
	for _, p := range a.topic.Partitions {
		if p.Leader < 0 || p.ErrorCode == kerr.LeaderNotAvailable.Code {
			d.Leaderless = append(d.Leaderless, p.Partition)
		}
	}
	slices.Sort(d.Leaderless)
	return d, nil
}

// askAgain asks until the topic exists, some times.
func askAgain(
	ctx context.Context, client *kgo.Client, topic string,
) (t kmsg.MetadataResponseTopic, err error) {
	t, err = ask(ctx, client, topic)
	for tries := 1; errors.Is(err, kerr.UnknownTopicOrPartition) && tries < topicTries; tries++ {
		pause := time.NewTimer(topicPause)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return t, err
		}
		t, err = ask(ctx, client, topic)
	}
	return t, err
}

func ask(
	ctx context.Context, client *kgo.Client, topic string,
) (t kmsg.MetadataResponseTopic, err error) {
	req := kmsg.NewPtrMetadataRequest()
	asked := kmsg.NewMetadataRequestTopic()
	asked.Topic = kmsg.StringPtr(topic)
	req.Topics = append(req.Topics, asked)
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return t, err
	}
	if len(resp.Topics) != 1 {
		return t, fmt.Errorf("the cluster answered on %d topics instead of one", len(resp.Topics))
	}
	return resp.Topics[0], kerr.ErrorForCode(resp.Topics[0].ErrorCode)
}

// Places of a partition, for [Offsets].
const (
	Start int64 = -2
	End   int64 = -1
)

// Offsets asks the cluster for the offset of a place in each of a topic's partitions, counted
// from 0.
func Offsets(
	ctx context.Context, client *kgo.Client, topic string, partitions int, place int64,
) ([]int64, error) {
	asked := kmsg.NewListOffsetsRequestTopic()
	asked.Topic = topic
	for p := range int32(partitions) {
		partition := kmsg.NewListOffsetsRequestTopicPartition()
		partition.Partition, partition.Timestamp = p, place
		asked.Partitions = append(asked.Partitions, partition)
	}
	req := kmsg.NewPtrListOffsetsRequest()
	req.ReplicaID = -1
	req.Topics = append(req.Topics, asked)
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("topic %q: where it begins and ends: %w", topic, err)
	}
	offsets, found := make([]int64, partitions), 0
	for _, t := range resp.Topics {
		for _, p := range t.Partitions {
			if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
				return nil, fmt.Errorf("topic %q, partition %d: where it begins and ends: %w",
					topic, p.Partition, err)
			}
			if int(p.Partition) < partitions {
				offsets[p.Partition] = p.Offset
				found++
			}
		}
	}
	if found != partitions {
		return nil, fmt.Errorf("topic %q: the cluster answered on %d partitions of %d", topic,
			found, partitions)
	}
	return offsets, nil
}
