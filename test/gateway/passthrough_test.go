package gateway_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

// everyMember is a request with all that there is, and with what has no field yet.
func everyMember(t *testing.T) portkey.MessageRequest {
	t.Helper()
	req := fullRequest()
	req.OutputConfig = &portkey.OutputConfig{Effort: portkey.EffortLow}
	req.InferenceGeo = new("us")
	req.Speed = portkey.SpeedFast
	req.CacheControl = &portkey.CacheControl{TTL: portkey.CacheTTL1h}
	req.Diagnostics = new(portkey.DiagnosticsRequest)
	for _, name := range []string{"context_management", "betas", "output_format", "user_profile_id", "fallbacks", "from_the_future"} {
		req.Extra[name] = json.RawMessage(`{"b":[1.0,{"a":null}]}`)
	}
	for field, value := range reflect.ValueOf(req).Fields() {
		if field.IsExported() && field.Name != "Stream" { // which the call sets
			require.False(t, value.IsZero(), "%s is not set: this test is to have all fields", field.Name)
		}
	}
	return req
}

// watch makes body what the client sends.
func watch(body *[]byte) portkey.RequestOption {
	return portkey.WithMiddleware(func(r *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
		var err error
		if *body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(*body))
		return next(r)
	})
}

// Of what is sent, the gateway drops on its normal route what DroppedFields names, and nothing else.
func TestDroppedFields(t *testing.T) {
	t.Parallel()
	eachCall(t, func(t *testing.T, call string, do caller) {
		host := upstream.on(t, good(call, "hi"))
		req := everyMember(t)
		dropped, err := portkey.DroppedFields(req)
		require.NoError(t, err)
		require.Subset(t, dropped, []string{"output_config", "cache_control", "speed", "context_management"})
		var sent []byte

		_, err = do(t, newClient(t, host), req, watch(&sent))
		require.NoError(t, err)

		want := recordedRequest{Body: string(sent)}.members(t)
		for _, name := range dropped {
			delete(want, name)
		}
		got := upstream.only(t, host).members(t)
		require.ElementsMatch(t, slices.Collect(maps.Keys(want)), slices.Collect(maps.Keys(got)))
		for name := range want {
			require.JSONEq(t, string(want[name]), string(got[name]), name)
		}
	})
}

// The pass-through route hands on all of the body, in its order. Numbers are written anew there too.
func TestPassthrough(t *testing.T) {
	t.Parallel()
	eachCall(t, func(t *testing.T, call string, do caller) {
		host := upstream.on(t, withHeader(rateLimitHeader, good(call, "hi")))
		var sent []byte

		info, err := do(t, newClient(t, host), everyMember(t), portkey.WithPassthrough(), portkey.WithAnthropicBeta("beta-1"), watch(&sent))
		require.NoError(t, err)

		got := upstream.only(t, host)
		require.Equal(t, strings.ReplaceAll(string(sent), "1.0", "1"), got.Body)
		require.Equal(t, "/v1/messages", strings.TrimSuffix(got.Path, "/count_tokens"))
		require.Equal(t, call == "count_tokens", strings.HasSuffix(got.Path, "/count_tokens"))
		require.Equal(t, providerKey, got.Header.Get("X-Api-Key"))
		require.Equal(t, "beta-1", got.Header.Get("Anthropic-Beta"))
		require.Equal(t, "config", info.Target)
		require.Equal(t, "anthropic", info.Provider)
		require.Equal(t, "req_upstream", info.RequestID)
	})
}

// A config is used there too, but for its guardrails.
func TestPassthroughWithConfig(t *testing.T) {
	t.Parallel()
	eachCall(t, func(t *testing.T, call string, do caller) {
		bad, ok := upstream.on(t, failing(529, "overloaded_error")), upstream.on(t, good(call, "hi"))
		config := portkey.Fallback(*target(bad, "key-1"), named("second", target(ok, "key-2")))
		config.InputGuardrails = guardrail(true)
		config.Targets[1].OverrideParams = map[string]any{"model": "claude-override", "speed": "standard"}

		info, err := do(t, newConfigClient(t, config), everyMemberAsking(t, forbidden), portkey.WithPassthrough(), portkey.WithAnthropicBeta("beta-1"))
		require.NoError(t, err)

		requireServedBy(t, info, "second", 1)
		require.Nil(t, info.HookResults)
		got := upstream.only(t, ok)
		require.Equal(t, "key-2", got.Header.Get("X-Api-Key"))
		require.Equal(t, "beta-1", got.Header.Get("Anthropic-Beta"))
		members := got.members(t)
		require.JSONEq(t, `"claude-override"`, string(members["model"]))
		require.JSONEq(t, `"standard"`, string(members["speed"]), "it overrides what the normal route drops")
		require.JSONEq(t, `{"effort":"low"}`, string(members["output_config"]))
	})
}

func everyMemberAsking(t *testing.T, text string) portkey.MessageRequest {
	t.Helper()
	req := everyMember(t)
	req.Messages = []portkey.MessageParam{portkey.UserText(text)}
	return req
}

// The provider's errors come as they are.
func TestPassthroughErrors(t *testing.T) {
	t.Parallel()
	eachCall(t, func(t *testing.T, _ string, do caller) {
		host := upstream.on(t, withHeader(http.Header{"Retry-After": {"7"}, "Request-Id": {"req_upstream"}}, failing(429, "rate_limit_error")))

		_, err := do(t, newClient(t, host), ask("hello"), portkey.WithPassthrough())

		e := requireError(t, err, portkey.ErrRateLimit)
		require.Equal(t, "failed", e.Message)
		require.Equal(t, "rate_limit_error", e.Type)
		require.Equal(t, portkey.SourceProvider, e.Source)
		require.Equal(t, "req_upstream", e.RequestID)
		require.Equal(t, "7s", e.RetryAfter.String())

		_, err = do(t, newClient(t, upstream.on(t, resetConnection)), ask("hello"), portkey.WithPassthrough())
		requireError(t, err, portkey.ErrServer)
	})
}

// Betas of a call reach each target, and a target's own win; but on the pass-through route, where the
// gateway hands on the headers of the call, those of the call do.
func TestBetasOfTargets(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]portkey.RequestOption{"normal": nil, "passthrough": {portkey.WithPassthrough()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachCall(t, func(t *testing.T, call string, do caller) {
				overloaded := failing(529, "overloaded_error")
				one, two, three := upstream.on(t, overloaded), upstream.on(t, overloaded), upstream.on(t, good(call, "hi"))
				own := target(two, "key-2")
				own.AnthropicBeta, own.AnthropicVersion = "own-beta", "own-version"
				config := portkey.Fallback(*target(one, "key-1"), *own, portkey.Fallback(*target(three, "key-3")))

				info, err := do(t, newConfigClient(t, config, portkey.WithAnthropicVersion("2026-10-21")), ask("hello"),
					append(opts, portkey.WithAnthropicBeta("beta-1", "beta-2"))...)
				require.NoError(t, err)

				requireServedBy(t, info, "", 2, 0)
				require.Equal(t, "beta-1,beta-2", info.TargetConfig.AnthropicBeta)
				ofCall, ofTarget := [2]string{"beta-1,beta-2", "2026-10-21"}, [2]string{"own-beta", "own-version"}
				if name == "passthrough" {
					ofTarget = ofCall
				}
				for host, want := range map[string][2]string{one: ofCall, two: ofTarget, three: ofCall} {
					header := upstream.only(t, host).Header
					require.Equal(t, want, [2]string{header.Get("Anthropic-Beta"), header.Get("Anthropic-Version")})
				}
				require.Empty(t, config.Targets[0].AnthropicBeta, "the caller's config is not changed")
			})
		})
	}
}
