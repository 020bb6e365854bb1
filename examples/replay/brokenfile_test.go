package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// Each row replaces something of a sample, and the error names the place.
func TestABrokenFileOfEachFormatIsRefusedWithItsPlace(t *testing.T) {
	type broken struct{ old, new, says string }
	for name, rows := range map[string][]broken{
		"openai.jsonl": {
			{`{"role": "user", "content": "Sum`, `{"content": "Sum`,
				"[0].messages[1].role: found nothing, want the role of a message"},
			{`{"role": "user", "content": "Sum`, `{"role": "", "content": "Sum`,
				"[0].messages[1].role: the role is empty"},
			{`{"role": "user", "content": "Sum`, `{"role": 7, "content": "Sum`,
				"[0].messages[1].role: found a number, want a string"},
			{`"content": "Be brief."`, `"content": 3`, "[0].messages[0].content: found a number"},
			{`"name": "run_code", `, ``, "[0].messages[2].tool_calls[1].custom.name: found " +
				"nothing, want the name of a tool"},
			{`"type": "custom"`, `"type": "mcp"`,
				`[0].messages[2].tool_calls[1].type: a tool call of type "mcp" is not known, want one of function, custom, tool_call, invalid_tool_call`},
			{`"type": "image_url"`, `"type": "hologram"`,
				`[1].messages[0].content[1].type: a part of type "hologram" is not known, want one of text, `},
			{`"prompt_tokens": 40`, `"prompt_tokens": -1`,
				"[0].messages[5].usage.prompt_tokens: found a number, want a whole number from 0"},
			{`"prompt_tokens_details": {"cached_tokens": 32}`, `"prompt_tokens_details": 32`,
				"[0].messages[5].usage.prompt_tokens_details: found a number, want an object"},
			{`"function": {"name": "add"`, `"function": {"name": ["add"]`,
				"[0].messages[2].tool_calls[0].function.name: found a list, want a string"},
			{`{"messages": [{"role": "user", "content": [`,
				`{"messages": [], "x": [{"role": "user", "content": [`,
				"[1].messages: the run has no messages"},
			{`"tool_calls": [`, `"tool_calls": [1, `,
				"[0].messages[2].tool_calls[0]: found a number, want a tool call"},
		},
		"anthropic.json": {
			{`{"role": "user", "content": "Where`, `{"content": "Where`,
				".messages[0].role: found nothing"},
			{`"type": "thinking"`, `"type": "dream"`,
				`.messages[1].content[0].type: a block of type "dream" is not known, want one of text, thinking, `},
			{`"name": "weather", "input": {"city": "Oslo"}`, `"input": {"city": "Oslo"}`,
				".messages[1].content[2].name: found nothing, want the name of a tool"},
			{`"tool_use_id": "t2", `, ``, ".messages[2].content[0].tool_use_id: found nothing, " +
				"want the id of a tool_use"},
			{`"content": "no such station"`, `"content": 5`,
				".messages[2].content[0].content: found a number"},
			{`[{"type": "text", "text": "rain"}]`, `[{"type": "sound", "text": "rain"}]`,
				`.messages[2].content[1].content[0].type: a block of type "sound" is not known`},
			{`{"type": "text", "text": "Let me look."}`, `{"type": "text", "text": 1}`,
				".messages[1].content[1].text: found a number, want a string"},
			{`{"type": "text", "text": "Let me look."}`, `"Let me look."`,
				".messages[1].content[1]: found a string, want a block"},
			{`"cache_read_input_tokens": 900`, `"cache_read_input_tokens": "all"`,
				".messages[3].usage.cache_read_input_tokens: found a string, want a whole number " +
					"from 0"},
			{`"cache_creation_input_tokens": 300`, `"cache_creation_input_tokens": -300`,
				".messages[3].usage.cache_creation_input_tokens: found a number, want a whole " +
					"number from 0"},
			{`"output_tokens": 25`, `"output_tokens": "25"`,
				".messages[1].usage.output_tokens: found a string, want a whole number from 0"},
			{`"system": "Be brief."`, `"system": 1`, ".system: found a number"},
			{`"model": "opus"`, `"model": {}`, ".model: found an object, want a string"},
		},
		"langchain.json": {
			{`{"type": "human", "content": "Which`, `{"content": "Which`,
				"[1].type: found nothing, want the type of a message"},
			{`{"type": "human", "content": "Which`, `{"type": "robot", "content": "Which`,
				`[1].type: a message of type "robot" is not known, want one of ai, chat, `},
			{`{"type": "human", "content": "Which`, `{"type": "chat", "content": "Which`,
				"[1].role: found nothing, want the role of a message"},
			{`"AIMessage"`, `"RoboMessage"`,
				`[4].id[3]: a message of type "RoboMessage" is not known`},
			{`"name": "compare", "args"`, `"args"`,
				"[2].tool_calls[0].name: found nothing, want the name of a tool"},
			{`"type": "tool_call"`, `"type": "call"`,
				`[2].tool_calls[0].type: a tool call of type "call" is not known`},
			{`"content": "b"`, `"content": 1`, "[3].content: found a number"},
			{`"input_tokens": 12`, `"input_tokens": 1.5`,
				"[2].usage_metadata.input_tokens: found a number, want a whole number from 0"},
			{`"cache_read": 8`, `"cache_read": 0.8`,
				"[4].kwargs.usage_metadata.input_token_details.cache_read: found a number, " +
					"want a whole number from 0"},
			{`{"type": "text", "text": "The second."}`, `{"type": "smell", "text": "x"}`,
				`[4].kwargs.content[0].type: a block of type "smell" is not known`},
			{`{"content": "Thanks."}`, `"Thanks."`,
				"[5].data: found a string, want an object with content"},
			{`{"type": "human", "data"`, `{"type": 7, "data"`,
				"[5].type: found a number, want a string"},
		},
		"sweagent.traj": {
			{`{"role": "user", "content": "It crashes."`, `{"content": "It crashes."`,
				".history[1].role: found nothing"},
			{`"action": "open main.py 10"`, `"action": 1`,
				".history[2].action: found a number, want a string"},
			{`"message_type": "system_prompt"`, `"message_type": []`,
				".history[0].message_type: found a list, want a string"},
			{`"tool_call_ids": ["s1"]`, `"tool_call_ids": "s1"`,
				".history[5].tool_call_ids: found a string, want a list of ids"},
			{`"name": "submit", `, ``, ".history[4].tool_calls[0].function.name: found nothing, " +
				"want the name of a tool"},
			{`"tokens_sent": 1000`, `"tokens_sent": "many"`,
				".info.model_stats.tokens_sent: found a string, want a whole number from 0"},
			{`"tokens_received": 77`, `"tokens_received": -7`,
				".info.model_stats.tokens_received: found a number"},
			{`"model_stats": {`, `"model_stats": 1, "x": {`,
				".info.model_stats: found a number, want an object"},
			{`"info": {`, `"info": [], "x": {`,
				".info: found a list, want an object with model_stats"},
			{`"history": [`, `"history": {}, "x": [`,
				".history: found an object, want the list of the run's messages"},
			{`"content": "[File: main.py]"`, `"content": {"file": 1}`,
				".history[3].content: found an object"},
		},
		"sweagent-steps.traj": {
			{`{"action": "ls"`, `{"action": ["ls"]`,
				".trajectory[0].action: found a list, want a string"},
			{`"observation": "main.py"`, `"observation": 1`,
				".trajectory[0].observation: found a number, want a string"},
			{`"response": "Look around."`, `"response": {}`,
				".trajectory[0].response: found an object, want a string"},
			{`"thought": "Set x."`, `"thought": []`,
				".trajectory[1].thought: found a list, want a string"},
			{`"response": "I give up."`, `"response": ""`,
				".trajectory[2].action: found a string, want the action of a step"},
			{`"trajectory": [`, `"trajectory": ["ls", `,
				".trajectory[0]: found a string, want a step: an object with action and " +
					"observation"},
			{`"trajectory": [`, `"trajectory": [], "x": [`, ".trajectory: the run has no messages"},
			{`"trajectory": [`, `"trajectory": null, "x": [`, ".trajectory: found null"},
			{`"trajectory": [`, `"steps": [`, "the file: found an object with info, steps, want " +
				"a run"},
			{`"tokens_sent": 300`, `"tokens_sent": 0.5`,
				".info.model_stats.tokens_sent: found a number, want a whole number from 0"},
		},
		"mini-swe-agent.json": {
			{`{"role": "user", "content": "Please`, `{"content": "Please`,
				".messages[1].role: found nothing"},
			{`"content": "Please solve this issue."`, `"content": false`,
				".messages[1].content: found a bool"},
			{`{"command": "echo COMPLETE"}`, `{"command": 1}`,
				".messages[4].extra.actions[0].command: found a number, want a string"},
			{`[{"command": "echo COMPLETE"}]`, `{"command": "echo"}`,
				".messages[4].extra.actions: found an object, want a list of actions"},
			{`[{"command": "echo COMPLETE"}]`, `["echo"]`,
				".messages[4].extra.actions[0]: found a string, want an action"},
			{`"prompt_tokens": 500`, `"prompt_tokens": true`,
				".messages[2].extra.response.usage.prompt_tokens: found a bool"},
			{`"usage": {"prompt_tokens": 600, "completion_tokens": 10}`, `"usage": 610`,
				".messages[4].extra.response.usage: found a number, want an object"},
			{
				`"extra": {"response": {"model": "claude", "usage": {"prompt_tokens": 500, "completion_tokens": 20}}}`, `"extra": 1`, ".messages[2].extra: found a number"},
			{`"model_stats": {"instance_cost": 0.2, "api_calls": 2}`, `"model_stats": []`,
				".info.model_stats: found a list"},
			{`"messages": [`, `"messages": [], "x": [`, ".messages: the run has no messages"},
			{`{"role": "system", `, `"a", {"role": "system", `,
				".messages[0]: found a string, want a message"},
		},
	} {
		text, err := os.ReadFile("testdata/formats/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) < 10 {
			t.Errorf("%s: %d broken variants", name, len(rows))
		}
		for _, row := range rows {
			if !strings.Contains(string(text), row.old) {
				t.Errorf("%s has no %s", name, row.old)
				continue
			}
			_, err := readRecordings(bytes.NewReader([]byte(strings.Replace(string(text), row.old,
				row.new, 1))))
			if err == nil || !strings.HasPrefix(err.Error(), row.says) {
				t.Errorf("%s with %s: %v, want %s", name, row.new, err, row.says)
			}
		}
	}
}
