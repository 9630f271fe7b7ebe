package portkey_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

func TestStreamEvents(t *testing.T) {
	client := clientFor(t, answer(200, "text/event-stream", fullStream, "Request-Id", "req_1"))
	stream, err := client.Messages.Stream(t.Context(), request)
	require.NoError(t, err)
	defer stream.Close()
	assert.Equal(t, "req_1", stream.Gateway().RequestID)

	events, err := finish(stream)
	require.NoError(t, err)
	require.Len(t, events, 17)
	assert.IsType(t, &portkey.MessageStartEvent{}, events[0])
	assert.IsType(t, &portkey.PingEvent{}, events[2])
	assert.Equal(t, &portkey.ContentBlockDeltaEvent{Index: 1, Delta: &portkey.TextDelta{Text: "Good"}}, events[7])
	assert.IsType(t, &portkey.MessageStopEvent{}, events[16])

	msg, err := stream.Message()
	require.NoError(t, err)
	assert.Equal(t, "msg_1", msg.ID)
	assert.Equal(t, "Good morning, Zoë", msg.Text())
	assert.Equal(t, "Hm.", msg.Thinking())
	require.Len(t, msg.ToolUses(), 1)
	assert.JSONEq(t, `{"port":"Husum"}`, string(msg.ToolUses()[0].Input))
	assert.Equal(t, portkey.StopReasonToolUse, msg.StopReason)
	assert.Equal(t, 10, msg.Usage.InputTokens)
	assert.Equal(t, 41, msg.Usage.OutputTokens)
	assert.Equal(t, "req_1", msg.Gateway.RequestID)
	assert.Equal(t, "c2ln", msg.Content[0].(*portkey.ThinkingBlock).Signature)
}

func TestStreamText(t *testing.T) {
	client := clientFor(t, answer(200, "text/event-stream", fullStream))
	stream, err := client.Messages.Stream(t.Context(), request)
	require.NoError(t, err)
	var parts []string
	for text, err := range stream.Text() {
		require.NoError(t, err)
		parts = append(parts, text)
	}
	assert.Equal(t, []string{"Good", " morning, Zoë"}, parts)
	msg, err := stream.Message()
	require.NoError(t, err)
	assert.Equal(t, "Good morning, Zoë", msg.Text())
}

func TestStreamMessageDrains(t *testing.T) {
	client := clientFor(t, answer(200, "text/event-stream", fullStream))
	stream, err := client.Messages.Stream(t.Context(), request)
	require.NoError(t, err)
	msg, err := stream.Message()
	require.NoError(t, err)
	assert.Equal(t, "Good morning, Zoë", msg.Text())

	again, err := stream.Message()
	require.NoError(t, err)
	assert.Equal(t, msg, again)
}

func TestStreamPartialInput(t *testing.T) {
	client := clientFor(t, answer(200, "text/event-stream", fullStream))
	stream, err := client.Messages.Stream(t.Context(), request)
	require.NoError(t, err)
	var seen []string
	for event, err := range stream.Events() {
		require.NoError(t, err)
		if e, ok := event.(*portkey.ContentBlockDeltaEvent); ok && e.Index == 2 {
			seen = append(seen, string(stream.PartialInput(e.Index)))
		}
	}
	assert.Equal(t, []string{`{}`, `{"port":"Hu"}`, `{"port":"Husum"}`}, seen)
	assert.Equal(t, `{}`, string(stream.PartialInput(0)), "not a tool call")
	assert.Equal(t, `{}`, string(stream.PartialInput(9)), "no block")
}

func TestStreamIsForOneLoop(t *testing.T) {
	client := clientFor(t, answer(200, "text/event-stream", fullStream))
	ways := map[string]func(*portkey.MessageStream){
		"to the end": func(s *portkey.MessageStream) { _, _ = finish(s) },
		"break": func(s *portkey.MessageStream) {
			for range s.Events() {
				break
			}
		},
		"message": func(s *portkey.MessageStream) { _, _ = s.Message() },
		"panic": func(s *portkey.MessageStream) {
			defer func() { _ = recover() }()
			for range s.Events() {
				panic("in the loop")
			}
		},
	}
	for name, use := range ways {
		t.Run(name, func(t *testing.T) {
			stream, err := client.Messages.Stream(t.Context(), request)
			require.NoError(t, err)
			use(stream)
			events, err := finish(stream)
			assert.Empty(t, events)
			assert.ErrorIs(t, err, portkey.ErrStreamConsumed)
			for _, err := range stream.Text() {
				assert.ErrorIs(t, err, portkey.ErrStreamConsumed)
			}
		})
	}
}

// A loop within a loop must not continue the outer one.
func TestStreamNestedLoop(t *testing.T) {
	client := clientFor(t, answer(200, "text/event-stream", fullStream))
	stream, err := client.Messages.Stream(t.Context(), request)
	require.NoError(t, err)
	n := 0
	for _, err := range stream.Events() {
		require.NoError(t, err)
		if n++; n == 3 {
			_, err := finish(stream)
			assert.ErrorIs(t, err, portkey.ErrStreamConsumed)
		}
	}
	assert.Equal(t, 17, n)
}

func TestStreamLeftEarly(t *testing.T) {
	client := clientFor(t, answer(200, "text/event-stream", fullStream))
	stream, err := client.Messages.Stream(t.Context(), request)
	require.NoError(t, err)
	for event := range stream.Events() {
		if e, ok := event.(*portkey.ContentBlockDeltaEvent); ok && e.Index == 1 {
			break
		}
	}
	msg, err := stream.Message()
	require.ErrorIs(t, err, portkey.ErrIncompleteStream)
	assert.Equal(t, "Good", msg.Text())
}

// What Message returns within a loop does not change afterwards.
func TestStreamMessageIsASnapshot(t *testing.T) {
	stream, err := clientFor(t, answer(200, "text/event-stream", fullStream)).Messages.Stream(t.Context(), request)
	require.NoError(t, err)
	var early *portkey.Message
	for event := range stream.Events() {
		if e, ok := event.(*portkey.ContentBlockDeltaEvent); ok && e.Index == 1 && early == nil {
			early, err = stream.Message()
			require.ErrorIs(t, err, portkey.ErrIncompleteStream)
		}
	}
	assert.Equal(t, "Good", early.Text())
	whole, err := stream.Message()
	require.NoError(t, err)
	assert.Equal(t, "Good morning, Zoë", whole.Text())
}

func TestStreamClosedBeforeItsLoop(t *testing.T) {
	stream, err := clientFor(t, answer(200, "text/event-stream", fullStream)).Messages.Stream(t.Context(), request)
	require.NoError(t, err)
	require.NoError(t, stream.Close())
	events, err := finish(stream)
	assert.Empty(t, events)
	assert.ErrorIs(t, err, portkey.ErrStreamConsumed)
	_, err = stream.Message()
	assert.ErrorIs(t, err, portkey.ErrIncompleteStream)
}

func TestStreamHookResults(t *testing.T) {
	hooks := func(phase, id string) string {
		return "event: hook_results\ndata: " + `{"hook_results":{"` + phase + `":[{"verdict":false,"id":"` + id + `","type":"guardrail","deny":false}]}}` + "\n\n"
	}
	body := hooks("before_request_hooks", "in") + fullStream + hooks("after_request_hooks", "out")
	client := clientFor(t, answer(246, "text/event-stream", body))
	stream, err := client.Messages.Stream(t.Context(), request)
	require.NoError(t, err)
	require.NotNil(t, stream.Gateway().HookResults, "verdicts on the request are there from the start")
	assert.False(t, stream.Gateway().HookResults.Passed())

	events, err := finish(stream)
	require.NoError(t, err)
	require.Len(t, events, 19)
	assert.Equal(t, "in", events[0].(*portkey.HookResultsEvent).HookResults.Before[0].ID)
	assert.Equal(t, "out", events[18].(*portkey.HookResultsEvent).HookResults.After[0].ID)

	msg, err := stream.Message()
	require.NoError(t, err)
	assert.Equal(t, 246, msg.Gateway.StatusCode)
	require.NotNil(t, msg.HookResults)
	assert.Equal(t, "in", msg.HookResults.Before[0].ID)
	assert.Equal(t, "out", msg.HookResults.After[0].ID)
	assert.Equal(t, msg.HookResults, msg.Gateway.HookResults)
}

// The events that the gateway's cache makes of a stored message (gateway.md, section 7).
func TestStreamCachedReplay(t *testing.T) {
	body := sse(
		`{"type":"message_start","message":{"id":"msg_01","type":"message_start","role":"assistant","model":"claude-x","content":[],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":5},"hook_results":{"before_request_hooks":[]}}}`,
		`{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}`,
		`{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"let me think"}}`,
		`{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQBsig=="}}`,
		`{"type":"content_block_stop","index":0}`,
		`{"type":"content_block_stop","index":1}`,
		`{"type":"content_block_start","index":2,"content_block":{"type":"text","text":""}}`,
		`{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"Hello"}}`,
		`{"type":"content_block_stop","index":2}`,
		`{"type":"content_block_start","index":3,"content_block":{"type":"tool_use","tool_use":{"type":"tool_use","id":"toolu_01","name":"get_weather","input":{}}}}`,
		`{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"city\":\"Paris\"}"}}`,
		`{"type":"content_block_stop","index":3}`,
		`{"type":"content_block_stop","index":4}`,
		`{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":10,"output_tokens":5}}`,
	) + "event: message_stop\ndata: {\"type\": \"message_stop\"}\n\n"
	client := clientFor(t, answer(200, "text/event-stream", body))
	stream, err := client.Messages.Stream(t.Context(), request)
	require.NoError(t, err)
	for event, err := range stream.Events() {
		require.NoError(t, err)
		if e, ok := event.(*portkey.ContentBlockStartEvent); ok && e.Index == 3 {
			assert.Equal(t, "get_weather", e.ContentBlock.(*portkey.ToolUseBlock).Name)
		}
	}
	msg, err := stream.Message()
	require.NoError(t, err)
	assert.Equal(t, "message", msg.Type)
	require.Len(t, msg.Content, 3, "blocks that only stop bring nothing")
	use := msg.ToolUses()[0]
	assert.Equal(t, "toolu_01", use.ID)
	assert.JSONEq(t, `{"city":"Paris"}`, string(use.Input))
	assert.Equal(t, "let me think", msg.Thinking())
}

// Kinds of framing that gateways and providers use.
func TestStreamFraming(t *testing.T) {
	bodies := map[string]string{
		"CR LF":           strings.ReplaceAll(fullStream, "\n", "\r\n"),
		"comments":        ": hi\n\n" + strings.ReplaceAll(fullStream, "data:", ": comment\ndata:"),
		"blank lines":     "\n\n" + strings.ReplaceAll(fullStream, "\n\n", "\n\n\n"),
		"byte order mark": "\ufeff" + fullStream,
		"without names":   dropLines(fullStream, "event:"),
		"no last line":    strings.TrimRight(fullStream, "\n"),
		"id and retry":    strings.ReplaceAll(fullStream, "data:", "id: 1\nretry: 5\ndata:"),
		"name only":       "event: ping\n\n" + fullStream,
		"split data":      strings.ReplaceAll(fullStream, `data: {`, "data: {\ndata: "),
	}
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			client := clientFor(t, func(*http.Request) (*http.Response, error) {
				return response(200, "text/event-stream", iotest.OneByteReader(strings.NewReader(body))), nil
			})
			stream, err := client.Messages.Stream(t.Context(), request)
			require.NoError(t, err)
			msg, err := stream.Message()
			require.NoError(t, err)
			assert.Equal(t, "Good morning, Zoë", msg.Text())
			assert.JSONEq(t, `{"port":"Husum"}`, string(msg.ToolUses()[0].Input))
		})
	}
}

func dropLines(s, prefix string) string {
	var kept []string
	for line := range strings.SplitSeq(s, "\n") {
		if !strings.HasPrefix(line, prefix) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// What this version does not know is handed on.
func TestStreamUnknownEvents(t *testing.T) {
	body := "event: before\ndata: {\"x\":1}\n\n" + strings.Replace(fullStream, "event: ping\ndata: {\"type\":\"ping\"}",
		"event: news\ndata: {\"type\":\"news\",\"a\":[1]}\n\nevent: named\ndata: {\"b\":2}", 1)
	client := clientFor(t, answer(200, "text/event-stream", body))
	stream, err := client.Messages.Stream(t.Context(), request)
	require.NoError(t, err)
	events, err := finish(stream)
	require.NoError(t, err)
	var unknown []*portkey.UnknownEvent
	for _, e := range events {
		if u, ok := e.(*portkey.UnknownEvent); ok {
			unknown = append(unknown, u)
		}
	}
	require.Len(t, unknown, 3)
	assert.Equal(t, "before", unknown[0].Type)
	assert.Equal(t, `{"type":"news","a":[1]}`, string(unknown[1].Raw))
	assert.Equal(t, "named", unknown[2].Type)
}

// A provider that answers a stream request with a whole message.
func TestStreamOfWholeMessage(t *testing.T) {
	const body = `{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Hello"},{"type":"tool_use","id":"t1","name":"n","input":{"a":1}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":4},"new":1}`
	client := clientFor(t, answer(200, "application/json", body))
	stream, err := client.Messages.Stream(t.Context(), request)
	require.NoError(t, err)
	events, err := finish(stream)
	require.NoError(t, err)
	assert.IsType(t, &portkey.MessageStartEvent{}, events[0])
	assert.IsType(t, &portkey.MessageStopEvent{}, events[len(events)-1])
	msg, err := stream.Message()
	require.NoError(t, err)

	whole, err := clientFor(t, answer(200, "application/json", body)).Messages.Create(t.Context(), request)
	require.NoError(t, err)
	assert.Equal(t, whole.Content, msg.Content)
	assert.Equal(t, whole.Usage, msg.Usage)
	assert.Equal(t, whole.StopReason, msg.StopReason)
	assert.Equal(t, whole.Extra, msg.Extra)

	stream, err = client.Messages.Stream(t.Context(), request)
	require.NoError(t, err)
	var text strings.Builder
	for s, err := range stream.Text() {
		require.NoError(t, err)
		text.WriteString(s)
	}
	assert.Equal(t, "Hello", text.String())
}

func TestStreamClose(t *testing.T) {
	begun := make(chan struct{})
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, fullStream[:strings.Index(fullStream, "event: message_delta")])
		w.(http.Flusher).Flush()
		close(begun)
		<-r.Context().Done()
	})
	stream, err := client.Messages.Stream(t.Context(), request)
	require.NoError(t, err)
	<-begun
	var loopErr error
	for _, err := range stream.Events() {
		if err != nil {
			loopErr = err
			break
		}
		go func() { // from another goroutine, more than once
			_ = stream.Close()
			_ = stream.Close()
		}()
	}
	require.ErrorIs(t, loopErr, portkey.ErrIncompleteStream)
	msg, err := stream.Message()
	require.Error(t, err)
	require.NotNil(t, msg)
}

func TestStreamContext(t *testing.T) {
	reason := errors.New("the user went away")
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, fullStream[:strings.Index(fullStream, "event: message_delta")])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	stream, err := client.Messages.Stream(ctx, request)
	require.NoError(t, err)
	var loopErr error
	n := 0
	for _, err := range stream.Events() {
		if loopErr = err; err != nil {
			break
		}
		if n++; n == 15 {
			cancel(reason)
		}
	}
	require.ErrorIs(t, loopErr, context.Canceled)
	assert.ErrorIs(t, loopErr, reason)
	assert.ErrorIs(t, loopErr, portkey.ErrIncompleteStream)
	msg, err := stream.Message()
	assert.Equal(t, loopErr, err)
	assert.Equal(t, "Good morning, Zoë", msg.Text())
}

// Before the message, only what says nothing of it may come.
func TestEventsBeforeTheMessage(t *testing.T) {
	for first, ok := range map[string]bool{
		`{"type":"ping"}`:                         true,
		`{"type":"new_event","x":1}`:              true,
		`{"choices":[]}`:                          false,
		`{"type":"content_block_stop","index":0}`: false,
	} {
		client := clientFor(t, func(*http.Request) (*http.Response, error) {
			return response(200, "text/event-stream", strings.NewReader("data: "+first+"\n\n"+fullStream)), nil
		})
		stream, err := client.Messages.Stream(t.Context(), request)
		if err == nil {
			_, err = stream.Message()
		}
		if ok {
			assert.NoError(t, err, first)
		} else {
			assert.ErrorIs(t, err, portkey.ErrUnexpectedResponse, first)
		}
	}
}
