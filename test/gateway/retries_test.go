package gateway_test

import (
	"net/http"
	"net/http/httptrace"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

// The client sends again what fails for a while, under the same trace id.
func TestClientRetries(t *testing.T) {
	t.Parallel()
	retryAfter := func(ms string) http.HandlerFunc {
		return withHeader(http.Header{"Retry-After-Ms": {ms}}, failing(429, "rate_limit_error"))
	}
	overloaded := failing(529, "overloaded_error")
	for name, failures := range map[string][]http.HandlerFunc{
		"rate limit": {retryAfter("30")},
		"overloaded": {overloaded, overloaded},
		"reset":      {resetConnection},
		"timeout":    {failing(408, "timeout_error")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachCall(t, func(t *testing.T, call string, do caller) {
				host := upstream.on(t, inTurn(append(failures, good(call, "at last"))...))
				var retries []portkey.Retry
				client := newClient(t, host, retrying(func(r portkey.Retry) { retries = append(retries, r) }),
					portkey.WithForwardHeaders("X-Portkey-Trace-Id"))

				info, err := do(t, client, ask("hello"))
				require.NoError(t, err)

				require.Equal(t, len(failures)+1, info.Attempts)
				require.Zero(t, info.RetryAttempts, "the gateway did not retry")
				require.Len(t, retries, len(failures))
				if name == "rate limit" {
					require.Equal(t, 30*time.Millisecond, retries[0].Wait)
					require.ErrorIs(t, retries[0].Err, portkey.ErrRateLimit)
				}
				requests := upstream.requests(host)
				require.Len(t, requests, len(failures)+1)
				for _, r := range requests {
					require.Equal(t, info.TraceID, r.Header.Get("X-Portkey-Trace-Id"))
					require.Equal(t, requests[0].Body, r.Body)
				}
			})
		})
	}
}

func TestClientGivesUp(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer   http.HandlerFunc
		class    error
		attempts int
	}{
		"after three":          {failing(529, "overloaded_error"), portkey.ErrOverloaded, 3},
		"at once":              {failing(400, "invalid_request_error"), portkey.ErrInvalidRequest, 1},
		"long wait":            {withHeader(http.Header{"Retry-After": {"3600"}}, failing(429, "rate_limit_error")), portkey.ErrRateLimit, 1},
		"provider says no":     {withHeader(http.Header{"X-Should-Retry": {"false"}}, failing(500, "api_error")), portkey.ErrServer, 1},
		"unreadable":           {answer(200, "{not json"), nil, 1},
		"success that is none": {answer(200, errorBody("overloaded_error", "billed, maybe")), nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachCall(t, func(t *testing.T, _ string, do caller) {
				host := upstream.on(t, tt.answer)

				_, err := do(t, newClient(t, host, retrying(nil)), ask("hello"))

				var e *portkey.Error
				require.ErrorAs(t, err, &e)
				if tt.class != nil {
					requireError(t, err, tt.class)
				}
				require.Equal(t, tt.attempts, e.Attempts)
				require.Len(t, upstream.requests(host), tt.attempts)
			})
		})
	}
}

// A stream is retried as long as nothing of its content has come, and never after.
func TestStreamRetries(t *testing.T) {
	t.Parallel()
	events := messageEvents("Hello")
	broken := "event: error\ndata: " + toJSON(errorBody("overloaded_error", "no capacity")) + "\n\n"
	for name, tt := range map[string]struct {
		first    string
		attempts int
	}{
		"error at first":            {broken, 2},
		"error after message_start": {firstEvents(1, events) + broken, 2},
		"error after content":       {firstEvents(4, events) + broken, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := upstream.on(t, inTurn(answerEvents(tt.first), answerEvents(events)))
			stream := openStream(t, host, retrying(nil))
			msg, err := stream.Message()

			require.Equal(t, "Hello", msg.Text())
			require.Len(t, upstream.requests(host), tt.attempts)
			require.Equal(t, tt.attempts, msg.Gateway.Attempts)
			if tt.attempts == 1 {
				requireError(t, err, portkey.ErrOverloaded)
			} else {
				require.NoError(t, err)
			}
		})
	}
}

// Whatever becomes of a call, its connection is used again: nothing of it is left behind.
func TestConnectionIsGivenBack(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]func(call string) http.HandlerFunc{
		"success": func(call string) http.HandlerFunc { return good(call, "hi") },
		"error":   func(string) http.HandlerFunc { return failing(400, "invalid_request_error") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachCall(t, func(t *testing.T, call string, do caller) {
				var reused []bool
				trace := portkey.WithMiddleware(func(r *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
					ctx := httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
						GotConn: func(c httptrace.GotConnInfo) { reused = append(reused, c.Reused) },
					})
					return next(r.WithContext(ctx))
				})
				client := newClient(t, upstream.on(t, handler(call)), trace)
				for range 3 {
					_, err := do(t, client, ask("hello"))
					require.Equal(t, name == "error", err != nil)
				}
				require.Equal(t, []bool{false, true, true}, reused)
			})
		})
	}
}
