package portkey_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

func errorOf(err error) (*portkey.Error, bool) { return errors.AsType[*portkey.Error](err) }

// thinkingHistory is a conversation in which a model thought in each of its ways.
func thinkingHistory() []portkey.MessageParam {
	return []portkey.MessageParam{
		portkey.UserText("one"),
		portkey.AssistantMessage(&portkey.ThinkingBlock{Thinking: "Hm.", Signature: "c2ln"}, portkey.Text("a"), &portkey.RedactedThinkingBlock{Data: "ZGF0YQ=="}, portkey.Text("b")),
		portkey.UserText("two"),
		portkey.AssistantMessage(&portkey.RedactedThinkingBlock{Data: "ZGF0YQ=="}, &portkey.ThinkingBlock{Signature: "c2ln"}),
		portkey.AssistantMessage(&portkey.ThinkingBlock{Signature: "c2ln"}, &portkey.ToolUseBlock{ID: "t", Name: "n"}),
		portkey.UserMessage(portkey.ToolResult("t", "r")),
		{Role: portkey.RoleAssistant},
	}
}

// strippedHistory is what is left of it.
const strippedHistory = `[
	{"role":"user","content":[{"type":"text","text":"one"}]},
	{"role":"assistant","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},
	{"role":"user","content":[{"type":"text","text":"two"}]},
	{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"n","input":{}}]},
	{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"r"}]}]},
	{"role":"assistant","content":[]}]`

func TestStripThinking(t *testing.T) {
	history := thinkingHistory()
	stripped := portkey.StripThinking(history)
	assert.JSONEq(t, strippedHistory, string(mustMarshal(t, stripped)))
	assert.Equal(t, thinkingHistory(), history, "the history is as it was")

	stripped[1].Content[0] = nil
	stripped[0].Role = "changed"
	assert.Equal(t, thinkingHistory(), history, "the result has lists of its own where something was taken out")

	assert.Empty(t, portkey.StripThinking(nil))
	plain := []portkey.MessageParam{portkey.UserText("a"), portkey.AssistantText("b")}
	assert.Equal(t, plain, portkey.StripThinking(plain))

	// What a message has besides its content stays.
	var m portkey.MessageParam
	require.NoError(t, json.Unmarshal([]byte(`{"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"s"},{"type":"text","text":"a"},{"type":"brand_new"}],"zz":1}`), &m))
	assert.JSONEq(t, `[{"role":"assistant","content":[{"type":"text","text":"a"},{"type":"brand_new"}],"zz":1}]`, string(mustMarshal(t, portkey.StripThinking([]portkey.MessageParam{m}))))
}

// refusal is a 400 with this message, as the gateway hands it on.
func refusal(message string) roundTripper {
	quoted, _ := json.Marshal("anthropic error: " + message) // a string cannot fail
	return answer(400, "application/json", `{"error":{"message":`+string(quoted)+`,"type":"invalid_request_error","param":null,"code":null},"provider":"anthropic"}`)
}

const badSignature = "messages.1.content.0: Invalid `signature` in `thinking` block"

func TestWithoutThinkingOnError(t *testing.T) {
	option := portkey.WithoutThinkingOnError()
	native := answer(400, "application/json", `{"type":"error","error":{"type":"invalid_request_error","message":"`+badSignature+`"}}`)
	tests := []struct {
		name    string
		answers []roundTripper
		opts    []portkey.RequestOption
		sent    int
		class   error
	}{
		{"no error", []roundTripper{ok}, []portkey.RequestOption{option}, 1, nil},
		{"signature", []roundTripper{refusal(badSignature), ok}, []portkey.RequestOption{option}, 2, nil},
		{"as the provider says it", []roundTripper{native, ok}, []portkey.RequestOption{option}, 2, nil},
		{"thinking block", []roundTripper{refusal("messages.3: Thinking blocks cannot be modified"), ok}, []portkey.RequestOption{option}, 2, nil},
		{"redacted thinking", []roundTripper{refusal("messages.1.content.0: Invalid data in redacted_thinking"), ok}, []portkey.RequestOption{option}, 2, nil},
		{"not asked for", []roundTripper{refusal(badSignature), ok}, nil, 1, portkey.ErrInvalidRequest},
		{"once only", []roundTripper{refusal(badSignature), refusal(badSignature), ok}, []portkey.RequestOption{option, portkey.WithMaxRetries(5)}, 2, portkey.ErrInvalidRequest},
		{"another 400", []roundTripper{refusal("max_tokens: too large"), ok}, []portkey.RequestOption{option}, 1, portkey.ErrInvalidRequest},
		{"thinking that is no block", []roundTripper{refusal("thinking.budget_tokens: too small"), ok}, []portkey.RequestOption{option}, 1, portkey.ErrInvalidRequest},
		{"another status", []roundTripper{answer(401, "application/json", `{"error":{"message":"anthropic error: bad signature","type":"authentication_error"},"provider":"anthropic"}`), ok},
			[]portkey.RequestOption{option}, 1, portkey.ErrAuthentication},
		{"500", []roundTripper{answer(500, "application/json", `{"error":{"message":"`+badSignature+`"}}`), ok}, []portkey.RequestOption{option}, 1, portkey.ErrServer},
		{"connection", []roundTripper{func(*http.Request) (*http.Response, error) { return nil, errors.New("signature of a thinking block") }, ok}, []portkey.RequestOption{option}, 1, errAny},
		{"then retries as always", []roundTripper{refusal(badSignature), status(500), ok},
			[]portkey.RequestOption{option, portkey.WithRetry(portkey.RetryPolicy{MaxAttempts: 3, BaseDelay: 1})}, 3, nil},
		{"after a retry", []roundTripper{status(500), refusal(badSignature), ok},
			[]portkey.RequestOption{option, portkey.WithRetry(portkey.RetryPolicy{MaxAttempts: 3, BaseDelay: 1})}, 3, nil},
	}
	const rest = `{"model":"m","max_tokens":5,"system":"s","thinking":{"type":"adaptive"},"messages":`
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := &attempts{answers: tt.answers}
			req := portkey.MessageRequest{Model: "m", MaxTokens: 5, Messages: thinkingHistory(), System: portkey.SystemText("s"), Thinking: portkey.AdaptiveThinking()}
			message, err := clientFor(t, a.RoundTrip).Messages.Create(t.Context(), req, tt.opts...)
			require.Len(t, a.bodies, tt.sent)
			switch tt.class {
			case nil:
				require.NoError(t, err)
				assert.Equal(t, tt.sent, message.Gateway.Attempts)
			case errAny:
				require.Error(t, err)
			default:
				require.ErrorIs(t, err, tt.class)
				e, _ := errorOf(err)
				assert.Equal(t, tt.sent, e.Attempts)
			}
			refused := false
			for i, body := range a.bodies {
				if refused {
					assert.JSONEq(t, rest+strippedHistory+`}`, body)
				} else {
					assert.Contains(t, body, `"signature":"c2ln"`)
					assert.Contains(t, body, `"data":"ZGF0YQ=="`)
				}
				resp, err := tt.answers[i](nil)
				refused = refused || err == nil && resp.StatusCode == 400
				assert.Equal(t, a.headers[0].Get("x-portkey-trace-id"), a.headers[i].Get("x-portkey-trace-id"), "one call, one trace")
			}
			assert.Equal(t, thinkingHistory(), req.Messages, "the caller's request is as it was")
		})
	}
}

var errAny = errors.New("any error")

// Where there is no thinking to leave out, sending the same again is of no use.
func TestWithoutThinkingOnErrorNothingToStrip(t *testing.T) {
	a := &attempts{answers: []roundTripper{refusal(badSignature), ok}}
	_, err := clientFor(t, a.RoundTrip, portkey.WithoutThinkingOnError()).Messages.Create(t.Context(), request)
	require.ErrorIs(t, err, portkey.ErrInvalidRequest)
	assert.Len(t, a.bodies, 1)
}

// It holds for streams and counts too, and as a default of the client.
func TestWithoutThinkingOnErrorElsewhere(t *testing.T) {
	req := portkey.MessageRequest{Model: "m", MaxTokens: 5, Messages: thinkingHistory()}

	a := &attempts{answers: []roundTripper{refusal(badSignature), answer(200, "text/event-stream", fullStream)}}
	stream, err := clientFor(t, a.RoundTrip, portkey.WithoutThinkingOnError()).Messages.Stream(t.Context(), req)
	require.NoError(t, err)
	message, err := stream.Message()
	require.NoError(t, err)
	assert.Equal(t, "Good morning, Zoë", message.Text())
	assert.Equal(t, 2, message.Gateway.Attempts)
	require.Len(t, a.bodies, 2)
	assert.Contains(t, a.bodies[0], "c2ln")
	assert.JSONEq(t, `{"model":"m","max_tokens":5,"stream":true,"messages":`+strippedHistory+`}`, a.bodies[1])

	a = &attempts{answers: []roundTripper{refusal(badSignature), refusal(badSignature)}}
	_, err = clientFor(t, a.RoundTrip, portkey.WithoutThinkingOnError()).Messages.Stream(t.Context(), req)
	require.ErrorIs(t, err, portkey.ErrInvalidRequest)
	assert.Len(t, a.bodies, 2, "once")

	a = &attempts{answers: []roundTripper{refusal(badSignature), answer(200, "application/json", `{"input_tokens":3}`)}}
	client := clientFor(t, a.RoundTrip, portkey.WithoutThinkingOnError(), portkey.WithPassthrough())
	count, err := client.Messages.CountTokens(t.Context(), req)
	require.NoError(t, err)
	assert.Equal(t, 3, count.InputTokens)
	assert.JSONEq(t, `{"model":"m","messages":`+strippedHistory+`}`, a.bodies[1])

	// The next call of the same client may do it again.
	a.answers = append([]roundTripper{nil, nil}, a.answers...)
	_, err = client.Messages.CountTokens(t.Context(), req)
	require.NoError(t, err)
	require.Len(t, a.bodies, 4)
	assert.True(t, strings.Contains(a.bodies[2], "c2ln") && !strings.Contains(a.bodies[3], "c2ln"))
}
