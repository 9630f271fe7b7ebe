package portkey_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

// calls are the three calls, for what is to hold of all of them.
var calls = map[string]func(t *testing.T, c *portkey.Client, opts ...portkey.RequestOption) error{
	"Create": func(t *testing.T, c *portkey.Client, opts ...portkey.RequestOption) error {
		_, err := c.Messages.Create(wait(t), request, opts...)
		return err
	},
	"Stream": func(t *testing.T, c *portkey.Client, opts ...portkey.RequestOption) error {
		stream, err := c.Messages.Stream(wait(t), request, opts...)
		if err == nil {
			_, err = stream.Message()
		}
		return err
	},
	"CountTokens": func(t *testing.T, c *portkey.Client, opts ...portkey.RequestOption) error {
		_, err := c.Messages.CountTokens(wait(t), request, opts...)
		return err
	},
}

func TestErrorShapes(t *testing.T) {
	const hooks = `"hook_results":{"before_request_hooks":[{"verdict":false,"id":"g1","deny":true}],"after_request_hooks":[]}`
	tests := []struct {
		name, contentType, body string
		status                  int
		header                  []string
		want                    portkey.Error // only what is not zero is compared
		class                   error
	}{
		{"E1 gateway validation", "application/json", `{"status":"failure","message":"Invalid config passed","errors":["path: a, message: b","path: c, message: d"]}`, 400, nil,
			portkey.Error{Source: portkey.SourceGateway, Message: "Invalid config passed: path: a, message: b; path: c, message: d"}, portkey.ErrInvalidRequest},
		{"E1 exception", "application/json", `{"status":"failure","message":"messages is not supported by openai"}`, 500, []string{"x-portkey-gateway-exception", "true"},
			portkey.Error{Source: portkey.SourceGateway, Message: "messages is not supported by openai"}, portkey.ErrServer},
		{"E2 provider", "application/json", `{"error":{"message":"anthropic error: upstream says 429","type":"rate_limit_error","param":null,"code":null},"provider":"anthropic"}`, 429,
			[]string{"Retry-After", "7", "Request-Id", "req_1", "x-portkey-retry-attempt-count", "-1"},
			portkey.Error{Source: portkey.SourceProvider, Provider: "anthropic", Type: "rate_limit_error", Message: "upstream says 429", RequestID: "req_1", RetryAfter: 7 * time.Second, RetryAttempts: -1}, portkey.ErrRateLimit},
		{"E2 with verdicts", "application/json", `{"error":{"message":"anthropic error: no","type":"invalid_request_error"},"provider":"anthropic",` + hooks + `}`, 400, nil,
			portkey.Error{Source: portkey.SourceProvider, Message: "no"}, portkey.ErrInvalidRequest},
		{"E3 native", "application/json", `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded","details":{"error_code":"compaction_unavailable"}},"request_id":"req_2"}`, 529, nil,
			portkey.Error{Source: portkey.SourceProvider, Type: "overloaded_error", Code: "compaction_unavailable", Message: "Overloaded", RequestID: "req_2"}, portkey.ErrOverloaded},
		{"E4 timeout", "application/json", `{"error":{"message":"Request exceeded the timeout","type":"timeout_error","param":null,"code":null}}`, 408, nil,
			portkey.Error{Source: portkey.SourceGateway, Type: "timeout_error", Message: "Request exceeded the timeout"}, portkey.ErrTimeout},
		{"E4 guardrail", "application/json", `{"error":{"message":"The guardrail checks failed.","type":"hooks_failed","param":null,"code":null},` + hooks + `}`, 446, nil,
			portkey.Error{Source: portkey.SourceGateway, Type: "hooks_failed"}, portkey.ErrGuardrail},
		{"E5 route", "application/json", `{"message":"Not Found","ok":false}`, 404, nil,
			portkey.Error{Source: portkey.SourceGateway, Message: "Not Found"}, portkey.ErrNotFound},
		{"E6 HTML", "text/html", `<html><h1>502 Bad Gateway</h1></html>`, 502, nil,
			portkey.Error{Source: portkey.SourceGateway, Message: "<html><h1>502 Bad Gateway</h1></html>"}, portkey.ErrServer},
		{"E6 text of the provider", "text/plain", `Message: fetch failed`, 500, []string{"x-portkey-provider", "anthropic"},
			portkey.Error{Source: portkey.SourceProvider, Provider: "anthropic", Message: "Message: fetch failed"}, portkey.ErrServer},
		{"E6 empty", "", ``, 503, nil, portkey.Error{Source: portkey.SourceGateway}, portkey.ErrServer},
		{"E6 broken JSON", "application/json", `{"error":`, 500, nil, portkey.Error{Source: portkey.SourceGateway, Message: `{"error":`}, portkey.ErrServer},
		{"E7 hosted", "application/json", `{"success":false,"data":{"message":"Invalid API Key","errorCode":"AB05"}}`, 401, nil,
			portkey.Error{Source: portkey.SourceGateway, Code: "AB05", Message: "Invalid API Key"}, portkey.ErrAuthentication},
		{"text as error", "application/json", `{"error":"just a string"}`, 400, nil, portkey.Error{Message: "just a string"}, portkey.ErrInvalidRequest},
		{"odd types", "application/json", `{"error":{"message":7,"type":null,"code":true},"provider":3,"request_id":null,"hook_results":"x"}`, 422, nil,
			portkey.Error{Source: portkey.SourceGateway}, portkey.ErrInvalidRequest},
		{"a list", "application/json", `[]`, 403, nil, portkey.Error{Message: "[]"}, portkey.ErrPermission},
		{"null", "application/json", `null`, 402, nil, portkey.Error{Message: "null"}, portkey.ErrBilling},
		{"conflict", "application/json", `{}`, 409, nil, portkey.Error{}, portkey.ErrConflict},
		{"budget", "application/json", `{"message":"over budget"}`, 412, nil, portkey.Error{Message: "over budget"}, portkey.ErrBudget},
		{"too large", "", "", 413, nil, portkey.Error{}, portkey.ErrRequestTooLarge},
		{"headers too large", "", "", 431, nil, portkey.Error{}, portkey.ErrRequestTooLarge},
		{"gateway timeout", "", "", 504, nil, portkey.Error{}, portkey.ErrTimeout},
	}
	for _, tt := range tests {
		for name, call := range calls {
			t.Run(tt.name+" "+name, func(t *testing.T) {
				client := clientFor(t, answer(tt.status, tt.contentType, tt.body, tt.header...), portkey.WithTraceID("t1"))
				err := call(t, client)
				require.ErrorIs(t, err, tt.class)
				for _, other := range classes {
					if other != tt.class {
						assert.NotErrorIs(t, err, other)
					}
				}
				var e *portkey.Error
				require.ErrorAs(t, err, &e)
				assert.Equal(t, tt.status, e.StatusCode)
				assert.Equal(t, "t1", e.TraceID)
				assert.Equal(t, 1, e.Attempts)
				assert.Equal(t, tt.body, string(e.Raw))
				assert.NotEmpty(t, e.Error())
				compare := func(want, got any) {
					if want != "" && want != 0 && want != time.Duration(0) && want != portkey.ErrorSource("") {
						assert.Equal(t, want, got)
					}
				}
				compare(tt.want.Source, e.Source)
				compare(tt.want.Provider, e.Provider)
				compare(tt.want.Type, e.Type)
				compare(tt.want.Code, e.Code)
				compare(tt.want.Message, e.Message)
				compare(tt.want.RequestID, e.RequestID)
				compare(tt.want.RetryAfter, e.RetryAfter)
				compare(tt.want.RetryAttempts, e.RetryAttempts)
				if strings.Contains(tt.body, "before_request_hooks") {
					require.NotNil(t, e.Hooks)
					assert.False(t, e.Hooks.Passed())
					assert.Equal(t, "g1", e.Hooks.Before[0].ID)
				}
			})
		}
	}
}

// classes are the classes that stem from a status.
var classes = []error{
	portkey.ErrInvalidRequest, portkey.ErrAuthentication, portkey.ErrBilling, portkey.ErrPermission, portkey.ErrNotFound,
	portkey.ErrTimeout, portkey.ErrConflict, portkey.ErrBudget, portkey.ErrRequestTooLarge, portkey.ErrRateLimit,
	portkey.ErrGuardrail, portkey.ErrServer, portkey.ErrOverloaded,
}

// An error event has the class that its type has as a status.
func TestErrorEvents(t *testing.T) {
	for typ, class := range map[string]error{
		"invalid_request_error": portkey.ErrInvalidRequest, "authentication_error": portkey.ErrAuthentication, "billing_error": portkey.ErrBilling,
		"permission_error": portkey.ErrPermission, "not_found_error": portkey.ErrNotFound, "conflict_error": portkey.ErrConflict,
		"request_too_large": portkey.ErrRequestTooLarge, "rate_limit_error": portkey.ErrRateLimit, "api_error": portkey.ErrServer,
		"timeout_error": portkey.ErrTimeout, "overloaded_error": portkey.ErrOverloaded,
	} {
		event := `{"type":"error","error":{"type":"` + typ + `","message":"Sorry"},"request_id":"req_mid"}`
		bodies := map[string]string{
			"first":                 sse(event),
			"in the midst":          fullStream[:strings.Index(fullStream, "event: message_delta")] + sse(event),
			"without a name":        "data: " + event + "\n\n",
			"by its name":           "event: error\ndata: " + strings.Replace(event, `"type":"error",`, "", 1) + "\n\n",
			"by its member":         "data: " + strings.Replace(event, `"type":"error",`, "", 1) + "\n\n",
			"without the last line": strings.TrimSpace(sse(event)),
		}
		for name, body := range bodies {
			err := calls["Stream"](t, clientFor(t, answer(200, "text/event-stream", body, "x-portkey-provider", "anthropic")))
			var e *portkey.Error
			require.ErrorAs(t, err, &e, name)
			assert.ErrorIs(t, err, class, name)
			assert.NotErrorIs(t, err, portkey.ErrIncompleteStream, name)
			assert.Equal(t, "Sorry", e.Message)
			assert.Equal(t, typ, e.Type)
			assert.Equal(t, "req_mid", e.RequestID)
			assert.Equal(t, 200, e.StatusCode)
			assert.Equal(t, "anthropic", e.Provider)
		}
	}
}

// The partial message is there after an error event.
func TestErrorEventKeepsMessage(t *testing.T) {
	body := fullStream[:strings.Index(fullStream, "event: message_delta")] + sse(`{"type":"error","error":{"type":"overloaded_error","message":"Sorry"}}`)
	stream, err := clientFor(t, answer(200, "text/event-stream", body)).Messages.Stream(t.Context(), request)
	require.NoError(t, err)
	msg, err := stream.Message()
	require.ErrorIs(t, err, portkey.ErrOverloaded)
	assert.Equal(t, "Good morning, Zoë", msg.Text())
}

func TestErrorRawIsCapped(t *testing.T) {
	err := calls["Create"](t, clientFor(t, answer(500, "text/plain", strings.Repeat("x", 1<<20))))
	var e *portkey.Error
	require.ErrorAs(t, err, &e)
	assert.Len(t, e.Raw, 16<<10)
	assert.Less(t, len(e.Error()), 1<<11)
}

func TestErrorZeroValue(t *testing.T) {
	var none *portkey.Error
	assert.Equal(t, "portkey: <nil>", none.Error())
	assert.Equal(t, "portkey: unknown error", (&portkey.Error{}).Error())
	assert.NoError(t, none.Unwrap())
	assert.NotErrorIs(t, &portkey.Error{}, portkey.ErrServer)
	assert.False(t, none.Is(portkey.ErrServer))
	assert.False(t, (&portkey.Error{}).Is(nil))
}

func TestErrorText(t *testing.T) {
	e := &portkey.Error{StatusCode: 429, Type: "rate_limit_error", Message: "slow down", Provider: "anthropic", RequestID: "req_1", TraceID: "t1", RetryAfter: 2 * time.Second, Attempts: 3}
	assert.Equal(t, "portkey: 429 rate_limit_error: slow down (provider anthropic, retry after 2s, attempts 3, request req_1, trace t1)", e.Error())
	assert.Equal(t, e.Error(), e.Error(), "it has no side effects")
}

func TestConnectionError(t *testing.T) {
	broken := errors.New("connection refused")
	for name, call := range calls {
		err := call(t, clientFor(t, func(*http.Request) (*http.Response, error) { return nil, broken }))
		var e *portkey.Error
		require.ErrorAs(t, err, &e, name)
		assert.ErrorIs(t, err, broken)
		assert.Equal(t, portkey.SourceClient, e.Source)
		assert.Zero(t, e.StatusCode)
		assert.NotEmpty(t, e.TraceID)
	}
}

func TestGatewayInfo(t *testing.T) {
	header := []string{
		"x-portkey-trace-id", "from-upstream, mine", "x-portkey-provider", "nested, anthropic", "x-portkey-retry-attempt-count", "0, 2",
		"x-portkey-cache-status", "HIT", "x-portkey-last-used-option-index", "config.targets[1].targets[0]", "request-id", "req_1",
		"anthropic-ratelimit-requests-limit", "50", "anthropic-ratelimit-requests-remaining", "49", "anthropic-ratelimit-requests-reset", "2026-01-01T00:00:00Z",
		"anthropic-ratelimit-input-tokens-limit", "1000", "x-custom", "1",
	}
	check := func(info portkey.GatewayInfo) {
		t.Helper()
		assert.Equal(t, 200, info.StatusCode)
		assert.Equal(t, "t, 1", info.TraceID, "the one that was sent, commas and all")
		assert.Equal(t, "anthropic", info.Provider)
		assert.Equal(t, 2, info.RetryAttempts)
		assert.Equal(t, 1, info.Attempts)
		assert.Equal(t, portkey.CacheHit, info.Cache)
		assert.Equal(t, "config.targets[1].targets[0]", info.Target)
		assert.Equal(t, "req_1", info.RequestID)
		assert.Equal(t, portkey.Limit{Limit: 50, Remaining: 49, Reset: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}, info.RateLimit.Requests)
		assert.Equal(t, 1000, info.RateLimit.InputTokens.Limit)
		assert.Zero(t, info.RateLimit.Tokens)
		assert.Equal(t, "1", info.Header.Get("X-Custom"))
	}
	msg, err := clientFor(t, answer(200, "application/json", okMessage, header...)).Messages.Create(t.Context(), request, portkey.WithTraceID("t, 1"))
	require.NoError(t, err)
	check(msg.Gateway)
	count, err := clientFor(t, answer(200, "application/json", `{"input_tokens":1}`, header...)).Messages.CountTokens(t.Context(), request, portkey.WithTraceID("t, 1"))
	require.NoError(t, err)
	check(count.Gateway)
	stream, err := clientFor(t, answer(200, "text/event-stream", fullStream, header...)).Messages.Stream(t.Context(), request, portkey.WithTraceID("t, 1"))
	require.NoError(t, err)
	defer stream.Close()
	check(stream.Gateway())

	assert.Equal(t, []int{1, 0}, msg.Gateway.TargetPath)
	// Without one of ours, that of the gateway which answered counts.
	msg, err = clientFor(t, answer(200, "application/json", okMessage, header...)).Messages.Create(t.Context(), request, portkey.WithHeader("X-Portkey-Trace-Id", ""))
	require.NoError(t, err)
	assert.Equal(t, "mine", msg.Gateway.TraceID)

	// The open-source gateway sends the trace id back empty where there was none.
	msg, err = clientFor(t, answer(201, "text/plain", okMessage, "x-portkey-trace-id", "")).Messages.Create(t.Context(), request, portkey.WithTraceID("sent"))
	require.NoError(t, err)
	assert.Equal(t, "sent", msg.Gateway.TraceID)
	assert.Equal(t, 201, msg.Gateway.StatusCode)
}

// What answers and errors hold is theirs, also when the next answer has come.
func TestResultsAreTheirOwn(t *testing.T) {
	shared := http.Header{"Content-Type": {"application/json"}, "X-A": {"1"}}
	bodies := []string{`{"not":"a message"}`, okMessage, `{"else":"no message"}`}
	client := clientFor(t, func(*http.Request) (*http.Response, error) {
		resp := response(200, "application/json", strings.NewReader(bodies[0]))
		resp.Header, bodies = shared, bodies[1:]
		return resp, nil
	})
	_, err := client.Messages.Create(t.Context(), request)
	var e *portkey.Error
	require.ErrorAs(t, err, &e)
	msg, err := client.Messages.Create(t.Context(), request)
	require.NoError(t, err)
	msg.Gateway.Header.Del("X-A")
	e.Header.Del("X-A")
	_, err = client.Messages.Create(t.Context(), request)
	require.Error(t, err)
	assert.Equal(t, `{"not":"a message"}`, string(e.Raw))
	assert.Equal(t, "1", shared.Get("X-A"))
}

func TestRateLimitOfSeveralGateways(t *testing.T) {
	client := clientFor(t, func(*http.Request) (*http.Response, error) {
		return response(200, "application/json", strings.NewReader(okMessage), "anthropic-ratelimit-tokens-limit", "10, 20", "anthropic-ratelimit-requests-reset", "2026-01-01T00:00:00Z"), nil
	})
	msg, err := client.Messages.Create(t.Context(), request)
	require.NoError(t, err)
	assert.Equal(t, 20, msg.Gateway.RateLimit.Tokens.Limit, "the last one answered")
	assert.Equal(t, 2026, msg.Gateway.RateLimit.Requests.Reset.Year())
}
