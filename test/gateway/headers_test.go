package gateway_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

// What a call's options make of the headers that the provider gets. The gateway hands on few.
func TestHeadersThatArrive(t *testing.T) {
	t.Parallel()
	inConfig := func(c portkey.Config) portkey.RequestOption {
		c.Provider, c.APIKey = "anthropic", "config-key"
		return portkey.WithConfig(c)
	}
	beta := portkey.WithAnthropicBeta("beta-1", "beta-2")
	for name, tt := range map[string]struct {
		options []portkey.RequestOption
		want    map[string]string
	}{
		"defaults": {nil, map[string]string{
			"X-Api-Key": providerKey, "Authorization": "", "Anthropic-Version": "2023-06-01",
			"Anthropic-Beta": "messages-2023-12-15", "User-Agent": "node", "X-Portkey-Trace-Id": "",
			"Content-Type": "application/json",
		}},
		"another key": {[]portkey.RequestOption{portkey.WithProviderKey("other-key")}, map[string]string{"X-Api-Key": "other-key"}},
		"no key":      {[]portkey.RequestOption{portkey.WithProviderKey("")}, map[string]string{"X-Api-Key": ""}},
		"beta":        {[]portkey.RequestOption{beta}, map[string]string{"Anthropic-Beta": "beta-1,beta-2"}},
		"version":     {[]portkey.RequestOption{portkey.WithAnthropicVersion("2026-10-21")}, map[string]string{"Anthropic-Version": "2026-10-21"}},
		"forwarded": {
			[]portkey.RequestOption{
				portkey.WithHeader("X-Custom", "custom value"), portkey.WithHeader("X-Other", "not named"),
				portkey.WithTraceID(traceID), portkey.WithForwardHeaders("x-custom", "User-Agent", "X-Portkey-Trace-Id"),
			},
			map[string]string{
				"X-Custom": "custom value", "X-Other": "", "X-Portkey-Trace-Id": traceID,
				"User-Agent": "portkey-go/" + portkey.Version,
			},
		},
		"not forwarded": {[]portkey.RequestOption{portkey.WithHeader("X-Custom", "custom value")}, map[string]string{"X-Custom": ""}},

		// With a provider in the config the gateway takes nothing of these from the call: the client puts
		// betas and version into the config.
		"config": {[]portkey.RequestOption{inConfig(portkey.Config{})}, map[string]string{
			"X-Api-Key": "config-key", "Anthropic-Beta": "messages-2023-12-15", "Anthropic-Version": "2023-06-01",
		}},
		"beta beside a config": {
			[]portkey.RequestOption{beta, portkey.WithAnthropicVersion("2026-10-21"), inConfig(portkey.Config{})},
			map[string]string{"Anthropic-Beta": "beta-1,beta-2", "Anthropic-Version": "2026-10-21"},
		},
		"beta in the config": {
			[]portkey.RequestOption{beta, inConfig(portkey.Config{AnthropicBeta: "beta-3", AnthropicVersion: "2026-10-21"})},
			map[string]string{"Anthropic-Beta": "beta-3", "Anthropic-Version": "2026-10-21"},
		},
		"beta forwarded by the config": {
			[]portkey.RequestOption{beta, inConfig(portkey.Config{ForwardHeaders: []string{"anthropic-beta"}})},
			map[string]string{"Anthropic-Beta": "beta-1,beta-2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachCall(t, func(t *testing.T, call string, do caller) {
				host := upstream.on(t, good(call, "hi"))

				_, err := do(t, newClient(t, host), ask("hello"), tt.options...)
				require.NoError(t, err)

				got := upstream.only(t, host)
				for name, value := range tt.want {
					require.Equal(t, value, got.Header.Get(name), name)
				}
			})
		})
	}
}

// Portkey's own headers stay with the gateway: none of them, nor the keys in them, reaches the provider.
func TestPortkeyHeadersDoNotArrive(t *testing.T) {
	t.Parallel()
	host := upstream.on(t, echo)
	client := newClient(t, host, portkey.WithAPIKey("portkey-secret"), portkey.WithMetadata(map[string]string{"_user": "portkey-secret"}))

	_, err := client.Messages.Create(t.Context(), ask("hello"), portkey.WithQuery(url.Values{"key": {"portkey-secret"}}))
	require.NoError(t, err)

	got := upstream.only(t, host)
	require.NotContains(t, toJSON(got), "portkey-secret")
	for name := range got.Header {
		require.NotContains(t, name, "X-Portkey")
	}
}

// A slash at the end of the custom host would be doubled, and a base URL may or may not end in /v1.
func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, base := range []string{gatewayURL, gatewayURL + "/", gatewayURL + "/v1", gatewayURL + "/v1/"} {
		for _, end := range []string{"", "/"} {
			host := upstream.on(t, echo)
			client := newClient(t, host+end, portkey.WithBaseURL(base))
			require.Equal(t, gatewayURL+"/v1", client.BaseURL())

			_, err := client.Messages.Create(t.Context(), ask("hello"))
			require.NoError(t, err)
			require.Equal(t, "/v1/messages", upstream.only(t, host).Path)
		}
	}
}

// The environment says where the gateway is, and which provider to use.
func TestEnvironment(t *testing.T) {
	t.Setenv("PORTKEY_BASE_URL", gatewayURL)
	t.Setenv("PORTKEY_PROVIDER", "anthropic")
	t.Setenv("PORTKEY_API_KEY", "portkey-key")
	t.Setenv("ANTHROPIC_API_KEY", "not-to-be-read")
	client, err := portkey.NewClient()
	require.NoError(t, err)
	host := upstream.on(t, echo)

	_, err = client.Messages.Create(t.Context(), ask("hello"), portkey.WithCustomHost(host))
	require.NoError(t, err)
	require.Empty(t, upstream.only(t, host).Header.Get("X-Api-Key"))
}

func TestTraceID(t *testing.T) {
	t.Parallel()
	host := upstream.on(t, answerMessage("hi"))
	client := newClient(t, host, portkey.WithForwardHeaders("X-Portkey-Trace-Id"))
	seen := map[string]bool{}
	trace := func(opts ...portkey.RequestOption) string {
		msg, err := client.Messages.Create(t.Context(), ask("hello"), opts...)
		require.NoError(t, err)
		requests := upstream.requests(host)
		id := msg.Gateway.TraceID
		require.Equal(t, id, requests[len(requests)-1].Header.Get("X-Portkey-Trace-Id"))
		require.Equal(t, id, msg.Gateway.Header.Get("X-Portkey-Trace-Id"), "the gateway repeats it")
		return id
	}
	for range 3 {
		id := trace()
		require.NotEmpty(t, id)
		require.False(t, seen[id], "each call has its own")
		seen[id] = true
	}
	require.Equal(t, traceID, trace(portkey.WithTraceID(traceID)))
}

// What the provider says of its limits, and its id of the request, come with each kind of answer.
func TestGatewayInfo(t *testing.T) {
	t.Parallel()
	reset := func(second int) time.Time { return time.Date(2026, 1, 1, 0, 0, second, 0, time.UTC) }
	eachCall(t, func(t *testing.T, call string, do caller) {
		host := upstream.on(t, withHeader(rateLimitHeader, good(call, "hi")))

		info, err := do(t, newClient(t, host), ask("hello"), portkey.WithTraceID(traceID))
		require.NoError(t, err)

		require.Equal(t, "org_upstream", info.Header.Get("Anthropic-Organization-Id"))
		info.Header = nil
		require.Equal(t, portkey.GatewayInfo{
			StatusCode: 200,
			TraceID:    traceID,
			RequestID:  "req_upstream",
			Provider:   "anthropic",
			Cache:      portkey.CacheDisabled,
			Attempts:   1,
			Target:     "config",
			RateLimit: portkey.RateLimit{
				Requests:     portkey.Limit{Limit: 50, Remaining: 49, Reset: reset(0)},
				InputTokens:  portkey.Limit{Limit: 30000, Remaining: 29990, Reset: reset(1)},
				OutputTokens: portkey.Limit{Limit: 8000, Remaining: 7995, Reset: reset(2)},
			},
		}, info)
	})
}

// Any 2xx is a success.
func TestOtherSuccess(t *testing.T) {
	t.Parallel()
	host := upstream.on(t, answer(http.StatusCreated, messageBody("created")))

	msg, err := newClient(t, host).Messages.Create(t.Context(), ask("hello"))
	require.NoError(t, err)
	require.Equal(t, "created", msg.Text())
	require.Equal(t, 201, msg.Gateway.StatusCode)
}

// The headers of a call may not be more than the gateway reads; right below that they arrive.
func TestHeadersTooLarge(t *testing.T) {
	t.Parallel()
	long := func(n int) portkey.RequestOption { return portkey.WithHeader("X-Long", strings.Repeat("x", n)) }
	eachCall(t, func(t *testing.T, call string, do caller) {
		host := upstream.on(t, good(call, "hi"))
		client := newClient(t, host, portkey.WithForwardHeaders("X-Long"))

		_, err := do(t, client, ask("hello"), long(14<<10))
		require.NoError(t, err)
		require.Len(t, upstream.only(t, host).Header.Get("X-Long"), 14<<10)

		_, err = do(t, client, ask("hello"), long(16<<10))
		e := requireError(t, err, portkey.ErrRequestTooLarge)
		require.Equal(t, portkey.SourceClient, e.Source)
		require.Len(t, upstream.requests(host), 1)
	})
}
