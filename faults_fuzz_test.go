package portkey_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

// Whatever a body holds, a call ends with a message or a typed error.
func FuzzStreamBody(f *testing.F) {
	f.Add([]byte(fullStream))
	f.Add([]byte(fullStream[:400]))
	f.Add([]byte(okMessage))
	f.Add([]byte(html))
	f.Add([]byte("event: error\ndata: {\"error\":{}}\n\n"))
	f.Add([]byte("data: {\"hook_results\":{\"before_request_hooks\":[null]}}\n\n" + sse(startEvent, stopEvent)))
	f.Fuzz(func(t *testing.T, body []byte) {
		client := clientFor(t, func(*http.Request) (*http.Response, error) {
			return response(200, "text/event-stream", bytes.NewReader(body)), nil
		})
		stream, err := client.Messages.Stream(t.Context(), request)
		if err != nil {
			requireTyped(t, err)
			return
		}
		events, loopErr := finish(stream)
		msg, err := stream.Message()
		require.NotNil(t, msg)
		if err != nil {
			require.Equal(t, loopErr, err)
			requireTyped(t, err)
		} else {
			require.NoError(t, loopErr)
		}
		for _, event := range events {
			_, err := json.Marshal(event)
			require.NoError(t, err)
		}
		_ = msg.Text()
		if hooks := msg.HookResults; hooks != nil {
			hooks.Passed()
		}
		for _, use := range msg.ToolUses() {
			require.True(t, json.Valid(use.PartialInput()))
		}
	})
}

func FuzzErrorBody(f *testing.F) {
	f.Add(429, []byte(`{"error":{"message":"anthropic error: slow","type":"rate_limit_error","param":null,"code":null},"provider":"anthropic"}`))
	f.Add(400, []byte(`{"status":"failure","message":"no","errors":["path: a, message: b"]}`))
	f.Add(446, []byte(`{"error":{"type":"hooks_failed"},"hook_results":{"before_request_hooks":[{"verdict":false,"checks":[{"data":1}]}]}}`))
	f.Add(401, []byte(`{"success":false,"data":{"message":"Invalid","errorCode":"AB05"}}`))
	f.Add(502, []byte(html))
	f.Add(200, []byte(`{"error":"x"}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if status < 200 || status > 999 {
			status = 200 + int(uint(status)%800) // one that net/http would hand on
		}
		client := clientFor(t, func(*http.Request) (*http.Response, error) {
			return response(status, "application/json", bytes.NewReader(body)), nil
		})
		msg, err := client.Messages.Create(t.Context(), request)
		if err == nil {
			require.Less(t, status, 300)
			require.Equal(t, "message", msg.Type)
			return
		}
		e := requireTyped(t, err)
		require.Equal(t, status, e.StatusCode)
		require.LessOrEqual(t, len(e.Raw), 16<<10)
	})
}

func requireTyped(t *testing.T, err error) *portkey.Error {
	t.Helper()
	var e *portkey.Error
	require.True(t, errors.As(err, &e), "%T", err)
	require.NotEmpty(t, e.Error())
	return e
}
