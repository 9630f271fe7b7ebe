package portkey_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

// okMessage is the smallest good answer.
const okMessage = `{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"ok"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}`

// recorder keeps the last request, and answers with okMessage.
type recorder struct {
	request *http.Request
	body    string
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	r.request, r.body = req, string(body)
	return response(200, "application/json", strings.NewReader(okMessage)), err
}

func TestOptionHeaders(t *testing.T) {
	tests := []struct {
		name   string
		option portkey.Option
		want   map[string]string // "" means that the header must be absent
	}{
		{"WithAPIKey", portkey.WithAPIKey("pk"), map[string]string{"x-portkey-api-key": "pk"}},
		{"WithAPIKey empty", portkey.WithAPIKey(""), map[string]string{"x-portkey-api-key": ""}},
		{"WithProvider", portkey.WithProvider("@my-anthropic"), map[string]string{"x-portkey-provider": "@my-anthropic"}},
		{"WithProviderKey", portkey.WithProviderKey("sk"), map[string]string{"authorization": "Bearer sk"}},
		{"WithProviderKey with its prefix", portkey.WithProviderKey("Bearer sk"), map[string]string{"authorization": "Bearer sk"}},
		{"WithVirtualKey", portkey.WithVirtualKey("vk"), map[string]string{"x-portkey-virtual-key": "vk"}},
		{"WithConfig", portkey.WithConfig(portkey.Config{Provider: "anthropic", APIKey: "sk-ä\n"}),
			map[string]string{"x-portkey-config": `{"provider":"anthropic","api_key":"sk-\u00e4\n"}`}},
		{"WithConfigID", portkey.WithConfigID("pc-1"), map[string]string{"x-portkey-config": "pc-1"}},
		{"WithTraceID", portkey.WithTraceID("t1"), map[string]string{"x-portkey-trace-id": "t1"}},
		{"WithSpanID", portkey.WithSpanID("s1"), map[string]string{"x-portkey-span-id": "s1"}},
		{"WithParentSpanID", portkey.WithParentSpanID("p1"), map[string]string{"x-portkey-parent-span-id": "p1"}},
		{"WithSpanName", portkey.WithSpanName("step"), map[string]string{"x-portkey-span-name": "step"}},
		{"WithMetadata", portkey.WithMetadata(map[string]string{"b": "Zoë 😀", "_user": "u<1>"}),
			map[string]string{"x-portkey-metadata": `{"_user":"u<1>","b":"Zo\u00eb \ud83d\ude00"}`}},
		{"WithMetadata nil", portkey.WithMetadata(nil), map[string]string{"x-portkey-metadata": ""}},
		{"WithCacheForceRefresh", portkey.WithCacheForceRefresh(true), map[string]string{"x-portkey-cache-force-refresh": "true"}},
		{"WithCacheForceRefresh off", portkey.WithCacheForceRefresh(false), map[string]string{"x-portkey-cache-force-refresh": ""}},
		{"WithCacheNamespace", portkey.WithCacheNamespace("ns"), map[string]string{"x-portkey-cache-namespace": "ns"}},
		{"WithCustomHost", portkey.WithCustomHost("http://127.0.0.1:4010/v1/"), map[string]string{"x-portkey-custom-host": "http://127.0.0.1:4010/v1"}},
		{"WithForwardHeaders", portkey.WithForwardHeaders("X-A", "User-Agent"), map[string]string{"x-portkey-forward-headers": "X-A,User-Agent"}},
		{"WithSensitiveHeaders", portkey.WithSensitiveHeaders("X-A", "X-B"), map[string]string{"x-portkey-sensitive-headers": "X-A,X-B"}},
		{"WithGatewayTimeout", portkey.WithGatewayTimeout(2500 * time.Millisecond), map[string]string{"x-portkey-request-timeout": "2500"}},
		{"WithGatewayTimeout none", portkey.WithGatewayTimeout(0), map[string]string{"x-portkey-request-timeout": ""}},
		{"WithStrictOpenAICompliance", portkey.WithStrictOpenAICompliance(true), map[string]string{"x-portkey-strict-open-ai-compliance": "true"}},
		{"WithStrictOpenAICompliance off", portkey.WithStrictOpenAICompliance(false), map[string]string{"x-portkey-strict-open-ai-compliance": "false"}},
		{"WithDebug", portkey.WithDebug(false), map[string]string{"x-portkey-debug": "false"}},
		{"WithPortkeyBeta", portkey.WithPortkeyBeta("a-2026-01-01", "b"), map[string]string{"x-portkey-beta": "a-2026-01-01,b"}},
		{"WithAnthropicVersion", portkey.WithAnthropicVersion("2026-10-21"),
			map[string]string{"anthropic-version": "2026-10-21", "x-portkey-anthropic-version": "2026-10-21"}},
		{"WithAnthropicBeta", portkey.WithAnthropicBeta("a", "b"),
			map[string]string{"anthropic-beta": "a,b", "x-portkey-anthropic-beta": "a,b"}},
		{"WithHeader", portkey.WithHeader("x-mine", "1"), map[string]string{"x-mine": "1"}},
		{"WithBedrock", portkey.WithBedrock(portkey.BedrockCredentials{Region: "us-east-1", AccessKeyID: "AK", SecretAccessKey: "SK", SessionToken: "ST"}),
			map[string]string{"x-portkey-aws-region": "us-east-1", "x-portkey-aws-access-key-id": "AK", "x-portkey-aws-secret-access-key": "SK",
				"x-portkey-aws-session-token": "ST", "x-portkey-aws-role-arn": "", "x-portkey-aws-auth-type": ""}},
		{"WithBedrock role", portkey.WithBedrock(portkey.BedrockCredentials{Region: "r", RoleARN: "arn:aws:iam::1:role/x", ExternalID: "e"}),
			map[string]string{"x-portkey-aws-role-arn": "arn:aws:iam::1:role/x", "x-portkey-aws-external-id": "e", "x-portkey-aws-auth-type": "assumedRole"}},
		{"WithVertex", portkey.WithVertex(portkey.VertexCredentials{Region: "us-east5", ProjectID: "p", ServiceAccountJSON: "{\n \"a\": \"ä\"\n}"}),
			map[string]string{"x-portkey-vertex-region": "us-east5", "x-portkey-vertex-project-id": "p", "x-portkey-vertex-service-account-json": `{"a":"\u00e4"}`}},
		{"WithAzureFoundry", portkey.WithAzureFoundry(portkey.AzureFoundryCredentials{URL: "https://x/anthropic", APIVersion: "v", EndpointName: "n", ADToken: "t",
			AuthMode: "entra", EntraClientID: "ci", EntraClientSecret: "cs", EntraTenantID: "ti", EntraScope: "sc", ManagedClientID: "mi"}),
			map[string]string{"x-portkey-azure-foundry-url": "https://x/anthropic", "x-portkey-azure-api-version": "v", "x-portkey-azure-endpoint-name": "n",
				"x-portkey-azure-ad-token": "t", "x-portkey-azure-auth-mode": "entra", "x-portkey-azure-entra-client-id": "ci", "x-portkey-azure-entra-client-secret": "cs",
				"x-portkey-azure-entra-tenant-id": "ti", "x-portkey-azure-entra-scope": "sc", "x-portkey-azure-managed-client-id": "mi"}},
	}
	check := func(t *testing.T, r *recorder, want map[string]string) {
		t.Helper()
		for name, value := range want {
			values := r.request.Header.Values(name)
			if value == "" {
				assert.Empty(t, values, name)
			} else {
				assert.Equal(t, []string{value}, values, name)
			}
		}
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var r recorder
			_, err := clientFor(t, r.RoundTrip, tt.option).Messages.Create(t.Context(), request)
			require.NoError(t, err, "as a default of the client")
			check(t, &r, tt.want)

			_, err = clientFor(t, r.RoundTrip).Messages.Create(t.Context(), request, tt.option)
			require.NoError(t, err, "in the call")
			check(t, &r, tt.want)

			derived, err := clientFor(t, r.RoundTrip).With(tt.option)
			require.NoError(t, err)
			_, err = derived.Messages.Create(t.Context(), request)
			require.NoError(t, err, "of a derived client")
			check(t, &r, tt.want)
		})
	}
}

func TestRequestAsItIsSent(t *testing.T) {
	var r recorder
	client := clientFor(t, r.RoundTrip, portkey.WithUserAgent("app/1"))
	_, err := client.Messages.Create(t.Context(), request)
	require.NoError(t, err)
	assert.Equal(t, "POST", r.request.Method)
	assert.Equal(t, "http://gateway.test/v1/messages", r.request.URL.String())
	assert.Equal(t, "application/json", r.request.Header.Get("Content-Type"))
	assert.Equal(t, "app/1", r.request.Header.Get("User-Agent"))
	assert.Equal(t, "false", r.request.Header.Get("x-portkey-strict-open-ai-compliance"))
	assert.Equal(t, int64(len(r.body)), r.request.ContentLength)
	assert.JSONEq(t, `{"model":"claude-sonnet-5-5","max_tokens":100,"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]}`, r.body)
	first := r.request.Header.Get("x-portkey-trace-id")
	assert.NotEmpty(t, first)

	_, err = client.Messages.Create(t.Context(), request)
	require.NoError(t, err)
	assert.NotEqual(t, first, r.request.Header.Get("x-portkey-trace-id"), "each call has a trace id of its own")
}

func TestCountTokensRequest(t *testing.T) {
	var got *http.Request
	var body string
	client := clientFor(t, func(r *http.Request) (*http.Response, error) {
		b, _ := io.ReadAll(r.Body)
		got, body = r, string(b)
		return response(200, "application/json", strings.NewReader(`{"input_tokens":42,"new":1}`), "Request-Id", "req_9"), nil
	})
	req := portkey.MessageRequest{
		Model: "m", MaxTokens: 5, Stream: true, Messages: []portkey.MessageParam{portkey.UserText("hi")},
		System: portkey.SystemText("s"), Temperature: new(0.0), TopK: new(1), TopP: new(0.5), StopSequences: []string{"x"},
		Tools: []portkey.Tool{portkey.NewTool("n", "d", json.RawMessage(`{"type":"object"}`))}, ToolChoice: portkey.AutoToolChoice(),
		Thinking: portkey.AdaptiveThinking(), OutputConfig: &portkey.OutputConfig{Effort: portkey.EffortLow},
		Metadata: &portkey.Metadata{UserID: new("u")}, ServiceTier: portkey.ServiceTierAuto, InferenceGeo: new("eu"), Speed: portkey.SpeedFast,
		Container: &portkey.Container{ID: "c"}, CacheControl: &portkey.CacheControl{}, Diagnostics: &portkey.DiagnosticsRequest{},
		Extra: map[string]json.RawMessage{"context_management": json.RawMessage(`{}`), "fallbacks": json.RawMessage(`"default"`)},
	}
	count, err := client.Messages.CountTokens(t.Context(), req)
	require.NoError(t, err)
	assert.Equal(t, 42, count.InputTokens)
	assert.Equal(t, "req_9", count.Gateway.RequestID)
	assert.Equal(t, json.RawMessage("1"), count.Extra["new"])
	assert.Equal(t, "/v1/messages/count_tokens", got.URL.Path)
	assert.JSONEq(t, `{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}],"system":"s",
		"tools":[{"name":"n","description":"d","input_schema":{"type":"object"}}],"tool_choice":{"type":"auto"},
		"thinking":{"type":"adaptive"},"output_config":{"effort":"low"},"speed":"fast","cache_control":{"type":"ephemeral"},
		"context_management":{}}`, body)
	assert.Len(t, req.Extra, 2, "the caller's request is not changed")
}

func TestBaseURLs(t *testing.T) {
	for in, want := range map[string]string{
		"http://localhost:8787":     "http://localhost:8787/v1",
		"http://localhost:8787/":    "http://localhost:8787/v1",
		"http://localhost:8787/v1":  "http://localhost:8787/v1",
		"http://localhost:8787/v1/": "http://localhost:8787/v1",
		"https://host/gateway":      "https://host/gateway/v1",
		"https://host/gateway/v1//": "https://host/gateway/v1",
		"https://[::1]:8787":        "https://[::1]:8787/v1",
		"https://host/dev1":         "https://host/dev1/v1",
		"https://api.portkey.ai/v1": "https://api.portkey.ai/v1",
		"https://host/a%2Fb":        "https://host/a%2Fb/v1",
	} {
		client, err := portkey.NewClient(portkey.WithBaseURL(in))
		require.NoError(t, err, in)
		assert.Equal(t, want, client.BaseURL(), in)
	}
}

func TestEnvironment(t *testing.T) {
	tests := []struct {
		name      string
		env       map[string]string
		opts      []portkey.ClientOption
		base      string
		key, prov string
	}{
		{"nothing", nil, nil, "http://localhost:8787/v1", "", ""},
		{"key", map[string]string{"PORTKEY_API_KEY": "k"}, nil, "https://api.portkey.ai/v1", "k", ""},
		{"key by option", nil, []portkey.ClientOption{portkey.WithAPIKey("k")}, "https://api.portkey.ai/v1", "k", ""},
		{"all", map[string]string{"PORTKEY_API_KEY": "k", "PORTKEY_BASE_URL": "http://gw", "PORTKEY_PROVIDER": "bedrock"}, nil, "http://gw/v1", "k", "bedrock"},
		{"options win", map[string]string{"PORTKEY_API_KEY": "k", "PORTKEY_BASE_URL": "http://gw", "PORTKEY_PROVIDER": "bedrock"},
			[]portkey.ClientOption{portkey.WithAPIKey("o"), portkey.WithBaseURL("http://o"), portkey.WithProvider("anthropic")}, "http://o/v1", "o", "anthropic"},
		{"empty options do not", map[string]string{"PORTKEY_API_KEY": "k"}, []portkey.ClientOption{portkey.WithAPIKey(""), portkey.WithBaseURL("")}, "https://api.portkey.ai/v1", "k", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, name := range []string{"PORTKEY_API_KEY", "PORTKEY_BASE_URL", "PORTKEY_PROVIDER"} {
				t.Setenv(name, tt.env[name])
			}
			// A provider's key goes to a gateway only where the caller hands it over.
			t.Setenv("ANTHROPIC_API_KEY", "sk-ant")
			t.Setenv("ANTHROPIC_BASE_URL", "http://elsewhere")
			var r recorder
			client, err := portkey.NewClient(append(tt.opts, portkey.WithHTTPClient(&http.Client{Transport: &r}))...)
			require.NoError(t, err)
			assert.Equal(t, tt.base, client.BaseURL())
			_, err = client.Messages.Create(t.Context(), request)
			require.NoError(t, err)
			assert.Equal(t, tt.key, r.request.Header.Get("x-portkey-api-key"))
			assert.Equal(t, tt.prov, r.request.Header.Get("x-portkey-provider"))
			assert.Empty(t, r.request.Header.Get("authorization"))
			assert.Empty(t, r.request.Header.Get("x-api-key"))
		})
	}
}

func TestBadOptions(t *testing.T) {
	t.Setenv("PORTKEY_BASE_URL", "")
	secret := "sk-secret\n"
	_, err := portkey.NewClient(
		portkey.WithBaseURL("ftp://user:hunter2@host"),
		portkey.WithAPIKey(secret),
		portkey.WithProviderKey(secret),
		portkey.WithProvider("a\x00b"),
		portkey.WithTraceID("ü"),
		portkey.WithConfig(portkey.Config{Provider: "anthropic", APIKey: "k"}),
		portkey.WithConfigID("pc-1"),
		portkey.WithTimeout(-1),
		portkey.WithStreamIdleTimeout(-1),
		portkey.WithGatewayTimeout(-time.Second),
		portkey.WithGatewayTimeout(time.Microsecond),
		portkey.WithMaxRetries(-1),
		portkey.WithRetry(portkey.RetryPolicy{BaseDelay: -1, Jitter: 2}),
		portkey.WithMaxEventSize(0),
		portkey.WithMetadata(map[string]string{"long": strings.Repeat("ä", 129)}),
		portkey.WithForwardHeaders("a,b"),
		portkey.WithForwardHeaders("x-portkey-forward-headers"),
		portkey.WithCustomHost("http://user:hunter2@host/v1"),
		portkey.WithCustomHost("localhost:1"),
		portkey.WithHeader("bad name", "x"),
		portkey.WithHeader("Content-Type", "text/plain"),
		portkey.WithHeader("X-Ok", "a\r\nb: c"),
		portkey.WithQuery(7),
		portkey.WithHTTPClient(nil),
		portkey.WithMiddleware(nil),
		portkey.WithVertex(portkey.VertexCredentials{ServiceAccountJSON: "{"}),
		nil,
	)
	require.ErrorIs(t, err, portkey.ErrInvalidRequest)
	for _, part := range []string{"WithBaseURL: ", "WithAPIKey: ", "WithProviderKey: ", "WithProvider: ", "WithTraceID: ", "a config and a config ID at once",
		"WithTimeout: ", "WithStreamIdleTimeout: ", "WithGatewayTimeout: -1s", "WithGatewayTimeout: 1µs", "WithMaxRetries: ", "BaseDelay: ", "Jitter: ",
		"WithMaxEventSize: ", `WithMetadata: "long" has 129`, "WithForwardHeaders: ", "WithCustomHost: ", `WithHeader: "bad name"`, "WithHeader: Content-Type",
		"WithHeader(X-Ok): ", "WithQuery: ", "WithHTTPClient: ", "WithMiddleware: ", "WithVertex: ", "an option is nil"} {
		assert.ErrorContains(t, err, part)
	}
	assert.NotContains(t, err.Error(), "sk-secret")
	assert.NotContains(t, err.Error(), "hunter2")

	client := clientFor(t, func(*http.Request) (*http.Response, error) {
		t.Error("a call with bad options was sent")
		return nil, io.EOF
	})
	_, err = client.Messages.Create(t.Context(), request, portkey.WithTimeout(-1), portkey.WithProvider("\n"))
	require.ErrorIs(t, err, portkey.ErrInvalidRequest)
	assert.ErrorContains(t, err, "WithTimeout: ")
	assert.ErrorContains(t, err, "WithProvider: ")
}

func TestHeaderBlockLimit(t *testing.T) {
	client := clientFor(t, func(*http.Request) (*http.Response, error) {
		t.Error("the request was sent")
		return nil, io.EOF
	})
	big := strings.Repeat("x", 16<<10)
	_, err := client.Messages.Create(t.Context(), request, portkey.WithConfig(portkey.Config{Provider: "anthropic", APIKey: "k", OverrideParams: map[string]any{"a": big}}))
	require.ErrorIs(t, err, portkey.ErrRequestTooLarge)
	assert.ErrorContains(t, err, "X-Portkey-Config")
}

// A config that WithHeader replaces or removes is not sent, nor are its keys,
// also where betas would have been put into it.
func TestWithHeaderWinsOverConfig(t *testing.T) {
	config := portkey.Config{Provider: "anthropic", APIKey: "sk-config"}
	for _, value := range []string{"pc-mine", ""} {
		header, beta := portkey.WithHeader("x-portkey-config", value), portkey.WithAnthropicBeta("b1")
		for _, opts := range [][]portkey.Option{
			{header, portkey.WithConfig(config), beta},
			{portkey.WithConfig(config), header, beta},
			{beta, portkey.WithConfig(config), header},
		} {
			var r recorder
			var client []portkey.ClientOption
			var call []portkey.RequestOption
			for _, opt := range opts {
				client, call = append(client, opt), append(call, opt)
			}
			_, err := clientFor(t, r.RoundTrip).Messages.Create(t.Context(), request, call...)
			require.NoError(t, err)
			assert.Equal(t, value, r.request.Header.Get("x-portkey-config"))
			_, err = clientFor(t, r.RoundTrip, client...).Messages.Create(t.Context(), request)
			require.NoError(t, err)
			assert.Equal(t, value, r.request.Header.Get("x-portkey-config"))
		}
	}
}

// Calls without options share the settings of their client, and change nothing in them.
func TestCallsAtOnce(t *testing.T) {
	client := clientFor(t, func(r *http.Request) (*http.Response, error) {
		return response(200, "application/json", strings.NewReader(okMessage)), nil
	}, portkey.WithConfig(portkey.Config{Provider: "anthropic", APIKey: "sk-config"}), portkey.WithAnthropicBeta("b1"), portkey.WithoutThinkingOnError())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				_, err := client.Messages.Create(t.Context(), request)
				assert.NoError(t, err)
			}
		})
	}
	wg.Wait()
}

func TestWithHeaderWins(t *testing.T) {
	var r recorder
	for name, opts := range map[string][]portkey.ClientOption{
		"after":  {portkey.WithProvider("anthropic"), portkey.WithHeader("X-Portkey-Provider", "mine")},
		"before": {portkey.WithHeader("x-portkey-provider", "mine"), portkey.WithProvider("anthropic")},
	} {
		client := clientFor(t, r.RoundTrip, opts...)
		_, err := client.Messages.Create(t.Context(), request)
		require.NoError(t, err)
		assert.Equal(t, []string{"mine"}, r.request.Header.Values("x-portkey-provider"), name)
		_, err = client.Messages.Create(t.Context(), request, portkey.WithProvider("other"))
		require.NoError(t, err)
		assert.Equal(t, []string{"other"}, r.request.Header.Values("x-portkey-provider"), "a call overrides its client")
		for _, call := range [][]portkey.RequestOption{
			{portkey.WithProvider("other"), portkey.WithHeader("x-portkey-provider", "call")},
			{portkey.WithHeader("x-portkey-provider", "call"), portkey.WithProvider("other")},
		} {
			_, err = client.Messages.Create(t.Context(), request, call...)
			require.NoError(t, err)
			assert.Equal(t, []string{"call"}, r.request.Header.Values("x-portkey-provider"))
		}
	}
	_, err := clientFor(t, r.RoundTrip).Messages.Create(t.Context(), request, portkey.WithHeader("X-Portkey-Strict-Open-Ai-Compliance", ""))
	require.NoError(t, err)
	assert.Empty(t, r.request.Header.Values("x-portkey-strict-open-ai-compliance"))

	// The provider's header wins over both that the typed option sets.
	_, err = clientFor(t, r.RoundTrip).Messages.Create(t.Context(), request, portkey.WithAnthropicBeta("typed"), portkey.WithHeader("anthropic-beta", "mine"))
	require.NoError(t, err)
	assert.Equal(t, []string{"mine"}, r.request.Header.Values("anthropic-beta"))
	assert.Empty(t, r.request.Header.Values("x-portkey-anthropic-beta"))

	// What net/http would add is removed too.
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Empty(t, r.Header.Values("User-Agent"))
		assert.Empty(t, r.Header.Values("Accept"))
		_, _ = io.WriteString(w, okMessage)
	})
	_, err = server.Messages.Create(t.Context(), request, portkey.WithHeader("User-Agent", ""), portkey.WithHeader("Accept", ""))
	require.NoError(t, err)
}

func TestWithQuery(t *testing.T) {
	var r recorder
	type page struct {
		Beta bool   `url:"beta"`
		Name string `url:"name,omitempty"`
	}
	values := url.Values{"b": {"1", "2"}}
	client := clientFor(t, r.RoundTrip, portkey.WithQuery(values))
	values.Set("b", "changed later")
	_, err := client.Messages.Create(t.Context(), request, portkey.WithQuery(page{Beta: true}))
	require.NoError(t, err)
	assert.Equal(t, "b=1&b=2&beta=true", r.request.URL.RawQuery)
}

// Options copy what they are given, and a call does not change its client.
func TestClientIsImmutable(t *testing.T) {
	var r recorder
	metadata := map[string]string{"a": "1"}
	names := []string{"X-A", "X-B"}
	betas := []string{"beta-1"}
	client := clientFor(t, r.RoundTrip, portkey.WithMetadata(metadata), portkey.WithForwardHeaders(names...), portkey.WithAnthropicBeta(betas...))
	metadata["a"], names[0], betas[0] = "2", "X-Changed", "changed"
	_, err := client.Messages.Create(t.Context(), request, portkey.WithTraceID("mine"), portkey.WithProvider("other"), portkey.WithHeader("X-Once", "1"))
	require.NoError(t, err)
	assert.Equal(t, "mine", r.request.Header.Get("x-portkey-trace-id"))

	derived, err := client.With(portkey.WithProvider("derived"), portkey.WithMetadata(nil))
	require.NoError(t, err)
	_, err = derived.Messages.Create(t.Context(), request)
	require.NoError(t, err)
	assert.Equal(t, "derived", r.request.Header.Get("x-portkey-provider"))
	assert.Empty(t, r.request.Header.Values("x-portkey-metadata"))

	_, err = client.Messages.Create(t.Context(), request)
	require.NoError(t, err)
	assert.Equal(t, `{"a":"1"}`, r.request.Header.Get("x-portkey-metadata"))
	assert.Equal(t, "X-A,X-B", r.request.Header.Get("x-portkey-forward-headers"))
	assert.Equal(t, "beta-1", r.request.Header.Get("anthropic-beta"))
	assert.Equal(t, "anthropic", r.request.Header.Get("x-portkey-provider"))
	assert.NotEqual(t, "mine", r.request.Header.Get("x-portkey-trace-id"))
	assert.Empty(t, r.request.Header.Values("X-Once"))
}

// A config of the call replaces a config ID of the client, and the other way round.
func TestConfigReplacesConfigID(t *testing.T) {
	var r recorder
	config := portkey.WithConfig(portkey.Config{Provider: "anthropic", APIKey: "k"})
	_, err := clientFor(t, r.RoundTrip, portkey.WithConfigID("pc-1")).Messages.Create(t.Context(), request, config)
	require.NoError(t, err)
	assert.JSONEq(t, `{"provider":"anthropic","api_key":"k"}`, r.request.Header.Get("x-portkey-config"))
	_, err = clientFor(t, r.RoundTrip, config).Messages.Create(t.Context(), request, portkey.WithConfigID("pc-1"))
	require.NoError(t, err)
	assert.Equal(t, "pc-1", r.request.Header.Get("x-portkey-config"))
}

func TestMiddlewareOrder(t *testing.T) {
	var r recorder
	var order []string
	layer := func(name string) portkey.Middleware {
		return func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
			order = append(order, name)
			req.Header.Add("X-Layer", name)
			return next(req)
		}
	}
	client := clientFor(t, r.RoundTrip, portkey.WithMiddleware(layer("a"), layer("b")))
	_, err := client.Messages.Create(t.Context(), request, portkey.WithMiddleware(layer("c")))
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b", "c"}, order)
	assert.Equal(t, []string{"a", "b", "c"}, r.request.Header.Values("X-Layer"))
}

func TestBadRequests(t *testing.T) {
	client := clientFor(t, func(*http.Request) (*http.Response, error) {
		t.Error("a bad request was sent")
		return nil, io.EOF
	})
	user := []portkey.MessageParam{portkey.UserText("hi")}
	for want, req := range map[string]portkey.MessageRequest{
		"model: ":                         {Messages: user},
		"Stream: ":                        {Model: "m", Messages: user, Stream: true},
		"Extra: stream: ":                 {Model: "m", Messages: user, Extra: map[string]json.RawMessage{"stream": json.RawMessage("true")}},
		"messages[0].content[0]: ":        {Model: "m", Messages: []portkey.MessageParam{portkey.UserMessage(nil)}},
		"messages[0].content[1].input: ":  {Model: "m", Messages: []portkey.MessageParam{portkey.AssistantMessage(portkey.Text("a"), &portkey.ToolUseBlock{Input: json.RawMessage("{")})}},
		"messages[0].content[0].source: ": {Model: "m", Messages: []portkey.MessageParam{portkey.UserMessage(&portkey.ImageBlock{})}},
		"tools[0].type: ":                 {Model: "m", Messages: user, Tools: []portkey.Tool{&portkey.WebSearchTool{}}},
		"x: not valid JSON":               {Model: "m", Messages: user, Extra: map[string]json.RawMessage{"x": json.RawMessage("nope")}},
	} {
		_, err := client.Messages.Create(t.Context(), req)
		require.ErrorIs(t, err, portkey.ErrInvalidRequest, want)
		assert.ErrorContains(t, err, want)
	}
}

// The path of a base URL is sent as it was spelled, and Accept and Host can be set.
func TestRequestLine(t *testing.T) {
	for base, want := range map[string]string{
		"http://h.test:8080/a%2Fb/":   "http://h.test:8080/a%2Fb/v1/messages",
		"http://[::1]:8080/v1":        "http://[::1]:8080/v1/messages",
		"https://h.test/gateway/v1//": "https://h.test/gateway/v1/messages",
	} {
		var r recorder
		client := clientFor(t, r.RoundTrip, portkey.WithBaseURL(base))
		_, err := client.Messages.Create(t.Context(), request)
		require.NoError(t, err)
		assert.Equal(t, want, r.request.URL.String())
		assert.Equal(t, r.request.URL.Host, r.request.Host)
		assert.Equal(t, "application/json", r.request.Header.Get("Accept"))

		_, err = client.Messages.Create(t.Context(), request, portkey.WithHeader("Accept", "text/plain"), portkey.WithHeader("Host", "other.test"), portkey.WithPassthrough())
		require.NoError(t, err)
		assert.Equal(t, strings.Replace(want, "/v1/", "/v1/proxy/", 1), r.request.URL.String())
		assert.Equal(t, "other.test", r.request.Host)
		assert.Equal(t, "text/plain", r.request.Header.Get("Accept"))
	}
}

// An answer of just the limit is read.
func TestAnswerLimit(t *testing.T) {
	var r recorder
	for limit, ok := range map[int]bool{len(okMessage): true, len(okMessage) - 1: false} {
		_, err := clientFor(t, r.RoundTrip).Messages.Create(t.Context(), request, portkey.WithMaxEventSize(limit))
		assert.Equal(t, !ok, errors.Is(err, portkey.ErrEventTooLarge), limit)
	}
}
