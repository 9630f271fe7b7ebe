package gateway_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

const forbidden = "verboten: ë 🎉"

// guardrail is an inline guardrail that a text with the forbidden words does not pass.
func guardrail(deny bool) []*portkey.Guardrail {
	g := portkey.InlineGuardrail("default.contains", map[string]any{"operator": "none", "words": []string{forbidden}})
	g.ID, g.Deny = "guard-1", deny
	return []*portkey.Guardrail{g}
}

func inputGuardrail(deny bool) portkey.ClientOption {
	return portkey.WithConfig(portkey.Config{InputGuardrails: guardrail(deny)})
}

func outputGuardrail(deny bool) portkey.ClientOption {
	return portkey.WithConfig(portkey.Config{OutputGuardrails: guardrail(deny)})
}

// requireVerdict checks the verdict of the one guardrail that ran, and whether it denied the call.
// The gateway's "deny" says the latter, not what the config has under that name.
func requireVerdict(t *testing.T, hooks []*portkey.HookResult, verdict, denied bool) {
	t.Helper()
	require.Len(t, hooks, 1)
	require.Equal(t, "guard-1", hooks[0].ID)
	require.Equal(t, "guardrail", hooks[0].Type)
	require.Equal(t, verdict, hooks[0].Verdict)
	require.Equal(t, denied, hooks[0].Deny)
	require.NotEmpty(t, hooks[0].CreatedAt)
	require.Len(t, hooks[0].Checks, 1)
	check := hooks[0].Checks[0]
	require.Equal(t, "default.contains", check.ID)
	require.Equal(t, verdict, check.Verdict)
	require.Nil(t, check.Error)
	var data struct{ FoundWords []string }
	require.NoError(t, json.Unmarshal(check.Data, &data))
	if verdict {
		require.Empty(t, data.FoundWords)
	} else {
		require.Equal(t, []string{forbidden}, data.FoundWords, "the config's words came through")
	}
}

// A guardrail that denies what was asked: 446, for a stream too, and the provider is not called.
func TestInputGuardrailDenies(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"create", "stream"} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			host := upstream.on(t, good(call, "not reached"))
			client := newClient(t, host, inputGuardrail(true), mustNotRetry(t))

			_, err := calls[call](t, client, ask("is it "+forbidden+"?"), portkey.WithTraceID(traceID))

			e := requireError(t, err, portkey.ErrGuardrail)
			require.Equal(t, 446, e.StatusCode)
			require.Equal(t, "hooks_failed", e.Type)
			require.Contains(t, e.Message, "guardrail checks defined in the config failed")
			require.Equal(t, portkey.SourceGateway, e.Source)
			require.Equal(t, traceID, e.TraceID)
			require.False(t, e.Hooks.Passed())
			requireVerdict(t, e.Hooks.Before, false, true)
			require.Empty(t, e.Hooks.After)
			require.Empty(t, upstream.requests(host))
		})
	}
}

func TestOutputGuardrailDenies(t *testing.T) {
	t.Parallel()
	host := upstream.on(t, withHeader(rateLimitHeader, answerMessage("it is "+forbidden)))

	_, err := newClient(t, host, outputGuardrail(true)).Messages.Create(t.Context(), ask("hello"))

	e := requireError(t, err, portkey.ErrGuardrail)
	require.Equal(t, 446, e.StatusCode)
	require.Equal(t, portkey.SourceGateway, e.Source)
	requireVerdict(t, e.Hooks.After, false, true)
	require.Empty(t, e.Hooks.Before)
	require.Empty(t, e.RequestID, "the gateway has lost it")
	require.Len(t, upstream.requests(host), 1)
}

// A guardrail that only warns: 246, which is a success; and 200 where it was passed.
func TestGuardrailWarns(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		option           portkey.ClientOption
		question, answer string
		status           int
		hooks            func(*portkey.HookResults) []*portkey.HookResult
	}{
		"input":         {inputGuardrail(false), forbidden, "fine", 246, before},
		"input passed":  {inputGuardrail(true), "hello", "fine", 200, before},
		"output":        {outputGuardrail(false), "hello", forbidden, 246, after},
		"output passed": {outputGuardrail(true), "hello", "fine", 200, after},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := upstream.on(t, withHeader(rateLimitHeader, answerMessage(tt.answer)))

			msg, err := newClient(t, host, tt.option).Messages.Create(t.Context(), ask(tt.question))
			require.NoError(t, err)

			require.Equal(t, tt.answer, msg.Text())
			require.Equal(t, tt.status, msg.Gateway.StatusCode)
			require.Equal(t, "req_upstream", msg.Gateway.RequestID)
			require.Same(t, msg.HookResults, msg.Gateway.HookResults)
			require.Equal(t, tt.status == 200, msg.HookResults.Passed())
			requireVerdict(t, tt.hooks(msg.HookResults), tt.status == 200, false)
		})
	}
}

func before(r *portkey.HookResults) []*portkey.HookResult { return r.Before }
func after(r *portkey.HookResults) []*portkey.HookResult  { return r.After }

// A stream has the verdicts as its first event, but only because the client asks for what OpenAI's API
// does not have.
func TestGuardrailOfStream(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		question string
		status   int
	}{
		"not passed": {forbidden, 246},
		"passed":     {"hello", 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := upstream.on(t, answerEvents(messageEvents("Hello,", " world")))
			client := newClient(t, host, inputGuardrail(false))

			stream, err := client.Messages.Stream(t.Context(), ask(tt.question))
			require.NoError(t, err)
			defer stream.Close()
			require.Equal(t, tt.status, stream.Gateway().StatusCode)
			requireVerdict(t, stream.Gateway().HookResults.Before, tt.status == 200, false)

			var events []string
			for event, err := range stream.Events() {
				require.NoError(t, err)
				if e, ok := event.(*portkey.HookResultsEvent); ok {
					requireVerdict(t, e.HookResults.Before, tt.status == 200, false)
				}
				events = append(events, eventName(event))
			}
			require.Equal(t, append([]string{"hook_results"}, messageEventNames(2)...), events)

			msg, err := stream.Message()
			require.NoError(t, err)
			require.Equal(t, "Hello, world", msg.Text())
			require.Equal(t, tt.status == 200, msg.HookResults.Passed())
			require.Equal(t, msg.HookResults, msg.Gateway.HookResults)
			require.Equal(t, "msg_upstream", msg.ID, "message_start came after the verdicts")
		})
	}

	t.Run("strict", func(t *testing.T) {
		t.Parallel()
		host := upstream.on(t, answerEvents(messageEvents("Hello")))
		client := newClient(t, host, inputGuardrail(false), portkey.WithStrictOpenAICompliance(true))

		stream, err := client.Messages.Stream(t.Context(), ask(forbidden))
		require.NoError(t, err)
		msg, err := stream.Message()
		require.NoError(t, err)
		require.Equal(t, "Hello", msg.Text())
		require.Equal(t, 246, msg.Gateway.StatusCode)
		require.Nil(t, msg.HookResults)
	})
}

// What a stream says is checked by no guardrail.
func TestOutputGuardrailOfStream(t *testing.T) {
	t.Parallel()
	for _, deny := range []bool{false, true} {
		host := upstream.on(t, answerEvents(messageEvents(forbidden)))

		msg := receive(t, newClient(t, host, outputGuardrail(deny)), true, ask("hello"))

		require.Equal(t, forbidden, msg.Text())
		require.Equal(t, 200, msg.Gateway.StatusCode)
		require.Nil(t, msg.HookResults)
	}
}

// An error has the verdicts too, whoever's it is.
func TestGuardrailAndError(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"create", "stream"} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			host := upstream.on(t, failing(529, "overloaded_error"))

			_, err := calls[call](t, newClient(t, host, inputGuardrail(false)), ask(forbidden))

			e := requireError(t, err, portkey.ErrOverloaded)
			require.Equal(t, 529, e.StatusCode)
			require.Equal(t, "failed", e.Message)
			require.Equal(t, portkey.SourceProvider, e.Source)
			requireVerdict(t, e.Hooks.Before, false, false)
		})
	}
}

// A check that cannot be run lets the call pass, and says so.
func TestGuardrailThatCannotRun(t *testing.T) {
	t.Parallel()
	host := upstream.on(t, answerMessage("fine"))
	config := portkey.Config{InputGuardrails: []*portkey.Guardrail{portkey.InlineGuardrail("default.nosuchcheck", map[string]any{})}}

	msg, err := newClient(t, host, portkey.WithConfig(config)).Messages.Create(t.Context(), ask("hello"))
	require.NoError(t, err)

	require.Equal(t, 200, msg.Gateway.StatusCode)
	require.True(t, msg.HookResults.Passed())
	check := msg.HookResults.Before[0].Checks[0]
	require.False(t, check.Verdict)
	require.Equal(t, "Check error", check.Error.Name)
	require.NotEmpty(t, check.Error.Message)
}

// The gateway does not guard count_tokens, though the config says so.
func TestGuardrailDoesNotCount(t *testing.T) {
	t.Parallel()
	host := upstream.on(t, answerCount(42))

	count, err := newClient(t, host, inputGuardrail(true)).Messages.CountTokens(t.Context(), ask(forbidden))
	require.NoError(t, err)
	require.Equal(t, 42, count.InputTokens)
}

// A denied call can fall back.
func TestGuardrailFallsBack(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"create", "stream"} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			guarded := target(upstream.on(t, good(call, "guarded")), "key-1")
			guarded.InputGuardrails = guardrail(true)
			host := upstream.on(t, good(call, "open"))
			config := strategy(portkey.StrategyFallback, guarded, target(host, "key-2"))

			info, err := calls[call](t, newConfigClient(t, config), ask(forbidden))
			require.NoError(t, err)
			requireServedBy(t, info, "", 1)
			require.Len(t, upstream.requests(host), 1)
		})
	}
}

// A guardrail that only warns is a success: a fallback goes on after it where the config names 246.
func TestGuardrailWarningFallsBack(t *testing.T) {
	t.Parallel()
	guarded := target(upstream.on(t, answerMessage("it is "+forbidden)), "key-1")
	guarded.OutputGuardrails = guardrail(false)
	config := portkey.Fallback(*guarded, *target(upstream.on(t, answerMessage("fine")), "key-2"))

	msg, err := newConfigClient(t, config).Messages.Create(t.Context(), ask("hello"))
	require.NoError(t, err)
	requireServedBy(t, msg.Gateway, "", 0)
	require.Equal(t, 246, msg.Gateway.StatusCode)
	require.False(t, msg.Gateway.HookResults.Passed())

	config.Strategy.OnStatusCodes = []int{246}
	msg, err = newConfigClient(t, config).Messages.Create(t.Context(), ask("hello"))
	require.NoError(t, err)
	requireServedBy(t, msg.Gateway, "", 1)
	require.Equal(t, "fine", msg.Text())
	require.Equal(t, 200, msg.Gateway.StatusCode)
	require.True(t, msg.Gateway.HookResults.Passed())
}

// The long form of a guardrail, and references, which the open-source gateway does not enforce.
func TestGuardrailForms(t *testing.T) {
	t.Parallel()
	hook := func(enabled bool) []*portkey.Hook {
		return []*portkey.Hook{{ID: "guard-1", Deny: true, Checks: []*portkey.HookCheckConfig{{
			ID: "default.contains", IsEnabled: new(enabled),
			Parameters: map[string]any{"operator": "none", "words": []string{forbidden}},
		}}}}
	}
	host := upstream.on(t, answerMessage("fine"))
	create := func(config portkey.Config) (*portkey.Message, error) {
		return newClient(t, host, portkey.WithConfig(config)).Messages.Create(t.Context(), ask(forbidden))
	}

	_, err := create(portkey.Config{BeforeRequestHooks: hook(true)})
	requireVerdict(t, requireError(t, err, portkey.ErrGuardrail).Hooks.Before, false, true)

	byReference := portkey.Config{InputGuardrails: []*portkey.Guardrail{portkey.GuardrailRef("pg-1")}}
	require.Len(t, byReference.Warnings(), 1)
	msg, err := create(byReference)
	require.NoError(t, err)
	require.True(t, msg.HookResults.Passed())
	require.NotEmpty(t, msg.HookResults.Before[0].Checks)
}

// Guardrails of a header are run beside those of the config.
func TestDefaultGuardrails(t *testing.T) {
	t.Parallel()
	harmless := portkey.InlineGuardrail("default.contains", map[string]any{"operator": "none", "words": []string{"harmless"}})
	for name, tt := range map[string]struct {
		option portkey.ClientOption
		config portkey.Config
		denied bool
	}{
		"input":               {portkey.WithDefaultInputGuardrails(guardrail(true)...), portkey.Config{}, true},
		"output":              {portkey.WithDefaultOutputGuardrails(guardrail(true)...), portkey.Config{}, true},
		"beside another's":    {portkey.WithDefaultInputGuardrails(guardrail(true)...), portkey.Config{OutputGuardrails: []*portkey.Guardrail{harmless}}, true},
		"beside the config's": {portkey.WithDefaultInputGuardrails(guardrail(true)...), portkey.Config{InputGuardrails: []*portkey.Guardrail{harmless}}, true},
		"only a warning":      {portkey.WithDefaultInputGuardrails(guardrail(false)...), portkey.Config{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.config.Retry = new(portkey.RetryConfig)
			client := newClient(t, upstream.on(t, answerMessage("it is "+forbidden)), tt.option, portkey.WithConfig(tt.config))
			msg, err := client.Messages.Create(t.Context(), ask(forbidden))
			if tt.denied {
				e := requireError(t, err, portkey.ErrGuardrail)
				require.False(t, e.Hooks.Passed())
				return
			}
			require.NoError(t, err)
			require.Equal(t, name == "only a warning", msg.Gateway.StatusCode == 246)
		})
	}
}
