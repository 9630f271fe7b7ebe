package gateway_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What the gateway never answers: within its first seconds such a config even ends its process. So
// each of them has a gateway of its own, which is asked for something else first.
func TestConfigsWithoutAnswer(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"fallback, empty":        `{"strategy":{"mode":"fallback"},"targets":[]}`,
		"loadbalance, empty":     `{"strategy":{"mode":"loadbalance"},"targets":[]}`,
		"weights of 0":           `{"strategy":{"mode":"loadbalance"},"targets":[{"weight":0,"provider":"anthropic","api_key":"k","custom_host":"HOST"}]}`,
		"weights that sum to 0":  `{"strategy":{"mode":"loadbalance"},"targets":[{"weight":-1,"provider":"anthropic","api_key":"k","custom_host":"HOST"},TARGET]}`,
		"weights below 0":        `{"strategy":{"mode":"loadbalance"},"targets":[{"weight":-1,"provider":"anthropic","api_key":"k","custom_host":"HOST"}]}`,
		"nested fallback, empty": `{"strategy":{"mode":"single"},"targets":[{"strategy":{"mode":"fallback"},"targets":[]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gateway := newServer("gateway", "node_modules/@portkey-ai/gateway/build/start-server.js", "--headless")
			require.NoError(t, gateway.start())
			t.Cleanup(gateway.stop)
			url, err := gateway.awaitReady("/")
			require.NoError(t, err)
			host := upstream.on(t, answerMessage("hi"))

			good, _ := parseConfig(t, "TARGET", host)
			status, err := sample(t, url, good, startTimeout)
			require.NoError(t, err)
			require.Equal(t, 200, status, "it does answer")

			text, config := parseConfig(t, text, host)
			status, err = sample(t, url, text, 1500*time.Millisecond)
			require.Error(t, err, "it answered with status %d", status)
			require.Len(t, upstream.requests(host), 1, "only the one that is in order")
			requireInvalid(t, config)
		})
	}
}

// sample sends a config to a gateway, and returns the status of the answer.
func sample(t *testing.T, gatewayURL, config string, timeout time.Duration) (int, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, gatewayURL+"/v1/messages", strings.NewReader(hello))
	require.NoError(t, err)
	req.Header = sampleHeader(config)
	req.Header.Set("Content-Type", "application/json")
	res, err := (&http.Client{Transport: plainClient.Transport, Timeout: timeout}).Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	_, err = io.ReadAll(res.Body)
	return res.StatusCode, err
}
