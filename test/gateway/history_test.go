package gateway_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

// What the model said goes back as it came: byte for byte, since signatures are checked and prompt
// caches compare bytes. The texts have what encoders like to escape, and what is not ASCII. Numbers
// and member order are as the gateway, which decodes and encodes all but streams, leaves them.
var spoken = []struct {
	block  string   // in an answer that is no stream
	start  string   // the block with which a stream begins it; empty where it is the whole block
	deltas []string // what a stream adds to it
}{
	{
		block:  `{"type":"thinking","thinking":"Is 1 < 2 && \"ë\" > 'é'?\n\u2028 Yes, says Zoë 🎉.","signature":"EqQB/+aGVsbG8=="}`,
		start:  `{"type":"thinking","thinking":"","signature":""}`,
		deltas: []string{`{"type":"thinking_delta","thinking":"Is 1 < 2 && \"ë\""}`, `{"type":"thinking_delta","thinking":" > 'é'?\n\u2028 Yes, says Zoë 🎉."}`, `{"type":"signature_delta","signature":"EqQB/+aGVsbG8=="}`},
	},
	{block: `{"type":"redacted_thinking","data":"Encrypted+/Blob=="}`},
	{
		block:  `{"type":"thinking","thinking":"","signature":"omitted=="}`,
		start:  `{"type":"thinking","thinking":"","signature":""}`,
		deltas: []string{`{"type":"signature_delta","signature":"omitted=="}`},
	},
	{
		block:  `{"type":"text","text":"<b>Checking</b> & 'quoting' naïve 日本\t"}`,
		start:  `{"type":"text","text":""}`,
		deltas: []string{`{"type":"text_delta","text":"<b>Checking</b> & "}`, `{"type":"text_delta","text":"'quoting' naïve 日本\t"}`},
	},
	{block: `{"type":"block_of_the_future","data":{"z":1,"a":[true,null,"<é>"]},"b":0.5}`},
	{
		block:  `{"type":"tool_use","id":"toolu_1","name":"get_weather","input":{"unit":"<c>","city":"Zürich","depth":{"b":1.5,"a":[]}}}`,
		start:  `{"type":"tool_use","id":"toolu_1","name":"get_weather","input":{}}`,
		deltas: []string{`{"type":"input_json_delta","partial_json":""}`, `{"type":"input_json_delta","partial_json":"{\"unit\":\"<c>\",\"ci"}`, `{"type":"input_json_delta","partial_json":"ty\":\"Zürich\",\"depth\":{\"b\":1.5,\"a\":[]}}"}`},
	},
	{block: `{"type":"tool_use","id":"toolu_2","name":"get_time","input":{}}`},
}

// spokenContent is the content of a message with all blocks of spoken, as it has to come back.
func spokenContent() string {
	var blocks []string
	for _, b := range spoken {
		blocks = append(blocks, b.block)
	}
	// The escape is for readers of this file: JavaScript writes the character itself.
	return strings.ReplaceAll("["+strings.Join(blocks, ",")+"]", `\u2028`, "\u2028")
}

func spokenMessage() string {
	return `{"id":"msg_spoken","type":"message","role":"assistant","model":"claude-upstream","content":` + spokenContent() +
		`,"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":5}}`
}

func spokenEvents() string {
	var b strings.Builder
	event := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "event: %s\ndata: {\"type\":%q%s}\n\n", name, name, fmt.Sprintf(format, args...))
	}
	event("message_start", `,"message":{"id":"msg_spoken","type":"message","role":"assistant","model":"claude-upstream","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":1}}`)
	for i, block := range spoken {
		start := block.start
		if start == "" {
			start = block.block
		}
		event("content_block_start", `,"index":%d,"content_block":%s`, i, start)
		for _, delta := range block.deltas {
			event("content_block_delta", `,"index":%d,"delta":%s`, i, delta)
		}
		event("content_block_stop", `,"index":%d`, i)
	}
	event("message_delta", `,"delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":5}`)
	event("message_stop", "")
	return b.String()
}

func TestHistoryIsSentBackUnchanged(t *testing.T) {
	t.Parallel()
	for streamed, first := range map[bool]http.HandlerFunc{
		false: answer(200, spokenMessage()),
		true:  answerEvents(spokenEvents()),
	} {
		t.Run(fmt.Sprintf("stream=%t", streamed), func(t *testing.T) {
			t.Parallel()
			host := upstream.on(t, inTurn(first, answerMessage("done")))
			client := newClient(t, host)
			req := ask("hello")
			msg := receive(t, client, streamed, req)

			var results []portkey.ContentBlock
			for _, use := range msg.ToolUses() {
				results = append(results, portkey.ToolResult(use.ID, "21 °C <sunny>"))
			}
			req.Messages = append(req.Messages, msg.Param(), portkey.UserMessage(results...))
			_, err := client.Messages.Create(t.Context(), req)
			require.NoError(t, err)

			var turns []json.RawMessage
			require.NoError(t, json.Unmarshal(upstream.requests(host)[1].members(t)["messages"], &turns))
			require.Len(t, turns, 3)
			require.Equal(t, `{"role":"assistant","content":`+spokenContent()+`}`, string(turns[1]))
			require.JSONEq(t, `{"role":"user","content":[
				{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"21 °C <sunny>"}]},
				{"type":"tool_result","tool_use_id":"toolu_2","content":[{"type":"text","text":"21 °C <sunny>"}]}]}`, string(turns[2]))
		})
	}
}

// A citation's file_id is the response's only: the API refuses it in a request.
func TestHistoryLeavesOutWhatOnlyAnswersHave(t *testing.T) {
	t.Parallel()
	body := messageBody("")
	body["content"] = json.RawMessage(`[{"type":"text","text":"so it says","citations":[{"type":"char_location","cited_text":"it","document_index":0,"document_title":null,"start_char_index":0,"end_char_index":2,"file_id":"file_1"}]}]`)
	host := upstream.on(t, inTurn(answer(200, body), answerMessage("done")))
	client := newClient(t, host)
	req := ask("hello")
	msg, err := client.Messages.Create(t.Context(), req)
	require.NoError(t, err)

	req.Messages = append(req.Messages, msg.Param(), portkey.UserText("and?"))
	_, err = client.Messages.Create(t.Context(), req)
	require.NoError(t, err)

	sent := upstream.requests(host)[1].Body
	require.Contains(t, sent, `"cited_text":"it"`)
	require.Contains(t, sent, `"document_title":null`)
	require.NotContains(t, sent, "file_id")
}

// The message of a stream is the message that the same call returns whole.
func TestStreamEqualsCreate(t *testing.T) {
	t.Parallel()
	host := upstream.on(t, inTurn(answer(200, spokenMessage()), answerEvents(spokenEvents())))
	client := newClient(t, host)

	whole := receive(t, client, false, ask("hello"))
	streamed := receive(t, client, true, ask("hello"))

	require.Equal(t, whole.Content, streamed.Content)
	require.JSONEq(t, spokenMessage(), toJSON(whole))
	require.JSONEq(t, spokenMessage(), toJSON(streamed))
	require.Equal(t, whole.Text(), streamed.Text())
	require.Equal(t, whole.Thinking(), streamed.Thinking())
	require.Equal(t, whole.Usage.OutputTokens, streamed.Usage.OutputTokens)
}

// Members, blocks and values that this version does not know come through, explicit nulls too.
func TestUnknownMembersSurvive(t *testing.T) {
	t.Parallel()
	body := `{"id":"msg_future","type":"message","role":"assistant","model":"claude-upstream",
		"content":[
			{"type":"text","text":"hello","citations":null,"mood":"<good>"},
			{"type":"hologram","depth":3,"of":null}],
		"stop_reason":"bored","stop_sequence":null,"container":null,
		"context_management":{"applied_edits":[{"type":"clear","n":1}]},
		"usage":{"input_tokens":1,"output_tokens":2,"joules":0.5,"service_tier":"cosmic","server_tool_use":null},
		"future":[1,{"a":null}]}`
	host := upstream.on(t, answer(200, body))

	msg, err := newClient(t, host).Messages.Create(t.Context(), ask("hello"))
	require.NoError(t, err)

	require.JSONEq(t, body, toJSON(msg))
	require.Equal(t, portkey.StopReason("bored"), msg.StopReason)
	require.JSONEq(t, `[1,{"a":null}]`, string(msg.Extra["future"]))
	require.IsType(t, (*portkey.UnknownBlock)(nil), msg.Content[1])
}
