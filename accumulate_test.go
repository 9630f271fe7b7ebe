package portkey

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey/internal/eventstream"
)

// eventsFrom decodes the events of a stream, as a MessageStream does.
func eventsFrom(t *testing.T, stream string) []StreamEvent {
	t.Helper()
	var events []StreamEvent
	r := eventstream.NewReader(strings.NewReader(stream), 1<<20)
	for {
		raw, err := r.Next()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		event, err := UnmarshalStreamEvent(string(raw.Name), raw.Data)
		require.NoError(t, err, string(raw.Data))
		unwrapReplay(event)
		events = append(events, event)
	}
	require.NotEmpty(t, events)
	return events
}

// dataLines makes a stream of events from their data.
func dataLines(lines ...string) string {
	return "data: " + strings.Join(lines, "\n\ndata: ") + "\n\n"
}

func accumulate(t *testing.T, stream string) *accumulator {
	t.Helper()
	acc := new(accumulator)
	for _, event := range eventsFrom(t, stream) {
		before, err := json.Marshal(event)
		require.NoError(t, err)
		acc.add(event)
		after, err := json.Marshal(event)
		require.NoError(t, err)
		require.Equal(t, string(before), string(after), "add changes the event, which is the caller's")
	}
	return acc
}

func assertMessage(t *testing.T, stream, want string) *Message {
	t.Helper()
	events := eventsFrom(t, stream)
	acc := new(accumulator)
	before := make([]string, len(events))
	for i, event := range events {
		before[i] = mustEncode(t, event)
		acc.add(event)
	}
	m := acc.result()
	require.NotNil(t, m)
	assert.JSONEq(t, want, mustEncode(t, m))
	assert.Equal(t, mustEncode(t, m), mustEncode(t, acc.result()), "a second result is the same")
	for i, event := range events {
		assert.Equal(t, before[i], mustEncode(t, event), "event %d is the caller's, and was changed", i)
	}
	return m
}

// A message_start with little in it, what it becomes, and the end.
const (
	startData    = `{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"c","content":[],"stop_reason":null,"usage":{"input_tokens":5,"output_tokens":1}}}`
	startMembers = `"id":"m","type":"message","role":"assistant","model":"c"`
	stopData     = `{"type":"message_stop"}`
)

// The sample of wire-format.md 15.2.
const sampleStream = `event: message_start
data: {"type":"message_start","message":{"id":"msg_C3","type":"message","role":"assistant","model":"claude-sonnet-5-5","content":[],"stop_reason":null,"stop_sequence":null,"stop_details":null,"container":null,"diagnostics":null,"usage":{"input_tokens":180,"output_tokens":2,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":null,"output_tokens_details":null,"server_tool_use":null,"service_tier":"standard","inference_geo":null,"speed":null}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

event: ping
data: {"type":"ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Ask the gauge."}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2lnLTI="}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":"","citations":null}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"One moment."}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: content_block_start
data: {"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_D4","name":"tide_at","input":{},"caller":{"type":"direct"}}}

event: content_block_delta
data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"port\":\"Hu"}}

event: content_block_delta
data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"sum\"}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":2}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null,"stop_details":null},"usage":{"output_tokens":41,"output_tokens_details":{"thinking_tokens":11}}}

event: message_stop
data: {"type":"message_stop"}

`

func TestAccumulateSample(t *testing.T) {
	m := assertMessage(t, sampleStream, `{"id":"msg_C3","type":"message","role":"assistant","model":"claude-sonnet-5-5","content":[
		{"type":"thinking","thinking":"Ask the gauge.","signature":"c2lnLTI="},
		{"type":"text","text":"One moment.","citations":null},
		{"type":"tool_use","id":"toolu_D4","name":"tide_at","input":{"port":"Husum"},"caller":{"type":"direct"}}],
		"stop_reason":"tool_use","stop_sequence":null,"stop_details":null,"container":null,"diagnostics":null,
		"usage":{"input_tokens":180,"output_tokens":41,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":null,"output_tokens_details":{"thinking_tokens":11},"server_tool_use":null,"service_tier":"standard","inference_geo":null,"speed":null}}`)
	assert.Equal(t, "One moment.", m.Text())
	assert.Equal(t, "Ask the gauge.", m.Thinking())
	require.Len(t, m.ToolUses(), 1)
	var input struct{ Port string }
	require.NoError(t, m.ToolUses()[0].DecodeInput(&input))
	assert.Equal(t, "Husum", input.Port)
	assert.True(t, accumulate(t, sampleStream).done)
}

// After each event there is a message that can be looked at and sent.
func TestAccumulatePrefixes(t *testing.T) {
	events := eventsFrom(t, sampleStream)
	acc := new(accumulator)
	assert.Nil(t, acc.result())
	for i, event := range events {
		acc.add(event)
		m := acc.result()
		require.NotNil(t, m)
		if _, err := encodeAll(m); err != nil {
			assert.EqualError(t, err, "content[2].input: not valid JSON", "only an input that is cut off is not JSON")
			assert.Equal(t, `{"port":"Hu`, string(m.ToolUses()[0].Input), "event %d", i)
		}
		assert.Equal(t, i == len(events)-1, acc.done)
	}
}

func TestAccumulate(t *testing.T) {
	tests := []struct {
		name   string
		events []string
		want   string
	}{
		{"interleaved blocks", []string{startData,
			`{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"A"}}`,
			`{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"i","name":"n","input":{}}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"B"}}`,
			`{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"[1"}}`,
			`{"type":"content_block_stop","index":0}`,
			`{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":",2]"}}`,
			`{"type":"content_block_stop","index":1}`, stopData},
			`{` + startMembers + `,"content":[{"type":"text","text":"AB"},{"type":"tool_use","id":"i","name":"n","input":[1,2]}],"stop_reason":null,"usage":{"input_tokens":5,"output_tokens":1}}`},
		{"gaps, out of order, without stops", []string{startData,
			`{"type":"content_block_start","index":7,"content_block":{"type":"text","text":"c"}}`,
			`{"type":"content_block_start","index":2,"content_block":{"type":"text","text":"a"}}`,
			`{"type":"content_block_delta","index":7,"delta":{"type":"text_delta","text":"d"}}`,
			`{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"b"}}`, stopData},
			`{` + startMembers + `,"content":[{"type":"text","text":"ab"},{"type":"text","text":"cd"}],"stop_reason":null,"usage":{"input_tokens":5,"output_tokens":1}}`},
		{"missing starts", []string{startData,
			`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"lost"}}`,
			`{"type":"content_block_stop","index":0}`,
			`{"type":"content_block_stop","index":-1}`,
			`{"type":"content_block_start","index":1,"content_block":{"type":"text","text":"kept"}}`, stopData},
			`{` + startMembers + `,"content":[{"type":"text","text":"kept"}],"stop_reason":null,"usage":{"input_tokens":5,"output_tokens":1}}`},
		{"content in message_start", []string{strings.Replace(startData, `"content":[]`, `"content":[{"type":"text","text":"a"}]`, 1),
			`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"b"}}`, stopData},
			`{` + startMembers + `,"content":[{"type":"text","text":"ab"}],"stop_reason":null,"usage":{"input_tokens":5,"output_tokens":1}}`},
		{"several message_delta, counts are totals", []string{startData,
			`{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":"X","stop_details":{"type":"refusal","category":null,"explanation":null},"container":{"id":"c1","expires_at":"t","skills":null}},"usage":{"input_tokens":7,"output_tokens":10,"cache_read_input_tokens":3,"server_tool_use":{"web_search_requests":1,"web_fetch_requests":0},"iterations":[1]},"context_management":{"a":1},"input_transformations":[1]}`,
			`{"type":"message_delta","delta":{"stop_reason":null,"stop_sequence":null,"stop_details":null,"container":null},"usage":{"input_tokens":null,"output_tokens":12,"server_tool_use":null},"context_management":null,"input_transformations":[]}`, stopData},
			`{` + startMembers + `,"content":[],"stop_reason":null,"container":{"id":"c1","expires_at":"t","skills":null},"usage":{"input_tokens":7,"output_tokens":12,"cache_read_input_tokens":3,"server_tool_use":{"web_search_requests":1,"web_fetch_requests":0},"iterations":[1]},"context_management":{"a":1},"input_transformations":[]}`},
		{"signature", []string{startData,
			`{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"s"}}`, stopData},
			`{` + startMembers + `,"content":[{"type":"thinking","thinking":"","signature":"s"}],"stop_reason":null,"usage":{"input_tokens":5,"output_tokens":1}}`},
		{"citations", []string{startData,
			`{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"","citations":null}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":{"type":"zz","n":1}}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":{"type":"web_search_result_location","cited_text":"c","url":"u","title":null,"encrypted_index":"e"}}}`, stopData},
			`{` + startMembers + `,"content":[{"type":"text","text":"a","citations":[{"type":"zz","n":1},{"type":"web_search_result_location","cited_text":"c","url":"u","title":null,"encrypted_index":"e"}]}],"stop_reason":null,"usage":{"input_tokens":5,"output_tokens":1}}`},
		{"input replaces its placeholder", []string{startData,
			`{"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use","id":"i","name":"web_search","input":{"placeholder":true}}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"query\":\"\\u00"}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"e9\",\"n\":1"}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"2.50}"}}`, stopData},
			`{` + startMembers + `,"content":[{"type":"server_tool_use","id":"i","name":"web_search","input":{"query":"é","n":12.50}}],"stop_reason":null,"usage":{"input_tokens":5,"output_tokens":1}}`},
		{"no input", []string{startData,
			`{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"i","name":"n","input":{}}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":""}}`,
			`{"type":"content_block_stop","index":0}`,
			`{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"j","name":"n","input":{"whole":1}}}`,
			`{"type":"content_block_stop","index":1}`,
			`{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"k","name":"n"}}`, stopData},
			`{` + startMembers + `,"content":[{"type":"tool_use","id":"i","name":"n","input":{}},{"type":"tool_use","id":"j","name":"n","input":{"whole":1}},{"type":"tool_use","id":"k","name":"n","input":{}}],"stop_reason":null,"usage":{"input_tokens":5,"output_tokens":1}}`},
		{"unknown blocks, deltas and events", []string{startData,
			`{"type":"content_block_start","index":0,"content_block":{"type":"zz","a":null}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"zz_delta"}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}}`,
			`{"type":"content_block_stop","index":0}`,
			`{"type":"content_block_start","index":1,"content_block":{"type":"text","text":"a","zz":1}}`,
			`{"type":"content_block_delta","index":1,"delta":{"type":"zz_delta","text":"x"}}`,
			`{"type":"brand_new","index":1}`, stopData},
			`{` + startMembers + `,"content":[{"type":"zz","a":null},{"type":"text","text":"a","zz":1}],"stop_reason":null,"usage":{"input_tokens":5,"output_tokens":1}}`},
		{"blocks that come whole", []string{startData,
			`{"type":"content_block_start","index":0,"content_block":{"type":"redacted_thinking","data":"d"}}`,
			`{"type":"content_block_stop","index":0}`,
			`{"type":"content_block_start","index":1,"content_block":{"type":"web_search_tool_result","tool_use_id":"i","content":[]}}`, stopData},
			`{` + startMembers + `,"content":[{"type":"redacted_thinking","data":"d"},{"type":"web_search_tool_result","tool_use_id":"i","content":[]}],"stop_reason":null,"usage":{"input_tokens":5,"output_tokens":1}}`},
		{"unknown members of the start", []string{strings.Replace(startData, `"content":[]`, `"content":[],"context_management":null,"zz":1`, 1),
			`{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null,"stop_details":null},"usage":{"output_tokens":2},"context_management":{"applied_edits":[]}}`, stopData},
			`{` + startMembers + `,"content":[],"stop_reason":"end_turn","usage":{"input_tokens":5,"output_tokens":2},"context_management":{"applied_edits":[]},"zz":1}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assertMessage(t, dataLines(tt.events...), tt.want) })
	}
}

// The stream that the gateway's cache makes of a stored answer (gateway.md 7),
// with its oddities: see there.
const replayStream = `event: message_start
data: {"type":"message_start","message":{"id":"msg_01","type":"message_start","role":"assistant","model":"claude-x","content":[],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":5},"hook_results":{"before_request_hooks":[]}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"let me think"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQBsig=="}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: content_block_start
data: {"type":"content_block_start","index":2,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"Hello"}}

event: content_block_delta
data: {"type":"content_block_delta","index":2,"delta":{"type":"citations_delta","citation":{"type":"char_location","cited_text":"c","document_index":0}}}

event: content_block_stop
data: {"type":"content_block_stop","index":2}

event: content_block_start
data: {"type":"content_block_start","index":3,"content_block":{"type":"tool_use","tool_use":{"type":"tool_use","id":"toolu_01","name":"get_weather","input":{}}}}

event: content_block_delta
data: {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"city\":\"Paris\"}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":3}

event: content_block_stop
data: {"type":"content_block_stop","index":4}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":10,"output_tokens":5}}

event: message_stop
data: {"type": "message_stop"}

`

func TestAccumulateReplay(t *testing.T) {
	m := assertMessage(t, replayStream, `{"id":"msg_01","type":"message","role":"assistant","model":"claude-x","content":[
		{"type":"thinking","thinking":"let me think","signature":"EqQBsig=="},
		{"type":"text","text":"Hello","citations":[{"type":"char_location","cited_text":"c","document_index":0,"document_title":null,"start_char_index":0,"end_char_index":0}]},
		{"type":"tool_use","id":"toolu_01","name":"get_weather","input":{"city":"Paris"}}],
		"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":5},"hook_results":{"before_request_hooks":[]}}`)
	assert.Equal(t, "toolu_01", m.ToolUses()[0].ID)
}

// Only the replay's own spelling is undone.
func TestUnwrapReplay(t *testing.T) {
	for data, want := range map[string]string{
		`{"type":"tool_use","tool_use":{"id":"a","name":"n","input":{"x":1}}}`: `{"type":"tool_use","id":"a","name":"n","input":{"x":1}}`,
		`{"type":"tool_use","id":"b","name":"","tool_use":{"id":"a"}}`:         `{"type":"tool_use","id":"b","name":"","input":{},"tool_use":{"id":"a"}}`,
		`{"type":"tool_use","tool_use":5}`:                                     `{"type":"tool_use","id":"","name":"","input":{},"tool_use":5}`,
		`{"type":"text","text":"","tool_use":{"id":"a"}}`:                      `{"type":"text","text":"","tool_use":{"id":"a"}}`,
	} {
		block, err := UnmarshalContentBlock([]byte(data))
		require.NoError(t, err)
		event := &ContentBlockStartEvent{ContentBlock: block}
		unwrapReplay(event)
		assert.JSONEq(t, want, mustEncode(t, event.ContentBlock))
	}
	unwrapReplay(&ContentBlockStartEvent{})
	unwrapReplay(&PingEvent{})
}

// The gateway's verdicts come before the message, and the hosted gateway's
// also after it.
func TestAccumulateHookResults(t *testing.T) {
	acc := accumulate(t, "event: hook_results\ndata: {\"hook_results\":{\"before_request_hooks\":[{\"id\":\"a\",\"verdict\":false}]}}\n\n")
	assert.Nil(t, acc.result(), "verdicts alone are no message")
	acc.add(&MessageStartEvent{Message: &Message{ID: "m"}})
	assert.Equal(t, "a", acc.result().HookResults.Before[0].ID)

	m := accumulate(t, dataLines(startData, stopData)+
		"event: hook_results\ndata: {\"hook_results\":{\"before_request_hooks\":[{\"id\":\"a\"}]}}\n\n"+
		"event: hook_results\ndata: {\"hook_results\":{\"after_request_hooks\":[{\"id\":\"b\"}],\"zz\":1}}\n\n").result()
	assert.Equal(t, "m", m.ID)
	assert.JSONEq(t, `{"before_request_hooks":[{"id":"a"}],"after_request_hooks":[{"id":"b"}],"zz":1}`, mustEncode(t, m.HookResults))
}

// Caller-made events, with what a stream never has, do no harm either.
func TestAccumulateOddEvents(t *testing.T) {
	acc := new(accumulator)
	for _, event := range []StreamEvent{
		&MessageDeltaEvent{}, &MessageStartEvent{}, &MessageStartEvent{Message: &Message{}}, &ContentBlockStartEvent{}, &ContentBlockDeltaEvent{}, &ContentBlockStopEvent{},
		&ContentBlockStartEvent{Index: 1, ContentBlock: &TextBlock{}},
		&ContentBlockDeltaEvent{Index: 1}, &ContentBlockDeltaEvent{Index: 1, Delta: &CitationsDelta{}},
		&HookResultsEvent{}, &UnknownEvent{},
	} {
		acc.add(event)
	}
	assert.Len(t, acc.result().Content, 1)
	assert.Nil(t, acc.result().Content[0].(*TextBlock).Citations)
	acc.add(&MessageDeltaEvent{Delta: MessageDelta{StopReason: StopReasonEndTurn}})
	acc.add(&MessageStopEvent{})
	assert.True(t, acc.done)
	assert.Equal(t, StopReasonEndTurn, acc.result().StopReason)
}

// A message that is looked at early is not changed by what comes later.
func TestAccumulateDoesNotShareSlices(t *testing.T) {
	cited := &TextBlock{Citations: make([]Citation, 1, 8)}
	cited.Citations[0] = &PageLocation{}
	acc := new(accumulator)
	acc.add(&MessageStartEvent{Message: &Message{}})
	acc.add(&ContentBlockStartEvent{ContentBlock: cited})
	acc.add(&ContentBlockDeltaEvent{Delta: &CitationsDelta{Citation: &CharLocation{}}})
	assert.Len(t, cited.Citations, 1)
	assert.Nil(t, cited.Citations[:2][1], "the spare room of the caller's slice is the caller's")
	assert.Len(t, acc.result().Content[0].(*TextBlock).Citations, 2)
}
