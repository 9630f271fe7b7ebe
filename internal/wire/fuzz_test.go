package wire

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzValid compares what this package takes for JSON with encoding/json.
func FuzzValid(f *testing.F) {
	for _, s := range []string{
		`{"a":[1,-0.5e+3,true,false,null,"x\u00e9\n"]}`, ` [ ] `, `{}`, `0`, `-`, `01`, `1.`, `.5`, `1e`, `1e+`, `--1`, `+1`,
		`[1,]`, `[,1]`, `{"a":1,}`, `{"a"}`, `{"a":}`, `{,}`, `"\ud800"`, `"\u12g4"`, `"\u+123"`, `"\x"`, "\"\x00\"", "\"\xff\"",
		`tru`, `truee`, `nul`, `[[[[]]]]`, `[}`, `{]`, `1 2`, "\ufeff1", `"a`, `"abcdefgh\`, "\v1", `"12345678é\"2345678"`,
		`"\u`, `"\u1`, `"\u12`, `"\u123`, `"\u1234`, `"\u/123"`, `"\u:123"`, `"\'"`, `1:`, `[1:]`, `/`, `1/`, `{"a" 1}`, `[1 2]`, `-a`, `1ea`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		assert.Equal(t, json.Valid(data), Valid(data), "%q", data)
	})
}

// FuzzText compares strings with encoding/json, in both directions.
func FuzzText(f *testing.F) {
	for _, s := range []string{
		"", "plain", "12345678", "1234567\"", "12345678\\", "\x00\x1f \x7f", "é", "1234567é12345678\n", "\u2028<&>", "\xff", "ab\xc3", "😀",
		`"\ud83d\ude00\ud83d x \udc00"`, `"\u0000\/\b\f\n\r\t"`, `"\\\"12345678"`, "\"\xff\"", `"` + "\xed\xa0\x80" + `"`,
		`"\n` + "\xff" + `"`, `"\ud83d\ude00"`, `"\ud83dxudc00ab"`, `"\ud83d\ndc00ab"`, `"\ud83d\u0041"`, `"\u00E9\u00e9\uABCD"`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		data, err := Encode(Plain, func(e *Encoder) { e.Str(s) })
		require.Equal(t, utf8.ValidString(s), err == nil, "%q", s)
		if err == nil {
			var back string
			require.NoError(t, json.Unmarshal(data, &back), "%s", data)
			require.Equal(t, s, back)
		}
		var want, got string
		if err := json.Unmarshal([]byte(s), &want); err == nil && want != "" {
			require.NoError(t, Decode([]byte(s), func(d *Decoder) { got = d.Str() }), "%s", s)
			require.Equal(t, want, got)
		}
	})
}
