package main

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/dashstream/dashstream-go/callback"
)

// useBroker points cfg at the cluster that the environment names, or at a broker inside this
// process, which has the topic. It says which, and how to end it.
func useBroker(cfg *callback.Config) (what string, stop func(), err error) {
	if len(cfg.Brokers) > 0 {
		return fmt.Sprintf("the cluster at %v", cfg.Brokers), func() {}, nil
	}
	topic := cfg.Topic
	if topic == "" {
		topic = defaultTopic()
	}
	fake, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(4, topic))
	if err != nil {
		return "", nil, fmt.Errorf("starting the embedded broker: %w", err)
	}
	cfg.Brokers = fake.ListenAddrs()
	return "an embedded broker (set KAFKA_BROKERS to use a cluster)", fake.Close, nil
}

func defaultTopic() string {
	for _, s := range callback.Settings() {
		if s.Field == "Topic" {
			return s.Default
		}
	}
	return ""
}
