package gateway_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

// After a fallback the second provider is sent the thinking of the first, whose signature it refuses.
func TestWithoutThinkingOnError(t *testing.T) {
	t.Parallel()
	refusal := answer(http.StatusBadRequest, errorBody("invalid_request_error", "messages.1.content.0: Invalid `signature` in `thinking` block"))
	req := ask("and now?", portkey.UserText("think hard"), portkey.AssistantMessage(
		&portkey.ThinkingBlock{Thinking: "Hm.", Signature: "of-the-first"},
		&portkey.RedactedThinkingBlock{Data: "of-the-first"},
		portkey.Text("42."),
	))
	req.Thinking = portkey.AdaptiveThinking()
	eachCall(t, func(t *testing.T, call string, do caller) {
		first := upstream.on(t, failing(500, "api_error"))
		second := upstream.on(t, inTurn(refusal, good(call, "hi")))
		config := portkey.Fallback(*target(first, "key-1"), named("second", target(second, "key-2")))
		before := toJSON(&req)

		info, err := do(t, newConfigClient(t, config), req, portkey.WithoutThinkingOnError())
		require.NoError(t, err)

		requireServedBy(t, info, "second", 1)
		require.Equal(t, 2, info.Attempts)
		require.Equal(t, before, toJSON(&req))
		requests := upstream.requests(second)
		require.Len(t, requests, 2)
		require.Len(t, upstream.requests(first), 2, "the second attempt begins at the first target again")
		require.Contains(t, requests[0].Body, "of-the-first")
		require.NotContains(t, requests[1].Body, "of-the-first")
		require.JSONEq(t,
			`[{"role":"user","content":[{"type":"text","text":"think hard"}]},{"role":"assistant","content":[{"type":"text","text":"42."}]},{"role":"user","content":[{"type":"text","text":"and now?"}]}]`,
			string(requests[1].members(t)["messages"]))
		require.JSONEq(t, `{"type":"adaptive"}`, string(requests[1].members(t)["thinking"]))
	})

	t.Run("not asked for", func(t *testing.T) {
		t.Parallel()
		eachCall(t, func(t *testing.T, _ string, do caller) {
			host := upstream.on(t, refusal)
			_, err := do(t, newClient(t, host), req)
			requireError(t, err, portkey.ErrInvalidRequest)
			require.Len(t, upstream.requests(host), 1)
		})
	})

	t.Run("once", func(t *testing.T) {
		t.Parallel()
		eachCall(t, func(t *testing.T, _ string, do caller) {
			host := upstream.on(t, refusal)
			_, err := do(t, newClient(t, host), req, portkey.WithoutThinkingOnError())
			e := requireError(t, err, portkey.ErrInvalidRequest)
			require.Equal(t, 2, e.Attempts)
			require.Len(t, upstream.requests(host), 2)
		})
	})

	t.Run("another error", func(t *testing.T) {
		t.Parallel()
		eachCall(t, func(t *testing.T, _ string, do caller) {
			host := upstream.on(t, failing(400, "invalid_request_error"))
			_, err := do(t, newClient(t, host), req, portkey.WithoutThinkingOnError())
			requireError(t, err, portkey.ErrInvalidRequest)
			require.Len(t, upstream.requests(host), 1)
		})
	})

	t.Run("on the pass-through route", func(t *testing.T) {
		t.Parallel()
		eachCall(t, func(t *testing.T, call string, do caller) {
			host := upstream.on(t, inTurn(refusal, good(call, "hi")))
			info, err := do(t, newClient(t, host), req, portkey.WithoutThinkingOnError(), portkey.WithPassthrough())
			require.NoError(t, err)
			require.Equal(t, 2, info.Attempts)
		})
	})
}
