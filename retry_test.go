package portkey_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

// attempts is a transport that gives one answer after the other, the last one
// again and again, and notes when it was asked.
type attempts struct {
	answers []roundTripper
	times   []time.Time
	headers []http.Header
	bodies  []string
}

func (a *attempts) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	next := a.answers[min(len(a.times), len(a.answers)-1)]
	a.times, a.headers, a.bodies = append(a.times, time.Now()), append(a.headers, r.Header), append(a.bodies, string(body))
	return next(r)
}

// waits are the times between the attempts.
func (a *attempts) waits() []time.Duration {
	var waits []time.Duration
	for i := 1; i < len(a.times); i++ {
		waits = append(waits, a.times[i].Sub(a.times[i-1]))
	}
	return waits
}

var noJitter = portkey.RetryPolicy{Jitter: -1}

func status(code int, header ...string) roundTripper {
	return answer(code, "application/json", `{"type":"error","error":{"type":"api_error","message":"no"}}`, header...)
}

var ok = answer(200, "application/json", okMessage)

func TestRetries(t *testing.T) {
	broken := roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("connection reset") })
	second, day := time.Second, 24*time.Hour
	tests := []struct {
		name    string
		answers []roundTripper
		policy  portkey.RetryPolicy
		opts    []portkey.RequestOption
		waits   []time.Duration
		class   error // nil: succeeds
	}{
		{"429", []roundTripper{status(429), ok}, noJitter, nil, []time.Duration{second / 2}, nil},
		{"408", []roundTripper{status(408), ok}, noJitter, nil, []time.Duration{second / 2}, nil},
		{"409", []roundTripper{status(409), ok}, noJitter, nil, []time.Duration{second / 2}, nil},
		{"500, 529", []roundTripper{status(500), status(529), ok}, noJitter, nil, []time.Duration{second / 2, second}, nil},
		{"connection", []roundTripper{broken, broken, ok}, noJitter, nil, []time.Duration{second / 2, second}, nil},
		{"two retries by default", []roundTripper{status(503)}, noJitter, nil, []time.Duration{second / 2, second}, portkey.ErrServer},
		{"more", []roundTripper{status(503)}, portkey.RetryPolicy{Jitter: -1, MaxAttempts: 7}, nil,
			[]time.Duration{second / 2, second, 2 * second, 4 * second, 8 * second, 8 * second}, portkey.ErrServer},
		{"none", []roundTripper{status(503)}, noJitter, []portkey.RequestOption{portkey.WithMaxRetries(0)}, nil, portkey.ErrServer},
		{"400", []roundTripper{status(400)}, noJitter, nil, nil, portkey.ErrInvalidRequest},
		{"401", []roundTripper{status(401)}, noJitter, nil, nil, portkey.ErrAuthentication},
		{"446", []roundTripper{status(446)}, noJitter, nil, nil, portkey.ErrGuardrail},
		{"200 with an error", []roundTripper{answer(200, "", "{}")}, noJitter, nil, nil, portkey.ErrUnexpectedResponse},
		{"retry-after", []roundTripper{status(429, "Retry-After", "7"), ok}, noJitter, nil, []time.Duration{7 * second}, nil},
		{"retry-after with a fraction", []roundTripper{status(429, "Retry-After", "1.5"), ok}, noJitter, nil, []time.Duration{1500 * time.Millisecond}, nil},
		{"retry-after-ms first", []roundTripper{status(429, "Retry-After", "7", "Retry-After-Ms", "250"), ok}, noJitter, nil, []time.Duration{second / 4}, nil},
		{"retry-after as a date", []roundTripper{status(429, "Retry-After", "Sat, 01 Jan 2000 00:00:20 GMT"), ok}, noJitter, nil, []time.Duration{20 * second}, nil},
		{"retry-after in the past", []roundTripper{status(429, "Retry-After", "Fri, 31 Dec 1999 00:00:00 GMT"), ok}, noJitter, nil, []time.Duration{second / 2}, nil},
		{"retry-after nonsense", []roundTripper{status(429, "Retry-After", "soon"), ok}, noJitter, nil, []time.Duration{second / 2}, nil},
		{"retry-after over the cap", []roundTripper{status(429, "Retry-After", "3600"), ok}, noJitter, nil, nil, portkey.ErrRateLimit},
		{"retry-after beyond all", []roundTripper{status(429, "Retry-After", "1e300"), ok}, noJitter, nil, nil, portkey.ErrRateLimit},
		{"a cap of one's own", []roundTripper{status(429, "Retry-After", "3600"), ok}, portkey.RetryPolicy{Jitter: -1, MaxRetryAfter: day}, nil, []time.Duration{3600 * second}, nil},
		{"x-should-retry true", []roundTripper{status(400, "X-Should-Retry", "true"), ok}, noJitter, nil, []time.Duration{second / 2}, nil},
		{"x-should-retry false", []roundTripper{status(500, "X-Should-Retry", "false"), ok}, noJitter, nil, nil, portkey.ErrServer},
		{"gateway exception", []roundTripper{status(500, "x-portkey-gateway-exception", "true", "X-Should-Retry", "true"), ok}, noJitter, nil, nil, portkey.ErrServer},
		{"gateway gave up", []roundTripper{status(500, "x-portkey-retry-attempt-count", "-1"), ok}, noJitter, nil, nil, portkey.ErrServer},
		{"gateway retried", []roundTripper{status(500, "x-portkey-retry-attempt-count", "2"), ok}, noJitter, nil, nil, portkey.ErrServer},
		{"gateway did not retry", []roundTripper{status(500, "x-portkey-retry-attempt-count", "0"), ok}, noJitter, nil, []time.Duration{second / 2}, nil},
		{"config asks the gateway", []roundTripper{status(500), ok}, noJitter,
			[]portkey.RequestOption{portkey.WithConfig(portkey.Fallback(portkey.Config{Provider: "anthropic", APIKey: "k", Retry: &portkey.RetryConfig{Attempts: 2}}))}, nil, portkey.ErrServer},
		{"config asks the gateway, connection", []roundTripper{broken, ok}, noJitter,
			[]portkey.RequestOption{portkey.WithConfig(portkey.Config{Retry: &portkey.RetryConfig{Attempts: 2}})}, []time.Duration{second / 2}, nil},
		{"config without retries", []roundTripper{status(500), ok}, noJitter,
			[]portkey.RequestOption{portkey.WithConfig(portkey.Config{Provider: "anthropic", APIKey: "k"})}, []time.Duration{second / 2}, nil},
		{"budget", []roundTripper{status(500)}, portkey.RetryPolicy{Jitter: -1, MaxAttempts: 9, Budget: 3 * second}, nil, []time.Duration{second / 2, second}, portkey.ErrServer},
		{"attempt that took too long", []roundTripper{slowly(day, 0, false), ok}, noJitter, []portkey.RequestOption{portkey.WithTimeout(second)}, []time.Duration{second * 3 / 2}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &attempts{answers: tt.answers}
				var seen []portkey.Retry
				policy := tt.policy
				policy.OnRetry = func(r portkey.Retry) { seen = append(seen, r) }
				client := retryingClient(t, a.RoundTrip, portkey.WithRetry(policy))
				msg, err := client.Messages.Create(context.Background(), request, tt.opts...)
				assert.Equal(t, tt.waits, a.waits())
				if tt.class == nil {
					require.NoError(t, err)
					assert.Equal(t, len(a.times), msg.Gateway.Attempts)
				} else {
					require.ErrorIs(t, err, tt.class)
					var e *portkey.Error
					require.ErrorAs(t, err, &e)
					assert.Equal(t, len(a.times), e.Attempts)
				}
				require.Len(t, seen, len(a.times)-1)
				for i, r := range seen {
					assert.Equal(t, i+1, r.Attempt)
					assert.Error(t, r.Err)
					assert.Positive(t, r.Wait)
				}
				for i := range a.bodies {
					assert.Equal(t, a.bodies[0], a.bodies[i])
					assert.Equal(t, a.headers[0].Get("x-portkey-trace-id"), a.headers[i].Get("x-portkey-trace-id"))
				}
			})
		})
	}
}

// A policy of a call changes only what it names.
func TestRetryPolicyOfACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &attempts{answers: []roundTripper{status(500)}}
		client := clientFor(t, a.RoundTrip, portkey.WithMaxRetries(1), portkey.WithRetry(noJitter))
		retries := 0
		_, err := client.Messages.Create(context.Background(), request, portkey.WithRetry(portkey.RetryPolicy{
			BaseDelay: 2 * time.Second, OnRetry: func(portkey.Retry) { retries++ },
		}))
		require.ErrorIs(t, err, portkey.ErrServer)
		assert.Equal(t, []time.Duration{2 * time.Second}, a.waits())
		assert.Equal(t, 1, retries)
	})
}

func TestRetryAfterIsInTheError(t *testing.T) {
	_, err := clientFor(t, status(429, "Retry-After", "3600"), portkey.WithMaxRetries(2)).Messages.Create(t.Context(), request)
	var e *portkey.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, time.Hour, e.RetryAfter)
	assert.Equal(t, 1, e.Attempts)
}

func TestRetryJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		different := map[time.Duration]bool{}
		for range 50 {
			a := &attempts{answers: []roundTripper{status(500), ok}}
			_, err := clientFor(t, a.RoundTrip, portkey.WithMaxRetries(1)).Messages.Create(context.Background(), request)
			require.NoError(t, err)
			wait := a.waits()[0]
			assert.LessOrEqual(t, wait, 500*time.Millisecond)
			assert.GreaterOrEqual(t, wait, 375*time.Millisecond)
			different[wait] = true
		}
		assert.Greater(t, len(different), 10)
	})
}

// A wait that the context would not outlast does not begin.
func TestRetryAndContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		a := &attempts{answers: []roundTripper{status(429, "Retry-After", "30")}}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_, err := clientFor(t, a.RoundTrip, portkey.WithMaxRetries(3)).Messages.Create(ctx, request)
		require.ErrorIs(t, err, portkey.ErrRateLimit)
		assert.Zero(t, time.Since(began))

		// One that is cancelled ends it.
		reason := errors.New("enough")
		ctx, stop := context.WithCancelCause(context.Background())
		time.AfterFunc(5*time.Second, func() { stop(reason) })
		_, err = clientFor(t, a.RoundTrip, portkey.WithMaxRetries(3)).Messages.Create(ctx, request)
		require.ErrorIs(t, err, reason)
		require.ErrorIs(t, err, portkey.ErrRateLimit, "why it was waiting")
		assert.Equal(t, 5*time.Second, time.Since(began))
	})
}

// An error event before the first content is retried like the same status;
// one after it is not.
func TestStreamRetries(t *testing.T) {
	event := func(typ string) string {
		return sse(`{"type":"error","error":{"type":"` + typ + `","message":"no"}}`)
	}
	stream := func(body string) roundTripper { return answer(200, "text/event-stream", body) }
	good := stream(fullStream)
	content := fullStream[:strings.Index(fullStream, "event: message_delta")]
	tests := []struct {
		name     string
		answers  []roundTripper
		attempts int
		class    error
	}{
		{"first event", []roundTripper{stream(event("overloaded_error")), good}, 2, nil},
		{"after the start", []roundTripper{stream(sse(startEvent, `{"type":"ping"}`) + event("api_error")), good}, 2, nil},
		{"rate limit", []roundTripper{stream(event("rate_limit_error")), good}, 2, nil},
		{"not one that stays", []roundTripper{stream(event("invalid_request_error")), good}, 1, portkey.ErrInvalidRequest},
		{"after content", []roundTripper{stream(content + event("overloaded_error")), good}, 1, portkey.ErrOverloaded},
		{"again and again", []roundTripper{stream(event("overloaded_error"))}, 3, portkey.ErrOverloaded},
		{"an error without a class", []roundTripper{stream("data: {\"error\":{\"message\":\"boom\"}}\n\n"), good}, 2, nil},
		{"a cut stream", []roundTripper{stream(sse(startEvent)), good}, 1, portkey.ErrIncompleteStream},
		{"no stream", []roundTripper{stream(html), good}, 1, portkey.ErrUnexpectedResponse},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &attempts{answers: tt.answers}
				client := clientFor(t, a.RoundTrip, portkey.WithMaxRetries(2))
				s, err := client.Messages.Stream(context.Background(), request)
				if err == nil {
					assert.Equal(t, tt.attempts, s.Gateway().Attempts)
					_, err = s.Message()
				}
				assert.Len(t, a.times, tt.attempts)
				if tt.class == nil {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, tt.class)
				}
			})
		})
	}
}

// The gateway cannot retry what it has answered with 200.
func TestStreamRetriesBesideTheGateways(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &attempts{answers: []roundTripper{
			answer(200, "text/event-stream", sse(`{"type":"error","error":{"type":"overloaded_error","message":"no"}}`)),
			slowly(0, 24*time.Hour, false, fullStream), // headers, and then nothing
			answer(200, "text/event-stream", fullStream),
		}}
		s, err := retryingClient(t, a.RoundTrip, portkey.WithTimeout(time.Minute)).Messages.Stream(context.Background(), request,
			portkey.WithConfig(portkey.Config{Retry: &portkey.RetryConfig{Attempts: 2}}))
		require.NoError(t, err)
		_, err = s.Message()
		require.NoError(t, err)
		assert.Len(t, a.times, 3)
	})
}

// A request that was encoded once is not changed by what happens meanwhile.
func TestRetryBodyIsEncodedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		schema := json.RawMessage(`{"type":"object"}`)
		req := request
		req.Tools = []portkey.Tool{portkey.NewTool("n", "", schema)}
		a := &attempts{answers: []roundTripper{func(r *http.Request) (*http.Response, error) {
			schema[2] = 'X'
			req.Tools[0].(*portkey.CustomTool).Name = "changed"
			return status(500)(r)
		}, ok}}
		_, err := clientFor(t, a.RoundTrip, portkey.WithMaxRetries(1)).Messages.Create(context.Background(), req)
		require.NoError(t, err)
		assert.Equal(t, a.bodies[0], a.bodies[1])
		assert.Contains(t, a.bodies[1], `"input_schema":{"type":"object"}`)
	})
}
