package callbacktest

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// Each rule is broken once and by itself: the checker must report that rule, and no other.
func TestCheckerNamesTheRuleThatIsBroken(t *testing.T) {
	tests := []struct {
		name     string
		want     Rule
		sequence uint64
		breakIt  func(s *stream)
	}{
		{"value of another format", RuleValue, 0,
			func(s *stream) { s.record("warning").raw = []byte("{}") }},
		{"newer schema", RuleValue, 0,
			func(s *stream) { s.byName["warning"].Header.SchemaVersion = 2 }},
		{"no producer", RuleRecordHeaders, 0,
			func(s *stream) { s.record("tokens").Headers = s.record("tokens").Headers[1:] }},
		{"no epoch", RuleRecordHeaders, 0,
			func(s *stream) { s.record("tokens").Headers = s.record("tokens").Headers[:1] }},
		{"empty producer", RuleRecordHeaders, 0,
			func(s *stream) { s.record("tokens").Headers[0].Value = nil }},
		{"epoch that is not a number", RuleRecordHeaders, 0,
			func(s *stream) { s.record("tokens").Headers[1].Value = []byte("now") }},
		{"two producers", RuleRecordHeaders, 0, func(s *stream) {
			s.record("tokens").Headers = append(s.record("tokens").Headers,
				s.record("tokens").Headers[0])
		}},
		{"traceparent that is none", RuleRecordHeaders, 0, func(s *stream) {
			s.record("tokens").Headers = append(s.record("tokens").Headers,
				Header{"traceparent", []byte("x")})
		}},
		{"two traceparents", RuleRecordHeaders, 0, func(s *stream) {
			h := Header{"traceparent",
				[]byte("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")}
			s.record("tokens").Headers = append(s.record("tokens").Headers, h, h)
		}},
		{"key of another thread", RuleKey, 10,
			func(s *stream) { s.record("tokens").Key = []byte("u") }},
		{"no key", RuleKey, 10, func(s *stream) { s.record("tokens").Key = nil }},
		{"other partition", RulePartition, 10,
			func(s *stream) { s.record("tokens").Partition = 1 }},
		{"no header", RuleHeader, 0, func(s *stream) { s.byName["warning"].Header = nil }},
		{"no header in a batch", RuleHeader, 0, func(s *stream) { s.addHeaderless() }},
		{"no schema version", RuleHeader, 10,
			func(s *stream) { s.byName["tokens"].Header.SchemaVersion = 0 }},
		{"no schema version in a batch", RuleHeader, 5,
			func(s *stream) { s.batchEvent("starts", 0).Header.SchemaVersion = 0 }},
		{"no schema version on a batch", RuleHeader, 0,
			func(s *stream) { s.record("starts").message.Header().SchemaVersion = 0 }},
		{"wrong type", RuleHeader, 10,
			func(s *stream) { s.byName["tokens"].Header.Type = pb.MessageType_MESSAGE_TYPE_EVENT }},
		{"wrong type in a batch", RuleHeader, 5, func(s *stream) {
			s.batchEvent("starts", 0).Header.Type = pb.MessageType_MESSAGE_TYPE_EVENT_BATCH
		}},
		{"compression that is none", RuleHeader, 10, func(s *stream) {
			s.byName["tokens"].Header.Compression = pb.CompressionType_COMPRESSION_ZSTD
		}},
		{"compression that is not said", RuleHeader, 10,
			func(s *stream) { s.record("tokens").framing = pb.FramingZstd }},
		{"long thread_id", RuleThreadID, 0, func(s *stream) {
			id := strings.Repeat("x", pb.MaxThreadIDBytes+1-len(pb.ReportThreadPrefix))
			r, m := s.record("report 2"), s.metrics("report 2")
			m.Header.ThreadId, m.ScopeId = pb.ReportThreadPrefix+id, id
			r.Key, r.Headers[0].Value = []byte(m.Header.ThreadId), []byte(id)
		}},
		{"short message_id", RuleMessageID, 10,
			func(s *stream) { s.byName["tokens"].Header.MessageId = []byte{1} }},
		{"short message_id of a batch", RuleMessageID, 0,
			func(s *stream) { s.record("starts").message.Header().MessageId = []byte{1} }},
		{"message_id of another", RuleMessageID, 10, func(s *stream) {
			s.byName["tokens"].Header.MessageId = s.byName["plan end"].Header.MessageId
		}},
		{"message_id of another, of a batch", RuleMessageID, 0, func(s *stream) {
			s.record("starts").message.Header().MessageId = s.byName["plan end"].Header.MessageId
		}},
		{"no number", RuleSequence, 0, func(s *stream) { s.byName["warning"].Header.Sequence = 0 }},
		{"number of another", RuleSequence, 29,
			func(s *stream) { s.byName["warning"].Header.Sequence = 29 }},
		{"number on a batch", RuleBatch, 5,
			func(s *stream) { s.record("starts").message.Header().Sequence = 5 }},
		{"empty batch", RuleBatch, 0, func(s *stream) { s.batch("empty", testThread) }},
		{"other tenant in a batch", RuleBatch, 6,
			func(s *stream) { s.batchEvent("starts", 1).Header.TenantId = "u" }},
		{"no graph start", RuleGraphStart, 1, func(s *stream) {
			s.event("stray", "u", pb.EventType_EVENT_TYPE_NODE_WARNING, "", nil)
		}},
		{"parent_id of 8 bytes", RuleParent, 10,
			func(s *stream) { s.byName["tokens"].Header.ParentId = make([]byte, 8) }},
		{"no parent in a graph", RuleParent, 10,
			func(s *stream) { s.byName["tokens"].Header.ParentId = nil }},
		{"unknown parent", RuleParent, 10,
			func(s *stream) { s.byName["tokens"].Header.ParentId = make([]byte, 16) }},
		{"parent that is not a start", RuleParent, 10, func(s *stream) {
			s.byName["tokens"].Header.ParentId = s.byName["plan end"].Header.MessageId
		}},
		{"start of another thread", RuleParent, 10, func(s *stream) {
			s.byName["tokens"].Header.ParentId = s.byName["report 1"].Header.MessageId
		}},
		{"end without a start", RuleParent, 30, func(s *stream) {
			s.byName["warning"].EventType = pb.EventType_EVENT_TYPE_LLM_END
		}},
		{"end of what never started", RuleParent, 30, func(s *stream) {
			s.byName["warning"].EventType = pb.EventType_EVENT_TYPE_LLM_END
			s.byName["warning"].Header.ParentId = make([]byte, 16)
		}},
		{"second end", RuleParent, 30, func(s *stream) {
			s.byName["warning"].EventType = pb.EventType_EVENT_TYPE_LLM_END
			s.byName["warning"].Header.ParentId = s.byName["llm start"].Header.MessageId
		}},
		{"end of another kind of start", RuleParent, 11, func(s *stream) {
			s.byName["llm end"].EventType = pb.EventType_EVENT_TYPE_TOOL_END
		}},
		{"end of another node", RuleParent, 4,
			func(s *stream) { s.byName["plan end"].NodeId = "search" }},
		{"no type of event", RuleEvent, 30, func(s *stream) { s.byName["warning"].EventType = 0 }},
		{"unknown type of event", RuleEvent, 30,
			func(s *stream) { s.byName["warning"].EventType = 999 }},
		{"node without a name", RuleEvent, 2, func(s *stream) {
			s.byName["plan start"].NodeId,
				s.byName["plan end"].NodeId = "", ""
		}},
		{"attribute of another type", RuleEvent, 5,
			func(s *stream) { s.batchEvent("starts", 0).Attributes["to"] = number(1) }},
		{"error that is not said", RuleEvent, 16,
			func(s *stream) { delete(s.batchEvent("ends", 0).Attributes, "error") }},
		{"schema_id that is none", RuleEvent, 1,
			func(s *stream) { s.byName["graph start"].Attributes["schema_id"] = text("g") }},
		{"duration only in the field", RuleDuration, 4,
			func(s *stream) { delete(s.byName["plan end"].Attributes, durationAttribute) }},
		{"duration only in the attribute", RuleDuration, 4,
			func(s *stream) { s.byName["plan end"].DurationUs = 0 }},
		{"duration as text", RuleDuration, 4,
			func(s *stream) { s.byName["plan end"].Attributes[durationAttribute] = text("5") }},
		{"negative duration", RuleDuration, 24,
			func(s *stream) { s.byName["graph end"].DurationUs = -1 }},
		{"full_state that is not JSON", RuleJSON, 3,
			func(s *stream) { s.stateDiff("whole state").FullState = []byte("{a}") }},
		{"full_state that is not UTF-8", RuleJSON, 3,
			func(s *stream) { s.stateDiff("whole state").FullState = []byte("\"\xff\"") }},
		{"operation's value that is not JSON", RuleJSON, 15,
			func(s *stream) { s.stateDiff("patch").Operations[0].Value = []byte("x") }},
		{"operation without its value", RuleJSON, 15,
			func(s *stream) { s.stateDiff("patch").Operations[0].Value = nil }},
		{"arguments that are not JSON", RuleJSON, 12, func(s *stream) {
			s.record("tool requested").message.GetToolExecution().Arguments = []byte("q=1")
		}},
		{"schema that is not JSON", RuleJSON, 1,
			func(s *stream) {
				s.byName["graph start"].Attributes["graph_schema_json"] = text("g")
			}},
		{"schema of another form", RuleJSON, 1, func(s *stream) {
			s.byName["graph start"].Attributes["graph_schema_json"] = text(`{"nodes":{}}`)
		}},
		{"node of a type that is not on the list", RuleSchema, 1, func(s *stream) {
			s.byName["graph start"].Attributes["graph_schema_json"] = text(
				`{"nodes":[{"name":"a","node_type":"function"}]}`)
		}},
		{"node without a type", RuleSchema, 1, func(s *stream) {
			s.byName["graph start"].Attributes["graph_schema_json"] = text(
				`{"nodes":[{"name":"a"}]}`)
		}},
		{"edge of a type that is not on the list", RuleSchema, 1, func(s *stream) {
			s.byName["graph start"].Attributes["graph_schema_json"] = text(
				`{"edges":[{"from":"a","to":"b","edge_type":"odd"}]}`)
		}},
		{"targets by their results", RuleSchema, 1, func(s *stream) {
			s.byName["graph start"].Attributes["graph_schema_json"] = text(
				`{"edges":[{"from":"a","to":"b","edge_type":"conditional","conditional_targets":{"x":"b"}}]}`)
		}},
		{"targets that are not names", RuleSchema, 1, func(s *stream) {
			s.byName["graph start"].Attributes["graph_schema_json"] = text(
				`{"edges":[{"from":"a","to":"b","edge_type":"conditional","conditional_targets":[1]}]}`)
		}},
		{"a list of no targets", RuleSchema, 1, func(s *stream) {
			s.byName["graph start"].Attributes["graph_schema_json"] = text(
				`{"edges":[{"from":"a","to":"b","edge_type":"conditional","conditional_targets":[]}]}`)
		}},
		{"an edge for each target that has them all", RuleSchema, 1, func(s *stream) {
			s.byName["graph start"].Attributes["graph_schema_json"] = text(
				`{"edges":[{"from":"a","to":"b","edge_type":"conditional","conditional_targets":["b"]},
				{"from":"a","to":"c","edge_type":"conditional","conditional_targets":["b"]}]}`)
		}},
		{"an edge to a target beside the list", RuleSchema, 1, func(s *stream) {
			s.byName["graph start"].Attributes["graph_schema_json"] = text(
				`{"edges":[{"from":"a","to":"b","edge_type":"conditional","conditional_targets":["b","c"]},
				{"from":"a","to":"c","edge_type":"conditional"}]}`)
		}},
		{"operation that leaves out what is 0", RuleDefaults, 15, func(s *stream) {
			r := s.record("patch")
			body, err := proto.Marshal(r.message)
			if err != nil {
				panic(err)
			}
			r.raw = append([]byte{pb.FramingPlain}, body...)
		}},
		{"initial state that is not JSON", RuleJSON, 1,
			func(s *stream) {
				s.byName["graph start"].Attributes["initial_state_json"] = text("g")
			}},
		{"final state that is not JSON", RuleJSON, 23, func(s *stream) {
			s.record("trace").message.GetExecutionTrace().FinalState = []byte("x")
		}},
		{"trace of another thread", RuleThreadID, 23,
			func(s *stream) { s.record("trace").message.GetExecutionTrace().ThreadId = "u" }},
		{"hash that is none", RuleState, 3,
			func(s *stream) { s.stateDiff("whole state").StateHash = []byte{1} }},
		{"hash of another state", RuleState, 3,
			func(s *stream) { s.stateDiff("whole state").StateHash = sum("x") }},
		{"hash of another form", RuleState, 3, func(s *stream) {
			d := s.stateDiff("whole state")
			d.FullState, d.StateHash = []byte(`{"b": 1, "a": 1.0}`), sum(`{"b": 1, "a": 1.0}`)
		}},
		{"unknown base", RuleState, 15,
			func(s *stream) { s.stateDiff("patch").BaseCheckpointId = []byte("cp-2") }},
		{"path that is not a pointer", RuleState, 15,
			func(s *stream) { s.stateDiff("patch").Operations[0].Path = "a" }},
		{"from that is not a pointer", RuleState, 15,
			func(s *stream) { s.stateDiff("patch").Operations[1].From = "/~2" }},
		{"unknown operation", RuleState, 15,
			func(s *stream) { s.stateDiff("patch").Operations[0].Op = 99 }},
		{"state after the end of its node", RuleState, 15, func(s *stream) {
			s.stateDiff("patch").Header.ParentId = s.byName["plan start"].Header.MessageId
		}},
		{"patch by another run", RuleState, 26,
			func(s *stream) { s.stateDiff("second state").FullState = nil }},
		{"checkpoint without an id", RuleCheckpoint, 14, func(s *stream) {
			s.checkpoint().CheckpointId = nil
			s.stateDiff("patch").BaseCheckpointId = nil
		}},
		{"wrong checksum", RuleCheckpoint, 14, func(s *stream) { s.checkpoint().Checksum[0]++ }},
		{"no checksum", RuleCheckpoint, 14, func(s *stream) { s.checkpoint().Checksum = nil }},
		{"checksum that is none", RuleCheckpoint, 14, func(s *stream) {
			s.checkpoint().State, s.checkpoint().Checksum = nil, []byte{1}
		}},
		{"checkpoint that is not JSON", RuleJSON, 14, func(s *stream) {
			s.checkpoint().State, s.checkpoint().Checksum = []byte("x"), sum("x")
		}},
		{"quality of another thread", RuleMetrics, 19,
			func(s *stream) { s.metrics("quality").ScopeId = "u" }},
		{"quality that is not a float", RuleMetrics, 19, func(s *stream) {
			s.metrics("quality").Metrics["accuracy"] = &pb.MetricValue{
				Value: &pb.MetricValue_IntValue{}}
		}},
		{"quality that passed by a number", RuleMetrics, 19, func(s *stream) {
			s.metrics("quality").Metrics["passed"] = &pb.MetricValue{
				Value: &pb.MetricValue_IntValue{}}
		}},
		{"report without a tag", RuleMetrics, 0,
			func(s *stream) { delete(s.metrics("report 2").Tags, "host") }},
		{"report for another reason", RuleMetrics, 0,
			func(s *stream) { s.metrics("report 2").Tags["reason"] = "why" }},
		{"report without its number", RuleMetrics, 0,
			func(s *stream) { delete(s.metrics("report 2").Tags, pb.ReportNumberTag) }},
		{"report with a number that is none", RuleMetrics, 0,
			func(s *stream) { s.metrics("report 2").Tags[pb.ReportNumberTag] = "0" }},
		{"reports in another order", RuleMetrics, 0,
			func(s *stream) { s.metrics("report 1").Tags[pb.ReportNumberTag] = "3" }},
		{"report with a sequence", RuleSequence, 7,
			func(s *stream) { s.metrics("report 2").Header.Sequence = 7 }},
		{"report sent by another", RuleMetrics, 0,
			func(s *stream) { s.record("report 2").Headers[0].Value = []byte("p2") }},
		{"other metrics in the report's thread", RuleMetrics, 0,
			func(s *stream) { s.metrics("report 2").Scope = "quality" }},
		{"event in the report's thread", RuleMetrics, 0, func(s *stream) {
			s.event("stray", reportThread, pb.EventType_EVENT_TYPE_NODE_WARNING, "", nil)
		}},
	}
	broken := map[Rule]bool{}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := perfectStream()
			tt.breakIt(s)
			report := check(t, &Checker{}, s)
			if len(report.Violations) != 1 {
				t.Fatalf("violations are %v, want one", report.Violations)
			}
			v := report.Violations[0]
			if v.Rule != tt.want || v.Sequence != tt.sequence {
				t.Errorf("found %v, want rule %q at %d", v, tt.want, tt.sequence)
			}
			report.Violations = nil
			if err := report.Err(); err != nil {
				t.Errorf("beside the violation: %v", err)
			}
		})
		broken[tt.want] = true
	}
	for _, rule := range []Rule{
		RuleValue, RuleRecordHeaders, RuleKey, RulePartition, RuleHeader, RuleThreadID,
		RuleMessageID, RuleSequence, RuleBatch, RuleGraphStart,
		RuleParent, RuleEvent, RuleDuration, RuleJSON, RuleState, RuleCheckpoint, RuleMetrics,
		RuleDefaults, RuleSchema,
	} {
		if !broken[rule] {
			t.Errorf("rule %q is never broken", rule)
		}
	}
}
