package gateway_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// These tests prove the harness itself, with plain net/http: what they assert about the gateway is
// what the other tests build on.

func TestHarnessFixtures(t *testing.T) {
	const (
		toolUse    = `{"role":"assistant","content":[{"type":"tool_use","id":"toolu_aimock_1","name":"get_weather","input":{"city":"Paris"}}]}`
		toolResult = `{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_aimock_1","content":"21"}]}`
	)
	tests := []struct {
		name     string
		messages string // a text, or an array of messages
		system   string
		status   int
		want     []string // in the answer, streamed or not
	}{
		{name: "text", messages: "say text", want: []string{"msg_aimock_text", "end_turn"}},
		{name: "system", messages: "who are you", system: "You are a pirate.", want: []string{"Arr"}},
		{name: "no system", messages: "who are you", want: []string{"Nobody"}},
		{
			name:     "turns",
			messages: `[{"role":"user","content":"my name is Ada"},{"role":"assistant","content":"Hi."},{"role":"user","content":"what is my name"}]`,
			want:     []string{"Your name"},
		},
		{name: "history is missing", messages: "what is my name", status: 404, want: []string{"No fixture matched"}},
		{name: "tool", messages: "call tool", want: []string{"toolu_aimock_1", "Paris", `"tool_use"`}},
		{
			name:     "tool result",
			messages: `[{"role":"user","content":"call tool"},` + toolUse + `,` + toolResult + `]`,
			want:     []string{"It is 21C"},
		},
		{name: "two tools", messages: "call two tools", want: []string{"toolu_aimock_3", "toolu_aimock_4", "Rome"}},
		{name: "text then tool", messages: "text then tool", want: []string{"Checking.", "toolu_aimock_2", "Oslo"}},
		{name: "thinking", messages: "think hard", want: []string{"step by", "EqQBaimockSignature==", `"redacted_thinking"`, "EncryptedBlob==", "42"}},
		{name: "max tokens", messages: "stop at max_tokens", want: []string{`"max_tokens"`}},
		{name: "refusal", messages: "refuse", want: []string{`"refusal"`}},
		{name: "slow", messages: "slow stream", want: []string{"slowl"}},
		{name: "400", messages: "fail 400", status: 400, want: []string{"invalid_request_error"}},
		{name: "401", messages: "fail 401", status: 401, want: []string{"authentication_error"}},
		{name: "404", messages: "fail 404", status: 404, want: []string{"not_found_error"}},
		{name: "429", messages: "fail 429", status: 429, want: []string{"rate_limit_error"}},
		{name: "500", messages: "fail 500", status: 500, want: []string{"api_error"}},
		{name: "529", messages: "fail 529", status: 529, want: []string{"overloaded_error"}},
	}
	for _, tt := range tests {
		for _, stream := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/stream=%t", tt.name, stream), func(t *testing.T) {
				t.Parallel()
				messages := tt.messages
				if !strings.HasPrefix(messages, "[") {
					messages = fmt.Sprintf(`[{"role":"user","content":%q}]`, messages)
				}
				body := fmt.Sprintf(`{"model":"claude-x","max_tokens":64,"stream":%t,"system":%q,"messages":%s}`, stream, tt.system, messages)

				res, answer := post(t, "/v1/messages", aimockHost, body, nil)

				status, contentType := 200, "application/json"
				if tt.status != 0 {
					status = tt.status
				} else if stream {
					contentType = "text/event-stream"
				}
				require.Equal(t, status, res.StatusCode, answer)
				require.Contains(t, res.Header.Get("Content-Type"), contentType)
				for _, want := range tt.want {
					require.Contains(t, answer, want)
				}
				if status == 200 && stream {
					require.Contains(t, answer, "event: message_stop")
				}
			})
		}
	}
}

func TestHarnessEcho(t *testing.T) {
	t.Parallel()
	host := upstream.on(t, withHeader(rateLimitHeader, echo))

	res, answer := post(t, "/v1/messages", host, hello, http.Header{"X-Portkey-Trace-Id": {"trace-1"}})

	require.Equal(t, 200, res.StatusCode, answer)
	require.Equal(t, "req_upstream", res.Header.Get("Request-Id"))
	require.Equal(t, "49", res.Header.Get("Anthropic-Ratelimit-Requests-Remaining"))
	require.Equal(t, "trace-1", res.Header.Get("X-Portkey-Trace-Id"))

	var message struct{ Content []struct{ Text string } }
	require.NoError(t, json.Unmarshal([]byte(answer), &message))
	var echoed recordedRequest
	require.NoError(t, json.Unmarshal([]byte(message.Content[0].Text), &echoed))
	require.Equal(t, "POST", echoed.Method)
	require.Equal(t, "/v1/messages", echoed.Path)
	require.Equal(t, "provider-key", echoed.Header.Get("X-Api-Key"))
	require.JSONEq(t, hello, echoed.Body)
	require.Equal(t, []recordedRequest{echoed}, upstream.requests(host))
}

func TestHarnessCountTokens(t *testing.T) {
	t.Parallel()
	host := upstream.on(t, answerCount(42))

	res, answer := post(t, "/v1/messages/count_tokens", host, hello, nil)

	require.Equal(t, 200, res.StatusCode, answer)
	require.JSONEq(t, `{"input_tokens":42}`, answer)
	require.Equal(t, "/v1/messages/count_tokens", upstream.requests(host)[0].Path)
}

func TestHarnessStreamIsNotBuffered(t *testing.T) {
	t.Parallel()
	events := messageEvents("Hello,", " world")
	first := firstEvents(4, events)
	seen := make(chan struct{})
	host := upstream.on(t, answerEvents(first, when(seen, answerEvents(strings.TrimPrefix(events, first)))))

	res := send(t, "/v1/messages", host, helloStream, nil)
	got := make([]byte, len(first))
	_, err := io.ReadFull(res.Body, got) // returns while the upstream waits
	require.NoError(t, err)
	require.Equal(t, first, string(got))
	close(seen)

	rest, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, events, string(got)+string(rest))
}

func TestHarnessResetBecomesCleanEnd(t *testing.T) {
	t.Parallel()
	events := firstEvents(4, messageEvents("Hello,", " world"))
	seen := make(chan struct{})
	host := upstream.on(t, answerEvents(events, when(seen, resetConnection)))

	res := send(t, "/v1/messages", host, helloStream, nil)
	got := make([]byte, len(events))
	_, err := io.ReadFull(res.Body, got)
	require.NoError(t, err)
	close(seen) // no earlier: a reset discards what the gateway has not sent on yet

	rest, err := io.ReadAll(res.Body)
	require.NoError(t, err, "the gateway hides the reset")
	require.Empty(t, rest)
}

func TestHarnessResetBeforeAnswer(t *testing.T) {
	t.Parallel()
	host := upstream.on(t, resetConnection)

	res, answer := post(t, "/v1/messages", host, hello, nil)

	require.Equal(t, 500, res.StatusCode)
	require.Contains(t, answer, "fetch failed")
}

func TestHarnessTimeout(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"hang":    hang,
		"delayed": delayed(time.Minute, answerMessage("too late")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := upstream.on(t, handler)

			res, answer := post(t, "/v1/messages", host, hello, http.Header{"X-Portkey-Request-Timeout": {"50"}})

			require.Equal(t, 408, res.StatusCode, answer)
			require.Contains(t, answer, "timeout_error")
		})
	}
}

func TestHarnessGuardrail(t *testing.T) {
	t.Parallel()
	host := upstream.on(t, answerMessage("not reached"))
	config := `{"input_guardrails":[{"default.contains":{"operator":"none","words":["hello"]},"deny":true}]}`

	res, answer := post(t, "/v1/messages", host, hello, http.Header{"X-Portkey-Config": {config}})

	require.Equal(t, 446, res.StatusCode, answer)
	require.Contains(t, answer, "hooks_failed")
	require.Empty(t, upstream.requests(host))
}

func TestHarnessRetryAfter(t *testing.T) {
	t.Parallel()
	header := http.Header{"X-Portkey-Config": {`{"retry":{"attempts":1,"on_status_codes":[429],"use_retry_after_header":true}}`}}
	tooMany := withHeader(http.Header{"Retry-After-Ms": {"100"}}, answer(429, errorBody("rate_limit_error", "slow down")))

	t.Run("then a message", func(t *testing.T) {
		t.Parallel()
		host := upstream.on(t, inTurn(tooMany, answerMessage("at last")))

		res, answer := post(t, "/v1/messages", host, hello, header)

		require.Equal(t, 200, res.StatusCode, answer)
		require.Contains(t, answer, "at last")
		require.Equal(t, "1", res.Header.Get("X-Portkey-Retry-Attempt-Count"))
		require.Len(t, upstream.requests(host), 2)
	})

	// Without the patch in install.sh the gateway trips over its own error here, and answers 500.
	t.Run("to the end", func(t *testing.T) {
		t.Parallel()
		host := upstream.on(t, tooMany)

		res, answer := post(t, "/v1/messages", host, hello, header)

		require.Equal(t, 429, res.StatusCode, answer)
		require.Contains(t, answer, "rate_limit_error")
		require.Equal(t, "-1", res.Header.Get("X-Portkey-Retry-Attempt-Count"))
		require.Len(t, upstream.requests(host), 2)
	})
}

const (
	hello       = `{"model":"claude-x","max_tokens":64,"messages":[{"role":"user","content":"hello"}]}`
	helloStream = `{"model":"claude-x","max_tokens":64,"stream":true,"messages":[{"role":"user","content":"hello"}]}`
)

// Each request has a connection of its own: the gateway closes idle ones after 5 s, and a POST that
// meets such a close fails.
var plainClient = &http.Client{
	Transport: &http.Transport{DisableKeepAlives: true},
	Timeout:   startTimeout,
}

// send posts to the gateway. The body of the answer is closed with the test.
func send(t *testing.T, path, customHost, body string, header http.Header) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, gatewayURL+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header = http.Header{
		"Authorization":         {"Bearer provider-key"},
		"Content-Type":          {"application/json"},
		"X-Portkey-Provider":    {"anthropic"},
		"X-Portkey-Custom-Host": {customHost},
	}
	for name, values := range header {
		req.Header[name] = values
	}
	res, err := plainClient.Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { res.Body.Close() })
	return res
}

// post is send with the whole answer read.
func post(t *testing.T, path, customHost, body string, header http.Header) (*http.Response, string) {
	t.Helper()
	res := send(t, path, customHost, body, header)
	answer, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res, string(answer)
}
