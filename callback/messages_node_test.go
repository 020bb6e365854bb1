package callback_test

import (
	"log/slog"
	"time"

	"github.com/dashstream/dashstream-go/callback"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

func nodeRows() []row {
	const sec = time.Second
	wait := func() { time.Sleep(sec) }
	return []row{
		{"Node.StartNode", func(s *scene) { s.node.StartNode("inner", slog.Int("k", 5)) }, []sent{
			{event(pb.EventType_EVENT_TYPE_NODE_START, "inner", "k", 5), ofNode, 0},
		}},
		{"Node.End", func(s *scene) {
			wait()
			s.node.End(nil, slog.Int("found", 3))
			s.node.End(errOops)
		}, []sent{
			{ended(pb.EventType_EVENT_TYPE_NODE_END, "node", sec, "found", 3), ofNode, sec},
		}},
		{"Node.End with an error", func(s *scene) { wait(); s.node.End(errOops) }, []sent{
			{ended(pb.EventType_EVENT_TYPE_NODE_ERROR, "node", sec, "error", "oops"), ofNode, sec},
		}},
		{"Node.End of the root", func(s *scene) { s.run.Root().End(nil) }, nil},
		{"Node.Progress", func(s *scene) { s.node.Progress(.5, "half", slog.Int("of", 8)) }, []sent{
			{event(pb.EventType_EVENT_TYPE_NODE_PROGRESS, "node", "message", "half", "percent", .5,
				"of", 8), ofNode, 0},
		}},
		{"Node.Progress of the root", func(s *scene) { s.run.Root().Progress(1, "all") }, []sent{
			{event(pb.EventType_EVENT_TYPE_NODE_PROGRESS, "", "message", "all", "percent", 1.),
				ofRun, 0},
		}},
		{"Node.Thinking", func(s *scene) { s.node.Thinking(2, "hm", slog.Bool("deep", true)) },
			[]sent{
				{event(pb.EventType_EVENT_TYPE_NODE_THINKING, "node", "thought", "hm", "step", 2,
					"deep", true), ofNode, 0},
			}},
		{"Node.Substep", func(s *scene) { s.node.Substep("parse", "done", slog.Int("n", 1)) },
			[]sent{
				{event(pb.EventType_EVENT_TYPE_NODE_SUBSTEP, "node", "substep_name", "parse",
					"status",
					"done", "n", 1), ofNode, 0},
			}},
		{"Node.Warning", func(s *scene) { s.node.Warning("slow", slog.Int("n", 1)) }, []sent{
			{event(pb.EventType_EVENT_TYPE_NODE_WARNING, "node", "message", "slow", "n", 1), ofNode,
				0},
		}},
		{"Node.SaveMemory", func(s *scene) { s.node.SaveMemory("name", slog.Int("n", 1)) }, []sent{
			{event(pb.EventType_EVENT_TYPE_MEMORY_SAVE, "node", "key", "name", "n", 1), ofNode, 0},
		}},
		{"Node.LoadMemory", func(s *scene) { s.node.LoadMemory("name", slog.Bool("hit", false)) },
			[]sent{
				{event(pb.EventType_EVENT_TYPE_MEMORY_LOAD, "node", "key", "name", "hit", false),
					ofNode, 0},
			}},
		{"Node.AskHuman", func(s *scene) { s.node.AskHuman("sure?", slog.Int("n", 1)) }, []sent{
			{event(pb.EventType_EVENT_TYPE_HUMAN_INTERRUPT, "node", "reason", "sure?", "n", 1),
				ofNode, 0},
		}},
		{"Node.HumanAnswered",
			func(s *scene) { s.node.HumanAnswered(slog.String("answer", "yes")) }, []sent{
				{event(pb.EventType_EVENT_TYPE_HUMAN_RESUME, "node", "answer", "yes"), ofNode, 0},
			}},
		{"Node.StartOptimization", func(s *scene) {
			s.node.StartOptimization(callback.Optimization{ID: "o", Target: "prompt",
				Strategy: "grid"}, slog.Int("n", 1))
		}, []sent{
			{event(pb.EventType_EVENT_TYPE_OPTIMIZATION_START, "node", "optimization_id", "o",
				"target_param", "prompt", "strategy", "grid", "n", 1), ofNode, 0},
		}},
		{"Search.End", func(s *scene) {
			search := s.node.StartOptimization(callback.Optimization{ID: "o", Target: "prompt",
				Strategy: "grid"})
			wait()
			search.End(callback.OptimizationResult{Variants: 3, Improvement: .25, BestScore: .75,
				Termination: "budget", Found: true}, slog.Int("n", 1))
			search.End(callback.OptimizationResult{})
		}, []sent{
			{event(pb.EventType_EVENT_TYPE_OPTIMIZATION_START, "node", "optimization_id", "o",
				"target_param", "prompt", "strategy", "grid"), ofNode, 0},
			{ended(pb.EventType_EVENT_TYPE_OPTIMIZATION_END, "node", sec,
				"optimization_id", "o", "variants_tested", 3, "improvement_delta", .25,
				"termination_reason", "budget", "best_score", .75, "found_improvement", true,
				"n", 1), theFirst, sec},
		}},
	}
}

func llmRows() []row {
	const sec = time.Second
	wait := func() { time.Sleep(sec) }
	llm := func(e *pb.Event) *pb.Event { e.LlmRequestId = "r"; return e }
	start := sent{llm(event(pb.EventType_EVENT_TYPE_LLM_START, "node", "model", "m")), ofNode, 0}
	begin := func(s *scene) *callback.LLM {
		return s.node.StartLLM(callback.LLMRequest{ID: "r", Model: "m"})
	}
	return []row{
		{"Node.StartLLM", func(s *scene) {
			s.node.StartLLM(callback.LLMRequest{ID: "r", Model: "m", Provider: "p", Prompt: "why?",
				Attrs: []slog.Attr{slog.Float64("temperature", .5)}})
		}, []sent{
			{llm(event(pb.EventType_EVENT_TYPE_LLM_START, "node", "model", "m", "provider", "p",
				"prompt", "why?", "temperature", .5)), ofNode, 0},
		}},
		{"LLM.End", func(s *scene) {
			l := begin(s)
			wait()
			l.End(callback.LLMResult{
				Text: "because", FinishReason: callback.FinishStop, PromptTokens: 3,
				CompletionTokens: 4, Attrs: []slog.Attr{slog.Int("n", 1)},
			}, nil)
			l.End(callback.LLMResult{}, errOops)
		}, []sent{start,
			{llm(ended(pb.EventType_EVENT_TYPE_LLM_END, "node", sec, "model", "m", "prompt_tokens",
				3, "completion_tokens", 4, "total_tokens", 7,
				"finish_reason", "stop", "completion", "because", "n", 1)), theFirst, sec},
		}},
		{"LLM.End with an error", func(s *scene) {
			l := begin(s)
			wait()
			l.End(callback.LLMResult{Text: "beca", PromptTokens: 3, CompletionTokens: 1,
				TotalTokens: 9}, errOops)
		}, []sent{start,
			{llm(ended(pb.EventType_EVENT_TYPE_LLM_ERROR, "node", sec,
				"model", "m", "error", "oops", "prompt_tokens", 3, "completion_tokens", 1,
				"total_tokens", 9, "finish_reason", "error", "completion", "beca")), theFirst, sec},
		}},
		{"LLM.Retry", func(s *scene) {
			l := begin(s)
			wait()
			l.Retry(2, errOops, slog.Int("n", 1))
			l.Retry(3, nil)
		}, []sent{start,
			{llm(event(pb.EventType_EVENT_TYPE_LLM_RETRY, "node", "model", "m", "attempt", 2,
				"error", "oops", "n", 1)), theFirst, sec},
			{llm(event(pb.EventType_EVENT_TYPE_LLM_RETRY, "node", "model", "m", "attempt", 3)),
				theFirst, sec},
		}},
		{"LLM.Token", func(s *scene) { begin(s).Token("text") }, []sent{start,
			{&pb.TokenChunk{RequestId: "r", Model: "m", Text: "text"}, theFirst, 0},
		}},
		{"LLM.Chunk", func(s *scene) {
			begin(s).Chunk(callback.TokenChunk{Text: "text", IDs: []uint32{7, 8},
				Logprobs: []float32{-1, -.5}})
		}, []sent{start,
			{&pb.TokenChunk{RequestId: "r", Model: "m", Text: "text", TokenIds: []uint32{7, 8},
				Logprobs: []float32{-1, -.5}}, theFirst, 0},
		}},
		{"LLM.Chunk of nothing", func(s *scene) { begin(s).Chunk(callback.TokenChunk{}) },
			[]sent{start}},
		{"LLM.End of a stream", func(s *scene) {
			l := begin(s)
			l.Token("a")
			wait()
			l.Token("b")
			l.End(callback.LLMResult{FinishReason: callback.FinishLength, PromptTokens: 1,
				CompletionTokens: 2, TotalTokens: 4}, nil)
			l.Token("too late")
		}, []sent{start,
			{&pb.TokenChunk{RequestId: "r", Model: "m", Text: "a"}, theFirst, 0},
			{&pb.TokenChunk{RequestId: "r", Model: "m", Text: "b", ChunkIndex: 1, IsFinal: true,
				FinishReason: pb.TokenChunk_FINISH_REASON_LENGTH,
				Stats:        &pb.TokenStats{PromptTokens: 1, CompletionTokens: 2, TotalTokens: 4}},
				theFirst, sec},
			{llm(ended(pb.EventType_EVENT_TYPE_LLM_END, "node", sec, "model", "m", "prompt_tokens",
				1, "completion_tokens", 2, "total_tokens", 4,
				"finish_reason", "length")), theFirst, sec},
		}},
	}
}
