package gateway_test

import (
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

// An error of the provider. On messages the gateway writes it anew, without the request id and with
// "anthropic error: " before the message; on count_tokens it comes as it is. Callers see no difference.
func TestProviderErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status int
		typ    string
		class  error
	}{
		{400, "invalid_request_error", portkey.ErrInvalidRequest},
		{401, "authentication_error", portkey.ErrAuthentication},
		{402, "billing_error", portkey.ErrBilling},
		{403, "permission_error", portkey.ErrPermission},
		{404, "not_found_error", portkey.ErrNotFound},
		{409, "conflict_error", portkey.ErrConflict},
		{413, "request_too_large", portkey.ErrRequestTooLarge},
		{422, "invalid_request_error", portkey.ErrInvalidRequest},
		{429, "rate_limit_error", portkey.ErrRateLimit},
		{500, "api_error", portkey.ErrServer},
		{503, "api_error", portkey.ErrServer},
		{504, "timeout_error", portkey.ErrTimeout},
		{529, "overloaded_error", portkey.ErrOverloaded},
		// The gateway hands on these two as they are, also on messages.
		{408, "timeout_error", portkey.ErrTimeout},
		{412, "", portkey.ErrBudget},
	}
	header := http.Header{"Request-Id": {"req_upstream"}, "Retry-After": {"7"}}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.status), func(t *testing.T) {
			t.Parallel()
			eachCall(t, func(t *testing.T, _ string, do caller) {
				host := upstream.on(t, withHeader(header, answer(tt.status, errorBody(tt.typ, "told “no”"))))

				_, err := do(t, newClient(t, host), ask("hello"), portkey.WithTraceID(traceID))

				e := requireError(t, err, tt.class)
				require.Equal(t, tt.status, e.StatusCode)
				require.Equal(t, tt.typ, e.Type)
				require.Equal(t, "told “no”", e.Message)
				require.Equal(t, portkey.SourceProvider, e.Source)
				require.Equal(t, "anthropic", e.Provider)
				require.Equal(t, "req_upstream", e.RequestID)
				require.Equal(t, traceID, e.TraceID)
				require.Equal(t, 7*time.Second, e.RetryAfter)
				require.Equal(t, 1, e.Attempts)
				require.Zero(t, e.RetryAttempts)
				require.Nil(t, e.Hooks)
				require.Contains(t, string(e.Raw), "told “no”")
				require.Equal(t, "config", e.Header.Get("X-Portkey-Last-Used-Option-Index"))
				require.Contains(t, err.Error(), "told “no”")
				require.Contains(t, err.Error(), traceID)
				require.Len(t, upstream.requests(host), 1)
			})
		})
	}
}

// The mock provider's errors, which someone else wrote.
func TestMockProviderErrors(t *testing.T) {
	t.Parallel()
	client := newClient(t, aimockHost)
	for _, tt := range []struct {
		status        int
		typ, message  string
		class         error
		wantRetryWait bool
	}{
		{400, "invalid_request_error", "Bad request by fixture", portkey.ErrInvalidRequest, false},
		{401, "authentication_error", "Unauthenticated by fixture", portkey.ErrAuthentication, false},
		{404, "not_found_error", "Not found by fixture", portkey.ErrNotFound, false},
		{429, "rate_limit_error", "Rate limited by fixture", portkey.ErrRateLimit, true},
		{500, "api_error", "Internal error by fixture", portkey.ErrServer, false},
		{529, "overloaded_error", "Overloaded by fixture", portkey.ErrOverloaded, false},
	} {
		for _, name := range []string{"create", "stream"} { // it cannot count tokens
			t.Run(fmt.Sprintf("%d/%s", tt.status, name), func(t *testing.T) {
				t.Parallel()
				_, err := calls[name](t, client, ask(fmt.Sprintf("fail %d", tt.status)))

				e := requireError(t, err, tt.class)
				require.Equal(t, tt.status, e.StatusCode)
				require.Equal(t, tt.typ, e.Type)
				require.Equal(t, tt.message, e.Message)
				require.Equal(t, portkey.SourceProvider, e.Source)
				require.Equal(t, tt.wantRetryWait, e.RetryAfter > 0)
			})
		}
	}
}

// A provider that breaks, or that something else answers for. The gateway says so in words of its own
// on messages, and hands on what it got on count_tokens.
func TestBrokenProvider(t *testing.T) {
	t.Parallel()
	html := withHeader(http.Header{"Content-Type": {"text/html"}, "Request-Id": {"req_upstream"}},
		answer(http.StatusBadGateway, "<html><h1>502 Bad Gateway</h1></html>"))
	for name, tt := range map[string]struct {
		host    func(t *testing.T) string
		status  int
		message string
	}{
		"unreachable": {func(t *testing.T) string { return closedAddress(t) + "/v1" }, 500, "fetch failed"},
		"reset":       {func(t *testing.T) string { return upstream.on(t, resetConnection) }, 500, "fetch failed"},
		"HTML":        {func(t *testing.T) string { return upstream.on(t, html) }, 502, "502 Bad Gateway"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachCall(t, func(t *testing.T, _ string, do caller) {
				_, err := do(t, newClient(t, tt.host(t)), ask("hello"), portkey.WithTraceID(traceID))

				e := requireError(t, err, portkey.ErrServer)
				require.Equal(t, tt.status, e.StatusCode)
				require.Empty(t, e.Type)
				require.Contains(t, e.Message, tt.message)
				require.Equal(t, portkey.SourceProvider, e.Source)
				require.Equal(t, "anthropic", e.Provider)
				require.Equal(t, traceID, e.TraceID)
			})
		})
	}
}

// Nobody at the gateway's address: there is no status to speak of.
func TestGatewayUnreachable(t *testing.T) {
	t.Parallel()
	eachCall(t, func(t *testing.T, _ string, do caller) {
		client := newClient(t, aimockHost, portkey.WithBaseURL(closedAddress(t)))

		_, err := do(t, client, ask("hello"), portkey.WithTraceID(traceID))

		e := requireError(t, err)
		require.Zero(t, e.StatusCode)
		require.Equal(t, portkey.SourceClient, e.Source)
		require.Equal(t, traceID, e.TraceID)
		var dial *net.OpError
		require.ErrorAs(t, err, &dial)
		require.Equal(t, "dial", dial.Op)
	})
}

// What the gateway itself refuses never reaches a provider, and is not worth a retry.
func TestGatewayErrors(t *testing.T) {
	t.Parallel()
	config := func(json string) portkey.ClientOption { return portkey.WithHeader("x-portkey-config", json) }
	for name, tt := range map[string]struct {
		option  portkey.ClientOption
		status  int
		class   error
		message string
	}{
		"provider":             {portkey.WithProvider("bogus"), 400, portkey.ErrInvalidRequest, "Invalid provider passed"},
		"provider slug":        {portkey.WithProvider("@hosted-only"), 400, portkey.ErrInvalidRequest, "Invalid provider passed"},
		"custom host":          {portkey.WithCustomHost("http://10.0.0.1/v1"), 400, portkey.ErrInvalidRequest, "Invalid custom host"},
		"config ID":            {portkey.WithConfigID("pc-hosted-only"), 400, portkey.ErrInvalidRequest, "Invalid config passed. You need to pass a valid json"},
		"config":               {config(`{"strategy":{"mode":"bogus"}}`), 400, portkey.ErrInvalidRequest, "Invalid config passed: path: strategy,mode, message: Invalid 'mode' value. Must be one of: single, loadbalance, fallback, conditional"},
		"unsupported provider": {portkey.WithProvider("openai"), 500, portkey.ErrServer, "is not supported by openai"},
		"wrong route":          {portkey.WithBaseURL(gatewayURL + "/elsewhere"), 404, portkey.ErrNotFound, "Not Found"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachCall(t, func(t *testing.T, _ string, do caller) {
				host := upstream.on(t, answerMessage("not reached"))
				client := newClient(t, host, tt.option, mustNotRetry(t))

				_, err := do(t, client, ask("hello"), portkey.WithTraceID(traceID))

				e := requireError(t, err, tt.class)
				require.Equal(t, tt.status, e.StatusCode)
				require.Contains(t, e.Message, tt.message)
				require.Equal(t, portkey.SourceGateway, e.Source)
				require.Equal(t, traceID, e.TraceID, "the gateway does not repeat it here")
				require.Empty(t, e.RequestID)
				require.Empty(t, upstream.requests(host))
			})
		})
	}
}

// A status of success proves nothing: the gateway reports what it cannot read with the provider's 200.
func TestSuccessThatIsNone(t *testing.T) {
	t.Parallel()
	html := withHeader(http.Header{"Content-Type": {"text/html"}}, answer(200, "<html>Please log in</html>"))
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		message string
	}{
		"HTML":         {html, "Please log in"},
		"error object": {answer(200, errorBody("overloaded_error", "no capacity")), "no capacity"},
		"other JSON":   {answer(200, `{"hello":"world"}`), "hello"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachCall(t, func(t *testing.T, call string, do caller) {
				host := upstream.on(t, tt.handler)

				_, err := do(t, newClient(t, host), ask("hello"), portkey.WithTraceID(traceID))

				want := []error{portkey.ErrUnexpectedResponse}
				if name == "error object" && call != "create" {
					want = append(want, portkey.ErrOverloaded) // for a message the gateway quotes it as a text
				}
				e := requireError(t, err, want...)
				require.Equal(t, 200, e.StatusCode)
				require.Contains(t, e.Message, tt.message)
				require.Equal(t, traceID, e.TraceID)
				require.Contains(t, string(e.Raw), tt.message)
			})
		})
	}
}

// A body that is missing or broken: the gateway fails on it for a message, and hands it on otherwise.
func TestBrokenBody(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"empty": "", "cut": `{"id":"msg_1","type":"mess`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachCall(t, func(t *testing.T, call string, do caller) {
				host := upstream.on(t, answer(200, body))

				_, err := do(t, newClient(t, host), ask("hello"))

				if call == "create" {
					e := requireError(t, err, portkey.ErrServer)
					require.Equal(t, 500, e.StatusCode)
					require.Equal(t, "Something went wrong", e.Message)
					require.Equal(t, portkey.SourceGateway, e.Source)
					return
				}
				require.ErrorIs(t, err, portkey.ErrUnexpectedResponse)
			})
		})
	}
}
