package gateway_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

var weatherTool = portkey.NewTool("get_weather", "The weather in a city.",
	json.RawMessage(`{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}`))

// Each answer of the mock provider, whole and as a stream, which must come to the same.
func TestCalls(t *testing.T) {
	t.Parallel()
	pirate := ask("who are you")
	pirate.System = portkey.SystemText("You are a pirate.")
	weather := ask("call tool")
	weather.Tools = []portkey.Tool{weatherTool}
	thinking := ask("think hard")
	thinking.Thinking = portkey.EnabledThinking(1024)

	text := func(s string) []portkey.ContentBlock { return []portkey.ContentBlock{portkey.Text(s)} }
	toolUse := func(id, name, input string) *portkey.ToolUseBlock {
		return &portkey.ToolUseBlock{ID: id, Name: name, Input: json.RawMessage(input)}
	}
	tests := []struct {
		name    string
		req     portkey.MessageRequest
		stop    portkey.StopReason
		content []portkey.ContentBlock
	}{
		{"text", ask("say text"), portkey.StopReasonEndTurn, text("Hello from aimock, this is a longer text answer.")},
		{"no system", ask("who are you"), portkey.StopReasonEndTurn, text("Nobody: no system prompt arrived.")},
		{"system", pirate, portkey.StopReasonEndTurn, text("Arr, a pirate.")},
		{
			"turns", ask("what is my name", portkey.UserText("my name is Ada"), portkey.AssistantText("Hi.")),
			portkey.StopReasonEndTurn, text("Your name is Ada."),
		},
		{
			"tool", weather, portkey.StopReasonToolUse,
			[]portkey.ContentBlock{toolUse("toolu_aimock_1", "get_weather", `{"city":"Paris","unit":"c"}`)},
		},
		{
			"two tools", ask("call two tools"), portkey.StopReasonToolUse,
			[]portkey.ContentBlock{
				toolUse("toolu_aimock_3", "get_weather", `{"city":"Rome"}`),
				toolUse("toolu_aimock_4", "get_time", `{}`),
			},
		},
		{
			"text then tool", ask("text then tool"), portkey.StopReasonToolUse,
			[]portkey.ContentBlock{portkey.Text("Checking."), toolUse("toolu_aimock_2", "get_weather", `{"city":"Oslo"}`)},
		},
		{
			"thinking", thinking, portkey.StopReasonEndTurn,
			[]portkey.ContentBlock{
				&portkey.RedactedThinkingBlock{Data: "EncryptedBlob=="},
				&portkey.ThinkingBlock{Thinking: "Let me think step by step.", Signature: "EqQBaimockSignature=="},
				portkey.Text("The answer is 42."),
			},
		},
		{"max tokens", ask("stop at max_tokens"), portkey.StopReasonMaxTokens, text("This answer stops in the")},
		{"refusal", ask("refuse"), portkey.StopReasonRefusal, text("I would rather not.")},
		{"slow", ask("slow stream"), portkey.StopReasonEndTurn, text("This stream arrives slowly, a few characters at a time.")},
	}
	client := newClient(t, aimockHost)
	for _, tt := range tests {
		for _, streamed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/stream=%t", tt.name, streamed), func(t *testing.T) {
				t.Parallel()
				msg := receive(t, client, streamed, tt.req)

				require.Equal(t, tt.stop, msg.StopReason)
				require.Equal(t, tt.content, msg.Content)
				require.Equal(t, portkey.RoleAssistant, msg.Role)
				require.Equal(t, "claude-x", msg.Model)
				require.NotEmpty(t, msg.ID)
				require.Equal(t, 200, msg.Gateway.StatusCode)
				require.Equal(t, "anthropic", msg.Gateway.Provider)
				require.Equal(t, "config", msg.Gateway.Target)
				require.Equal(t, portkey.CacheDisabled, msg.Gateway.Cache)
				require.Equal(t, 1, msg.Gateway.Attempts)
				require.Zero(t, msg.Gateway.RetryAttempts)
			})
		}
	}
}

func TestCallHelpers(t *testing.T) {
	t.Parallel()
	client := newClient(t, aimockHost)

	thought, err := client.Messages.Create(t.Context(), ask("think hard"))
	require.NoError(t, err)
	require.Equal(t, "The answer is 42.", thought.Text())
	require.Equal(t, "Let me think step by step.", thought.Thinking())
	require.Empty(t, thought.ToolUses())

	text, err := client.Messages.Create(t.Context(), ask("say text"))
	require.NoError(t, err)
	require.Equal(t, "msg_aimock_text", text.ID)
	require.Equal(t, 12, text.Usage.InputTokens)
	require.Equal(t, 9, text.Usage.OutputTokens)
}

// The mock provider knows the second turn only by the id and the text of the tool's result.
func TestToolLoop(t *testing.T) {
	t.Parallel()
	for _, streamed := range []bool{false, true} {
		t.Run(fmt.Sprintf("stream=%t", streamed), func(t *testing.T) {
			t.Parallel()
			client := newClient(t, aimockHost)
			req := ask("call tool")
			req.Tools = []portkey.Tool{weatherTool}
			req.ToolChoice = portkey.AutoToolChoice()

			call := receive(t, client, streamed, req)
			uses := call.ToolUses()
			require.Len(t, uses, 1)
			var input struct{ City string }
			require.NoError(t, uses[0].DecodeInput(&input))
			require.Equal(t, "Paris", input.City)

			req.Messages = append(req.Messages, call.Param(), portkey.UserMessage(portkey.ToolResult(uses[0].ID, "21")))
			answer := receive(t, client, streamed, req)

			require.Equal(t, "It is 21C in Paris.", answer.Text())
			require.Equal(t, portkey.StopReasonEndTurn, answer.StopReason)
		})
	}
}

// One client serves many goroutines, and none gets another's answer.
func TestConcurrentCalls(t *testing.T) {
	t.Parallel()
	host := upstream.on(t, echo)
	client := newClient(t, host)
	var wg sync.WaitGroup
	for i := range 24 {
		wg.Go(func() {
			question := fmt.Sprintf("question %d", i)
			msg, err := client.Messages.Create(t.Context(), ask(question), portkey.WithTraceID(question))
			if err != nil {
				t.Error(err)
				return
			}
			if msg.Gateway.TraceID != question {
				t.Errorf("trace id %q of %q", msg.Gateway.TraceID, question)
			}
			var got recordedRequest
			var body struct{ Messages []portkey.MessageParam }
			if err := json.Unmarshal([]byte(msg.Text()), &got); err != nil {
				t.Error(err)
			} else if err := json.Unmarshal([]byte(got.Body), &body); err != nil {
				t.Error(err)
			} else if text := body.Messages[0].Content[0].(*portkey.TextBlock).Text; text != question {
				t.Errorf("answer to %q for %q", text, question)
			}
		})
	}
	wg.Wait()
	require.Len(t, upstream.requests(host), 24)
}
