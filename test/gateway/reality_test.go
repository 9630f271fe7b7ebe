package gateway_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

// These tests hold Config.Validate against the gateway, so that its rules and ours cannot drift apart.

// acme is the metadata with which samples are sent: conditions are to hold, because the gateway finds
// faults only in what it looks at.
var acme = map[string]string{"tenant": "acme", "tier": "5"}

// parseConfig reads a config as if it came from Portkey's UI. HOST stands for the provider's address,
// and TARGET for a target that is in order.
func parseConfig(t testing.TB, text, host string) (string, portkey.Config) {
	t.Helper()
	text = strings.ReplaceAll(text, "TARGET", `{"name":"a","provider":"anthropic","api_key":"k","custom_host":"HOST"}`)
	text = strings.ReplaceAll(text, "HOST", host)
	var config portkey.Config
	require.NoError(t, json.Unmarshal([]byte(text), &config))
	return text, config
}

// sampleHeader is how a sample is sent without the library in between.
func sampleHeader(config string) http.Header {
	return http.Header{"X-Portkey-Config": {config}, "X-Portkey-Metadata": {toJSON(acme)}}
}

// A sample without a provider and targets gets both from the headers, as a call with such a config would.
var validConfigs = map[string]string{
	"provider":                 `TARGET`,
	"single":                   `{"strategy":{"mode":"single"},"targets":[TARGET,TARGET]}`,
	"fallback":                 `{"strategy":{"mode":"fallback"},"targets":[TARGET]}`,
	"fallback on statuses":     `{"strategy":{"mode":"fallback","on_status_codes":[429,500,529]},"targets":[TARGET,TARGET]}`,
	"fallback on no status":    `{"strategy":{"mode":"fallback","on_status_codes":[]},"targets":[TARGET]}`,
	"loadbalance":              `{"strategy":{"mode":"loadbalance"},"targets":[TARGET,TARGET]}`,
	"loadbalance by weights":   `{"strategy":{"mode":"loadbalance"},"targets":[{"weight":0,"provider":"anthropic","api_key":"k","custom_host":"HOST"},{"weight":0.25,"provider":"anthropic","api_key":"k","custom_host":"HOST"}]}`,
	"sticky and breakers":      `{"cb_config":{"failure_threshold":1},"strategy":{"mode":"loadbalance","sticky":{"enabled":true,"ttl":60,"hash_fields":["metadata.tenant"]},"cb_config":{"cooldown_interval":30000}},"targets":[TARGET]}`,
	"conditional":              `{"strategy":{"mode":"conditional","conditions":[{"query":{"metadata.tenant":"acme"},"then":"a"}],"default":"a"},"targets":[TARGET]}`,
	"empty query":              `{"strategy":{"mode":"conditional","conditions":[{"query":{},"then":"a"}],"default":"a"},"targets":[TARGET]}`,
	"same name twice":          `{"strategy":{"mode":"conditional","conditions":[{"query":{},"then":"a"}],"default":"a"},"targets":[TARGET,TARGET]}`,
	"nested":                   `{"strategy":{"mode":"fallback"},"targets":[{"strategy":{"mode":"loadbalance"},"targets":[{"strategy":{"mode":"single"},"targets":[TARGET]}]},TARGET]}`,
	"inherited":                `{"custom_host":"HOST","request_timeout":60000,"retry":{"attempts":1},"strategy":{"mode":"single"},"targets":[{"provider":"anthropic","api_key":"k"}]}`,
	"cache":                    `{"cache":{"mode":"simple"}}`,
	"semantic cache":           `{"cache":{"mode":"semantic","max_age":60}}`,
	"retry":                    `{"retry":{"attempts":5,"on_status_codes":[429],"use_retry_after_header":true}}`,
	"retry, hosted spelling":   `{"retry":{"attempts":1,"use_retry_after_headers":true}}`,
	"no retry":                 `{"retry":{"attempts":0}}`,
	"retry more than 5 times":  `{"retry":{"attempts":9}}`,
	"retry less than 0 times":  `{"retry":{"attempts":-1}}`,
	"request_timeout":          `{"request_timeout":60000}`,
	"no request_timeout":       `{"request_timeout":0,"retry":{"attempts":1}}`,
	"forward_headers":          `{"provider":"anthropic","api_key":"k","custom_host":"HOST","forward_headers":["x-a","user-agent"]}`,
	"betas":                    `{"provider":"anthropic","api_key":"k","custom_host":"HOST","anthropic_beta":"a,b","anthropic_version":"2023-06-01"}`,
	"params":                   `{"provider":"anthropic","api_key":"k","custom_host":"HOST","override_params":{"model":"m","x":{"y":[1]}},"default_params":{"top_k":1},"drop_params":["top_p"]}`,
	"strict_open_ai":           `{"provider":"anthropic","api_key":"k","custom_host":"HOST","strict_open_ai_compliance":false}`,
	"unknown member":           `{"provider":"anthropic","api_key":"k","custom_host":"HOST","future":{"a":1}}`,
	"inline guardrails":        `{"input_guardrails":[{"default.contains":{"operator":"none","words":["x"]},"deny":true,"id":"g","on_fail":{"feedback":{"value":-1}}}],"output_guardrails":[{"default.regexMatch":{"rule":"h"}}]}`,
	"guardrails by reference":  `{"input_guardrails":["pg-1","pg-2"],"output_guardrails":["pg-3"]}`,
	"guardrail without checks": `{"input_guardrails":[{}]}`,
	"unknown check":            `{"input_guardrails":[{"default.nosuchcheck":{}}]}`,
	"no dot in the check":      `{"input_guardrails":[{"contains":{"operator":"none","words":["x"]},"async":true,"sequential":true}]}`,
	"hooks":                    `{"before_request_hooks":[{"type":"guardrail","id":"h","checks":[{"id":"default.contains","parameters":{"operator":"none","words":["x"]},"is_enabled":true}],"deny":true}],"after_request_hooks":[{"type":"guardrail","checks":[]}]}`,
	"mutators":                 `{"provider":"anthropic","api_key":"k","custom_host":"HOST","input_mutators":[],"output_mutators":[]}`,
	"bedrock":                  `{"provider":"bedrock","aws_access_key_id":"a","aws_secret_access_key":"b","aws_session_token":"c","aws_region":"us-east-1","custom_host":"HOST"}`,
	"vertex-ai by project":     `{"provider":"vertex-ai","api_key":"k","vertex_project_id":"p","vertex_region":"r","custom_host":"HOST","override_params":{"model":"anthropic.claude-x"}}`,
	"azure-ai":                 `{"provider":"azure-ai","api_key":"k","azure_foundry_url":"HOST","azure_api_version":"2024-05-01"}`,
}

func TestValidConfigs(t *testing.T) {
	t.Parallel()
	for name, text := range validConfigs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := upstream.on(t, answerMessage("hi"))
			_, config := parseConfig(t, text, host)
			require.NoError(t, config.Validate())
			client := newClient(t, host)
			if config.Provider != "" || config.Targets != nil {
				client = newClient(t, "", portkey.WithProvider(""), portkey.WithProviderKey(""))
			}

			msg, err := client.Messages.Create(t.Context(), ask("hello"), portkey.WithConfig(config), portkey.WithMetadata(acme))

			if config.Provider == "bedrock" { // has another form of messages
				requireError(t, err, portkey.ErrUnexpectedResponse)
				return
			}
			require.NoError(t, err)
			require.Equal(t, 200, msg.Gateway.StatusCode)
			require.Equal(t, "hi", msg.Text())
		})
	}
}

var invalidConfigs = map[string]string{
	"nothing":                       `{}`,
	"nothing usable":                `{"override_params":{"model":"m"},"strict_open_ai_compliance":true}`,
	"no key":                        `{"provider":"anthropic","custom_host":"HOST"}`,
	"no key in a target":            `{"strategy":{"mode":"single"},"targets":[{"provider":"anthropic","custom_host":"HOST"}]}`,
	"no targets":                    `{"strategy":{"mode":"fallback"}}`,
	"no targets beside a provider":  `{"provider":"anthropic","api_key":"k","strategy":{"mode":"single"}}`,
	"no strategy":                   `{"targets":[TARGET]}`,
	"single, empty":                 `{"strategy":{"mode":"single"},"targets":[]}`,
	"conditional, empty":            `{"strategy":{"mode":"conditional","conditions":[],"default":"a"},"targets":[]}`,
	"mode":                          `{"strategy":{"mode":"random"},"targets":[TARGET]}`,
	"no mode":                       `{"strategy":{},"targets":[TARGET]}`,
	"mode of a nested target":       `{"strategy":{"mode":"fallback"},"targets":[{"strategy":{"mode":"random"},"targets":[TARGET]}]}`,
	"provider in upper case":        `{"provider":"Anthropic","api_key":"k"}`,
	"provider with a space":         `{"provider":"anthropic ","api_key":"k"}`,
	"provider of a target":          `{"strategy":{"mode":"fallback"},"targets":[TARGET,{"provider":"Anthropic","api_key":"k"}]}`,
	"no conditions":                 `{"strategy":{"mode":"conditional","default":"a"},"targets":[TARGET]}`,
	"no default":                    `{"strategy":{"mode":"conditional","conditions":[{"query":{"metadata.tenant":"other"},"then":"a"}]},"targets":[TARGET]}`,
	"unknown default":               `{"strategy":{"mode":"conditional","conditions":[{"query":{"metadata.tenant":"other"},"then":"a"}],"default":"b"},"targets":[TARGET]}`,
	"unknown then":                  `{"strategy":{"mode":"conditional","conditions":[{"query":{"metadata.tenant":"acme"},"then":"b"}],"default":"a"},"targets":[TARGET]}`,
	"no query":                      `{"strategy":{"mode":"conditional","conditions":[{"then":"a"}],"default":"a"},"targets":[TARGET]}`,
	"no then":                       `{"strategy":{"mode":"conditional","conditions":[{"query":{}}],"default":"a"},"targets":[TARGET]}`,
	"operator":                      `{"strategy":{"mode":"conditional","conditions":[{"query":{"metadata.tenant":{"$exists":true}},"then":"a"}],"default":"a"},"targets":[TARGET]}`,
	"operator, nested":              `{"strategy":{"mode":"conditional","conditions":[{"query":{"$and":[{"$or":[{"metadata.tenant":{"$like":"a"}}]}]},"then":"a"}],"default":"a"},"targets":[TARGET]}`,
	"logic in place of an operator": `{"strategy":{"mode":"conditional","conditions":[{"query":{"metadata.tenant":{"$or":[]}},"then":"a"}],"default":"a"},"targets":[TARGET]}`,
	"$not":                          `{"strategy":{"mode":"conditional","conditions":[{"query":{"$not":{"metadata.tenant":"x"}},"then":"a"}],"default":"a"},"targets":[TARGET]}`,
	"$or without a list":            `{"strategy":{"mode":"conditional","conditions":[{"query":{"$or":{"metadata.tenant":"x"}},"then":"a"}],"default":"a"},"targets":[TARGET]}`,
	"null in $and":                  `{"strategy":{"mode":"conditional","conditions":[{"query":{"$and":[null]},"then":"a"}],"default":"a"},"targets":[TARGET]}`,
	"list in place of a value":      `{"strategy":{"mode":"conditional","conditions":[{"query":{"metadata.tenant":["acme"]},"then":"a"}],"default":"a"},"targets":[TARGET]}`,
	"cache mode":                    `{"cache":{"mode":"big"}}`,
	"no cache mode":                 `{"cache":{}}`,
	"request_timeout below 0":       `{"request_timeout":-1}`,
	"nothing but no limit":          `{"request_timeout":0}`,
	"guardrails mixed":              `{"input_guardrails":["pg-1",{"default.contains":{"operator":"none","words":["x"]}}]}`,
	"output guardrails mixed":       `{"output_guardrails":[{"default.contains":{}},"pg-1"]}`,
	"nothing but mutators":          `{"input_mutators":[{}]}`,
	"check without parameters":      `{"input_guardrails":[{"default.contains":null}]}`,
	"options":                       `{"options":[],"provider":"anthropic","api_key":"k"}`,
	"host without a scheme":         `{"custom_host":"localhost","retry":{"attempts":1}}`,
	"host with another scheme":      `{"custom_host":"ftp://localhost/v1","retry":{"attempts":1}}`,
	"host with a user":              `{"custom_host":"http://user:pass@localhost/v1","retry":{"attempts":1}}`,
	"host with a bad port":          `{"custom_host":"http://localhost:99999/v1","retry":{"attempts":1}}`,
	"host of IPv6":                  `{"custom_host":"http://[::1]/v1","retry":{"attempts":1}}`,
	"vertex-ai without a region":    `{"provider":"vertex-ai","api_key":"k","vertex_project_id":"p"}`,
	"vertex-ai without a project":   `{"provider":"vertex-ai","api_key":"k","vertex_region":"r"}`,
	"service account not of text":   `{"provider":"vertex-ai","api_key":"k","vertex_region":"r","vertex_service_account_json":{"a":1}}`,
	"service account with a null":   `{"provider":"vertex-ai","api_key":"k","vertex_region":"r","vertex_service_account_json":{"a":null}}`,
	"vertex without its provider":   `{"vertex_region":"r","vertex_project_id":"p"}`,
	"azure without its provider":    `{"azure_auth_mode":"entra"}`,
	"azure-ai without a key":        `{"provider":"azure-ai","azure_foundry_url":"HOST","azure_auth_mode":"managed"}`,
	"no provider for a target":      `{"strategy":{"mode":"single"},"targets":[{"retry":{"attempts":1},"custom_host":"HOST"}]}`,
	"role without a key":            `{"provider":"bedrock","aws_auth_type":"assumedRole","aws_role_arn":"arn","aws_region":"us-east-1","custom_host":"HOST"}`,
}

func TestInvalidConfigs(t *testing.T) {
	t.Parallel()
	for name, text := range invalidConfigs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := upstream.on(t, answerMessage("not to be reached"))
			text, config := parseConfig(t, text, host)
			header := sampleHeader(text)
			if config.Provider != "" || config.Targets != nil {
				header["X-Portkey-Provider"] = nil
			}
			if config.CustomHost != "" {
				header["X-Portkey-Custom-Host"] = nil
			}

			res, body := post(t, "/v1/messages", host, hello, header)

			require.GreaterOrEqual(t, res.StatusCode, 400, body)
			if res.StatusCode != http.StatusRequestTimeout {
				require.Empty(t, upstream.requests(host))
			}
			requireInvalid(t, config)
		})
	}
}

// requireInvalid checks that a config is not even sent.
func requireInvalid(t *testing.T, config portkey.Config) {
	t.Helper()
	require.Error(t, config.Validate())
	_, err := portkey.NewClient(portkey.WithConfig(config))
	requireError(t, err, portkey.ErrInvalidRequest)
}

// What only Validate refuses: the gateway takes it, and does something else than what it says.
func TestStricterThanTheGateway(t *testing.T) {
	t.Parallel()
	conditional := func(query string) string {
		return `{"strategy":{"mode":"conditional","conditions":[{"query":` + query + `,"then":"a"}],"default":"a"},"targets":[TARGET]}`
	}
	for why, text := range map[string]string{
		"the last target without a default is not the answer to all":  `{"strategy":{"mode":"conditional","conditions":[{"query":{"metadata.tenant":"acme"},"then":"a"}]},"targets":[TARGET]}`,
		"an unknown name is found only by the calls that it serves":   `{"strategy":{"mode":"conditional","conditions":[{"query":{"metadata.tenant":"x"},"then":"b"}],"default":"a"},"targets":[TARGET]}`,
		"without conditions the default gets all":                     `{"strategy":{"mode":"conditional","conditions":[],"default":"a"},"targets":[TARGET]}`,
		"a third part of a variable is ignored":                       conditional(`{"metadata.tenant.name":"acme"}`),
		"an unknown variable never holds":                             conditional(`{"headers.x":"x"}`),
		"a variable without a key never holds":                        conditional(`{"metadata":"x"}`),
		"$in without a list never holds":                              conditional(`{"metadata.tenant":{"$in":"acme"}}`),
		"$regex of a number is its digits":                            conditional(`{"metadata.tenant":{"$regex":5}}`),
		"a text among queries is taken for a query of its characters": conditional(`{"$or":["x"]}`),
		"$and of a text is a variable":                                conditional(`{"$and":"x"}`),
		"targets without a strategy are ignored":                      `{"provider":"anthropic","api_key":"k","custom_host":"HOST","targets":[TARGET]}`,
		"a slash at the end of the host is doubled":                   `{"provider":"anthropic","api_key":"k","custom_host":"HOST/"}`,
		"a query of the host swallows the path":                       `{"provider":"anthropic","api_key":"k","custom_host":"HOST?x=1"}`,
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			host := upstream.on(t, answerMessage("hi"))
			text, config := parseConfig(t, text, host)
			header := sampleHeader(text)
			header["X-Portkey-Provider"], header["X-Portkey-Custom-Host"] = nil, nil

			res, body := post(t, "/v1/messages", "", hello, header)

			require.Equal(t, 200, res.StatusCode, body)
			requireInvalid(t, config)
		})
	}
}

// What only the hosted gateway knows is no error, so that configs for it can be sent; a warning says
// that the open-source one refuses it.
func TestHostedOnlyConfigs(t *testing.T) {
	t.Parallel()
	for text, path := range map[string]string{
		`{"virtual_key":"v"}`:                                 "virtual_key",
		`{"provider":"@team","api_key":"k"}`:                  "provider",
		`{"provider":"from-the-future","api_key":"k"}`:        "provider",
		`{"virtual_key":"v","custom_host":"http://10.0.0.1"}`: "virtual_key",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			_, config := parseConfig(t, text, "")
			require.NoError(t, config.Validate())
			warnings := config.Warnings()
			require.NotEmpty(t, warnings)
			require.Equal(t, path, warnings[0].Path)

			_, err := newClient(t, "").Messages.Create(t.Context(), ask("hello"), portkey.WithConfig(config))
			requireError(t, err, portkey.ErrInvalidRequest)
		})
	}
}
