package kafka

import (
	"context"
	"strconv"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// topicConfig is the type of resource that DescribeConfigs has for topics.
const topicConfig = 2

// learnLimit asks how large the topic's record batches may be. That it may not be asked is fine:
// then refusals tell.
//
// franz-go takes one limit, for record batches before compression, when the client is made, and
// fails records beyond it without a try. The Sender's own is as large as its largest record, since
// that may compress well; where the topic takes less, no more than fits is handed over at once (see
// backlogs).
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
