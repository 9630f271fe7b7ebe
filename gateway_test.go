package portkey_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

// Which target served a call, and which of the config that was sent it is.
func TestGatewayTarget(t *testing.T) {
	tree := portkey.Fallback(portkey.LoadBalance(named("a"), named("b")), named("c"))
	tree.Name = "root"
	tree.Targets[0].Name = "balance"
	const header = "x-portkey-last-used-option-index"
	tests := []struct {
		values []string
		target string
		path   []int
		name   string // of TargetConfig; empty: there is none
	}{
		{[]string{"config"}, "config", nil, "root"},
		{[]string{"config.targets[0]"}, "config.targets[0]", []int{0}, "balance"},
		{[]string{"config.targets[1]"}, "config.targets[1]", []int{1}, "c"},
		{[]string{"config.targets[0].targets[1]"}, "config.targets[0].targets[1]", []int{0, 1}, "b"},
		{[]string{"config.targets[0].targets[0], config.targets[1]"}, "config.targets[1]", []int{1}, "c"},
		{[]string{"config.targets[1],config"}, "config", nil, "root"},
		{[]string{"config, config.targets[0], config.targets[1]"}, "config.targets[1]", []int{1}, "c"},
		{[]string{"config.targets[1]", "config.targets[0].targets[0]"}, "config.targets[0].targets[0]", []int{0, 0}, "a"},
		{[]string{"config.targets[2]"}, "config.targets[2]", []int{2}, ""},
		{[]string{"config.targets[1].targets[0]"}, "config.targets[1].targets[0]", []int{1, 0}, ""},
		{[]string{"config.targets[0].targets[1].targets[0].targets[5]"}, "config.targets[0].targets[1].targets[0].targets[5]", []int{0, 1, 0, 5}, ""},
		{nil, "", nil, ""},
		{[]string{""}, "", nil, ""},
		{[]string{"0"}, "0", nil, ""},
		{[]string{"targets[0]"}, "targets[0]", nil, ""},
		{[]string{"configs"}, "configs", nil, ""},
		{[]string{"config.targets[]"}, "config.targets[]", nil, ""},
		{[]string{"config.targets[x]"}, "config.targets[x]", nil, ""},
		{[]string{"config.targets[-1]"}, "config.targets[-1]", nil, ""},
		{[]string{"config.targets[0"}, "config.targets[0", nil, ""},
		{[]string{"config.targets[0]x"}, "config.targets[0]x", nil, ""},
		{[]string{"config.targets[1] "}, "config.targets[1]", []int{1}, "c"},
		{[]string{"config.other[0]"}, "config.other[0]", nil, ""},
		{[]string{"config0]"}, "config0]", nil, ""},
		{[]string{"config.targets[99999999999999999999]"}, "config.targets[99999999999999999999]", nil, ""},
	}
	for _, tt := range tests {
		var headers []string
		for _, v := range tt.values {
			headers = append(headers, header, v)
		}
		check := func(info portkey.GatewayInfo) {
			t.Helper()
			assert.Equal(t, tt.target, info.Target)
			assert.Equal(t, tt.path, info.TargetPath, "%q", tt.values)
			if tt.name == "" {
				assert.Nil(t, info.TargetConfig, "%q", tt.values)
			} else if assert.NotNil(t, info.TargetConfig, "%q", tt.values) {
				assert.Equal(t, tt.name, info.TargetConfig.Name)
			}
		}
		message, err := clientFor(t, answer(200, "application/json", okMessage, headers...), portkey.WithConfig(tree)).Messages.Create(t.Context(), request)
		require.NoError(t, err)
		check(message.Gateway)
		count, err := clientFor(t, answer(200, "application/json", `{"input_tokens":1}`, headers...)).Messages.CountTokens(t.Context(), request, portkey.WithConfig(tree))
		require.NoError(t, err)
		check(count.Gateway)
		stream, err := clientFor(t, answer(200, "text/event-stream", fullStream, headers...), portkey.WithConfig(tree)).Messages.Stream(t.Context(), request)
		require.NoError(t, err)
		check(stream.Gateway())
		streamed, err := stream.Message()
		require.NoError(t, err)
		check(streamed.Gateway)

		// Without the config there is only the path to it.
		for _, opt := range []portkey.ClientOption{portkey.WithConfigID("pc-1"), portkey.WithTraceID("t")} {
			message, err = clientFor(t, answer(200, "application/json", okMessage, headers...), opt).Messages.Create(t.Context(), request)
			require.NoError(t, err)
			assert.Equal(t, tt.path, message.Gateway.TargetPath)
			assert.Nil(t, message.Gateway.TargetConfig)
		}
	}
}

// The target is that of the config that was sent: with betas, and not the
// caller's own, nor that of another call.
func TestGatewayTargetIsOfTheCall(t *testing.T) {
	client := clientFor(t, answer(200, "application/json", okMessage, "x-portkey-last-used-option-index", "config.targets[1]"),
		portkey.WithConfig(portkey.Fallback(named("a"), named("b"))))
	mine := portkey.Fallback(named("c"), named("d"))
	message, err := client.Messages.Create(t.Context(), request, portkey.WithConfig(mine), portkey.WithAnthropicBeta("x"))
	require.NoError(t, err)
	assert.Equal(t, "d", message.Gateway.TargetConfig.Name)
	assert.Equal(t, "x", message.Gateway.TargetConfig.AnthropicBeta)
	assert.NotSame(t, mine.Targets[1], message.Gateway.TargetConfig)

	message, err = client.Messages.Create(t.Context(), request)
	require.NoError(t, err)
	assert.Equal(t, "b", message.Gateway.TargetConfig.Name)
	assert.Empty(t, message.Gateway.TargetConfig.AnthropicBeta)

	message, err = client.Messages.Create(t.Context(), request, portkey.WithConfigID(""))
	require.NoError(t, err)
	assert.Nil(t, message.Gateway.TargetConfig, "a call without a config")
}

func TestCacheStatus(t *testing.T) {
	for header, want := range map[string]portkey.CacheStatus{
		"HIT":           portkey.CacheHit,
		"MISS":          portkey.CacheMiss,
		"REFRESH":       portkey.CacheRefresh,
		"DISABLED":      portkey.CacheDisabled,
		"SEMANTIC HIT":  portkey.CacheSemanticHit,
		"SEMANTIC MISS": portkey.CacheSemanticMiss,
		"HIT, MISS":     portkey.CacheMiss,
		"BRAND NEW":     "BRAND NEW",
		"":              "",
	} {
		message, err := clientFor(t, answer(200, "application/json", okMessage, "x-portkey-cache-status", header)).Messages.Create(t.Context(), request)
		require.NoError(t, err)
		assert.Equal(t, want, message.Gateway.Cache, header)
	}
}

// How often the gateway retried, and that it gave up.
func TestGatewayRetryAttempts(t *testing.T) {
	for header, want := range map[string]int{"0": 0, "2": 2, "-1": -1, "-1, 0": 0, "0,-1": -1, "": 0, "many": 0} {
		message, err := clientFor(t, answer(200, "application/json", okMessage, "x-portkey-retry-attempt-count", header)).Messages.Create(t.Context(), request)
		require.NoError(t, err)
		assert.Equal(t, want, message.Gateway.RetryAttempts, header)
	}
}

func TestHookResultsPassed(t *testing.T) {
	var none *portkey.HookResults
	assert.True(t, none.Passed(), "no guardrail ran")
	for text, want := range map[string]bool{
		`{}`: true,
		`{"before_request_hooks":[],"after_request_hooks":null}`:                                            true,
		`{"before_request_hooks":[{"verdict":true}],"after_request_hooks":[{"verdict":true}]}`:              true,
		`{"before_request_hooks":[{"verdict":false}]}`:                                                      false,
		`{"before_request_hooks":[{"verdict":true},{"verdict":false}]}`:                                     false,
		`{"before_request_hooks":[{"verdict":true}],"after_request_hooks":[{"verdict":false,"deny":true}]}`: false,
		`{"after_request_hooks":[{"id":"a"}]}`:                                                              false,
		`{"before_request_hooks":[{"id":"a","type":"guardrail","skipped":true}]}`:                           true,
		// A check that could not be run counts as passed: the hook's verdict decides.
		`{"before_request_hooks":[{"verdict":true,"checks":[{"verdict":false,"error":{"name":"Check error","message":"m"}}]}]}`: true,
	} {
		var results portkey.HookResults
		require.NoError(t, json.Unmarshal([]byte(text), &results))
		assert.Equal(t, want, results.Passed(), text)
	}
	assert.True(t, (&portkey.HookResults{Before: []*portkey.HookResult{nil}}).Passed())

	// 246 is a success whose verdicts say no.
	message, err := clientFor(t, answer(246, "application/json", okMessage[:len(okMessage)-1]+`,"hook_results":{"before_request_hooks":[{"id":"g","verdict":false,"deny":false}]}}`)).
		Messages.Create(t.Context(), request)
	require.NoError(t, err)
	assert.Equal(t, 246, message.Gateway.StatusCode)
	assert.False(t, message.Gateway.HookResults.Passed())
	assert.Equal(t, "g", message.Gateway.HookResults.Before[0].ID)

	// 446 is an error with the verdicts.
	_, err = clientFor(t, answer(446, "application/json", `{"error":{"message":"m","type":"hooks_failed","param":null,"code":null},"hook_results":{"before_request_hooks":[{"id":"g","verdict":false,"deny":true}],"after_request_hooks":[]}}`)).
		Messages.Create(t.Context(), request)
	require.ErrorIs(t, err, portkey.ErrGuardrail)
	e, _ := errorOf(err)
	assert.False(t, e.Hooks.Passed())
	assert.True(t, e.Hooks.Before[0].Deny)
}
