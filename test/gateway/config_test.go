package gateway_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

// target is a target of a config: the gateway takes it only with a provider and a key.
func target(host, key string) *portkey.Config {
	return &portkey.Config{Provider: "anthropic", APIKey: portkey.Secret(key), CustomHost: host}
}

func weighted(weight float64, t *portkey.Config) *portkey.Config {
	t.Weight = &weight
	return t
}

func strategy(mode portkey.StrategyMode, targets ...*portkey.Config) portkey.Config {
	return portkey.Config{Strategy: &portkey.Strategy{Mode: mode}, Targets: targets}
}

// newConfigClient is newClient for calls whose config says all that the gateway needs.
func newConfigClient(t testing.TB, config portkey.Config, opts ...portkey.ClientOption) *portkey.Client {
	t.Helper()
	return newClient(t, "", append(opts, portkey.WithProvider(""), portkey.WithProviderKey(""), portkey.WithConfig(config))...)
}

// requireServedBy checks which target served a call: its place in the config, and what it is called there.
func requireServedBy(t testing.TB, info portkey.GatewayInfo, name string, path ...int) {
	t.Helper()
	require.Equal(t, path, info.TargetPath)
	require.NotNil(t, info.TargetConfig)
	require.Equal(t, name, info.TargetConfig.Name)
	require.Equal(t, "anthropic", info.TargetConfig.Provider)
}

func failing(status int, typ string) http.HandlerFunc {
	return answer(status, errorBody(typ, "failed"))
}

func TestFallback(t *testing.T) {
	t.Parallel()
	overloaded := failing(529, "overloaded_error")
	for name, first := range map[string]http.HandlerFunc{
		"500":   failing(500, "api_error"),
		"529":   overloaded,
		"400":   failing(400, "invalid_request_error"),
		"reset": resetConnection,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachCall(t, func(t *testing.T, call string, do caller) {
				one, two := upstream.on(t, first), upstream.on(t, good(call, "second"))
				first, second := target(one, "key-1"), target(two, "key-2")
				first.Name, second.Name = "first", "second"
				config := portkey.Fallback(*first, *second)

				info, err := do(t, newConfigClient(t, config), ask("hello"))
				require.NoError(t, err)

				requireServedBy(t, info, "second", 1)
				require.Equal(t, "config.targets[1]", info.Target)
				require.Equal(t, two, info.TargetConfig.CustomHost)
				require.Equal(t, "anthropic", info.Provider)
				require.Equal(t, 200, info.StatusCode)
				require.Zero(t, info.RetryAttempts)
				require.Equal(t, 1, info.Attempts)
				require.Equal(t, "key-1", upstream.only(t, one).Header.Get("X-Api-Key"))
				require.Equal(t, "key-2", upstream.only(t, two).Header.Get("X-Api-Key"))
				require.Equal(t, upstream.only(t, one).Body, upstream.only(t, two).Body)
			})
		})
	}

	t.Run("this status", func(t *testing.T) {
		t.Parallel()
		eachCall(t, func(t *testing.T, call string, do caller) {
			one, two := upstream.on(t, overloaded), upstream.on(t, good(call, "second"))
			config := portkey.Fallback(*target(one, "key-1"), *target(two, "key-2"))
			config.Strategy.OnStatusCodes = []int{500, 529}

			info, err := do(t, newConfigClient(t, config), ask("hello"))
			require.NoError(t, err)
			requireServedBy(t, info, "", 1)
		})
	})

	t.Run("not this status", func(t *testing.T) {
		t.Parallel()
		eachCall(t, func(t *testing.T, call string, do caller) {
			one, two := upstream.on(t, failing(500, "api_error")), upstream.on(t, good(call, "second"))
			config := strategy(portkey.StrategyFallback, target(one, "key-1"), target(two, "key-2"))
			config.Strategy.OnStatusCodes = []int{429}

			_, err := do(t, newConfigClient(t, config), ask("hello"))

			e := requireError(t, err, portkey.ErrServer)
			require.Equal(t, "config.targets[0]", e.Target)
			require.Empty(t, upstream.requests(two))
		})
	})

	t.Run("to the end", func(t *testing.T) {
		t.Parallel()
		eachCall(t, func(t *testing.T, _ string, do caller) {
			one, two := upstream.on(t, overloaded), upstream.on(t, failing(429, "rate_limit_error"))
			config := strategy(portkey.StrategyFallback, target(one, "key-1"), target(two, "key-2"))

			_, err := do(t, newConfigClient(t, config), ask("hello"))

			e := requireError(t, err, portkey.ErrRateLimit)
			require.Equal(t, portkey.SourceProvider, e.Source)
			require.Equal(t, "config.targets[1]", e.Target)
		})
	})
}

// The gateway retries where the config, or a target of it, says so, and this client then does not.
func TestGatewayRetries(t *testing.T) {
	t.Parallel()
	tooMany := withHeader(http.Header{"Retry-After-Ms": {"20"}}, failing(429, "rate_limit_error"))
	retry := &portkey.RetryConfig{
		Attempts: 2, OnStatusCodes: []int{429}, UseRetryAfterHeader: new(true), UseRetryAfterHeaders: new(true),
	}
	ofTarget := func(host string) portkey.Config {
		one := target(host, "key-1")
		one.Retry = retry
		return strategy(portkey.StrategySingle, one)
	}
	ofConfig := func(host string) portkey.Config {
		config := strategy(portkey.StrategySingle, target(host, "key-1"))
		config.Retry = retry
		return config
	}
	for name, configOf := range map[string]func(string) portkey.Config{"config": ofConfig, "target": ofTarget} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachCall(t, func(t *testing.T, call string, do caller) {
				host := upstream.on(t, inTurn(tooMany, tooMany, good(call, "at last")))
				info, err := do(t, newConfigClient(t, configOf(host), mustNotRetry(t)), ask("hello"))
				require.NoError(t, err)
				require.Equal(t, 2, info.RetryAttempts)
				require.Equal(t, 1, info.Attempts)
				requireServedBy(t, info, "", 0)
				require.Len(t, upstream.requests(host), 3)

				host = upstream.on(t, tooMany)
				_, err = do(t, newConfigClient(t, configOf(host), mustNotRetry(t)), ask("hello"))
				e := requireError(t, err, portkey.ErrRateLimit)
				require.Equal(t, -1, e.RetryAttempts, "it gave up")
				require.Len(t, upstream.requests(host), 3)

				// A status that the config does not name is retried by neither.
				host = upstream.on(t, failing(529, "overloaded_error"))
				_, err = do(t, newConfigClient(t, configOf(host), mustNotRetry(t)), ask("hello"))
				e = requireError(t, err, portkey.ErrOverloaded)
				require.Zero(t, e.RetryAttempts)
				require.Len(t, upstream.requests(host), 1)
			})
		})
	}
}

// The gateway waits as long as the provider asks for, where its config says so in either spelling.
// Left to itself it would wait for a second, and then for two.
func TestGatewayRetriesAfter(t *testing.T) {
	t.Parallel()
	tooMany := withHeader(http.Header{"Retry-After": {"1"}}, failing(429, "rate_limit_error"))
	for name, retry := range map[string]portkey.RetryConfig{
		"open source": {Attempts: 2, UseRetryAfterHeader: new(true)},
		"hosted":      {Attempts: 2, UseRetryAfterHeaders: new(true)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := upstream.on(t, inTurn(withHeader(http.Header{"Retry-After-Ms": {"10"}}, failing(429, "rate_limit_error")), tooMany, answerMessage("at last")))
			one := target(host, "key-1")
			one.Retry = &retry
			began := time.Now()

			msg, err := newConfigClient(t, portkey.Fallback(*one), mustNotRetry(t)).Messages.Create(t.Context(), ask("hello"))
			require.NoError(t, err)

			require.Equal(t, 2, msg.Gateway.RetryAttempts)
			requireServedBy(t, msg.Gateway, "", 0)
			require.GreaterOrEqual(t, time.Since(began), time.Second)
		})
	}

	t.Run("too long", func(t *testing.T) {
		t.Parallel()
		busy := upstream.on(t, withHeader(http.Header{"Retry-After": {"90"}}, failing(429, "rate_limit_error")))
		one := target(busy, "key-1")
		one.Retry = &portkey.RetryConfig{Attempts: 2, UseRetryAfterHeader: new(true)}

		_, err := newConfigClient(t, *one, mustNotRetry(t)).Messages.Create(t.Context(), ask("hello"))
		e := requireError(t, err, portkey.ErrRateLimit)
		require.Equal(t, -1, e.RetryAttempts)
		require.Equal(t, 90*time.Second, e.RetryAfter)
		require.Len(t, upstream.requests(busy), 1)

		msg, err := newConfigClient(t, portkey.Fallback(*one, *target(upstream.on(t, answerMessage("hi")), "key-2"))).Messages.Create(t.Context(), ask("hello"))
		require.NoError(t, err)
		require.Zero(t, msg.Gateway.RetryAttempts, "it counts only the last target")
		requireServedBy(t, msg.Gateway, "", 1)
	})
}

// A target that does not begin to answer in time has had its turn.
func TestRequestTimeoutOfTarget(t *testing.T) {
	t.Parallel()
	eachCall(t, func(t *testing.T, call string, do caller) {
		slow, fast := target(upstream.on(t, hang), "key-1"), target(upstream.on(t, good(call, "hi")), "key-2")
		slow.RequestTimeout = new(50)

		info, err := do(t, newConfigClient(t, portkey.Fallback(*slow, *fast)), ask("hello"))
		require.NoError(t, err)
		requireServedBy(t, info, "", 1)

		_, err = do(t, newConfigClient(t, portkey.Fallback(*slow)), ask("hello"))
		e := requireError(t, err, portkey.ErrTimeout)
		require.Equal(t, 408, e.StatusCode)
		require.Equal(t, "config.targets[0]", e.Target)
	})
}

// A target gets what its config overrides, and what it inherits.
func TestOverrideParams(t *testing.T) {
	t.Parallel()
	host := upstream.on(t, answerMessage("hi"))
	one := target("", "key-1")
	one.OverrideParams = map[string]any{"model": "claude-override"}
	config := strategy(portkey.StrategySingle, one)
	config.CustomHost = host
	config.OverrideParams = map[string]any{"model": "not this", "top_k": 5}

	msg, err := newConfigClient(t, config).Messages.Create(t.Context(), ask("hello"))
	require.NoError(t, err)

	require.Equal(t, "config.targets[0]", msg.Gateway.Target)
	members := upstream.only(t, host).members(t)
	require.JSONEq(t, `"claude-override"`, string(members["model"]))
	require.JSONEq(t, `5`, string(members["top_k"]))
}

// A config can turn an answer into a stream and a stream into an answer. The latter does no harm.
func TestOverrideOfStream(t *testing.T) {
	t.Parallel()
	override := func(stream string) portkey.RequestOption {
		return portkey.WithConfig(portkey.Config{OverrideParams: map[string]any{"stream": json.RawMessage(stream)}, RequestTimeout: new(60000)})
	}
	asked := func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Stream bool }
		_ = json.NewDecoder(r.Body).Decode(&body)
		good(map[bool]string{true: "stream", false: "create"}[body.Stream], "hi")(w, r)
	}
	client := newClient(t, upstream.on(t, asked))

	_, err := client.Messages.Create(t.Context(), ask("hello"), override("true"))
	e := requireError(t, err, portkey.ErrUnexpectedResponse)
	require.Contains(t, e.Message, "text/event-stream")

	stream, err := client.Messages.Stream(t.Context(), ask("hello"), override("false"))
	require.NoError(t, err)
	msg, err := stream.Message()
	require.NoError(t, err)
	require.Equal(t, "hi", msg.Text())
}

// A call's config takes the place of its client's, and so does that of a client derived from another.
func TestConfigPrecedence(t *testing.T) {
	t.Parallel()
	first, second := upstream.on(t, echo), upstream.on(t, echo)
	one := *target(first, "key-1")
	two := *target(second, "key-2")
	client := newConfigClient(t, one)
	derived, err := client.With(portkey.WithConfig(two))
	require.NoError(t, err)

	_, err = client.Messages.Create(t.Context(), ask("hello"), portkey.WithConfig(two))
	require.NoError(t, err)
	_, err = derived.Messages.Create(t.Context(), ask("hello"))
	require.NoError(t, err)
	require.Empty(t, upstream.requests(first))
	require.Len(t, upstream.requests(second), 2)

	_, err = client.Messages.Create(t.Context(), ask("hello"))
	require.NoError(t, err)
	require.Equal(t, "key-1", upstream.only(t, first).Header.Get("X-Api-Key"))
}
