package gateway_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

// fullRequest has every member that reaches a provider through the gateway.
func fullRequest() portkey.MessageRequest {
	req := ask("hello")
	req.System = portkey.SystemText("Be brief.")
	req.StopSequences = []string{"END"}
	req.Tools = []portkey.Tool{weatherTool}
	req.ToolChoice = portkey.AutoToolChoice()
	req.Thinking = portkey.EnabledThinking(1024)
	req.Metadata = &portkey.Metadata{UserID: new("user-1")}
	req.ServiceTier = portkey.ServiceTierAuto
	req.Container = &portkey.Container{ID: "container_1"}
	req.Temperature = new(0.0)
	req.TopK = new(0)
	req.TopP = new(0.5)
	req.Extra = map[string]json.RawMessage{"mcp_servers": json.RawMessage(`[]`)}
	return req
}

// The provider refuses members that only a message may have, and the gateway hands them on.
func TestCountTokens(t *testing.T) {
	t.Parallel()
	host := upstream.on(t, withHeader(rateLimitHeader, answer(200, `{"input_tokens":2095,"future":{"a":null}}`)))
	req := fullRequest()
	before := toJSON(&req)

	count, err := newClient(t, host).Messages.CountTokens(t.Context(), req, portkey.WithTraceID(traceID))
	require.NoError(t, err)

	require.Equal(t, 2095, count.InputTokens)
	require.JSONEq(t, `{"a":null}`, string(count.Extra["future"]))
	require.Equal(t, 200, count.Gateway.StatusCode)
	require.Equal(t, "req_upstream", count.Gateway.RequestID)
	require.Equal(t, traceID, count.Gateway.TraceID)
	require.Equal(t, "anthropic", count.Gateway.Provider)

	got := upstream.only(t, host)
	require.Equal(t, "/v1/messages/count_tokens", got.Path)
	require.Equal(t,
		[]string{"mcp_servers", "messages", "model", "system", "thinking", "tool_choice", "tools"},
		slices.Sorted(maps.Keys(got.members(t))))
	require.Equal(t, before, toJSON(&req), "the request is the caller's")
}

// The same request, as a message: all of it arrives, zeros too.
func TestFullRequestArrives(t *testing.T) {
	t.Parallel()
	for _, streamed := range []bool{false, true} {
		name := map[bool]string{false: "create", true: "stream"}[streamed]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := upstream.on(t, good(name, "hi"))
			receive(t, newClient(t, host), streamed, fullRequest())

			want := map[string]any{
				"model": "claude-x", "max_tokens": 64, "system": "Be brief.", "stop_sequences": []string{"END"},
				"messages":    json.RawMessage(`[{"role":"user","content":[{"type":"text","text":"hello"}]}]`),
				"tools":       json.RawMessage(`[{"name":"get_weather","description":"The weather in a city.","input_schema":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}]`),
				"tool_choice": json.RawMessage(`{"type":"auto"}`),
				"thinking":    json.RawMessage(`{"type":"enabled","budget_tokens":1024}`),
				"metadata":    json.RawMessage(`{"user_id":"user-1"}`), "service_tier": "auto",
				"container": json.RawMessage(`{"id":"container_1"}`), "mcp_servers": []int{},
				"temperature": 0, "top_k": 0, "top_p": 0.5,
			}
			if streamed {
				want["stream"] = true
			}
			require.JSONEq(t, toJSON(want), upstream.only(t, host).Body)
		})
	}
}
