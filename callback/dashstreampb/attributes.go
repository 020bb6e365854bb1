// Code generated from dashstream.proto by go run ./generate. DO NOT EDIT.

package dashstreampb

// Names of events' attributes. The table in dashstream.proto describes each of them, and the
// events that have it.
const (
	AttrAbandoned            = "abandoned"
	AttrArguments            = "arguments"
	AttrAttempt              = "attempt"
	AttrBestScore            = "best_score"
	AttrCachedTokens         = "cached_tokens"
	AttrCallID               = "call_id"
	AttrCanceled             = "canceled"
	AttrCheckpointID         = "checkpoint_id"
	AttrCompletion           = "completion"
	AttrCompletionTokens     = "completion_tokens"
	AttrConditionResult      = "condition_result"
	AttrConfigHash           = "config_hash"
	AttrConfigUpdatedBy      = "config_updated_by"
	AttrConfigVersion        = "config_version"
	AttrDeadlineExceeded     = "deadline_exceeded"
	AttrDisplayName          = "display_name"
	AttrDocuments            = "documents"
	AttrDurationUS           = "duration_us"
	AttrEdgeType             = "edge_type"
	AttrError                = "error"
	AttrExecutionID          = "execution_id"
	AttrFinishReason         = "finish_reason"
	AttrFoundImprovement     = "found_improvement"
	AttrFrom                 = "from"
	AttrGraphEdgeCount       = "graph_edge_count"
	AttrGraphEntryPoint      = "graph_entry_point"
	AttrGraphManifest        = "graph_manifest"
	AttrGraphName            = "graph_name"
	AttrGraphNodeCount       = "graph_node_count"
	AttrGraphSchemaJSON      = "graph_schema_json"
	AttrImplementation       = "implementation"
	AttrImprovementDelta     = "improvement_delta"
	AttrInitialStateJSON     = "initial_state_json"
	AttrInterruptIDs         = "interrupt_ids"
	AttrInterrupted          = "interrupted"
	AttrKey                  = "key"
	AttrMessage              = "message"
	AttrMessages             = "messages"
	AttrModel                = "model"
	AttrNodes                = "nodes"
	AttrOptimizationID       = "optimization_id"
	AttrPercent              = "percent"
	AttrPrompt               = "prompt"
	AttrPromptTokens         = "prompt_tokens"
	AttrProvider             = "provider"
	AttrProviderFinishReason = "provider_finish_reason"
	AttrReason               = "reason"
	AttrReasoningTokens      = "reasoning_tokens"
	AttrResponseModel        = "response_model"
	AttrResult               = "result"
	AttrResumed              = "resumed"
	AttrSchemaID             = "schema_id"
	AttrStateBytes           = "state_bytes"
	AttrStatus               = "status"
	AttrStep                 = "step"
	AttrStorageURI           = "storage_uri"
	AttrStrategy             = "strategy"
	AttrStreamParts          = "stream_parts"
	AttrSubstepName          = "substep_name"
	AttrTargetParam          = "target_param"
	AttrTerminationReason    = "termination_reason"
	AttrTexts                = "texts"
	AttrThought              = "thought"
	AttrTo                   = "to"
	AttrToolName             = "tool_name"
	AttrTools                = "tools"
	AttrTotalTokens          = "total_tokens"
	AttrType                 = "type"
	AttrUnended              = "unended"
	AttrVariantsTested       = "variants_tested"
)

var attributes = []Attribute{
	{EventType_EVENT_TYPE_GRAPH_START, AttrGraphName, "string", "sdk"},
	{EventType_EVENT_TYPE_GRAPH_START, AttrGraphSchemaJSON, "string", "sdk"},
	{EventType_EVENT_TYPE_GRAPH_START, AttrSchemaID, "string", "sdk"},
	{EventType_EVENT_TYPE_GRAPH_START, AttrGraphEntryPoint, "string", "sdk"},
	{EventType_EVENT_TYPE_GRAPH_START, AttrGraphNodeCount, "int", "sdk"},
	{EventType_EVENT_TYPE_GRAPH_START, AttrGraphEdgeCount, "int", "sdk"},
	{EventType_EVENT_TYPE_GRAPH_START, AttrGraphManifest, "string", "app"},
	{EventType_EVENT_TYPE_GRAPH_START, AttrInitialStateJSON, "string", "sdk"},
	{EventType_EVENT_TYPE_HUMAN_RESUME, AttrInitialStateJSON, "string", "sdk"},
	{EventType_EVENT_TYPE_GRAPH_START, AttrExecutionID, "string", "sdk"},
	{EventType_EVENT_TYPE_HUMAN_RESUME, AttrExecutionID, "string", "sdk"},
	{EventType_EVENT_TYPE_GRAPH_START, AttrResumed, "bool", "eino"},
	{EventType_EVENT_TYPE_GRAPH_START, AttrType, "string", "eino"},
	{EventType_EVENT_TYPE_GRAPH_ERROR, AttrCanceled, "bool", "sdk"},
	{EventType_EVENT_TYPE_GRAPH_ERROR, AttrDeadlineExceeded, "bool", "sdk"},
	{EventType_EVENT_TYPE_GRAPH_ERROR, AttrError, "string", "sdk"},
	{EventType_EVENT_TYPE_NODE_ERROR, AttrError, "string", "sdk"},
	{EventType_EVENT_TYPE_LLM_ERROR, AttrError, "string", "sdk"},
	{EventType_EVENT_TYPE_TOOL_ERROR, AttrError, "string", "sdk"},
	{EventType_EVENT_TYPE_LLM_RETRY, AttrError, "string", "sdk"},
	{EventType_EVENT_TYPE_NODE_ERROR, AttrUnended, "bool", "sdk"},
	{EventType_EVENT_TYPE_LLM_ERROR, AttrUnended, "bool", "sdk"},
	{EventType_EVENT_TYPE_TOOL_ERROR, AttrUnended, "bool", "sdk"},
	{EventType_EVENT_TYPE_PARALLEL_END, AttrUnended, "bool", "sdk"},
	{EventType_EVENT_TYPE_OPTIMIZATION_END, AttrUnended, "bool", "sdk"},
	{EventType_EVENT_TYPE_GRAPH_END, AttrDurationUS, "int", "sdk"},
	{EventType_EVENT_TYPE_GRAPH_ERROR, AttrDurationUS, "int", "sdk"},
	{EventType_EVENT_TYPE_NODE_END, AttrDurationUS, "int", "sdk"},
	{EventType_EVENT_TYPE_NODE_ERROR, AttrDurationUS, "int", "sdk"},
	{EventType_EVENT_TYPE_PARALLEL_END, AttrDurationUS, "int", "sdk"},
	{EventType_EVENT_TYPE_LLM_END, AttrDurationUS, "int", "sdk"},
	{EventType_EVENT_TYPE_LLM_ERROR, AttrDurationUS, "int", "sdk"},
	{EventType_EVENT_TYPE_TOOL_END, AttrDurationUS, "int", "sdk"},
	{EventType_EVENT_TYPE_TOOL_ERROR, AttrDurationUS, "int", "sdk"},
	{EventType_EVENT_TYPE_OPTIMIZATION_END, AttrDurationUS, "int", "sdk"},
	{EventType_EVENT_TYPE_HUMAN_INTERRUPT, AttrDurationUS, "int", "sdk"},
	{EventType_EVENT_TYPE_NODE_START, AttrConfigVersion, "int", "app"},
	{EventType_EVENT_TYPE_NODE_END, AttrConfigVersion, "int", "app"},
	{EventType_EVENT_TYPE_NODE_START, AttrConfigHash, "string", "app"},
	{EventType_EVENT_TYPE_NODE_END, AttrConfigHash, "string", "app"},
	{EventType_EVENT_TYPE_NODE_START, AttrConfigUpdatedBy, "string", "app"},
	{EventType_EVENT_TYPE_NODE_END, AttrConfigUpdatedBy, "string", "app"},
	{EventType_EVENT_TYPE_NODE_START, AttrType, "string", "eino"},
	{EventType_EVENT_TYPE_NODE_START, AttrImplementation, "string", "eino"},
	{EventType_EVENT_TYPE_NODE_START, AttrDisplayName, "string", "eino"},
	{EventType_EVENT_TYPE_NODE_START, AttrTexts, "int", "eino"},
	{EventType_EVENT_TYPE_NODE_START, AttrModel, "string", "eino"},
	{EventType_EVENT_TYPE_NODE_END, AttrModel, "string", "eino"},
	{EventType_EVENT_TYPE_NODE_END, AttrPromptTokens, "int", "eino"},
	{EventType_EVENT_TYPE_NODE_END, AttrCompletionTokens, "int", "eino"},
	{EventType_EVENT_TYPE_NODE_END, AttrTotalTokens, "int", "eino"},
	{EventType_EVENT_TYPE_NODE_END, AttrDocuments, "int", "eino"},
	{EventType_EVENT_TYPE_NODE_END, AttrStreamParts, "int", "eino"},
	{EventType_EVENT_TYPE_NODE_ERROR, AttrStreamParts, "int", "eino"},
	{EventType_EVENT_TYPE_NODE_END, AttrInterrupted, "bool", "eino"},
	{EventType_EVENT_TYPE_NODE_END, AttrAbandoned, "bool", "eino"},
	{EventType_EVENT_TYPE_NODE_ERROR, AttrAbandoned, "bool", "eino"},
	{EventType_EVENT_TYPE_LLM_END, AttrAbandoned, "bool", "eino"},
	{EventType_EVENT_TYPE_LLM_ERROR, AttrAbandoned, "bool", "eino"},
	{EventType_EVENT_TYPE_EDGE_TRAVERSAL, AttrFrom, "string", "sdk"},
	{EventType_EVENT_TYPE_CONDITIONAL_BRANCH, AttrFrom, "string", "sdk"},
	{EventType_EVENT_TYPE_EDGE_TRAVERSAL, AttrTo, "string", "sdk"},
	{EventType_EVENT_TYPE_CONDITIONAL_BRANCH, AttrTo, "string", "sdk"},
	{EventType_EVENT_TYPE_EDGE_TRAVERSAL, AttrEdgeType, "string", "sdk"},
	{EventType_EVENT_TYPE_CONDITIONAL_BRANCH, AttrEdgeType, "string", "sdk"},
	{EventType_EVENT_TYPE_CONDITIONAL_BRANCH, AttrConditionResult, "string", "sdk"},
	{EventType_EVENT_TYPE_LLM_START, AttrModel, "string", "sdk"},
	{EventType_EVENT_TYPE_LLM_END, AttrModel, "string", "sdk"},
	{EventType_EVENT_TYPE_LLM_ERROR, AttrModel, "string", "sdk"},
	{EventType_EVENT_TYPE_LLM_RETRY, AttrModel, "string", "sdk"},
	{EventType_EVENT_TYPE_LLM_START, AttrProvider, "string", "sdk"},
	{EventType_EVENT_TYPE_LLM_START, AttrPrompt, "string", "sdk"},
	{EventType_EVENT_TYPE_LLM_START, AttrMessages, "int", "eino"},
	{EventType_EVENT_TYPE_LLM_START, AttrTools, "int", "eino"},
	{EventType_EVENT_TYPE_LLM_END, AttrPromptTokens, "int", "sdk"},
	{EventType_EVENT_TYPE_LLM_ERROR, AttrPromptTokens, "int", "sdk"},
	{EventType_EVENT_TYPE_LLM_END, AttrCompletionTokens, "int", "sdk"},
	{EventType_EVENT_TYPE_LLM_ERROR, AttrCompletionTokens, "int", "sdk"},
	{EventType_EVENT_TYPE_LLM_END, AttrTotalTokens, "int", "sdk"},
	{EventType_EVENT_TYPE_LLM_ERROR, AttrTotalTokens, "int", "sdk"},
	{EventType_EVENT_TYPE_LLM_END, AttrFinishReason, "string", "sdk"},
	{EventType_EVENT_TYPE_LLM_ERROR, AttrFinishReason, "string", "sdk"},
	{EventType_EVENT_TYPE_LLM_END, AttrCompletion, "string", "sdk"},
	{EventType_EVENT_TYPE_LLM_ERROR, AttrCompletion, "string", "sdk"},
	{EventType_EVENT_TYPE_LLM_END, AttrCachedTokens, "int", "eino"},
	{EventType_EVENT_TYPE_LLM_ERROR, AttrCachedTokens, "int", "eino"},
	{EventType_EVENT_TYPE_LLM_END, AttrReasoningTokens, "int", "eino"},
	{EventType_EVENT_TYPE_LLM_ERROR, AttrReasoningTokens, "int", "eino"},
	{EventType_EVENT_TYPE_LLM_END, AttrResponseModel, "string", "eino"},
	{EventType_EVENT_TYPE_LLM_ERROR, AttrResponseModel, "string", "eino"},
	{EventType_EVENT_TYPE_LLM_END, AttrProviderFinishReason, "string", "eino"},
	{EventType_EVENT_TYPE_LLM_ERROR, AttrProviderFinishReason, "string", "eino"},
	{EventType_EVENT_TYPE_LLM_RETRY, AttrAttempt, "int", "sdk"},
	{EventType_EVENT_TYPE_TOOL_START, AttrToolName, "string", "sdk"},
	{EventType_EVENT_TYPE_TOOL_END, AttrToolName, "string", "sdk"},
	{EventType_EVENT_TYPE_TOOL_ERROR, AttrToolName, "string", "sdk"},
	{EventType_EVENT_TYPE_TOOL_START, AttrCallID, "string", "sdk"},
	{EventType_EVENT_TYPE_TOOL_END, AttrCallID, "string", "sdk"},
	{EventType_EVENT_TYPE_TOOL_ERROR, AttrCallID, "string", "sdk"},
	{EventType_EVENT_TYPE_TOOL_START, AttrArguments, "string", "sdk"},
	{EventType_EVENT_TYPE_TOOL_END, AttrResult, "string", "sdk"},
	{EventType_EVENT_TYPE_CHECKPOINT_SAVE, AttrCheckpointID, "string", "sdk"},
	{EventType_EVENT_TYPE_CHECKPOINT_LOAD, AttrCheckpointID, "string", "sdk"},
	{EventType_EVENT_TYPE_CHECKPOINT_DELETE, AttrCheckpointID, "string", "sdk"},
	{EventType_EVENT_TYPE_CHECKPOINT_SAVE, AttrStateBytes, "int", "sdk"},
	{EventType_EVENT_TYPE_CHECKPOINT_SAVE, AttrStorageURI, "string", "sdk"},
	{EventType_EVENT_TYPE_MEMORY_SAVE, AttrKey, "string", "sdk"},
	{EventType_EVENT_TYPE_MEMORY_LOAD, AttrKey, "string", "sdk"},
	{EventType_EVENT_TYPE_HUMAN_INTERRUPT, AttrReason, "string", "sdk"},
	{EventType_EVENT_TYPE_HUMAN_INTERRUPT, AttrNodes, "string", "eino"},
	{EventType_EVENT_TYPE_HUMAN_INTERRUPT, AttrInterruptIDs, "string", "eino"},
	{EventType_EVENT_TYPE_NODE_PROGRESS, AttrMessage, "string", "sdk"},
	{EventType_EVENT_TYPE_NODE_PROGRESS, AttrPercent, "float", "sdk"},
	{EventType_EVENT_TYPE_NODE_THINKING, AttrThought, "string", "sdk"},
	{EventType_EVENT_TYPE_NODE_THINKING, AttrStep, "int", "sdk"},
	{EventType_EVENT_TYPE_NODE_SUBSTEP, AttrSubstepName, "string", "sdk"},
	{EventType_EVENT_TYPE_NODE_SUBSTEP, AttrStatus, "string", "sdk"},
	{EventType_EVENT_TYPE_NODE_WARNING, AttrMessage, "string", "sdk"},
	{EventType_EVENT_TYPE_OPTIMIZATION_START, AttrOptimizationID, "string", "sdk"},
	{EventType_EVENT_TYPE_OPTIMIZATION_END, AttrOptimizationID, "string", "sdk"},
	{EventType_EVENT_TYPE_OPTIMIZATION_START, AttrTargetParam, "string", "sdk"},
	{EventType_EVENT_TYPE_OPTIMIZATION_START, AttrStrategy, "string", "sdk"},
	{EventType_EVENT_TYPE_OPTIMIZATION_END, AttrVariantsTested, "int", "sdk"},
	{EventType_EVENT_TYPE_OPTIMIZATION_END, AttrImprovementDelta, "float", "sdk"},
	{EventType_EVENT_TYPE_OPTIMIZATION_END, AttrTerminationReason, "string", "sdk"},
	{EventType_EVENT_TYPE_OPTIMIZATION_END, AttrBestScore, "float", "sdk"},
	{EventType_EVENT_TYPE_OPTIMIZATION_END, AttrFoundImprovement, "bool", "sdk"},
}
