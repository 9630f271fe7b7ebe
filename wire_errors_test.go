package portkey

import (
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey/internal/wire"
)

// What cannot be sent is an error before anything is sent, and says where it is.
func TestEncodeErrors(t *testing.T) {
	bad := json.RawMessage(`{"a":`)
	user := func(blocks ...ContentBlock) *MessageRequest {
		return &MessageRequest{Messages: []MessageParam{UserMessage(blocks...)}}
	}
	tests := []struct {
		name  string
		value wireValue
		want  string
	}{
		{"nil block", user(Text("a"), nil), "messages[0].content[1]: is nil"},
		{"typed nil block", user((*TextBlock)(nil)), "messages[0].content[0]: is nil"},
		{"typed nil unknown block", user((*UnknownBlock)(nil)), "messages[0].content[0]: is nil"},
		{"second message", &MessageRequest{Messages: []MessageParam{UserText("a"), UserMessage(nil)}}, "messages[1].content[0]: is nil"},
		{"invalid input", user(Text("a"), &ToolUseBlock{Input: bad}), "messages[0].content[1].input: incomplete tool input"},
		{"two values", user(&ToolUseBlock{Input: json.RawMessage(`{} {}`)}), "messages[0].content[0].input: incomplete tool input"},
		{"invalid number", user(&ToolUseBlock{Input: json.RawMessage(`01`)}), "messages[0].content[0].input: incomplete tool input"},
		{"control character", user(&ToolUseBlock{Input: json.RawMessage("\"\n\"")}), "messages[0].content[0].input: incomplete tool input"},
		{"nil source", user(&ImageBlock{}), "messages[0].content[0].source: is nil"},
		{"typed nil source", user(&DocumentBlock{Source: (*URLSource)(nil)}), "messages[0].content[0].source: is nil"},
		{"nested", user(&ToolResultBlock{Content: []ContentBlock{Text("a"), &DocumentBlock{Source: &ContentSource{Content: []ContentBlock{nil}}}}}),
			"messages[0].content[0].content[1].source.content[0]: is nil"},
		{"nil result", user(&WebSearchToolResultBlock{}), "messages[0].content[0].content: is nil"},
		{"typed nil result", user(&WebSearchToolResultBlock{Content: (*WebSearchResults)(nil)}), "messages[0].content[0].content: is nil"},
		{"nil hit", user(&WebSearchToolResultBlock{Content: &WebSearchResults{Results: []*WebSearchResult{nil}}}), "messages[0].content[0].content[0]: is nil"},
		{"nil citation", user(&TextBlock{Citations: []Citation{nil}}), "messages[0].content[0].citations[0]: is nil"},
		{"empty unknown block", user(&UnknownBlock{Type: "a"}), "messages[0].content[0]: Raw is empty"},
		{"invalid unknown block", user(&UnknownBlock{Raw: json.RawMessage(`{`)}), "messages[0].content[0]: not valid JSON"},
		{"text that is not UTF-8", user(Text("a\xff")), "messages[0].content[0].text: not valid UTF-8"},
		{"signature that is not UTF-8", user(&ThinkingBlock{Signature: "\xc3"}), "messages[0].content[0].signature: not valid UTF-8"},
		{"nil in system", &MessageRequest{System: System{nil}}, "system[0]: is nil"},
		{"nil tool", &MessageRequest{Tools: []Tool{nil}}, "tools[0]: is nil"},
		{"typed nil tool", &MessageRequest{Tools: []Tool{&BashTool{}, (*CustomTool)(nil)}}, "tools[1]: is nil"},
		{"tool without version", &MessageRequest{Tools: []Tool{&WebSearchTool{}}}, "tools[0].type: is empty; want one of web_search_20250305, web_search_20260209, web_search_20260318"},
		{"invalid schema", &MessageRequest{Tools: []Tool{&CustomTool{InputSchema: bad}}}, "tools[0].input_schema: not valid JSON"},
		{"invalid example", &MessageRequest{Tools: []Tool{&CustomTool{InputExamples: []json.RawMessage{nil, bad}}}}, "tools[0].input_examples[1]: not valid JSON"},
		{"member config", &MessageRequest{Tools: []Tool{&BrowserToolset{Configs: map[string]*ToolsetMemberConfig{"a": nil, "b": {Extra: map[string]json.RawMessage{"c": bad}}}}}}, "tools[0].configs.b.c: not valid JSON"},
		{"nil skill", &MessageRequest{Container: &Container{Skills: []*Skill{nil}}}, "container.skills[0]: is nil"},
		{"NaN", &MessageRequest{Temperature: new(math.NaN())}, "temperature: NaN is not a JSON number"},
		{"infinity", &MessageRequest{TopP: new(math.Inf(-1))}, "top_p: -Inf is not a JSON number"},
		{"stop sequence", &MessageRequest{StopSequences: []string{"a", "\xff"}}, "stop_sequences[1]: not valid UTF-8"},
		{"extra", &MessageRequest{Extra: map[string]json.RawMessage{"a": json.RawMessage(`1`), "b": bad}}, "b: not valid JSON"},
		{"extra within", &MessageRequest{Metadata: &Metadata{Extra: map[string]json.RawMessage{"a": bad}}}, "metadata.a: not valid JSON"},
		{"after lists", &MessageRequest{Messages: []MessageParam{UserText("a")}, StopSequences: []string{"a"}, TopP: new(math.NaN())}, "top_p: NaN is not a JSON number"},
		{"nil target", &Config{Targets: []*Config{{}, {Targets: []*Config{nil}}}}, "targets[1].targets[0]: is nil"},
		{"override", &Config{OverrideParams: map[string]any{"a": bad}}, "override_params.a: not valid JSON"},
		{"typed nil delta", &ContentBlockDeltaEvent{Delta: (*TextDelta)(nil)}, "delta: is nil"},
		{"hook", &HookResults{Before: []*HookResult{{Checks: []*HookCheck{{Data: bad}}}}}, "before_request_hooks[0].checks[0].data: not valid JSON"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data, err := encodeAll(tt.value)
			require.EqualError(t, err, tt.want)
			assert.Nil(t, data)
			_, err = json.Marshal(tt.value)
			assert.ErrorContains(t, err, tt.want)

			if req, ok := tt.value.(*MessageRequest); ok {
				_, err = req.body(wire.Plain)
				assert.ErrorContains(t, err, tt.want)
				assert.ErrorIs(t, err, ErrInvalidRequest)
				var path *wire.PathError
				assert.ErrorAs(t, err, &path)
			}
		})
	}
}

// An error has the place it was found at.
func TestDecodeErrors(t *testing.T) {
	tests := []struct{ kind, data, want string }{
		{"Message", `{"content":[{"type":"text","text":"a"},{"type":"text","text":5}]}`, "content[1].text: want string, got number"},
		{"Message", `{"container":{"skills":[{"type":"custom","skill_id":5}]}}`, "container.skills[0].skill_id: want string, got number"},
		{"Message", `{"content":[{"type":"tool_result","content":[{"type":"image","source":{"type":"base64","data":"%"}}]}]}`, "content[0].content[0].source.data: not valid base64"},
		{"Message", `{"content":[{"type":"web_search_tool_result","content":[{"type":"web_search_result","url":1}]}]}`, "content[0].content[0].url: want string, got number"},
		{"MessageRequest", `{"messages":[{"role":"user","content":7}]}`, "messages[0].content: want array, got number"},
		{"MessageRequest", `{"messages":[null]}`, "messages[0]: want object, got null"},
		{"MessageRequest", `{"tools":[{"name":5}]}`, "tools[0].name: want string, got number"},
		{"MessageRequest", `{"tools":[{"type":"browser_toolset_20260801","configs":{"zoom":{"enabled":1}}}]}`, "tools[0].configs.zoom.enabled: want bool, got number"},
		{"MessageRequest", `{"temperature":"hot"}`, "temperature: want number, got string"},
		{"Config", `{"targets":[{},{"retry":{"on_status_codes":[429,"x"]}}]}`, "targets[1].retry.on_status_codes[1]: want number, got string"},
		{"StreamEvent", `{"type":"ping","a":tru}`, "a: "},
		{"ContentBlock", `{"type":"text","text":"a`, "text: "},
		{"ContentBlock", `{"type":"tool_result","content":[{"type":"text","":tru}]}`, "content[0]"},
	}
	for _, tt := range tests {
		_, err := wireKinds[tt.kind]([]byte(tt.data))
		assert.ErrorContains(t, err, tt.want, tt.data)
		var path *wire.PathError
		assert.True(t, errors.As(err, &path), tt.data)
	}
	for _, data := range []string{``, ` `, `}`, `nul`, `"`, `[`, `{"a"}`, `{,}`, `{"a":1,}`, `[1,]`, `{'a':1}`, "\x00", "\xef\xbb\xbf{}"} {
		for kind, decode := range wireKinds {
			_, err := decode([]byte(data))
			assert.Error(t, err, "%s: %q", kind, data)
		}
	}
}

// The whole of a message does not depend on a member that may be anything.
func TestUnmarshalUnionErrors(t *testing.T) {
	block, err := UnmarshalContentBlock([]byte(`{"type":"text","text":5}`))
	require.Error(t, err)
	assert.Nil(t, block, "no half block")
}
