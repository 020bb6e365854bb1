package kafka

import (
	"context"
	"strconv"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// topicConfig is the resource type of topics in DescribeConfigs.
const topicConfig = 2

// learnLimit asks how large the topic's record batches may be. If that is not allowed, the limit is
// learnt from rejections.
//
// franz-go has one limit, for record batches before compression. It is set when the client is
// created, and records beyond it fail without being sent. The Sender sets it to the size of its
// largest record, because that may compress well. If the topic accepts less, no more than fits is
// handed over at once (see backlogs).
func (s *starter) learnLimit(ctx context.Context) {
	req := kmsg.NewPtrDescribeConfigsRequest()
	resource := kmsg.NewDescribeConfigsRequestResource()
	resource.ResourceType, resource.ResourceName = topicConfig, s.cfg.Topic
	resource.ConfigNames = []string{"max.message.bytes"}
	req.Resources = append(req.Resources, resource)
	resp, err := req.RequestWith(ctx, s.client)
	if err != nil {
		return
	}
	for _, r := range resp.Resources {
		if kerr.ErrorForCode(r.ErrorCode) != nil {
			continue
		}
		for _, c := range r.Configs {
			if c.Name != "max.message.bytes" || c.Value == nil {
				continue
			}
			if limit, err := strconv.Atoi(*c.Value); err == nil && s.limited != nil {
				s.limited(limit)
			}
		}
	}
}
