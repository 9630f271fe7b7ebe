package portkey_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

func parseConfig(t testing.TB, text string) *portkey.Config {
	t.Helper()
	config := new(portkey.Config)
	require.NoError(t, json.Unmarshal([]byte(text), config), text)
	return config
}

// problemsOf takes the error of Validate apart: each of its parts is a Problem.
func problemsOf(t testing.TB, err error) []portkey.Problem {
	t.Helper()
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(t, ok, "%T", err)
	var problems []portkey.Problem
	for _, part := range joined.Unwrap() {
		problem, ok := errors.AsType[portkey.Problem](part)
		require.True(t, ok, "%T", part)
		problems = append(problems, problem)
	}
	return problems
}

const target = `{"provider":"anthropic","api_key":"k"}`

// conditional is a config with this query.
func conditional(query string) string {
	return `{"strategy":{"mode":"conditional","conditions":[{"query":` + query + `,"then":"t"}],"default":"t"},"targets":[{"name":"t","provider":"anthropic","api_key":"k"}]}`
}

func TestValidConfigs(t *testing.T) {
	for _, text := range []string{
		target,
		`{"provider":"ollama"}`,
		`{"provider":"triton"}`,
		`{"provider":"brand-new","api_key":"k"}`,
		`{"provider":"@team"}`,
		`{"virtual_key":"vk"}`,
		`{"prompt_id":"pp-1"}`,
		`{"cache":{"mode":"simple"}}`,
		`{"cache":{"mode":"semantic","max_age":60}}`,
		`{"retry":{"attempts":5}}`,
		`{"request_timeout":1}`,
		`{"input_guardrails":["pg-1","pg-2"]}`,
		`{"output_guardrails":[{"default.contains":{"words":["a"]}},{"default.wordCount":{}}]}`,
		`{"before_request_hooks":[{"type":"guardrail","checks":[{"id":"default.contains"}]}]}`,
		`{"after_request_hooks":[{"type":"guardrail"}]}`,
		`{"input_mutators":[{}],"cache":{"mode":"simple"}}`,
		`{"output_mutators":[{}],"cache":{"mode":"simple"}}`,
		`{"aws_access_key_id":"a","aws_secret_access_key":"s","provider":"bedrock"}`,
		`{"provider":"vertex-ai","vertex_region":"r","vertex_project_id":"p"}`,
		`{"provider":"vertex-ai","vertex_region":"r","vertex_service_account_json":{"a":"b"}}`,
		`{"provider":"azure-ai","api_key":"k","azure_auth_mode":"entra"}`,
		`{"provider":"anthropic","api_key":"k","custom_host":"http://127.0.0.1:4010/v1"}`,
		`{"provider":"anthropic","api_key":"k","custom_host":"https://a.example"}`,
		`{"strategy":{"mode":"single"},"targets":[` + target + `]}`,
		`{"strategy":{"mode":"fallback","on_status_codes":[429]},"targets":[` + target + `,` + target + `]}`,
		`{"strategy":{"mode":"loadbalance"},"targets":[{"weight":0,"provider":"anthropic","api_key":"k"},` + target + `]}`,
		`{"strategy":{"mode":"loadbalance"},"targets":[{"weight":0.001,"provider":"anthropic","api_key":"k"}]}`,
		`{"strategy":{"mode":"fallback"},"targets":[{"strategy":{"mode":"loadbalance"},"targets":[` + target + `]},` + target + `]}`,
		conditional(`{}`),
		conditional(`{"metadata.a":"bare"}`),
		conditional(`{"metadata.a":null,"params.b":1,"url.pathname":"/v1/messages"}`),
		conditional(`{"metadata.a":{"$eq":1,"$ne":2,"$gt":1,"$gte":1,"$lt":"5","$lte":9,"$in":[1],"$nin":[],"$regex":"("}}`),
		conditional(`{"$and":[{"$or":[{"metadata.a":1}]},{"params.model":{"$in":["m"]}}]}`),
	} {
		config := parseConfig(t, text)
		require.NoError(t, config.Validate(), text)
		assert.JSONEq(t, text, sentConfig(t, portkey.WithConfig(*config)))
	}
}

// Each rule, with all that a config that breaks it is told.
func TestInvalidConfigs(t *testing.T) {
	in := func(members string) string { return `{"provider":"anthropic","api_key":"k",` + members + `}` }
	strategy := func(members, targets string) string {
		return `{"strategy":{` + members + `},"targets":[` + targets + `]}`
	}
	cond := func(conditions, rest string) string {
		return strategy(`"mode":"conditional","conditions":[`+conditions+`]`+rest, `{"name":"t","provider":"anthropic","api_key":"k"}`)
	}
	then := `{"query":{"metadata.a":1},"then":"t"}`
	tests := []struct {
		config string
		want   []string // path: part of the message
	}{
		{`{}`, []string{": says nothing that the gateway acts on"}},
		{`{"provider":"anthropic"}`, []string{": says nothing"}},
		{`{"provider":"anthropic","custom_host":"http://127.0.0.1:1"}`, []string{": says nothing"}},
		{`{"api_key":"k"}`, []string{": says nothing"}},
		{`{"aws_access_key_id":"a"}`, []string{": says nothing"}},
		{`{"vertex_project_id":"a"}`, []string{": says nothing"}},
		{strategy(`"mode":"single"`, `{"provider":"anthropic"}`), []string{"targets[0]: says nothing"}},
		{in(`"options":[]`), []string{"options: is of an old kind"}},

		{in(`"provider":"Anthropic"`), []string{`provider: "Anthropic" is not in lower case`}},
		{in(`"provider":" anthropic"`), []string{`provider: " anthropic" is not in lower case`}},
		{in(`"provider":"vertex-ai"`), []string{"provider: vertex-ai wants vertex_region"}},
		{in(`"provider":"vertex-ai","vertex_region":"r"`), []string{"provider: vertex-ai wants vertex_region"}},
		{in(`"provider":"vertex-ai","vertex_project_id":"p"`), []string{"provider: vertex-ai wants vertex_region"}},
		{in(`"vertex_service_account_json":{"a":1}`), []string{"vertex_service_account_json: is not a JSON object of strings"}},
		{in(`"vertex_service_account_json":"{}"`), []string{"vertex_service_account_json: is not a JSON object of strings"}},
		{in(`"custom_host":"127.0.0.1:4010/v1"`), []string{"custom_host: is not an http or https URL"}},
		{in(`"custom_host":"ftp://a.example"`), []string{"custom_host: is not an http or https URL"}},
		{in(`"custom_host":"http:///v1"`), []string{"custom_host: is not an http or https URL"}},
		{in(`"custom_host":"http://u:hunter2@a.example"`), []string{"custom_host: has a user name"}},
		{in(`"custom_host":"http://a.example/v1?x=1"`), []string{"custom_host: has a query or a fragment"}},
		{in(`"custom_host":"http://a.example/v1?"`), []string{"custom_host: has a query or a fragment"}},
		{in(`"custom_host":"http://a.example/v1#x"`), []string{"custom_host: has a query or a fragment"}},
		{in(`"custom_host":"http://a.example/v1/"`), []string{"custom_host: ends in a slash"}},

		{in(`"targets":[` + target + `]`), []string{"targets: have no strategy"}},
		{strategy(`"mode":"single"`, ``), []string{"targets: is empty"}},
		{strategy(`"mode":"fallback"`, ``), []string{"targets: is empty"}},
		{strategy(`"mode":"loadbalance"`, ``), []string{"targets: is empty"}},
		{`{"strategy":{"mode":"fallback"}}`, []string{": says nothing", "targets: is empty"}},
		{in(`"strategy":{"mode":"fallback"}`), []string{"targets: is empty"}},
		{strategy(`"mode":"zz"`, target), []string{`strategy.mode: "zz" is not one of single, fallback, loadbalance, conditional`}},
		{strategy(`"on_status_codes":null`, target), []string{`strategy.mode: "" is not one of`}},
		{strategy(`"mode":"loadbalance"`, `{"weight":0,"provider":"anthropic","api_key":"k"}`), []string{"targets: have weights that sum to 0"}},
		{strategy(`"mode":"loadbalance"`, `{"weight":-1,"provider":"anthropic","api_key":"k"},`+target), []string{"targets: have weights that sum to 0"}},
		{strategy(`"mode":"loadbalance"`, `{"weight":-2.5,"provider":"anthropic","api_key":"k"}`), []string{"targets: have weights that sum to -2.5"}},
		{strategy(`"mode":"fallback"`, target+`,{"strategy":{"mode":"loadbalance"},"targets":[]}`), []string{"targets[1].targets: is empty"}},

		{cond(``, `,"default":"t"`), []string{"strategy.conditions: is empty"}},
		{strategy(`"mode":"conditional","default":"t"`, `{"name":"t","provider":"anthropic","api_key":"k"}`), []string{"strategy.conditions: is empty"}},
		{cond(then, ``), []string{"strategy.default: is missing"}},
		{cond(then, `,"default":"zz"`), []string{`strategy.default: "zz" is not the name of a target`}},
		{cond(then+`,{"query":{"metadata.a":1},"then":"zz"}`, `,"default":"t"`), []string{`strategy.conditions[1].then: "zz" is not the name`}},
		{cond(`{"query":{"metadata.a":1}}`, `,"default":"t"`), []string{`strategy.conditions[0].then: "" is not the name`}},
		{cond(`{"then":"t"}`, `,"default":"t"`), []string{"strategy.conditions[0].query: is missing"}},

		{conditional(`{"metadata.a.b":1}`), []string{`strategy.conditions[0].query.metadata.a.b: "metadata.a.b" does not have exactly two parts`}},
		{conditional(`{"params.messages.0":1}`), []string{`strategy.conditions[0].query.params.messages.0: "params.messages.0" does not have`}},
		{conditional(`{"metadata":1}`), []string{`strategy.conditions[0].query.metadata: "metadata" does not have`}},
		{conditional(`{"params.":1}`), []string{`strategy.conditions[0].query.params.: "params." does not have`}},
		{conditional(`{"model":1}`), []string{`strategy.conditions[0].query.model: "model" is not metadata.KEY, params.KEY or url.pathname`}},
		{conditional(`{"url.host":1}`), []string{`strategy.conditions[0].query.url.host: "url.host" is not metadata.KEY`}},
		{conditional(`{"$not":[]}`), []string{`strategy.conditions[0].query.$not: "$not" is not metadata.KEY`}},
		{conditional(`{"metadata.a":{"$exists":true}}`), []string{"strategy.conditions[0].query.metadata.a.$exists: is not an operator; there are $eq $ne $gt"}},
		{conditional(`{"metadata.a":{"eq":1}}`), []string{"strategy.conditions[0].query.metadata.a.eq: is not an operator"}},
		{conditional(`{"metadata.a":{"$and":[]}}`), []string{"strategy.conditions[0].query.metadata.a.$and: is not an operator"}},
		{conditional(`{"metadata.a":{"$in":"x"}}`), []string{"strategy.conditions[0].query.metadata.a.$in: is not a list"}},
		{conditional(`{"metadata.a":{"$nin":{}}}`), []string{"strategy.conditions[0].query.metadata.a.$nin: is not a list"}},
		{conditional(`{"metadata.a":{"$regex":5}}`), []string{"strategy.conditions[0].query.metadata.a.$regex: is not a string"}},
		{conditional(`{"$and":{}}`), []string{"strategy.conditions[0].query.$and: is not a list of queries"}},
		{conditional(`{"$or":[{"metadata.a":1},5]}`), []string{"strategy.conditions[0].query.$or[1]: is not a query"}},
		{conditional(`{"$or":[{"$and":[{"metadata.a":1},{"zz":1}]}]}`), []string{`strategy.conditions[0].query.$or[0].$and[1].zz: "zz" is not`}},

		{`{"cache":{"mode":"fast"}}`, []string{`cache.mode: "fast" is not simple or semantic`}},
		{`{"cache":{}}`, []string{`cache.mode: "" is not simple or semantic`}},
		{`{"request_timeout":-1}`, []string{"request_timeout: -1 is negative"}},
		{in(`"input_guardrails":["pg-1",{"a.b":{}}]`), []string{"input_guardrails: mixes references and inline guardrails"}},
		{in(`"output_guardrails":[{"a.b":{}},"pg-1"]`), []string{"output_guardrails: mixes references and inline guardrails"}},
		{strategy(`"mode":"single"`, `{"provider":"anthropic","api_key":"k","output_guardrails":[{"a.b":{}},"pg-1"]}`), []string{"targets[0].output_guardrails: mixes"}},
	}
	for _, tt := range tests {
		t.Run(tt.config, func(t *testing.T) {
			config := parseConfig(t, tt.config)
			problems := problemsOf(t, config.Validate())
			require.Len(t, problems, len(tt.want), "%v", problems)
			for i, want := range tt.want {
				path, message, _ := strings.Cut(want, ": ")
				if strings.HasPrefix(want, ": ") {
					path, message = "", want[2:]
					assert.NotContains(t, problems[i].Error()[:len(message)], ": ", "no path, no colon")
				} else {
					assert.Equal(t, path+": "+problems[i].Message, problems[i].Error())
				}
				assert.Equal(t, path, problems[i].Path)
				assert.True(t, strings.HasPrefix(problems[i].Message, message), "%q does not begin with %q", problems[i].Message, message)
			}
			assert.NotContains(t, config.Validate().Error(), "hunter2")
			_, err := portkey.NewClient(portkey.WithConfig(*config))
			assert.ErrorIs(t, err, portkey.ErrInvalidRequest)
			assert.ErrorContains(t, err, "WithConfig: ")
		})
	}
}

// All problems are reported at once, in the order of the config.
func TestAllProblemsAtOnce(t *testing.T) {
	err := parseConfig(t, `{"provider":"Anthropic","custom_host":"x","cache":{"mode":"x"},"request_timeout":-1,
		"strategy":{"mode":"conditional","conditions":[{"query":{"a":1,"metadata.b":{"$x":1}},"then":"c"}]},
		"targets":[{},{"strategy":{"mode":"loadbalance"},"targets":[]}]}`).Validate()
	var paths []string
	for _, p := range problemsOf(t, err) {
		paths = append(paths, p.Path)
	}
	assert.Equal(t, []string{"provider", "custom_host", "strategy.conditions[0].query.a", "strategy.conditions[0].query.metadata.b.$x",
		"strategy.conditions[0].then", "strategy.default", "cache.mode", "request_timeout", "targets[0]", "targets[1].targets"}, paths)
	assert.Len(t, strings.Split(err.Error(), "\n"), 10)
}

// What is nil is a problem where it is, and no panic.
func TestValidateNil(t *testing.T) {
	tests := map[string]*portkey.Config{
		"":           nil,
		"targets[0]": {Strategy: &portkey.Strategy{Mode: portkey.StrategyFallback}, Targets: []*portkey.Config{nil}},
		"targets[1]": {Strategy: &portkey.Strategy{Mode: portkey.StrategyLoadBalance}, Targets: []*portkey.Config{new(anthropic("k")), nil}},
		"strategy.conditions[0]": {Strategy: &portkey.Strategy{Mode: portkey.StrategyConditional, Default: "t", Conditions: []*portkey.Condition{nil}},
			Targets: []*portkey.Config{new(named("t"))}},
		"input_guardrails[0]":              {InputGuardrails: []*portkey.Guardrail{nil}},
		"output_guardrails[1]":             {OutputGuardrails: []*portkey.Guardrail{portkey.InlineGuardrail("a", 1), nil}},
		"before_request_hooks[0]":          {BeforeRequestHooks: []*portkey.Hook{nil}},
		"after_request_hooks[0].checks[0]": {AfterRequestHooks: []*portkey.Hook{{Checks: []*portkey.HookCheckConfig{nil}}}},
	}
	for path, config := range tests {
		problems := problemsOf(t, config.Validate())
		assert.Equal(t, []portkey.Problem{{Path: path, Message: "is nil"}}, problems)
		assert.NotPanics(t, func() { config.Warnings() })
	}
	account := anthropic("k")
	account.VertexServiceAccountJSON = "null"
	assert.Equal(t, []portkey.Problem{{Path: "vertex_service_account_json", Message: "is not a JSON object of strings"}}, problemsOf(t, account.Validate()))

	var literal portkey.Config
	literal.Strategy = &portkey.Strategy{Mode: portkey.StrategyConditional, Default: "t", Conditions: []*portkey.Condition{{Then: "t", Query: portkey.MetadataKey("a").Eq(func() {})}}}
	literal.Targets = []*portkey.Config{new(named("t"))}
	problems := problemsOf(t, literal.Validate())
	require.Len(t, problems, 1)
	assert.Equal(t, "strategy.conditions[0].query", problems[0].Path)
	assert.Contains(t, problems[0].Message, "func()")
}

// Weights are floats, and NaN is no sum.
func TestValidateWeights(t *testing.T) {
	config := portkey.LoadBalance(anthropic("a"), anthropic("b"))
	config.Targets[0].Weight, config.Targets[1].Weight = new(0.1), new(-0.2)
	problems := problemsOf(t, config.Validate())
	require.Len(t, problems, 1)
	assert.Equal(t, "targets", problems[0].Path)
}

// Each rule of the warnings, with the only warning that there is.
func TestConfigWarnings(t *testing.T) {
	in := func(members string) string { return `{"provider":"anthropic","api_key":"k",` + members + `}` }
	strategy := func(members, targets string) string {
		return `{"strategy":{` + members + `},"targets":[` + targets + `]}`
	}
	lb := func(members string) string { return strategy(`"mode":"loadbalance",`+members, target) }
	tests := []struct{ config, path, message string }{
		{target, "", ""},
		{`{"provider":"bedrock","api_key":"k"}`, "", ""},
		{`{"provider":"vertex-ai","vertex_region":"r","vertex_project_id":"p"}`, "", ""},
		{`{"provider":"azure-ai","api_key":"k"}`, "", ""},
		{`{"provider":"@team"}`, "provider", `"@team" is known to the hosted gateway only`},
		{`{"provider":"openai","api_key":"k"}`, "provider", `"openai" has no Messages route in the open-source gateway; these have: anthropic, bedrock, vertex-ai, azure-ai`},
		{`{"virtual_key":"vk"}`, "virtual_key", "is known to the hosted gateway only"},
		{strategy(`"mode":"single","on_status_codes":[]`, target), "strategy.on_status_codes", "is for fallback only"},
		{strategy(`"mode":"fallback","on_status_codes":[429]`, target), "", ""},
		{lb(`"sticky":{"enabled":true}`), "strategy.sticky", "is known to the hosted gateway only"},
		{lb(`"cb_config":{}`), "strategy.cb_config", "is known to the hosted gateway only"},
		{strategy(`"mode":"loadbalance"`, `{"weight":-1,"provider":"anthropic","api_key":"k"},{"weight":2,"provider":"anthropic","api_key":"k"}`), "targets[0].weight", "-1 is negative"},
		{`{"strategy":{"mode":"conditional","conditions":[{"query":{"metadata.a":1},"then":"t"}],"default":"t"},"targets":[{"name":"t","provider":"anthropic","api_key":"k"},{"name":"t","provider":"anthropic","api_key":"k"}]}`,
			"targets[1].name", `"t" stands twice`},
		{conditional(`{}`), "strategy.conditions[0].query", "is empty, and so always holds"},
		{conditional(`{"$and":[{"metadata.a":1}],"metadata.b":1}`), "strategy.conditions[0].query.$and", "stands beside other members"},
		{conditional(`{"$or":[{"metadata.a":1}],"params.b":1}`), "strategy.conditions[0].query.$or", "stands beside other members"},
		{`{"retry":{"attempts":5}}`, "", ""},
		{`{"retry":{"attempts":6}}`, "retry.attempts", "6 is more than the 5"},
		{`{"retry":{"attempts":-1}}`, "retry.attempts", "-1 is negative"},
		{strategy(`"mode":"fallback"`, target+`,{"provider":"anthropic","api_key":"k","retry":{"attempts":9}}`), "targets[1].retry.attempts", "9 is more"},
		{`{"request_timeout":0,"retry":{"attempts":1}}`, "request_timeout", "0 is no limit"},
		{`{"input_guardrails":["pg-1"]}`, "input_guardrails[0]", `"pg-1" is known to the hosted gateway only`},
		{`{"output_guardrails":[{"id":"g"}]}`, "output_guardrails[0]", "has no checks"},
		{`{"output_guardrails":[{"a.b":{},"async":true}]}`, "output_guardrails[0].async", "is not run by the open-source gateway"},
		{`{"output_guardrails":[{"a.b":{},"async":false}]}`, "", ""},
		{`{"after_request_hooks":[{"type":"guardrail","async":true}]}`, "after_request_hooks[0].async", "is not run"},
		{`{"before_request_hooks":[{"type":"guardrail","async":true}]}`, "before_request_hooks[0].async", "is not run"},
		{`{"cache":{"mode":"simple"}}`, "cache", "has no effect in the open-source gateway"},
		{in(`"cb_config":{}`), "cb_config", "has no effect"},
		{in(`"default_params":{}`), "default_params", "has no effect"},
		{in(`"drop_params":[]`), "drop_params", "has no effect"},
		{in(`"override_params":{"model":"m","temperature":1}`), "", ""},
		{in(`"override_params":{"model":"m","speed":"fast"}`), "override_params.speed", "is dropped by the open-source gateway"},
		{strategy(`"mode":"single"`, in(`"override_params":{"output_config":{}}`)), "targets[0].override_params.output_config", "is dropped"},
	}
	for _, tt := range tests {
		t.Run(tt.config, func(t *testing.T) {
			config := parseConfig(t, tt.config)
			require.NoError(t, config.Validate(), "warnings are no errors")
			warnings := config.Warnings()
			if tt.message == "" {
				assert.Empty(t, warnings)
				return
			}
			require.Len(t, warnings, 1, "%v", warnings)
			assert.Equal(t, tt.path, warnings[0].Path)
			assert.True(t, strings.HasPrefix(warnings[0].Message, tt.message), warnings[0].Message)
			assert.Equal(t, tt.path+": "+warnings[0].Message, fmt.Sprint(warnings[0]))
		})
	}
}

// Whatever a config says, it is looked at without a panic, and looking at it
// does not change it.
func FuzzConfigValidate(f *testing.F) {
	data, err := os.ReadFile(filepath.Join("testdata", "wire", "Config.json"))
	require.NoError(f, err)
	var samples map[string]json.RawMessage
	require.NoError(f, json.Unmarshal(data, &samples))
	for _, sample := range samples {
		f.Add([]byte(sample))
	}
	f.Add([]byte(exported))
	f.Add([]byte(conditional(`{"$and":[null,5,{"$or":{}}],"metadata.a":{"$in":null,"":[]},"":{},".":1}`)))
	f.Add([]byte(`{"targets":[],"strategy":{},"custom_host":"http://[::1]%zz","vertex_service_account_json":[],"override_params":{"":{}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var config portkey.Config
		if json.Unmarshal(data, &config) != nil {
			return
		}
		before, err := json.Marshal(config)
		require.NoError(t, err)
		problems := problemsOf(t, config.Validate())
		for _, p := range append(problems, config.Warnings()...) {
			require.NotEmpty(t, p.Message)
		}
		after, err := json.Marshal(config)
		require.NoError(t, err)
		require.Equal(t, string(before), string(after))
		_, err = portkey.NewClient(portkey.WithConfig(config))
		require.Equal(t, len(problems) > 0, err != nil, "WithConfig thinks the same: %v", err)
	})
}
