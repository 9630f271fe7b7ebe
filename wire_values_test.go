package portkey

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey/internal/wire"
)

// What a caller's literals become. The JSON is written by hand.
func TestLiterals(t *testing.T) {
	tests := []struct {
		name  string
		value wireValue
		want  string
	}{
		{"text", Text("Moin"), `{"type":"text","text":"Moin"}`},
		{"empty text", Text(""), `{"type":"text","text":""}`},
		{"cached text", &TextBlock{Text: "a", CacheControl: &CacheControl{}}, `{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}`},
		{"one hour", &TextBlock{CacheControl: &CacheControl{TTL: CacheTTL1h}}, `{"type":"text","text":"","cache_control":{"type":"ephemeral","ttl":"1h"}}`},
		{"cited text", &TextBlock{Text: "a", Citations: []Citation{&CharLocation{CitedText: "c", EndCharIndex: 1}}},
			`{"type":"text","text":"a","citations":[{"type":"char_location","cited_text":"c","document_index":0,"document_title":null,"start_char_index":0,"end_char_index":1}]}`},
		{"no citations", &TextBlock{Citations: []Citation{}}, `{"type":"text","text":"","citations":[]}`},
		{"image", Image("image/png", []byte{0x89, 'P', 'N', 'G'}), `{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw=="}}`},
		{"empty image", Image("image/png", nil), `{"type":"image","source":{"type":"base64","media_type":"image/png","data":""}}`},
		{"image by URL", ImageURL("https://a.example/?a=1&b=2"), `{"type":"image","source":{"type":"url","url":"https://a.example/?a=1&b=2"}}`},
		{"image not to be scaled", &ImageBlock{Source: &FileSource{FileID: "f"}, Transformations: &ImageTransformations{OversizedImage: OversizedImageError}},
			`{"type":"image","source":{"type":"file","file_id":"f"},"transformations":{"oversized_image":"error"}}`},
		{"PDF", PDF([]byte("%PDF-")), `{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="}}`},
		{"PDF by URL", PDFURL("u"), `{"type":"document","source":{"type":"url","url":"u"}}`},
		{"document", &DocumentBlock{Source: &TextSource{Data: "Ebb"}, Title: new("T"), Context: new(""), Citations: &CitationsConfig{Enabled: new(false)}},
			`{"type":"document","source":{"type":"text","media_type":"text/plain","data":"Ebb"},"title":"T","context":"","citations":{"enabled":false}}`},
		{"chunks", &ContentSource{Content: []ContentBlock{Text("a")}}, `{"type":"content","content":[{"type":"text","text":"a"}]}`},
		{"search result", &SearchResultBlock{Source: "s", Title: "t"}, `{"type":"search_result","content":[],"source":"s","title":"t"}`},
		{"thinking", &ThinkingBlock{Signature: "s"}, `{"type":"thinking","thinking":"","signature":"s"}`},
		{"redacted thinking", &RedactedThinkingBlock{Data: "d"}, `{"type":"redacted_thinking","data":"d"}`},
		{"tool use without input", &ToolUseBlock{ID: "i", Name: "n"}, `{"type":"tool_use","id":"i","name":"n","input":{}}`},
		{"tool use", &ToolUseBlock{ID: "i", Name: "n", Input: json.RawMessage(`[1]`), Caller: &Caller{Type: CallerDirect}, ToolsetName: new("browser")},
			`{"type":"tool_use","id":"i","name":"n","input":[1],"caller":{"type":"direct"},"toolset_name":"browser"}`},
		{"tool result", ToolResult("i", "ok"), `{"type":"tool_result","tool_use_id":"i","content":[{"type":"text","text":"ok"}]}`},
		{"tool error", ToolError("i", "no"), `{"type":"tool_result","tool_use_id":"i","content":[{"type":"text","text":"no"}],"is_error":true}`},
		{"is_error false", &ToolResultBlock{ToolUseID: "i", IsError: new(false)}, `{"type":"tool_result","tool_use_id":"i","is_error":false}`},
		{"empty tool result", &ToolResultBlock{ToolUseID: "i", Content: []ContentBlock{}}, `{"type":"tool_result","tool_use_id":"i","content":[]}`},
		{"container upload", &ContainerUploadBlock{FileID: "f"}, `{"type":"container_upload","file_id":"f"}`},
		{"tool reference", &ToolReferenceBlock{ToolName: "n"}, `{"type":"tool_reference","tool_name":"n"}`},
		{"browser state", &BrowserStateBlock{Tabs: []*BrowserTab{{TabID: "t", Active: new(true)}}}, `{"type":"browser_state","tabs":[{"tab_id":"t","title":"","url":"","active":true}]}`},
		{"browser without tabs", &BrowserStateBlock{}, `{"type":"browser_state","tabs":[]}`},
		{"server tool use", &ServerToolUseBlock{ID: "i", Name: ServerToolNameWebSearch}, `{"type":"server_tool_use","id":"i","name":"web_search","input":{}}`},
		{"web search", &WebSearchToolResultBlock{ToolUseID: "i", Content: &WebSearchResults{Results: []*WebSearchResult{{URL: "u"}}}},
			`{"type":"web_search_tool_result","tool_use_id":"i","content":[{"type":"web_search_result","url":"u","title":"","encrypted_content":"","page_age":null}]}`},
		{"web search, nothing found", &WebSearchToolResultBlock{ToolUseID: "i", Content: &WebSearchResults{}}, `{"type":"web_search_tool_result","tool_use_id":"i","content":[]}`},
		{"server tool error", &ServerToolResultError{Type: ServerToolErrorTypeWebFetch, ErrorCode: ServerToolErrorCodeURLTooLong}, `{"type":"web_fetch_tool_result_error","error_code":"url_too_long"}`},
		{"code execution", &CodeExecutionResult{}, `{"type":"code_execution_result","stdout":"","stderr":"","return_code":0,"content":[]}`},
		{"unknown block", &UnknownBlock{Type: "ignored", Raw: json.RawMessage(`{"type":"new"}`)}, `{"type":"new"}`},

		{"custom tool", NewTool("n", "d", json.RawMessage(`{"type":"object"}`)), `{"name":"n","description":"d","input_schema":{"type":"object"}}`},
		{"custom tool, little", NewTool("n", "", nil), `{"name":"n","input_schema":{}}`},
		{"bash", &BashTool{}, `{"type":"bash_20250124","name":"bash"}`},
		{"text editor, old", &TextEditorTool{Type: ToolTypeTextEditor20250124}, `{"type":"text_editor_20250124","name":"str_replace_editor"}`},
		{"text editor", &TextEditorTool{Type: ToolTypeTextEditor20250728, MaxCharacters: new(0)}, `{"type":"text_editor_20250728","name":"str_replace_based_edit_tool","max_characters":0}`},
		{"text editor of the future", &TextEditorTool{Type: "text_editor_2030"}, `{"type":"text_editor_2030","name":"str_replace_based_edit_tool"}`},
		{"memory", &MemoryTool{}, `{"type":"memory_20250818","name":"memory"}`},
		{"browser", &BrowserToolset{Configs: map[string]*ToolsetMemberConfig{"zoom": nil, "find": {Enabled: new(false)}}},
			`{"type":"browser_toolset_20260801","configs":{"find":{"enabled":false},"zoom":null}}`},
		{"computer", &ComputerToolset{}, `{"type":"computer_toolset_20260801"}`},
		{"web search tool", &WebSearchTool{Type: ToolTypeWebSearch20260318, MaxUses: new(0), UserLocation: &UserLocation{Country: new("DE")}, AllowedCallers: []CallerType{CallerDirect}},
			`{"type":"web_search_20260318","name":"web_search","max_uses":0,"user_location":{"type":"approximate","country":"DE"},"allowed_callers":["direct"]}`},
		{"web fetch tool", &WebFetchTool{Type: ToolTypeWebFetch20260318, UseCache: new(false), URLSources: &URLSources{ServerToolResults: &URLSourceRule{Type: URLSourceOnly, Tools: []*URLSourceTool{{Name: "n"}}}}},
			`{"type":"web_fetch_20260318","name":"web_fetch","url_sources":{"server_tool_results":{"type":"only","tools":[{"type":"tool_reference","name":"n"}]}},"use_cache":false}`},
		{"code execution tool", &CodeExecutionTool{Type: ToolTypeCodeExecution20260521}, `{"type":"code_execution_20260521","name":"code_execution"}`},
		{"tool search, regex", &ToolSearchTool{Type: ToolTypeToolSearchRegex_20251119}, `{"type":"tool_search_tool_regex_20251119","name":"tool_search_tool_regex"}`},
		{"tool search, BM25", &ToolSearchTool{Type: ToolTypeToolSearchBM25}, `{"type":"tool_search_tool_bm25","name":"tool_search_tool_bm25"}`},

		{"auto", AutoToolChoice(), `{"type":"auto"}`},
		{"any", AnyToolChoice(), `{"type":"any"}`},
		{"none", NoToolChoice(), `{"type":"none"}`},
		{"force", ForceTool("n"), `{"type":"tool","name":"n"}`},
		{"thinking enabled", EnabledThinking(1024), `{"type":"enabled","budget_tokens":1024}`},
		{"thinking adaptive", AdaptiveThinking(), `{"type":"adaptive"}`},
		{"thinking disabled", DisabledThinking(), `{"type":"disabled"}`},
		{"output format", &OutputConfig{Format: &OutputFormat{Schema: json.RawMessage(`{}`)}}, `{"format":{"type":"json_schema","schema":{}}}`},
		{"diagnostics, first turn", &DiagnosticsRequest{}, `{"previous_message_id":null}`},
		{"container", &Container{Skills: []*Skill{{Type: SkillTypeCustom, SkillID: "s"}}}, `{"skills":[{"type":"custom","skill_id":"s"}]}`},

		{"message param", new(UserText("Moin")), `{"role":"user","content":[{"type":"text","text":"Moin"}]}`},
		{"message param without content", &MessageParam{Role: RoleAssistant}, `{"role":"assistant","content":[]}`},
		{"empty request", &MessageRequest{}, `{"model":"","max_tokens":0,"messages":[]}`},
		{"zeros are sent", &MessageRequest{Model: "m", Temperature: new(0.0), TopK: new(0), TopP: new(0.0), InferenceGeo: new(""), Metadata: &Metadata{UserID: new("")}},
			`{"model":"m","max_tokens":0,"messages":[],"temperature":0,"top_k":0,"top_p":0,"inference_geo":"","metadata":{"user_id":""}}`},
		{"empty lists are sent", &MessageRequest{System: System{}, StopSequences: []string{}, Tools: []Tool{}}, `{"model":"","max_tokens":0,"messages":[],"system":[],"stop_sequences":[],"tools":[]}`},
		{"system text", &MessageRequest{System: SystemText("s")}, `{"model":"","max_tokens":0,"messages":[],"system":"s"}`},
		{"empty system text", &MessageRequest{System: SystemText("")}, `{"model":"","max_tokens":0,"messages":[],"system":""}`},
		{"cached system", &MessageRequest{System: System{{Text: "s", CacheControl: &CacheControl{}}}}, `{"model":"","max_tokens":0,"messages":[],"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}]}`},
		{"two system blocks", &MessageRequest{System: System{{Text: "a"}, {Text: "b"}}}, `{"model":"","max_tokens":0,"messages":[],"system":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}`},
		{"container by id", &MessageRequest{Container: &Container{ID: "c"}}, `{"model":"","max_tokens":0,"messages":[],"container":{"id":"c"}}`},
		{"container of a reply", &MessageRequest{Container: &Container{ID: "c", ExpiresAt: "2026-11-22T10:00:00Z"}}, `{"model":"","max_tokens":0,"messages":[],"container":{"id":"c"}}`},
		{"beta members", &MessageRequest{Extra: map[string]json.RawMessage{"thread": json.RawMessage(`{"type":"create"}`), "model": json.RawMessage(`"x"`), "top_p": nil}},
			`{"model":"x","max_tokens":0,"messages":[],"thread":{"type":"create"},"top_p":null}`},

		{"empty message", &Message{}, `{"id":"","type":"message","role":"assistant","model":"","content":[],"usage":{}}`},
		{"message start", &MessageStartEvent{}, `{"type":"message_start","message":null}`},
		{"text delta", &ContentBlockDeltaEvent{Delta: &TextDelta{Text: "a"}}, `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}`},
		{"no delta", &ContentBlockDeltaEvent{}, `{"type":"content_block_delta","index":0}`},
		{"no content block", &ContentBlockStartEvent{Index: 1}, `{"type":"content_block_start","index":1}`},
		{"image without source, in an answer", &Message{Content: []ContentBlock{&ImageBlock{}}}, `{"id":"","type":"message","role":"assistant","model":"","content":[{"type":"image"}],"usage":{}}`},
		{"stop", &ContentBlockStopEvent{Index: 3}, `{"type":"content_block_stop","index":3}`},
		{"message delta", &MessageDeltaEvent{Delta: MessageDelta{StopReason: StopReasonEndTurn}, Usage: &Usage{OutputTokens: 1}}, `{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}}`},
		{"ping", &PingEvent{}, `{"type":"ping"}`},
		{"message stop", &MessageStopEvent{}, `{"type":"message_stop"}`},
		{"hook results", &HookResultsEvent{HookResults: &HookResults{}}, `{"hook_results":{}}`},

		{"config", &Config{Strategy: &Strategy{Mode: StrategyLoadBalance}, Targets: []*Config{{Provider: "a", APIKey: "k", Weight: new(0.0)}}},
			`{"strategy":{"mode":"loadbalance"},"targets":[{"provider":"a","api_key":"k","weight":0}]}`},
		{"config, zeros", &Config{Retry: &RetryConfig{}, RequestTimeout: new(0), StrictOpenAICompliance: new(false), Cache: &CacheConfig{Mode: "simple", MaxAge: new(0)}},
			`{"retry":{"attempts":0},"request_timeout":0,"strict_open_ai_compliance":false,"cache":{"mode":"simple","max_age":0}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.JSONEq(t, tt.want, mustEncode(t, tt.value)) })
	}
}

// decodeAs decodes a sample of a union into a Go type of it.
func decodeAs[T wireValue](t *testing.T, kind, name string) T {
	t.Helper()
	v, err := wireKinds[kind](samples(t, kind)[name])
	require.NoError(t, err)
	typed, ok := v.(T)
	require.True(t, ok, "got a %T", v)
	return typed
}

// A round trip would also succeed with two members mixed up: these look at the fields.
func TestDecodedFields(t *testing.T) {
	text := decodeAs[*TextBlock](t, "ContentBlock", "text, cited")
	assert.Equal(t, "High water is at six.", text.Text)
	assert.Equal(t, CacheTTL1h, text.CacheControl.TTL)
	require.Len(t, text.Citations, 2)
	char, web := text.Citations[0].(*CharLocation), text.Citations[1].(*WebSearchResultLocation)
	assert.Nil(t, char.DocumentTitle)
	assert.Nil(t, char.FileID)
	assert.Equal(t, []any{"six", 3, 6}, []any{char.CitedText, char.StartCharIndex, char.EndCharIndex})
	assert.Equal(t, []any{"06:00", "https://tides.example", "Tides", "Eo8B"}, []any{web.CitedText, web.URL, *web.Title, web.EncryptedIndex})

	block := decodeAs[*ContentBlockLocation](t, "Citation", "content_block_location")
	assert.Equal(t, []any{"six", 3, "Tides", 4, 5, "file_1"}, []any{block.CitedText, block.DocumentIndex, *block.DocumentTitle, block.StartBlockIndex, block.EndBlockIndex, *block.FileID})
	search := decodeAs[*SearchResultLocation](t, "Citation", "search_result_location")
	assert.Equal(t, []any{"six", "https://a.example", "Tides", 1, 2, 3}, []any{search.CitedText, search.Source, *search.Title, search.SearchResultIndex, search.StartBlockIndex, search.EndBlockIndex})

	image := decodeAs[*ImageBlock](t, "ContentBlock", "image").Source.(*Base64Source)
	assert.Equal(t, []byte("\x89PNG\r\n\x1a\n"), image.Data)
	assert.Equal(t, "image/png", image.MediaType)

	use := decodeAs[*ToolUseBlock](t, "ContentBlock", "tool_use, called from code")
	assert.Equal(t, []any{"toolu_A2", "tide_at", CallerCodeExecution20260120, "srvtoolu_9"}, []any{use.ID, use.Name, use.Caller.Type, use.Caller.ToolID})
	assert.Nil(t, use.ToolsetName)
	raw := decodeAs[*ToolUseBlock](t, "ContentBlock", "tool_use").Input
	assert.Equal(t, `{"port":"Husum","n":1.50,"deep":{"a":[null,true]}}`, string(raw), "input is kept byte by byte")

	result := decodeAs[*ToolResultBlock](t, "ContentBlock", "tool_result, string")
	assert.Equal(t, "2.41 m", result.Content[0].(*TextBlock).Text)
	assert.False(t, *result.IsError)
	assert.Nil(t, decodeAs[*ToolResultBlock](t, "ContentBlock", "tool_result").Content)
	assert.NotNil(t, decodeAs[*ToolResultBlock](t, "ContentBlock", "tool_result, empty").Content)

	hits := decodeAs[*WebSearchToolResultBlock](t, "ContentBlock", "web_search_tool_result")
	require.Len(t, hits.Results(), 2)
	assert.Nil(t, hits.Failure())
	assert.Equal(t, "April 30, 2025", *hits.Results()[0].PageAge)
	assert.Nil(t, hits.Results()[1].PageAge)
	failed := decodeAs[*WebSearchToolResultBlock](t, "ContentBlock", "web_search_tool_result, error")
	assert.Nil(t, failed.Results())
	assert.Equal(t, ServerToolErrorCodeQueryTooLong, failed.Failure().ErrorCode)
	assert.Equal(t, ServerToolErrorTypeWebSearch, failed.Failure().Type)

	view := decodeAs[*TextEditorViewResult](t, "ServerToolResult", "text_editor_code_execution_view_result")
	assert.Equal(t, []any{TextEditorFileTypeText, "a\nb", 2, 1, 9}, []any{view.FileType, view.Content, *view.NumLines, *view.StartLine, *view.TotalLines})

	m := decodeAs[*Message](t, "Message", "full")
	assert.Equal(t, StopReasonStopSequence, m.StopReason)
	assert.Equal(t, "END", *m.StopSequence)
	assert.Equal(t, RefusalBio, m.StopDetails.Category)
	assert.Equal(t, "1", m.Container.Skills[0].Version)
	assert.Equal(t, CacheMissModelChanged, m.Diagnostics.CacheMissReason.Type)
	assert.Equal(t, 0, *m.Diagnostics.CacheMissReason.CacheMissedInputTokens)
	assert.Equal(t, 8, m.Usage.TotalInputTokens())
	assert.Equal(t, []any{1, 2, 1, 2}, []any{m.Usage.CacheCreation.Ephemeral5mInputTokens, m.Usage.CacheCreation.Ephemeral1hInputTokens, m.Usage.ServerToolUse.WebSearchRequests, m.Usage.ServerToolUse.WebFetchRequests})

	req := decodeAs[*MessageRequest](t, "MessageRequest", "full")
	assert.Equal(t, []any{0.7, 40, 0.95, 2048}, []any{*req.Temperature, *req.TopK, *req.TopP, *req.Thinking.BudgetTokens})
	assert.Equal(t, RoleSystem, req.Messages[1].Role)
	assert.IsType(t, &BashTool{}, req.Tools[0])
	assert.Equal(t, "bash", req.ToolChoice.Name)
	assert.False(t, *req.ToolChoice.DisableParallelToolUse)

	hooks := decodeAs[*HookResults](t, "HookResults", "denied (gateway.md 5.4)")
	assert.True(t, hooks.Before[0].Deny)
	assert.False(t, hooks.Passed())
	assert.Nil(t, hooks.Before[0].Checks[0].Log, "null is nil, and still written as null")
	assert.Equal(t, "Check error", decodeAs[*HookResults](t, "HookResults", "failed open").Before[0].Checks[0].Error.Name)
	assert.InDelta(t, -1, decodeAs[*HookResults](t, "HookResults", "feedback").After[0].Feedback.Value, 0)
}

// In a request there is nothing that only a response may have.
func TestRequestLeavesOutResponseMembers(t *testing.T) {
	text := decodeAs[*TextBlock](t, "ContentBlock", "text, cited")
	m := Message{Role: RoleAssistant, Content: []ContentBlock{text}}
	const want = `{"role":"assistant","content":[{"type":"text","text":"High water is at six.","citations":[
		{"type":"char_location","cited_text":"six","document_index":0,"document_title":null,"start_char_index":3,"end_char_index":6},
		{"type":"web_search_result_location","cited_text":"06:00","url":"https://tides.example","title":"Tides","encrypted_index":"Eo8B"}],
		"cache_control":{"type":"ephemeral","ttl":"1h"}}]}`
	param := m.Param()
	assert.JSONEq(t, want, mustEncode(t, &param))
	body, err := (&MessageRequest{Messages: []MessageParam{param}}).body(wire.Plain)
	require.NoError(t, err)
	assert.JSONEq(t, `{"model":"","max_tokens":0,"messages":[`+want+`]}`, string(body))

	// In a response, the same block still has its file.
	assert.Contains(t, mustEncode(t, &m), `"file_id":null`)
}

// CountTokens sends only what it takes.
func TestCountTokensBody(t *testing.T) {
	req := decodeAs[*MessageRequest](t, "MessageRequest", "full")
	req.Extra = map[string]json.RawMessage{"mcp_servers": json.RawMessage(`[]`)}
	for _, name := range []string{"thread", "fallbacks", "fallback_credit_token"} {
		req.Extra[name] = json.RawMessage(`{}`)
	}
	body, err := req.body(wire.CountTokens)
	require.NoError(t, err)
	assert.JSONEq(t, `{"model":"claude-opus-4-5",
		"messages":[{"role":"user","content":"Moin"},{"role":"system","content":"Be brief."}],
		"system":[{"type":"text","text":"You track tides."},{"type":"text","text":"In metres."}],
		"tools":[{"type":"bash_20250124","name":"bash"}],
		"tool_choice":{"type":"tool","name":"bash","disable_parallel_tool_use":false},
		"thinking":{"type":"enabled","budget_tokens":2048},
		"output_config":{"effort":"max","format":{"type":"json_schema","schema":{"type":"object"}}},
		"speed":"fast","cache_control":{"type":"ephemeral","ttl":"5m"},"mcp_servers":[]}`, string(body))
	assert.Len(t, req.Extra, 4, "the caller's request is as it was")
}
