package portkey_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

// keptMembers and droppedMembers have each member of a request with a value,
// as the open-source gateway was seen to treat them (gateway.md, 3).
var (
	keptMembers = map[string]string{
		"model":          `"m"`,
		"max_tokens":     `1`,
		"messages":       `[]`,
		"system":         `"s"`,
		"stop_sequences": `["x"]`,
		"stream":         `true`,
		"tools":          `[{"name":"n","input_schema":{}}]`,
		"tool_choice":    `{"type":"auto"}`,
		"thinking":       `{"type":"adaptive"}`,
		"metadata":       `{"user_id":"u"}`,
		"service_tier":   `"auto"`,
		"container":      `"c"`,
		"temperature":    `0`,
		"top_k":          `0`,
		"top_p":          `0`,
	}
	droppedMembers = map[string]string{
		"output_config": `{"effort":"low"}`,
		"inference_geo": `""`,
		"speed":         `"fast"`,
		"cache_control": `{"type":"ephemeral"}`,
		"diagnostics":   `{"previous_message_id":null}`,
	}
	// Members without a field.
	keptExtra    = []string{"mcp_servers", "anthropic_beta", "anthropic_version"}
	droppedExtra = []string{"output_format", "context_management", "betas", "user_profile_id", "fallbacks", "anything"}
)

func requestWith(t *testing.T, name, value string) portkey.MessageRequest {
	t.Helper()
	var req portkey.MessageRequest
	require.NoError(t, json.Unmarshal([]byte(`{"`+name+`":`+value+`}`), &req))
	return req
}

// A new member of the request has to be in one of the tables.
func TestDroppedFieldsKnowsEachMember(t *testing.T) {
	var have []string
	typ := reflect.TypeFor[portkey.MessageRequest]()
	for i := range typ.NumField() {
		if name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ","); name != "" && name != "-" {
			have = append(have, name)
		}
	}
	assert.ElementsMatch(t, have, slices.Concat(slices.Collect(maps.Keys(keptMembers)), slices.Collect(maps.Keys(droppedMembers))))
}

func TestDroppedFields(t *testing.T) {
	for name, value := range keptMembers {
		dropped, err := portkey.DroppedFields(requestWith(t, name, value))
		require.NoError(t, err)
		assert.Empty(t, dropped, name)
	}
	for name, value := range droppedMembers {
		dropped, err := portkey.DroppedFields(requestWith(t, name, value))
		require.NoError(t, err)
		assert.Equal(t, []string{name}, dropped)
	}
	for _, name := range keptExtra {
		dropped, err := portkey.DroppedFields(portkey.MessageRequest{Extra: map[string]json.RawMessage{name: json.RawMessage(`1`)}})
		require.NoError(t, err)
		assert.Empty(t, dropped, name)
	}
	for _, name := range droppedExtra {
		dropped, err := portkey.DroppedFields(portkey.MessageRequest{Extra: map[string]json.RawMessage{name: nil}})
		require.NoError(t, err)
		assert.Equal(t, []string{name}, dropped)
	}

	all := request
	all.OutputConfig, all.Speed, all.InferenceGeo = &portkey.OutputConfig{}, portkey.SpeedFast, new("eu")
	all.CacheControl, all.Diagnostics = &portkey.CacheControl{}, &portkey.DiagnosticsRequest{}
	all.Temperature = new(0.0)
	all.Extra = map[string]json.RawMessage{"betas": json.RawMessage(`[]`), "mcp_servers": json.RawMessage(`[]`)}
	dropped, err := portkey.DroppedFields(all)
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{"output_config", "speed", "inference_geo", "cache_control", "diagnostics", "betas"}, dropped)

	_, err = portkey.DroppedFields(portkey.MessageRequest{Messages: []portkey.MessageParam{portkey.UserMessage(nil)}})
	require.ErrorIs(t, err, portkey.ErrInvalidRequest)
	assert.ErrorContains(t, err, "messages[0].content[0]: is nil")
}

// The comments of the fields say the same.
func TestDroppedFieldsAreDocumented(t *testing.T) {
	source := readText(t, "message_request.go")
	source = source[strings.Index(source, "type MessageRequest struct"):]
	source = source[:strings.Index(source, "\n}\n")]
	comment := ""
	for line := range strings.Lines(source) {
		line = strings.TrimSpace(line)
		if words, ok := strings.CutPrefix(line, "//"); ok {
			comment += words
			continue
		}
		if _, tag, ok := strings.Cut(line, `json:"`); ok {
			name := tag[:strings.IndexAny(tag, `,"`)]
			_, dropped := droppedMembers[name]
			assert.Equal(t, dropped, strings.Contains(comment, "Dropped by the open-source gateway"), name)
		}
		comment = ""
	}
}

// With WithPassthrough the route is another one, and all else as before.
func TestPassthrough(t *testing.T) {
	var path, body string
	client := clientFor(t, func(r *http.Request) (*http.Response, error) {
		data, err := io.ReadAll(r.Body)
		path, body = r.URL.Path, string(data)
		switch {
		case strings.Contains(path, "count_tokens"):
			return response(200, "application/json", strings.NewReader(`{"input_tokens":7}`)), err
		case strings.Contains(body, `"stream":true`):
			return response(200, "text/event-stream", strings.NewReader(fullStream)), err
		}
		return response(200, "application/json", strings.NewReader(okMessage)), err
	})
	req := request
	req.Speed = portkey.SpeedFast
	calls := map[string]func(client *portkey.Client, opts ...portkey.RequestOption) error{
		"/messages": func(client *portkey.Client, opts ...portkey.RequestOption) error {
			message, err := client.Messages.Create(t.Context(), req, opts...)
			assert.Equal(t, "ok", message.Text())
			return err
		},
		"/messages ": func(client *portkey.Client, opts ...portkey.RequestOption) error {
			stream, err := client.Messages.Stream(t.Context(), req, opts...)
			require.NoError(t, err)
			message, err := stream.Message()
			assert.Equal(t, "Good morning, Zoë", message.Text())
			return err
		},
		"/messages/count_tokens": func(client *portkey.Client, opts ...portkey.RequestOption) error {
			count, err := client.Messages.CountTokens(t.Context(), req, opts...)
			assert.Equal(t, 7, count.InputTokens)
			return err
		},
	}
	derived, err := client.With(portkey.WithPassthrough())
	require.NoError(t, err)
	for route, call := range calls {
		route = strings.TrimSpace(route)
		require.NoError(t, call(client, portkey.WithPassthrough()))
		assert.Equal(t, "/v1/proxy"+route, path)
		assert.Contains(t, body, `"speed":"fast"`)
		require.NoError(t, call(client))
		assert.Equal(t, "/v1"+route, path, "only that call")
		require.NoError(t, call(derived))
		assert.Equal(t, "/v1/proxy"+route, path, "as a default")
	}
}

// The provider's errors come as they are on that route.
func TestPassthroughError(t *testing.T) {
	client := clientFor(t, answer(529, "application/json", `{"type":"error","error":{"type":"overloaded_error","message":"busy"},"request_id":"req_5"}`), portkey.WithPassthrough())
	_, err := client.Messages.Create(t.Context(), request)
	require.ErrorIs(t, err, portkey.ErrOverloaded)
	e, _ := errorOf(err)
	assert.Equal(t, "req_5", e.RequestID)
	assert.Equal(t, "busy", e.Message)
}
