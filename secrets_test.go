package portkey_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

const (
	secretKey  = "sk-topsecret-1"
	secretMeta = "private-metadata-2"
)

// shown is every way in which Go programs print a value.
func shown(v any) string {
	var b bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%T"} {
		fmt.Fprintf(&b, verb+"\n", v)
	}
	fmt.Fprintln(&b, v)
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&b, nil), slog.NewTextHandler(&b, nil)} {
		slog.New(handler).Info("x", "v", v)
	}
	if text, err := json.Marshal(v); err == nil {
		b.Write(text)
	}
	return b.String()
}

func assertNoSecrets(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{secretKey, secretMeta, fmt.Sprintf("%x", secretKey), fmt.Sprintf("%X", secretKey)} {
		assert.NotContains(t, text, secret)
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	options := []portkey.ClientOption{
		portkey.WithAPIKey(secretKey), portkey.WithProviderKey(secretKey), portkey.WithVirtualKey(secretKey),
		portkey.WithConfig(portkey.Config{Provider: "anthropic", APIKey: secretKey}),
		portkey.WithMetadata(map[string]string{"a": secretMeta}),
		portkey.WithBedrock(portkey.BedrockCredentials{Region: "r", SecretAccessKey: secretKey}),
	}
	client := clientFor(t, status(500), options...)
	config := portkey.Config{APIKey: secretKey, VirtualKey: secretKey, Targets: []*portkey.Config{{Provider: "anthropic", APIKey: secretKey}}}
	_, err := client.Messages.Create(t.Context(), request)
	require.Error(t, err)
	values := map[string]any{
		"secret": portkey.Secret(secretKey), "client": client, "service": client.Messages, "config": config, "pointer to config": &config, "error": err,
		"credentials": portkey.BedrockCredentials{SecretAccessKey: secretKey, SessionToken: secretKey},
		"vertex":      portkey.VertexCredentials{ServiceAccountJSON: secretKey},
		"azure":       portkey.AzureFoundryCredentials{ADToken: secretKey, EntraClientSecret: secretKey},
		"in a struct": struct {
			C *portkey.Client
			S portkey.Secret
		}{client, secretKey},
		"branch":          portkey.When(portkey.Path.Eq("a")).Then(config),
		"client by value": *client,
		"guardrail":       portkey.InlineGuardrail("default.webhook", map[string]any{"key": portkey.Secret(secretKey)}),
		"in a list":       []any{client, config, &config},
		"behind pointers": struct {
			C *portkey.Config
			B *portkey.BedrockCredentials
			V *portkey.VertexCredentials
			A *portkey.AzureFoundryCredentials
		}{&config, &portkey.BedrockCredentials{SecretAccessKey: secretKey}, &portkey.VertexCredentials{ServiceAccountJSON: secretKey}, &portkey.AzureFoundryCredentials{ADToken: secretKey}},
	}
	for i, o := range options {
		values[fmt.Sprint("option ", i)] = o
	}
	for name, v := range values {
		t.Run(name, func(t *testing.T) { assertNoSecrets(t, shown(v)) })
	}
	assert.Contains(t, shown(portkey.Secret(secretKey)), "[redacted]")
	assert.Equal(t, "", portkey.Secret("").String())
	assert.Equal(t, secretKey, string(portkey.Secret(secretKey)))
}

func TestLoggerShowsNoSecrets(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	a := &attempts{answers: []roundTripper{
		answer(502, "text/html", "<p>the user said hi, "+secretMeta+" with "+secretKey+"</p>"),
		status(429, "Retry-After-Ms", "1", "Set-Cookie", secretKey, "x-portkey-trace-id", "t1"),
		func(*http.Request) (*http.Response, error) { return nil, errors.New("connection reset") },
		ok,
	}}
	client := retryingClient(t, a.RoundTrip, portkey.WithLogger(logger), portkey.WithAPIKey(secretKey), portkey.WithProviderKey(secretKey),
		portkey.WithHeader("X-My-Key", secretKey), portkey.WithQuery(url.Values{"token": {secretKey}}), portkey.WithMetadata(map[string]string{"a": secretMeta}),
		portkey.WithRetry(portkey.RetryPolicy{BaseDelay: 1, MaxAttempts: 5}))
	req := request
	req.Metadata = &portkey.Metadata{UserID: new(secretMeta)}
	_, err := client.Messages.Create(t.Context(), req)
	require.NoError(t, err)
	assertNoSecrets(t, log.String())
	assert.NotContains(t, log.String(), `"hi"`, "no body")
	assert.NotContains(t, log.String(), "the user said", "nor what an error quotes")
	for _, part := range []string{"portkey: request", "portkey: response", "portkey: no response", "portkey: will retry", `"status":429`, `"X-Portkey-Trace-Id"`, `"attempt":4`} {
		assert.Contains(t, log.String(), part)
	}
}

// A redirect must not take the keys along.
func TestRedirects(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the request was redirected to another host")
	}))
	defer elsewhere.Close()
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://"+r.Host+"/v1/messages", http.StatusTemporaryRedirect)
	}))
	defer secure.Close()
	localhost := func(u string) string { return strings.Replace(u, "127.0.0.1", "localhost", 1) }

	tests := []struct {
		name   string
		to     string
		status int
		want   []string
	}{
		{"another port", elsewhere.URL + "/v1/messages", 307, []string{"127.0.0.1:", strings.TrimPrefix(elsewhere.URL, "http://")}},
		{"another host", localhost(elsewhere.URL) + "/v1/messages", 308, []string{"127.0.0.1:", "localhost"}},
		{"a GET", "/elsewhere", 302, []string{"POST into GET"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := 0
			client := serve(t, func(w http.ResponseWriter, r *http.Request) {
				n++
				http.Redirect(w, r, tt.to, tt.status)
			}, portkey.WithAPIKey(secretKey), portkey.WithMaxRetries(2))
			_, err := client.Messages.Create(wait(t), request)
			require.Error(t, err)
			for _, part := range tt.want {
				assert.ErrorContains(t, err, part)
			}
			assert.Equal(t, 1, n, "it is not retried")
			assertNoSecrets(t, err.Error())
		})
	}

	client, err := portkey.NewClient(portkey.WithBaseURL(secure.URL), portkey.WithHTTPClient(secure.Client()), portkey.WithAPIKey(secretKey))
	require.NoError(t, err)
	_, err = client.Messages.Create(wait(t), request)
	require.ErrorContains(t, err, "https to http")

	// On the same host it is followed, with the body.
	client = serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/messages" {
			http.Redirect(w, r, "/moved", http.StatusPermanentRedirect)
			return
		}
		assert.Equal(t, "/moved", r.URL.Path)
		assert.Equal(t, secretKey, r.Header.Get("x-portkey-api-key"))
		assert.NotZero(t, r.ContentLength)
		_, _ = fmt.Fprint(w, okMessage)
	}, portkey.WithAPIKey(secretKey))
	_, err = client.Messages.Create(wait(t), request)
	require.NoError(t, err)
}

// A library is silent: see also TestEnvironment for what it reads.
func TestUsersClientIsNotChanged(t *testing.T) {
	mine := &http.Client{Transport: status(500)}
	_, err := portkey.NewClient(portkey.WithHTTPClient(mine))
	require.NoError(t, err)
	assert.Nil(t, mine.CheckRedirect)

	refused := errors.New("my own policy")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/x", http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	mine = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return refused }}
	client, err := portkey.NewClient(portkey.WithHTTPClient(mine), portkey.WithBaseURL(server.URL))
	require.NoError(t, err)
	_, err = client.Messages.Create(wait(t), request)
	require.ErrorIs(t, err, refused)
	var e *portkey.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, 1, e.Attempts, "it would be refused again")
}

// A provider may quote the key that it refuses.
func TestEchoedKeysAreRedacted(t *testing.T) {
	body := `{"error":{"message":"bad key ` + secretKey + `","type":"authentication_error"},"provider":"anthropic"}`
	for _, option := range []portkey.Option{
		portkey.WithProviderKey(secretKey), portkey.WithAPIKey(secretKey),
		portkey.WithConfig(portkey.Config{Provider: "anthropic", APIKey: secretKey}),
	} {
		for name, call := range calls {
			err := call(t, clientFor(t, answer(401, "application/json", body), option))
			var e *portkey.Error
			require.ErrorAs(t, err, &e, name)
			assert.Equal(t, "bad key [redacted]", e.Message)
			assertNoSecrets(t, err.Error()+string(e.Raw))
		}
	}
}

// A Secret among open values is sent as it is.
func TestSecretsAmongOpenValuesAreSent(t *testing.T) {
	var r recorder
	_, err := clientFor(t, r.RoundTrip).Messages.Create(t.Context(), request, portkey.WithConfig(portkey.Config{
		Provider: "anthropic", APIKey: "k", OverrideParams: map[string]any{"a": []any{map[string]any{"b": portkey.Secret(secretKey)}}},
	}))
	require.NoError(t, err)
	assert.Contains(t, r.request.Header.Get("x-portkey-config"), secretKey)
}

// Some providers quote the key that they refuse, in the midst of a stream too.
func TestErrorEventShowsNoKey(t *testing.T) {
	const key = "sk-ant-0123456789"
	failure := `{"type":"error","error":{"type":"authentication_error","message":"bad key ` + key + `"}}`
	for name, body := range map[string]string{
		"first":     sse(failure),
		"in midway": sse(startEvent, `{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`, failure),
	} {
		client := clientFor(t, func(*http.Request) (*http.Response, error) {
			return response(200, "text/event-stream", strings.NewReader(body)), nil
		}, portkey.WithProviderKey(key))
		stream, err := client.Messages.Stream(t.Context(), request)
		if err == nil {
			_, err = stream.Message()
		}
		require.ErrorIs(t, err, portkey.ErrAuthentication, name)
		var e *portkey.Error
		require.ErrorAs(t, err, &e)
		assert.NotContains(t, e.Error()+string(e.Raw), key, name)
		assert.Contains(t, e.Message, "bad key")
	}
}
