package gateway_test

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

// The typed tests call the gateway as a user of the package would.

const (
	traceID     = "trace-of-the-test"
	providerKey = "provider-key"
)

// newClient returns a client whose calls go through the gateway to the provider at host. It does not
// retry: a test that wants an error wants the first one.
func newClient(t testing.TB, host string, opts ...portkey.ClientOption) *portkey.Client {
	t.Helper()
	client, err := portkey.NewClient(append([]portkey.ClientOption{
		portkey.WithBaseURL(gatewayURL),
		portkey.WithProvider("anthropic"),
		portkey.WithProviderKey(providerKey),
		portkey.WithCustomHost(host),
		portkey.WithMaxRetries(0),
	}, opts...)...)
	require.NoError(t, err)
	return client
}

// retrying lets the client retry, soon and as often as it does by default.
func retrying(onRetry func(portkey.Retry)) portkey.ClientOption {
	return portkey.WithRetry(portkey.RetryPolicy{MaxAttempts: 3, BaseDelay: time.Millisecond, OnRetry: onRetry})
}

// mustNotRetry lets the client retry, and fails the test where it does.
func mustNotRetry(t testing.TB) portkey.ClientOption {
	return retrying(func(r portkey.Retry) { t.Error("retried after", r.Err) })
}

// ask is a request with this one question, or with this conversation.
func ask(text string, turns ...portkey.MessageParam) portkey.MessageRequest {
	return portkey.MessageRequest{
		Model:     "claude-x",
		MaxTokens: 64,
		Messages:  append(turns, portkey.UserText(text)),
	}
}

// A caller makes one of the calls of the API, and says what the gateway did with it. An error is that
// of the call itself: a stream that fails later fails the test.
type caller func(t testing.TB, c *portkey.Client, req portkey.MessageRequest, opts ...portkey.RequestOption) (portkey.GatewayInfo, error)

// calls are the three calls of the API.
var calls = map[string]caller{
	"create": func(t testing.TB, c *portkey.Client, req portkey.MessageRequest, opts ...portkey.RequestOption) (portkey.GatewayInfo, error) {
		msg, err := c.Messages.Create(t.Context(), req, opts...)
		if err != nil {
			require.Nil(t, msg)
			return portkey.GatewayInfo{}, err
		}
		return msg.Gateway, nil
	},
	"stream": func(t testing.TB, c *portkey.Client, req portkey.MessageRequest, opts ...portkey.RequestOption) (portkey.GatewayInfo, error) {
		stream, err := c.Messages.Stream(t.Context(), req, opts...)
		if err != nil {
			require.Nil(t, stream)
			return portkey.GatewayInfo{}, err
		}
		msg, err := stream.Message()
		require.NoError(t, err)
		require.Equal(t, stream.Gateway(), msg.Gateway)
		return msg.Gateway, nil
	},
	"count_tokens": func(t testing.TB, c *portkey.Client, req portkey.MessageRequest, opts ...portkey.RequestOption) (portkey.GatewayInfo, error) {
		count, err := c.Messages.CountTokens(t.Context(), req, opts...)
		if err != nil {
			require.Nil(t, count)
			return portkey.GatewayInfo{}, err
		}
		return count.Gateway, nil
	},
}

// eachCall runs a test with each of the three calls.
func eachCall(t *testing.T, test func(t *testing.T, call string, do caller)) {
	t.Helper()
	for call, do := range calls {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			test(t, call, do)
		})
	}
}

// good answers whichever call is made with success.
func good(call, text string) http.HandlerFunc {
	switch call {
	case "stream":
		return answerEvents(messageEvents(text))
	case "count_tokens":
		return answerCount(42)
	}
	return answerMessage(text)
}

// receive gets a message by Create, or from a stream.
func receive(t testing.TB, c *portkey.Client, streamed bool, req portkey.MessageRequest, opts ...portkey.RequestOption) *portkey.Message {
	t.Helper()
	if !streamed {
		msg, err := c.Messages.Create(t.Context(), req, opts...)
		require.NoError(t, err)
		return msg
	}
	stream, err := c.Messages.Stream(t.Context(), req, opts...)
	require.NoError(t, err)
	msg, err := stream.Message()
	require.NoError(t, err)
	return msg
}

// classes are all that an error of a call can be.
var classes = []error{
	portkey.ErrInvalidRequest, portkey.ErrAuthentication, portkey.ErrBilling, portkey.ErrPermission,
	portkey.ErrNotFound, portkey.ErrTimeout, portkey.ErrConflict, portkey.ErrBudget,
	portkey.ErrRequestTooLarge, portkey.ErrRateLimit, portkey.ErrGuardrail, portkey.ErrServer,
	portkey.ErrOverloaded, portkey.ErrUnexpectedResponse, portkey.ErrIncompleteStream,
	portkey.ErrStreamIdle, portkey.ErrStreamConsumed, portkey.ErrEventTooLarge,
	portkey.ErrIncompleteToolInput,
}

// requireError returns the *portkey.Error that err is, which has to be of these classes and no other.
func requireError(t testing.TB, err error, want ...error) *portkey.Error {
	t.Helper()
	require.Error(t, err)
	for _, class := range classes {
		require.Equal(t, slices.Contains(want, class), errors.Is(err, class), "is it %q? %v", class, err)
	}
	var e *portkey.Error
	require.ErrorAs(t, err, &e)
	return e
}

// only returns the one request that has arrived at host.
func (u *upstreamServer) only(t testing.TB, host string) recordedRequest {
	t.Helper()
	requests := u.requests(host)
	require.Len(t, requests, 1)
	return requests[0]
}

// members returns the members of the body, each as the bytes that arrived.
func (r recordedRequest) members(t testing.TB) map[string]json.RawMessage {
	t.Helper()
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(r.Body), &members))
	return members
}

// closedAddress is an address where nothing listens.
func closedAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return "http://" + l.Addr().String()
}
