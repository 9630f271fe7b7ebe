package portkey

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey/internal/wire"
)

// unknownOf has the Go type that holds the unknown types of each union.
var unknownOf = map[string]wireValue{
	"Citation":         new(UnknownCitation),
	"ContentBlock":     new(UnknownBlock),
	"Delta":            new(UnknownDelta),
	"ServerToolResult": new(UnknownServerToolResult),
	"Source":           new(UnknownSource),
	"StreamEvent":      new(UnknownEvent),
	"Tool":             new(UnknownTool),
}

// What no union knows survives byte by byte, whatever its type is.
func TestUnknownTypesSurvive(t *testing.T) {
	tests := []struct{ data, typ string }{
		{`{"type":"of the future","text":"<a> \u003c é","n":1.50,"x":null}`, "of the future"},
		{`{"a":{"type":"text"},"type":"zz"}`, "zz"},
		{`{"type":"esc\u0061ped"}`, "escaped"},
		{`{"type":""}`, ""},
		{`{"type":5}`, "5"},
		{`{"type":{"a":"text"}}`, `{"a":"text"}`},
		{`{"type":["text"]}`, `["text"]`},
		{`{"type":true}`, "true"},
		{`{"Type":"text"}`, ""},
		{`{"type":null}`, ""},
		{`{}`, ""},
		{`null`, ""},
		{`"text"`, ""},
		{`[{"type":"text"}]`, ""},
		{`12e3`, ""},
		{`false`, ""},
	}
	for union, want := range unknownOf {
		for _, tt := range tests {
			t.Run(union+"/"+tt.data, func(t *testing.T) {
				v, err := wireKinds[union]([]byte(" " + tt.data + "\n"))
				require.NoError(t, err)
				isObject := strings.HasPrefix(tt.data, "{")
				if _, ok := v.(*CustomTool); ok && isObject && tt.typ == "" {
					return // an object without a type is one
				}
				require.IsType(t, want, v)
				got := reflect.ValueOf(v).Elem()
				assert.Equal(t, tt.typ, got.FieldByName("Type").String())
				assert.Equal(t, tt.data, string(got.FieldByName("Raw").Bytes()), "white space around it is no part of it")
				assert.Equal(t, tt.data, mustEncode(t, v))

				own := reflect.New(got.Type()).Interface().(wireValue)
				require.NoError(t, json.Unmarshal([]byte(tt.data), own))
				if tt.data == "null" {
					assert.Equal(t, want, own, "null changes nothing, as encoding/json has it")
					return
				}
				assert.Equal(t, v, own, "decoded on its own")
			})
		}
	}
}

// An unknown value does not fail what it stands in.
func TestUnknownWithinSurvives(t *testing.T) {
	const z = `{"type":"zz","deep":[{"a":null}]}`
	tests := []struct{ kind, data string }{
		{"MessageRequest", `{"model":"m","max_tokens":1,"messages":[{"role":"robot","content":[` + z + `],"zz":1}],"tools":[` + z + `],"tool_choice":{"type":"zz","zz":{}},"zz":[` + z + `]}`},
		{"MessageRequest", `{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"i","content":[{"type":"document","source":{"type":"content","content":[{"type":"image","source":` + z + `}]}}]}]}]}`},
		{"MessageRequest", `{"model":"m","max_tokens":1,"messages":[],"tools":[{"type":"web_fetch_20260318","name":"web_fetch","url_sources":{"zz":1,"client_tool_results":{"type":"zz","tools":[{"type":"zz","name":"n","zz":0}]}}}]}`},
		{"Message", `{"id":"i","type":"message","role":"assistant","model":"m","content":[` + z + `,{"type":"text","text":"","citations":[` + z + `]},{"type":"web_search_tool_result","tool_use_id":"i","content":` + z + `}],"stop_reason":"zz","usage":{"iterations":[` + z + `],"server_tool_use":{"web_search_requests":0,"web_fetch_requests":0,"zz_requests":1}},"context_management":{"applied_edits":[` + z + `]}}`},
		{"StreamEvent", `{"type":"content_block_start","index":0,"content_block":` + z + `,"zz":1}`},
		{"StreamEvent", `{"type":"content_block_delta","index":0,"delta":` + z + `}`},
		{"StreamEvent", `{"type":"message_delta","delta":{"stop_reason":"zz","zz":` + z + `},"usage":{"output_tokens":1,"zz":` + z + `},"input_transformations":[]}`},
		{"ContentBlock", `{"type":"web_search_tool_result","tool_use_id":"i","content":[{"type":"zz","url":"u","title":"t","encrypted_content":"","page_age":null,"zz":1}]}`},
		{"ContentBlock", `{"type":"code_execution_tool_result","tool_use_id":"i","content":` + z + `,"caller":{"type":"zz","tool_id":""}}`},
		{"Config", `{"targets":[{"targets":[{"zz":` + z + `}],"strategy":{"mode":"zz","zz":1,"sticky":{"enabled":true,"zz":` + z + `},"conditions":[{"query":{"zz":[` + z + `]},"then":"","zz":null}]}}],"cb_config":` + z + `,"input_guardrails":[` + z + `],"before_request_hooks":[{"type":"zz","zz":` + z + `,"checks":[{"id":"zz","zz":` + z + `}]}]}`},
		{"HookResults", `{"before_request_hooks":[{"id":"a","zz":1,"checks":[{"id":"b","zz":` + z + `}]}]}`},
	}
	for _, tt := range tests {
		v, err := wireKinds[tt.kind]([]byte(tt.data))
		require.NoError(t, err, tt.data)
		assert.JSONEq(t, tt.data, mustEncode(t, v))
	}
}

// Types that are of beta features have no Go type, and survive all the same.
func TestBetaValuesSurvive(t *testing.T) {
	for kind, values := range map[string][]string{
		"ContentBlock": {
			`{"type":"mcp_tool_use","id":"i","name":"n","server_name":"s","input":{}}`,
			`{"type":"compaction","content":null,"encrypted_content":null}`,
			`{"type":"fallback","from":{"model":"a"},"to":{"model":"b"},"trigger":{"type":"refusal","category":null}}`,
			`{"type":"advisor_tool_result","tool_use_id":"i","content":{"type":"advisor_result","text":"t","stop_reason":null}}`,
			`{"type":"tool_addition","tool":{"type":"tool_reference","name":"n"}}`,
		},
		"Delta": {
			`{"type":"compaction_delta","content":null,"encrypted_content":"e"}`,
			`{"type":"thinking_delta","thinking":"t","estimated_tokens":null}`,
		},
		"Tool": {
			`{"type":"computer_20251124","name":"computer","display_width_px":1,"display_height_px":2,"enable_zoom":true}`,
			`{"type":"mcp_toolset","mcp_server_name":"s","configs":{"a":{"enabled":true}}}`,
		},
		"Thinking":    {`{"type":"adaptive","block_binding":{"prefix_mismatch_behavior":"drop_block"}}`},
		"StopDetails": {`{"type":"refusal","category":null,"explanation":null,"fallback_credit_token":"t"}`},
		"TokenCount":  {`{"input_tokens":1,"context_management":{"original_input_tokens":2}}`},
		"MessageParam": {
			`{"role":"system","content":[],"clear_at":"never","output_config":{"effort":"low"}}`,
		},
	} {
		for _, value := range values {
			v, err := wireKinds[kind]([]byte(value))
			require.NoError(t, err, value)
			assert.JSONEq(t, value, mustEncode(t, v))
		}
	}
}

// Equal values have equal bytes: prompt caches depend on it.
func TestDeterministicBytes(t *testing.T) {
	request := func() *MessageRequest {
		req := &MessageRequest{Model: "m", Extra: map[string]json.RawMessage{}, Tools: []Tool{&BrowserToolset{Configs: map[string]*ToolsetMemberConfig{}}}}
		for _, k := range strings.Fields("q w e r t z u i o p") {
			req.Extra[k] = json.RawMessage(`1`)
			req.Tools[0].(*BrowserToolset).Configs[k] = nil
		}
		return req
	}
	want := mustEncode(t, request())
	for range 50 {
		require.Equal(t, want, mustEncode(t, request()))
	}
	assert.Equal(t, `{"model":"m","max_tokens":0,"messages":[],"tools":[{"type":"browser_toolset_20260801","configs":{"e":null,"i":null,"o":null,"p":null,"q":null,"r":null,"t":null,"u":null,"w":null,"z":null}}],"e":1,"i":1,"o":1,"p":1,"q":1,"r":1,"t":1,"u":1,"w":1,"z":1}`, want)
}

func TestTextIsNotEscaped(t *testing.T) {
	const s = "<a href=\"x\">&amp;</a> \u2028\u2029 é 🌊 \\ \x00\x1f\x7f"
	body, err := (&MessageRequest{Messages: []MessageParam{UserText(s)}}).body(wire.Plain)
	require.NoError(t, err)
	assert.Contains(t, string(body), `<a href=\"x\">&amp;</a> `+"\u2028\u2029"+` é 🌊 \\ \u0000\u001f`)
	var back MessageRequest
	require.NoError(t, json.Unmarshal(body, &back))
	assert.Equal(t, s, back.Messages[0].Content[0].(*TextBlock).Text)
}

func TestStrings(t *testing.T) {
	for in, want := range map[string]string{
		`"\u00e9\ud83c\udf0a\/\b\f\n\r\t\"\\"`: "é🌊/\b\f\n\r\t\"\\",
		`"\ud83c"`:                             "\uFFFD", // half a surrogate pair, as in encoding/json
		"\"a\xffb\"":                           "a\uFFFDb",
	} {
		var delta TextDelta
		require.NoError(t, delta.UnmarshalJSON([]byte(`{"type":"text_delta","text":`+in+`}`)), in)
		assert.Equal(t, want, delta.Text, in)
	}
}

func TestNumbers(t *testing.T) {
	// JavaScript gateways spell integers as they like; what is none is refused.
	for in, want := range map[string]int{"0": 0, "-0": 0, "12": 12, "1e3": 1000, "2.0": 2, "9007199254740993": 9007199254740993, "-9223372036854775808": -9223372036854775808} {
		var count TokenCount
		require.NoError(t, json.Unmarshal([]byte(`{"input_tokens":`+in+`}`), &count), in)
		assert.Equal(t, want, count.InputTokens, in)
	}
	for _, in := range []string{"1.5", "1e30", "9223372036854775808", "-1e400", `"1"`, "true"} {
		var count TokenCount
		assert.ErrorContains(t, json.Unmarshal([]byte(`{"input_tokens":`+in+`}`), &count), "input_tokens: want ", in)
	}
	// Where the type of a number is not known it keeps its digits.
	const big = `{"type":"tool_use","id":"","name":"","input":{"n":123456789012345678901234567890.10e-5},"zz":1E+400}`
	v, err := UnmarshalContentBlock([]byte(big))
	require.NoError(t, err)
	assert.Contains(t, mustEncode(t, v), `"input":{"n":123456789012345678901234567890.10e-5}`)
	assert.Contains(t, mustEncode(t, v), `"zz":1E+400`)

	for in, want := range map[string]string{"0.1": "0.1", "1": "1", "1e-7": "1e-7", "0.30000000000000004": "0.30000000000000004"} {
		var req MessageRequest
		require.NoError(t, json.Unmarshal([]byte(`{"temperature":`+in+`}`), &req))
		assert.Equal(t, want, memberOf(t, []byte(mustEncode(t, &req)), "temperature"))
	}
}

// A string that has become more than a string is a list, and a list stays one.
func TestAlternateSpellings(t *testing.T) {
	var m MessageParam
	require.NoError(t, json.Unmarshal([]byte(`{"role":"user","content":"a"}`), &m))
	m.Content[0].(*TextBlock).Text = "b"
	assert.JSONEq(t, `{"role":"user","content":"b"}`, mustEncode(t, &m))
	m.Content = append(m.Content, Text("c"))
	assert.JSONEq(t, `{"role":"user","content":[{"type":"text","text":"b"},{"type":"text","text":"c"}]}`, mustEncode(t, &m))
	m.Content = []ContentBlock{&TextBlock{Text: "b", CacheControl: &CacheControl{}}}
	assert.JSONEq(t, `{"role":"user","content":[{"type":"text","text":"b","cache_control":{"type":"ephemeral"}}]}`, mustEncode(t, &m))
	m.Content = []ContentBlock{}
	assert.JSONEq(t, `{"role":"user","content":[]}`, mustEncode(t, &m))

	var req MessageRequest
	require.NoError(t, json.Unmarshal([]byte(`{"container":"c","system":[{"type":"text","text":"a"}]}`), &req))
	assert.Equal(t, "c", req.Container.ID)
	req.Container.Skills = []*Skill{{Type: SkillTypeAnthropic, SkillID: "pdf"}}
	assert.Equal(t, `{"id":"c","skills":[{"type":"anthropic","skill_id":"pdf"}]}`, memberOf(t, []byte(mustEncode(t, &req)), "container"))
	assert.Equal(t, `[{"type":"text","text":"a"}]`, memberOf(t, []byte(mustEncode(t, &req)), "system"))

	for in, want := range map[string]string{`"a"`: `"a"`, `[]`: `[]`, `[{"type":"text","text":"a"},{"type":"text","text":"b"}]`: `[{"type":"text","text":"a"},{"type":"text","text":"b"}]`} {
		var system System
		require.NoError(t, json.Unmarshal([]byte(in), &system))
		got, err := json.Marshal(system)
		require.NoError(t, err)
		assert.JSONEq(t, want, string(got))
	}
}

// Of two members of the same name the last one counts.
func TestDuplicateMembers(t *testing.T) {
	tests := []struct{ kind, in, want string }{
		{"ContentBlock", `{"type":"text","text":"a","text":"b"}`, `{"type":"text","text":"b"}`},
		{"ContentBlock", `{"type":"text","text":null,"text":"b"}`, `{"type":"text","text":"b"}`},
		{"ContentBlock", `{"type":"text","text":"a","zz":1,"zz":2}`, `{"type":"text","text":"a","zz":2}`},
		{"MessageParam", `{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}],"content":[]}`, `{"role":"user","content":[]}`},
		{"Thinking", `{"type":"enabled","budget_tokens":1,"budget_tokens":2}`, `{"type":"enabled","budget_tokens":2}`},
		{"Config", `{"override_params":{"a":1,"a":2}}`, `{"override_params":{"a":2}}`},
	}
	for _, tt := range tests {
		v, err := wireKinds[tt.kind]([]byte(tt.in))
		require.NoError(t, err)
		assert.JSONEq(t, tt.want, mustEncode(t, v), tt.in)
	}
}

// A named event without a type in its data is of its name.
func TestEventNames(t *testing.T) {
	const hooks = `{"hook_results":{"before_request_hooks":[]}}`
	event, err := UnmarshalStreamEvent("hook_results", []byte(hooks))
	require.NoError(t, err)
	require.IsType(t, &HookResultsEvent{}, event)
	assert.JSONEq(t, hooks, mustEncode(t, event), "the event still has no type of its own")

	event, err = UnmarshalStreamEvent("content_block_stop", []byte(`{"index":2,"type":null}`))
	require.NoError(t, err)
	assert.Equal(t, 2, event.(*ContentBlockStopEvent).Index)

	event, err = UnmarshalStreamEvent("ping", []byte(`{"type":"message_stop"}`))
	require.NoError(t, err)
	assert.IsType(t, &MessageStopEvent{}, event, "the data has the last word")

	event, err = UnmarshalStreamEvent("brand_new", []byte(`{"a":1}`))
	require.NoError(t, err)
	assert.Equal(t, &UnknownEvent{Type: "brand_new", Raw: json.RawMessage(`{"a":1}`)}, event)

	event, err = UnmarshalStreamEvent("ping", []byte(`{"type":"ping"`))
	require.Error(t, err)
	assert.Nil(t, event, "no half event")
}

// Deep nesting ends in an error, not in a crash, and not after minutes.
func TestDeepNesting(t *testing.T) {
	nest := func(n int, open, inner, end string) []byte {
		return []byte(strings.Repeat(open, n) + inner + strings.Repeat(end, n))
	}
	for _, n := range []int{500, 200_000} {
		for kind, data := range map[string][]byte{
			"ContentBlock": nest(n, `{"type":"tool_result","tool_use_id":"i","content":[`, `{"type":"text","text":""}`, `]}`),
			"Config":       nest(n, `{"targets":[`, `{}`, `]}`),
			"Tool":         append(append([]byte(`{"name":"n","input_schema":`), nest(n, `[`, ``, `]`)...), '}'),
		} {
			v, err := wireKinds[kind](data)
			if n == 500 {
				require.NoError(t, err, kind)
				assert.JSONEq(t, string(data), mustEncode(t, v), kind)
			} else {
				assert.Error(t, err, kind)
			}
		}
	}
}

// The members of a struct come in a fixed order, with the unknown ones sorted after them.
func TestOrderOfMembers(t *testing.T) {
	v, err := UnmarshalContentBlock([]byte(`{"zz":1,"cache_control":null,"aa":2,"text":"a","type":"text"}`))
	require.NoError(t, err)
	assert.Equal(t, `{"type":"text","text":"a","cache_control":null,"aa":2,"zz":1}`, mustEncode(t, v))
	assert.Equal(t, []string{"aa", "zz"}, slices.Sorted(maps.Keys(v.(*TextBlock).Extra)))
}
