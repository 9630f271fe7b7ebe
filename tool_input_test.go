package portkey

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPartialJSON(t *testing.T) {
	tests := []struct{ in, want string }{
		{``, `{}`},
		{`  `, `{}`},
		{`{`, `{}`},
		{`{"ci`, `{}`},
		{`{"city"`, `{}`},
		{`{"city":`, `{}`},
		{`{"city":"`, `{"city":""}`},
		{`{"city":"Pa`, `{"city":"Pa"}`},
		{`{"city":"a\`, `{"city":"a"}`},
		{`{"city":"a\u00e`, `{"city":"a"}`},
		{`{"city":"a\u00e9`, `{"city":"a\u00e9"}`},
		{"{\"city\":\"a\xc3", `{"city":"a"}`},
		{`{"city":"Paris","n":12`, `{"city":"Paris"}`},
		{`{"city":"Paris","n":12,`, `{"city":"Paris","n":12}`},
		{`{"n":-`, `{}`},
		{`{"n": 12 }`, `{"n":12}`},
		{`{"b":tru`, `{}`},
		{`{"b":true`, `{"b":true}`},
		{`{"a":[1,2,{"x":"y`, `{"a":[1,2,{"x":"y"}]}`},
		{`{"a":[1,2`, `{"a":[1]}`},
		{`{"a":[`, `{"a":[]}`},
		{`{"a":{},"b`, `{"a":{}}`},
		{`{"a":1,,`, `{"a":1}`},
		{`{"a":1]`, `{"a":1}`},
		{`nonsense`, `{}`},
		{`{"a":"` + "\x01" + `","b":1}`, `{}`},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, string(partialJSON([]byte(tt.in))), "%q", tt.in)
	}
}

func FuzzPartialJSON(f *testing.F) {
	f.Add([]byte(`{"city":"Paris","n":[1,2.5e3,true,null,{"x":"\u00e9\n"}]}`), 20)
	f.Add([]byte(`[[[{"a":"\ud83d\ude00"}]]]`), 12)
	f.Fuzz(func(t *testing.T, data []byte, n int) {
		if n < 0 || n > len(data) {
			n = len(data)
		}
		part := partialJSON(data[:n])
		require.True(t, json.Valid(part), "%q became %q", data[:n], part)
		if json.Valid(data) && len(data) > 0 && bytes.TrimSpace(data)[0] == '{' {
			// Whole input is not changed, apart from white space.
			var want bytes.Buffer
			require.NoError(t, json.Compact(&want, data))
			assert.JSONEq(t, want.String(), string(partialJSON(data)))
		}
	})
}

func TestToolUseBlockInput(t *testing.T) {
	var v struct{ City string }

	whole := &ToolUseBlock{Name: "weather", Input: json.RawMessage(`{"city":"Paris"}`)}
	assert.False(t, whole.Incomplete())
	require.NoError(t, whole.DecodeInput(&v))
	assert.Equal(t, "Paris", v.City)

	none := &ToolUseBlock{Name: "weather"}
	assert.False(t, none.Incomplete())
	require.NoError(t, none.DecodeInput(&v))

	cut := &ToolUseBlock{Name: "weather", Input: json.RawMessage(`{"city":"Par`)}
	assert.True(t, cut.Incomplete())
	err := cut.DecodeInput(&v)
	require.ErrorIs(t, err, ErrIncompleteToolInput)
	assert.ErrorContains(t, err, `"weather"`)
	assert.Equal(t, `{"city":"Par"}`, string(cut.PartialInput()))

	wrong := &ToolUseBlock{Name: "weather", Input: json.RawMessage(`{"city":7}`)}
	err = wrong.DecodeInput(&v)
	require.Error(t, err)
	assert.NotErrorIs(t, err, ErrIncompleteToolInput)
}
