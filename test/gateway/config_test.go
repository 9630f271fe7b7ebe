package gateway_test

import (
	"encoding/json"
	"net/http"
	"testing"

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

func failing(status int, typ string) http.HandlerFunc {
	return answer(status, errorBody(typ, "failed"))
}

func TestFallback(t *testing.T) {
	t.Parallel()
	overloaded := failing(529, "overloaded_error")
	for name, first := range map[string]http.HandlerFunc{
		"overloaded": overloaded,
		"400":        failing(400, "invalid_request_error"),
		"reset":      resetConnection,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachCall(t, func(t *testing.T, call string, do caller) {
				one, two := upstream.on(t, first), upstream.on(t, good(call, "second"))
				config := strategy(portkey.StrategyFallback, target(one, "key-1"), target(two, "key-2"))

				info, err := do(t, newConfigClient(t, config), ask("hello"))
				require.NoError(t, err)

				require.Equal(t, "config.targets[1]", info.Target)
				require.Equal(t, "anthropic", info.Provider)
				require.Equal(t, 200, info.StatusCode)
				require.Equal(t, "key-1", upstream.only(t, one).Header.Get("X-Api-Key"))
				require.Equal(t, "key-2", upstream.only(t, two).Header.Get("X-Api-Key"))
				require.Equal(t, upstream.only(t, one).Body, upstream.only(t, two).Body)
			})
		})
	}

	t.Run("not this status", func(t *testing.T) {
		t.Parallel()
		eachCall(t, func(t *testing.T, call string, do caller) {
			one, two := upstream.on(t, failing(500, "api_error")), upstream.on(t, good(call, "second"))
			config := strategy(portkey.StrategyFallback, target(one, "key-1"), target(two, "key-2"))
			config.Strategy.OnStatusCodes = []int{429}

			_, err := do(t, newConfigClient(t, config), ask("hello"))

			e := requireError(t, err, portkey.ErrServer)
			require.Equal(t, "config.targets[0]", e.Header.Get("X-Portkey-Last-Used-Option-Index"))
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
			require.Equal(t, "config.targets[1]", e.Header.Get("X-Portkey-Last-Used-Option-Index"))
		})
	})

	t.Run("nested", func(t *testing.T) {
		t.Parallel()
		eachCall(t, func(t *testing.T, call string, do caller) {
			bad, last := upstream.on(t, overloaded), upstream.on(t, good(call, "last"))
			inner := strategy(portkey.StrategyFallback, target(bad, "key-2"), target(last, "key-3"))
			config := strategy(portkey.StrategyFallback, target(bad, "key-1"), &inner)

			info, err := do(t, newConfigClient(t, config), ask("hello"))
			require.NoError(t, err)
			require.Equal(t, "config.targets[1].targets[1]", info.Target)
		})
	})
}

func TestLoadBalance(t *testing.T) {
	t.Parallel()
	t.Run("weight", func(t *testing.T) {
		t.Parallel()
		eachCall(t, func(t *testing.T, call string, do caller) {
			one, two := upstream.on(t, good(call, "never")), upstream.on(t, good(call, "always"))
			client := newConfigClient(t, strategy(portkey.StrategyLoadBalance,
				weighted(0, target(one, "key-1")), weighted(1, target(two, "key-2"))))
			for range 8 {
				info, err := do(t, client, ask("hello"))
				require.NoError(t, err)
				require.Equal(t, "config.targets[1]", info.Target)
			}
			require.Empty(t, upstream.requests(one), "a weight of 0 is sent, and is not no weight")
		})
	})

	t.Run("both", func(t *testing.T) {
		t.Parallel()
		hosts := map[string]string{
			"config.targets[0]": upstream.on(t, answerMessage("first")),
			"config.targets[1]": upstream.on(t, answerMessage("second")),
		}
		client := newConfigClient(t, strategy(portkey.StrategyLoadBalance,
			target(hosts["config.targets[0]"], "key-1"), target(hosts["config.targets[1]"], "key-2")))
		served := map[string]int{}
		for range 64 { // that one of them gets none has the probability of 2 to the power of -63
			msg, err := client.Messages.Create(t.Context(), ask("hello"))
			require.NoError(t, err)
			served[msg.Gateway.Target]++
		}
		for place, host := range hosts {
			require.NotZero(t, served[place])
			require.Len(t, upstream.requests(host), served[place])
		}
	})
}

// The gateway chooses by metadata. It reads headers as Latin-1, so that only what is escaped on both
// sides comes to be equal; and it could not read unescaped JSON that has broken apart.
func TestConditional(t *testing.T) {
	t.Parallel()
	const tenant = "Zoë \"日本\" 🎉 \\ <&>\n\u2028\x7f"
	eachCall(t, func(t *testing.T, call string, do caller) {
		other, own := upstream.on(t, good(call, "other")), upstream.on(t, good(call, "own"))
		config := strategy(portkey.StrategyConditional, target(other, "key-1"), target(own, "clé-2"))
		config.Targets[0].Name, config.Targets[1].Name = "übrige", "Zoë 🎉"
		config.Strategy.Default = "übrige"
		config.Strategy.Conditions = []*portkey.Condition{{
			Query: portkey.MetadataKey("tenant").Eq(tenant),
			Then:  "Zoë 🎉",
		}}
		client := newConfigClient(t, config)

		info, err := do(t, client, ask("hello"), portkey.WithMetadata(map[string]string{"tenant": tenant, "_user": "élan"}))
		require.NoError(t, err)
		require.Equal(t, "config.targets[1]", info.Target)

		for _, opts := range [][]portkey.RequestOption{nil, {portkey.WithMetadata(map[string]string{"tenant": "Zoe"})}} {
			info, err = do(t, client, ask("hello"), opts...)
			require.NoError(t, err)
			require.Equal(t, "config.targets[0]", info.Target)
		}
		require.Len(t, upstream.requests(own), 1)
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
