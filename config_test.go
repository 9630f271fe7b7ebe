package portkey_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

const configHeader = "x-portkey-config"

// sentConfig is the config that a call with these options sends.
func sentConfig(t *testing.T, opts ...portkey.RequestOption) string {
	t.Helper()
	var r recorder
	_, err := clientFor(t, r.RoundTrip).Messages.Create(t.Context(), request, opts...)
	require.NoError(t, err)
	require.Len(t, r.request.Header.Values(configHeader), 1)
	return r.request.Header.Get(configHeader)
}

// anthropic is a target that is good for any test that does not look at it.
func anthropic(key portkey.Secret) portkey.Config {
	return portkey.Config{Provider: "anthropic", APIKey: key}
}

func named(name string) portkey.Config {
	c := anthropic("k")
	c.Name = name
	return c
}

// What the builders make, as it is sent.
func TestConfigBuilders(t *testing.T) {
	onlySome := portkey.Fallback(anthropic("a"), anthropic("b"))
	onlySome.Strategy.OnStatusCodes = []int{429, 529, 246}
	light, heavy := anthropic("l"), anthropic("h")
	light.Weight, heavy.Weight = new(0.25), new(0.0)
	pro := portkey.MetadataKey("plan").Eq("pro")

	tests := []struct {
		name   string
		config portkey.Config
		want   string
	}{
		{"fallback", portkey.Fallback(anthropic("a"), anthropic("b")),
			`{"strategy":{"mode":"fallback"},"targets":[{"provider":"anthropic","api_key":"a"},{"provider":"anthropic","api_key":"b"}]}`},
		{"fallback on some statuses", onlySome,
			`{"strategy":{"mode":"fallback","on_status_codes":[429,529,246]},"targets":[{"provider":"anthropic","api_key":"a"},{"provider":"anthropic","api_key":"b"}]}`},
		{"load balance", portkey.LoadBalance(light, heavy, anthropic("x")),
			`{"strategy":{"mode":"loadbalance"},"targets":[{"weight":0.25,"provider":"anthropic","api_key":"l"},{"weight":0,"provider":"anthropic","api_key":"h"},{"provider":"anthropic","api_key":"x"}]}`},
		{"nested", portkey.Fallback(portkey.LoadBalance(anthropic("a"), anthropic("b")), anthropic("c")),
			`{"strategy":{"mode":"fallback"},"targets":[
				{"strategy":{"mode":"loadbalance"},"targets":[{"provider":"anthropic","api_key":"a"},{"provider":"anthropic","api_key":"b"}]},
				{"provider":"anthropic","api_key":"c"}]}`},
		{"conditional, names made up", portkey.Conditional(anthropic("cheap"),
			portkey.When(pro).Then(anthropic("best")),
			portkey.When(portkey.Param("model").Matches("^claude-")).Then(anthropic("other"))),
			`{"strategy":{"mode":"conditional","conditions":[
				{"query":{"metadata.plan":{"$eq":"pro"}},"then":"target-1"},
				{"query":{"params.model":{"$regex":"^claude-"}},"then":"target-2"}],"default":"default"},
			"targets":[{"name":"target-1","provider":"anthropic","api_key":"best"},{"name":"target-2","provider":"anthropic","api_key":"other"},{"name":"default","provider":"anthropic","api_key":"cheap"}]}`},
		{"conditional, names given", portkey.Conditional(named("cheap"), portkey.When(pro).Then(named("best"))),
			`{"strategy":{"mode":"conditional","conditions":[{"query":{"metadata.plan":{"$eq":"pro"}},"then":"best"}],"default":"cheap"},
			"targets":[{"name":"best","provider":"anthropic","api_key":"k"},{"name":"cheap","provider":"anthropic","api_key":"k"}]}`},
		{"conditional to a fallback", portkey.Conditional(anthropic("d"), portkey.When(portkey.Path.Eq("/v1/messages")).Then(portkey.Fallback(anthropic("a"), anthropic("b")))),
			`{"strategy":{"mode":"conditional","conditions":[{"query":{"url.pathname":{"$eq":"/v1/messages"}},"then":"target-1"}],"default":"default"},"targets":[
				{"name":"target-1","strategy":{"mode":"fallback"},"targets":[{"provider":"anthropic","api_key":"a"},{"provider":"anthropic","api_key":"b"}]},
				{"name":"default","provider":"anthropic","api_key":"d"}]}`},
		{"guardrails", portkey.Config{
			InputGuardrails:  []*portkey.Guardrail{portkey.InlineGuardrail("default.contains", map[string]any{"operator": "none", "words": []string{"<x>"}})},
			OutputGuardrails: []*portkey.Guardrail{portkey.GuardrailRef("pg-1")}},
			`{"input_guardrails":[{"default.contains":{"operator":"none","words":["<x>"]},"deny":true}],"output_guardrails":["pg-1"]}`},
		{"guardrail, all of it", portkey.Config{InputGuardrails: []*portkey.Guardrail{{
			ID: "g", Checks: map[string]any{"a.b": true, "c.d": json.RawMessage(`{"n":1.50}`)}, Extra: map[string]json.RawMessage{"async": json.RawMessage("false"), "deny": json.RawMessage("false")}}}},
			`{"input_guardrails":[{"id":"g","a.b":true,"c.d":{"n":1.50},"async":false,"deny":false}]}`},
		{"hook", portkey.Config{BeforeRequestHooks: []*portkey.Hook{{Checks: []*portkey.HookCheckConfig{{ID: "default.contains", Parameters: map[string]any{"words": []string{"a"}}}}}}},
			`{"before_request_hooks":[{"type":"guardrail","checks":[{"id":"default.contains","parameters":{"words":["a"]}}]}]}`},
		{"parameters", portkey.Config{Provider: "anthropic", APIKey: "k",
			OverrideParams: map[string]any{"model": "m", "top_k": nil, "n": json.RawMessage(nil), "stop_sequences": []string{"ä"}, "deep": map[string]any{"x": 1.5}, "raw": json.RawMessage(`1.50`)}},
			`{"provider":"anthropic","api_key":"k","override_params":{"model":"m","top_k":null,"n":null,"stop_sequences":["ä"],"deep":{"x":1.5},"raw":1.50}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.NoError(t, tt.config.Validate())
			assert.JSONEq(t, tt.want, sentConfig(t, portkey.WithConfig(tt.config)))
		})
	}
}

// Each operator of queries.
func TestQueryBuilder(t *testing.T) {
	v := portkey.MetadataKey("k")
	tests := []struct {
		query portkey.Query
		want  string
	}{
		{v.Eq("x"), `{"metadata.k":{"$eq":"x"}}`},
		{v.Eq(true), `{"metadata.k":{"$eq":true}}`},
		{v.Ne(nil), `{"metadata.k":{"$ne":null}}`},
		{v.Gt(1), `{"metadata.k":{"$gt":1}}`},
		{v.Gte(1.5), `{"metadata.k":{"$gte":1.5}}`},
		{v.Lt("2"), `{"metadata.k":{"$lt":"2"}}`},
		{v.Lte(-1), `{"metadata.k":{"$lte":-1}}`},
		{v.In("a", 2, nil), `{"metadata.k":{"$in":["a",2,null]}}`},
		{v.NotIn("a"), `{"metadata.k":{"$nin":["a"]}}`},
		{v.Matches(`^a\d<`), `{"metadata.k":{"$regex":"^a\\d<"}}`},
		{portkey.Param("max_tokens").Gt(100), `{"params.max_tokens":{"$gt":100}}`},
		{portkey.Path.Matches("count"), `{"url.pathname":{"$regex":"count"}}`},
		{portkey.And(v.Eq(1), v.Ne(2)), `{"$and":[{"metadata.k":{"$eq":1}},{"metadata.k":{"$ne":2}}]}`},
		{portkey.Or(v.Eq(1), portkey.And(v.Eq(2), portkey.Or(v.Eq(3)))),
			`{"$or":[{"metadata.k":{"$eq":1}},{"$and":[{"metadata.k":{"$eq":2}},{"$or":[{"metadata.k":{"$eq":3}}]}]}]}`},
		{portkey.Query{"metadata.a": "bare", "params.b": portkey.Query{"$eq": 1}}, `{"metadata.a":"bare","params.b":{"$eq":1}}`},
	}
	for _, tt := range tests {
		t.Run(tt.want, func(t *testing.T) {
			sent := sentConfig(t, portkey.WithConfig(portkey.Conditional(named("d"), portkey.When(tt.query).Then(named("t")))))
			assert.JSONEq(t, `{"strategy":{"mode":"conditional","conditions":[{"query":`+tt.want+`,"then":"t"}],"default":"d"},
				"targets":[{"name":"t","provider":"anthropic","api_key":"k"},{"name":"d","provider":"anthropic","api_key":"k"}]}`, sent)
		})
	}
}

// Headers are read as Latin-1: nothing in them is anything but ASCII.
func TestConfigIsASCII(t *testing.T) {
	config := anthropic("k")
	config.Name = "Zoë 😀\x7f"
	config.OverrideParams = map[string]any{"sy\u00e9": "a\nb ☃"}
	config.InputGuardrails = []*portkey.Guardrail{portkey.InlineGuardrail("default.contains", map[string]any{"words": []string{"ß"}})}
	config.Extra = map[string]json.RawMessage{"x": json.RawMessage("{\n\t\"ü\": [1,\r\n 2]\n}")}
	assert.Equal(t, `{"name":"Zo\u00eb \ud83d\ude00\u007f","provider":"anthropic","api_key":"k","override_params":{"sy\u00e9":"a\nb \u2603"},`+
		`"input_guardrails":[{"default.contains":{"words":["\u00df"]},"deny":true}],"x":{"\u00fc":[1,2]}}`,
		sentConfig(t, portkey.WithConfig(config)))
}

// The gateways call it by different names: both are sent.
func TestConfigRetryAfterSpellings(t *testing.T) {
	for in, want := range map[string]string{
		`{"attempts":1,"use_retry_after_header":true}`:                                 `{"attempts":1,"use_retry_after_header":true,"use_retry_after_headers":true}`,
		`{"attempts":1,"use_retry_after_headers":true}`:                                `{"attempts":1,"use_retry_after_header":true,"use_retry_after_headers":true}`,
		`{"attempts":1,"use_retry_after_header":false}`:                                `{"attempts":1,"use_retry_after_header":false,"use_retry_after_headers":false}`,
		`{"attempts":1,"use_retry_after_header":false,"use_retry_after_headers":true}`: `{"attempts":1,"use_retry_after_header":false,"use_retry_after_headers":true}`,
		`{"attempts":1}`: `{"attempts":1}`,
	} {
		var config portkey.Config
		require.NoError(t, json.Unmarshal([]byte(`{"retry":`+in+`,"strategy":{"mode":"single"},"targets":[{"provider":"anthropic","api_key":"k","retry":`+in+`}]}`), &config))
		assert.JSONEq(t, `{"retry":`+want+`,"strategy":{"mode":"single"},"targets":[{"provider":"anthropic","api_key":"k","retry":`+want+`}]}`, sentConfig(t, portkey.WithConfig(config)))

		again, err := json.Marshal(config)
		require.NoError(t, err)
		assert.JSONEq(t, `{"retry":`+in+`,"strategy":{"mode":"single"},"targets":[{"provider":"anthropic","api_key":"[redacted]","retry":`+in+`}]}`, string(again), "the caller's config is as it was")
	}
}

// exported has everything that a config from Portkey's UI may, and more.
const exported = `{"strategy":{"mode":"conditional","default":"b","conditions":[
		{"query":{"$or":[{"metadata.tier":{"$in":["pro",null]}},{"params.model":{"$regex":"^@team\\/"}}]},"then":"a","note":"x"},
		{"query":{"metadata.n":1.50},"then":"b"}],
		"sticky":{"enabled":false,"hash_fields":[],"ttl":null,"zz":1},"cb_config":{"failure_threshold":5,"cooldown_interval":30000},"zz":[]},
	"targets":[
		{"name":"a","provider":"@team","weight":0,"override_params":{"model":"@team/claude","temperature":1.0,"thinking":null},"default_params":{"max_tokens":1},
			"drop_params":[],"retry":{"attempts":5,"on_status_codes":[],"use_retry_after_headers":false,"zz":null},"prompt_id":"pp-1"},
		{"name":"b","virtual_key":"vk","api_key":null,"custom_host":"","forward_headers":null,"strict_open_ai_compliance":false,"strategy":null,"targets":null,
			"input_guardrails":["pg-1","pg-2"],"output_guardrails":[{"default.contains":{"words":[]},"deny":false,"id":"g","async":true,"on_fail":{"feedback":{"value":-1}},"on_success":null}],
			"before_request_hooks":[{"type":"guardrail","id":"h","checks":[{"id":"default.wordCount","parameters":{"minWords":0},"is_enabled":false,"zz":1}],"deny":false,"async":false,"on_fail":null,"zz":{}}],
			"after_request_hooks":[],"input_mutators":[{"a.b":{}}],"output_mutators":[]}],
	"cache":{"mode":"semantic","max_age":0,"zz":true},"request_timeout":0,"metadata":{"team":"x"},"on_status_codes":[429],"deployments":null}`

func TestExportedConfigRoundTrips(t *testing.T) {
	var config portkey.Config
	require.NoError(t, json.Unmarshal([]byte(exported), &config))
	assert.JSONEq(t, strings.ReplaceAll(exported, `"virtual_key":"vk"`, `"virtual_key":"[redacted]"`), string(mustMarshal(t, config)))
	assert.JSONEq(t, strings.NewReplacer(`"use_retry_after_headers":false`, `"use_retry_after_header":false,"use_retry_after_headers":false`).Replace(exported),
		sentConfig(t, portkey.WithConfig(config)))

	b := config.Targets[1]
	assert.Equal(t, "pg-2", b.InputGuardrails[1].Ref)
	g := b.OutputGuardrails[0]
	assert.Equal(t, "g", g.ID)
	assert.False(t, g.Deny)
	assert.Equal(t, map[string]any{"default.contains": json.RawMessage(`{"words":[]}`)}, g.Checks)
	assert.Len(t, g.Extra, 4)
	assert.Equal(t, "x", text(t, config.Strategy.Conditions[0].Extra["note"]))
	assert.Equal(t, json.RawMessage(`1.0`), config.Targets[0].OverrideParams["temperature"], "numbers keep their digits")

	g.Deny = true // a field that is set wins over what had come
	assert.Equal(t, "true", string(member(t, mustMarshal(t, g), "deny")))
}

func mustMarshal(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	require.NoError(t, err)
	return data
}

func member(t *testing.T, object []byte, name string) json.RawMessage {
	t.Helper()
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(object, &members))
	return members[name]
}

func text(t *testing.T, raw json.RawMessage) (s string) {
	t.Helper()
	require.NoError(t, json.Unmarshal(raw, &s))
	return s
}

// A guardrail on its own: a string, or an object.
func TestGuardrailJSON(t *testing.T) {
	for in, want := range map[string]portkey.Guardrail{
		`"pg-1"`:                      {Ref: "pg-1"},
		`{}`:                          {},
		`{"a.b":{"x":1},"deny":true}`: {Checks: map[string]any{"a.b": json.RawMessage(`{"x":1}`)}, Deny: true},
		`{"id":7,"deny":"yes","is_enabled":false}`: {Extra: map[string]json.RawMessage{"id": json.RawMessage(`7`), "deny": json.RawMessage(`"yes"`), "is_enabled": json.RawMessage(`false`)}},
		`{"id":null,"deny":null}`:                  {Extra: map[string]json.RawMessage{"id": json.RawMessage(`null`), "deny": json.RawMessage(`null`)}},
	} {
		got := portkey.Guardrail{ID: "old"}
		require.NoError(t, json.Unmarshal([]byte(in), &got), in)
		assert.Equal(t, want, got, in)
		assert.JSONEq(t, in, string(mustMarshal(t, got)))
		assert.JSONEq(t, in, string(mustMarshal(t, &got)))
	}
	var empty portkey.Guardrail
	require.NoError(t, json.Unmarshal([]byte(`""`), &empty))
	assert.Equal(t, `""`, string(mustMarshal(t, empty)))

	old := portkey.Guardrail{ID: "old"}
	for _, bad := range []string{`5`, `[]`, `true`, `{"a":}`} {
		assert.Error(t, json.Unmarshal([]byte(bad), &old), bad)
	}
	assert.Equal(t, portkey.Guardrail{ID: "old"}, old, "a failed decode changes nothing")
	both := portkey.Guardrail{Ref: "pg-1", ID: "x", Deny: true, Checks: map[string]any{"a": 1}}
	assert.Equal(t, `"pg-1"`, string(mustMarshal(t, both)), "with a reference nothing else is sent")
}

// What the caller changes after WithConfig has no effect.
func TestWithConfigCopies(t *testing.T) {
	words := []string{"x"}
	checks := map[string]any{"default.contains": map[string]any{"words": words}}
	query := portkey.MetadataKey("a").Eq("b")
	inner := portkey.Conditional(named("d"), portkey.When(query).Then(named("t")))
	inner.Targets[0].OverrideParams = map[string]any{"stop_sequences": words}
	inner.InputGuardrails = []*portkey.Guardrail{{Checks: checks}}
	inner.Retry = &portkey.RetryConfig{Attempts: 1, OnStatusCodes: []int{500}}
	inner.Extra = map[string]json.RawMessage{"zz": json.RawMessage(`"raw"`)}
	config := portkey.Fallback(inner, named("e"))

	var r recorder
	client := clientFor(t, r.RoundTrip, portkey.WithConfig(config))
	call := func() string {
		_, err := client.Messages.Create(t.Context(), request)
		require.NoError(t, err)
		return r.request.Header.Get(configHeader)
	}
	before := call()
	assert.JSONEq(t, `{"strategy":{"mode":"fallback"},"targets":[
		{"strategy":{"mode":"conditional","conditions":[{"query":{"metadata.a":{"$eq":"b"}},"then":"t"}],"default":"d"},
			"targets":[{"name":"t","provider":"anthropic","api_key":"k","override_params":{"stop_sequences":["x"]}},{"name":"d","provider":"anthropic","api_key":"k"}],
			"retry":{"attempts":1,"on_status_codes":[500]},"input_guardrails":[{"default.contains":{"words":["x"]}}],"zz":"raw"},
		{"name":"e","provider":"anthropic","api_key":"k"}]}`, before)

	words[0] = "changed"
	checks["default.contains"] = nil
	query["metadata.a"] = "changed"
	in := config.Targets[0]
	in.Retry.Attempts, in.Retry.OnStatusCodes[0] = 9, 9
	in.Extra["zz"][1] = 'R'
	in.Targets[0].APIKey, in.Targets[0].Name = "changed", "changed"
	in.Strategy.Conditions[0].Then = "changed"
	config.Targets[1] = nil
	config.Strategy.Mode = "changed"
	assert.Equal(t, before, call())
}

// Betas go into each target with a provider, because there the gateway does
// not read them from the call.
func TestConfigBetas(t *testing.T) {
	own := anthropic("o")
	own.AnthropicBeta, own.AnthropicVersion = "own", "2020-01-01"
	hosted := portkey.Config{VirtualKey: "vk"}
	tree := portkey.Fallback(anthropic("a"), portkey.LoadBalance(own, hosted))
	const none = `{"strategy":{"mode":"fallback"},"targets":[{"provider":"anthropic","api_key":"a"},
		{"strategy":{"mode":"loadbalance"},"targets":[{"provider":"anthropic","api_key":"o","anthropic_beta":"own","anthropic_version":"2020-01-01"},{"virtual_key":"vk"}]}]}`
	with := func(members string) string {
		return `{"strategy":{"mode":"fallback"},"targets":[{"provider":"anthropic","api_key":"a",` + members + `},
			{"strategy":{"mode":"loadbalance"},"targets":[{"provider":"anthropic","api_key":"o","anthropic_beta":"own","anthropic_version":"2020-01-01"},{"virtual_key":"vk",` + members + `}]}]}`
	}
	beta, version := portkey.WithAnthropicBeta("b1", "b2"), portkey.WithAnthropicVersion("2026-10-21")
	retry := portkey.Config{Retry: &portkey.RetryConfig{Attempts: 1}}
	tests := []struct {
		name   string
		client []portkey.ClientOption
		call   []portkey.RequestOption
		want   string
	}{
		{"none", []portkey.ClientOption{portkey.WithConfig(tree)}, nil, none},
		{"of the client", []portkey.ClientOption{beta, portkey.WithConfig(tree)}, nil, with(`"anthropic_beta":"b1,b2"`)},
		{"of the client, after the config", []portkey.ClientOption{portkey.WithConfig(tree), beta}, nil, with(`"anthropic_beta":"b1,b2"`)},
		{"version", []portkey.ClientOption{portkey.WithConfig(tree), version}, nil, with(`"anthropic_version":"2026-10-21"`)},
		{"of the call", []portkey.ClientOption{portkey.WithConfig(tree), version}, []portkey.RequestOption{beta}, with(`"anthropic_beta":"b1,b2","anthropic_version":"2026-10-21"`)},
		{"the call wins", []portkey.ClientOption{portkey.WithConfig(tree), beta}, []portkey.RequestOption{portkey.WithAnthropicBeta("c")}, with(`"anthropic_beta":"c"`)},
		{"the call goes without", []portkey.ClientOption{portkey.WithConfig(tree), beta}, []portkey.RequestOption{portkey.WithAnthropicBeta()}, none},
		{"config of the call", []portkey.ClientOption{beta, portkey.WithConfig(retry)}, []portkey.RequestOption{portkey.WithConfig(tree)}, with(`"anthropic_beta":"b1,b2"`)},
		{"as a header", []portkey.ClientOption{portkey.WithConfig(tree), portkey.WithHeader("anthropic-beta", "h")}, nil, with(`"anthropic_beta":"h"`)},
		{"no provider", []portkey.ClientOption{beta, version, portkey.WithConfig(retry)}, nil, `{"retry":{"attempts":1}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var r recorder
			client := clientFor(t, r.RoundTrip, tt.client...)
			_, err := client.Messages.Create(t.Context(), request, tt.call...)
			require.NoError(t, err)
			assert.JSONEq(t, tt.want, r.request.Header.Get(configHeader))
			_, err = client.Messages.Create(t.Context(), request, portkey.WithAnthropicBeta(), portkey.WithAnthropicVersion(""), portkey.WithHeader("Anthropic-Beta", ""), portkey.WithConfig(tree))
			require.NoError(t, err)
			assert.JSONEq(t, none, r.request.Header.Get(configHeader), "nothing of a call stays")
		})
	}
	assert.Empty(t, tree.Targets[0].AnthropicBeta, "the caller's config is as it was")

	// The betas of one call are not those of the next.
	var r recorder
	client := clientFor(t, r.RoundTrip, portkey.WithConfig(tree))
	for _, b := range []string{"one", "two"} {
		_, err := client.Messages.Create(t.Context(), request, portkey.WithAnthropicBeta(b))
		require.NoError(t, err)
		assert.JSONEq(t, with(`"anthropic_beta":"`+b+`"`), r.request.Header.Get(configHeader))
	}

	// A config that Portkey keeps is not touched, and the headers are sent with any.
	client = clientFor(t, r.RoundTrip, beta)
	for want, option := range map[string]portkey.RequestOption{"pc-1": portkey.WithConfigID("pc-1"), `{"retry":{"attempts":1}}`: portkey.WithConfig(retry)} {
		_, err := client.Messages.Create(t.Context(), request, option)
		require.NoError(t, err)
		assert.Equal(t, want, r.request.Header.Get(configHeader))
		assert.Equal(t, "b1,b2", r.request.Header.Get("anthropic-beta"))
	}
}

// A gateway that is told to retry is left to it, wherever in the config it is told.
func TestConfigAsksForRetries(t *testing.T) {
	retrying := func(attempts int) portkey.Config {
		c := anthropic("k")
		c.Retry = &portkey.RetryConfig{Attempts: attempts}
		return c
	}
	tests := []struct {
		name   string
		config portkey.Config
		sent   int
	}{
		{"no", anthropic("k"), 2},
		{"zero", retrying(0), 2},
		{"at the top", retrying(1), 1},
		{"in no target", portkey.Fallback(anthropic("a"), retrying(0)), 2},
		{"in a target", portkey.Fallback(anthropic("a"), retrying(3)), 1},
		{"far within", portkey.Fallback(anthropic("a"), portkey.LoadBalance(anthropic("b"), portkey.Fallback(retrying(2)))), 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := &attempts{answers: []roundTripper{status(500), ok}}
			client := retryingClient(t, a.RoundTrip, portkey.WithConfig(tt.config), portkey.WithRetry(portkey.RetryPolicy{BaseDelay: 1}))
			_, err := client.Messages.Create(t.Context(), request)
			assert.Len(t, a.times, tt.sent)
			assert.Equal(t, tt.sent == 1, err != nil)
		})
	}
}

// What is not valid is never sent, as an option of whatever.
func TestWithConfigRefuses(t *testing.T) {
	client := clientFor(t, func(*http.Request) (*http.Response, error) {
		t.Error("a bad config was sent")
		return nil, errors.New("sent")
	})
	bad := portkey.LoadBalance()
	for want, config := range map[string]portkey.Config{
		"targets: is empty":                         bad,
		"targets[1]: is nil":                        {Strategy: &portkey.Strategy{Mode: "single"}, Targets: []*portkey.Config{new(anthropic("k")), nil}},
		"strategy.conditions[0]: is nil":            {Strategy: &portkey.Strategy{Mode: "conditional", Conditions: []*portkey.Condition{nil}}, Targets: []*portkey.Config{{}}},
		"input_guardrails[0]: is nil":               {InputGuardrails: []*portkey.Guardrail{nil}},
		"before_request_hooks[0]: is nil":           {BeforeRequestHooks: []*portkey.Hook{nil}},
		"before_request_hooks[0].checks[0]: is nil": {BeforeRequestHooks: []*portkey.Hook{{Checks: []*portkey.HookCheckConfig{nil}}}},
		"override_params.f: ":                       {Provider: "anthropic", APIKey: "k", OverrideParams: map[string]any{"f": func() {}}},
		"retry: mode":                               {Provider: "a", APIKey: "k", Extra: map[string]json.RawMessage{"retry: mode": json.RawMessage("{")}},
		"says nothing":                              {},
		"request_timeout: -1 is negative":           {Retry: &portkey.RetryConfig{}, Extra: map[string]json.RawMessage{"request_timeout": json.RawMessage("-1")}},
	} {
		_, err := client.Messages.Create(t.Context(), request, portkey.WithConfig(config))
		require.ErrorIs(t, err, portkey.ErrInvalidRequest, want)
		assert.ErrorContains(t, err, "WithConfig: ")
		assert.ErrorContains(t, err, want)
		_, err = portkey.NewClient(portkey.WithConfig(config))
		require.ErrorIs(t, err, portkey.ErrInvalidRequest, want)
		_, err = client.With(portkey.WithConfig(config))
		require.ErrorIs(t, err, portkey.ErrInvalidRequest, want)
	}
	_, err := client.Messages.Create(t.Context(), request, portkey.WithConfig(bad))
	problem, found := errors.AsType[portkey.Problem](err)
	require.True(t, found)
	assert.Equal(t, "targets", problem.Path)
}

// A value that holds itself is an error, and not the end of the process.
func TestConfigCircle(t *testing.T) {
	list := []any{nil}
	list[0] = list
	_, err := json.Marshal(portkey.Config{Provider: "anthropic", OverrideParams: map[string]any{"a": list}})
	assert.ErrorContains(t, err, "nested too deep")
}

func TestUnmarshalNil(t *testing.T) {
	assert.Error(t, (*portkey.Config)(nil).UnmarshalJSON([]byte("{}")))
}
