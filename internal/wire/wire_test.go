package wire

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pair is an object as the generated code treats one.
type pair struct {
	Name  string
	Items []pair
	Extra map[string]json.RawMessage
	form  Form
}

func (x *pair) decode(d *Decoder) {
	var o ObjectDecoder
	for o.Begin(d, &x.Extra, &x.form); o.Next(); {
		switch string(o.Key()) {
		case "type":
			o.Literal("pair")
		case "name":
			o.Str(0, &x.Name)
		case "items":
			if !o.Null(1) {
				x.Items = List(d, func(d *Decoder) (v pair) { v.decode(d); return v })
			}
		default:
			o.Extra()
		}
	}
}

func (x *pair) encode(e *Encoder) {
	var o ObjectEncoder
	o.Begin(e, x.Extra, &x.form)
	o.Str("name", 0, x.Name)
	if o.Present("items", 1, x.Items != nil) {
		EncodeStructs(e, x.Items, func(e *Encoder, x *pair) { x.encode(e) })
	}
	o.End()
}

func decodePair(data string) (pair, error) {
	var x pair
	return x, Decode([]byte(data), x.decode)
}

func TestDecodePaths(t *testing.T) {
	tests := []struct{ data, want string }{
		{`{"name":5}`, "name: want string, got number"},
		{`{"items":[{},{"items":[{"name":[]}]}]}`, "items[1].items[0].name: want string, got array"},
		{`{"items":{}}`, "items: want array, got object"},
		{`{"items":[{"zz":tru}]}`, "items[0].zz: "},
		{`{"items":[{"":tru}]}`, "items[0].: "}, // an empty name is a step, too
		{`{"items":[{"n\u0061me":{}}]}`, "items[0].name: want string, got object"},
		{`{"items":[{"name":"a"}`, "items: "},
		{`{"items":[`, "items: "},
		{`5`, "want object, got number"},
	}
	for _, tt := range tests {
		_, err := decodePair(tt.data)
		require.Error(t, err, tt.data)
		assert.True(t, strings.HasPrefix(err.Error(), tt.want), "%s: %v", tt.data, err)
		assert.ErrorContains(t, Decode([]byte(tt.data), new(pair).decode), tt.want)
	}
}

func TestDecodeEnd(t *testing.T) {
	for _, data := range []string{``, ` `, `{`, `{"name`, `{"name"`, `{"name":"a`, `{"name":"a"`, `{"name":"a",`, `{"name":`, `{"name":"\`, `{"name":"\u12`, `{"zz":"\u123`} {
		_, err := decodePair(data)
		assert.ErrorIs(t, err, io.ErrUnexpectedEOF, data)
		assert.NotErrorIs(t, errors.Unwrap(err), io.EOF, "an end of file would read as the end of a stream: %s", data)
	}
	for data, want := range map[string]string{
		`{} {}`: "more than one JSON value",
		`{} {`:  "more than one JSON value",
		`{}"a`:  "more than one JSON value",
		`{}nul`: "more than one JSON value",
		`{}x`:   "after the JSON value: ",
		`{}}`:   "after the JSON value: ",
		`{},`:   "after the JSON value: ",
	} {
		_, err := decodePair(data)
		assert.ErrorContains(t, err, want, data)
	}
	_, err := decodePair(" {}\t\r\n ")
	assert.NoError(t, err)
}

// After an error all reads return zero values, and do not move.
func TestDecoderErrorIsSticky(t *testing.T) {
	err := Decode([]byte(`["a",1]`), func(d *Decoder) {
		assert.Empty(t, d.Str()) // an array is no string
		assert.Zero(t, d.Int())
		assert.Zero(t, d.Float())
		assert.False(t, d.Bool())
		assert.Nil(t, d.Base64())
		assert.Nil(t, d.Raw())
		assert.Equal(t, Invalid, d.Next())
		assert.Empty(t, List(d, (*Decoder).Raw))
		assert.Empty(t, Map(d, (*Decoder).Raw))
		assert.Nil(t, d.PeekType())
		assert.False(t, d.Has("a"))
		d.Skip()
	})
	assert.EqualError(t, err, "want string, got array")
}

func TestPeekType(t *testing.T) {
	tests := []struct {
		data, want string
		isNil      bool
	}{
		{`{"type":"a"}`, "a", false},
		{`{"x":{"type":"b"},"type":"a","type":"c"}`, "a", false},
		{`{"type":"\u0061"}`, "a", false},
		{`{"type":""}`, "", false},
		{`{"type":5}`, "5", false},
		{`{"type":null}`, "", true},
		{`{"x":1}`, "", true},
		{`{"Type":"a"}`, "", true},
		{`[]`, "", true},
		{`{"x":tru,"type":"a"}`, "", true},
	}
	for _, tt := range tests {
		_ = Decode([]byte(tt.data), func(d *Decoder) {
			typ := d.PeekType()
			assert.Equal(t, tt.want, string(typ), tt.data)
			assert.Equal(t, tt.isNil, typ == nil, tt.data)
			assert.Equal(t, typ != nil, d.Has("type"), tt.data)
			if json.Valid([]byte(tt.data)) {
				assert.Equal(t, tt.data, string(d.Raw()), "peeking consumes nothing")
			}
		})
	}
}

func TestLiteral(t *testing.T) {
	x, err := decodePair(`{"type":"pair","name":"a"}`)
	require.NoError(t, err)
	assert.Nil(t, x.Extra)
	for _, typ := range []string{`"other"`, `5`, `null`, `{"a":[]}`, `""`} {
		x, err := decodePair(`{"type":` + typ + `,"name":"a"}`)
		require.NoError(t, err)
		assert.Equal(t, typ, string(x.Extra["type"]))
		assert.Equal(t, "a", x.Name, "decoding goes on after it")
	}
	_, err = decodePair(`{"type":"pa`)
	assert.ErrorContains(t, err, "type: ")
}

// What is decoded does not share memory with the input, nor with what is
// decoded next.
func TestDecodeCopies(t *testing.T) {
	data := []byte(`{"name":"abc","zz":[1,2,3],"items":[{"name":"def"}]}`)
	var x pair
	require.NoError(t, Decode(data, x.decode))
	for i := range data {
		data[i] = '#'
	}
	assert.Equal(t, []any{"abc", "[1,2,3]", "def"}, []any{x.Name, string(x.Extra["zz"]), x.Items[0].Name})
}

// Decoders come from a pool: one that failed must not spoil the next.
func TestDecodeConcurrently(t *testing.T) {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 200 {
				_, err := decodePair(`{"items":[{"name":5}]}`)
				assert.EqualError(t, err, "items[0].name: want string, got number")
				x, err := decodePair(`{"name":"a"}`)
				assert.NoError(t, err)
				assert.Equal(t, pair{Name: "a"}, x)
			}
		})
	}
	wg.Wait()
}

func TestScalars(t *testing.T) {
	for data, want := range map[string]string{
		`"x"`: "want number, got string", `1.5`: "want an integer, got 1.5", `1e300`: "want an integer, got 1e300",
		`9223372036854775808`: "want an integer, got 9223372036854775808", `null`: "want number, got null",
	} {
		n := 0
		assert.ErrorContains(t, Decode([]byte(data), func(d *Decoder) { n = d.Int() }), want)
		assert.Zero(t, n)
	}
	var data []byte
	require.NoError(t, Decode([]byte(`"\u0069V\/O"`), func(d *Decoder) { data = d.Base64() }), "escapes are undone first")
	assert.Equal(t, []byte{0x89, 0x5f, 0xce}, data)
	require.NoError(t, Decode([]byte(`""`), func(d *Decoder) { data = d.Base64() }))
	assert.Equal(t, []byte{}, data)
	for _, bad := range []string{`"i"`, `"iVO"`, `"iVO=="`, `"iV_O"`, `"%%%%"`} {
		assert.EqualError(t, Decode([]byte(bad), func(d *Decoder) { data = d.Base64() }), "not valid base64")
	}
	var m map[string]json.RawMessage
	require.NoError(t, Decode([]byte(`{"a":null,"\u0062":[1]}`), func(d *Decoder) { m = Map(d, (*Decoder).Raw) }))
	assert.Equal(t, map[string]json.RawMessage{"a": json.RawMessage("null"), "b": json.RawMessage("[1]")}, m)
	assert.ErrorContains(t, Decode([]byte(`{"a":{"b":1}}`), func(d *Decoder) {
		Map(d, func(d *Decoder) map[string]string {
			return Map(d, (*Decoder).Str)
		})
	}), "a.b: want string, got number")
}

func TestForm(t *testing.T) {
	var f Form
	for _, i := range []int{0, 5, MaxMembers - 1} {
		assert.False(t, f.Null(i))
		f.setNull(i)
		assert.True(t, f.Null(i))
		assert.False(t, f.Alt(i), "null and alternate are apart")
		f.SetAlt(i)
		assert.True(t, f.Alt(i))
	}
	assert.False(t, f.Null(1))
	assert.False(t, f.Alt(1))
}

func TestEncode(t *testing.T) {
	x := pair{Name: "<&>\u2028", Items: []pair{{}}, Extra: map[string]json.RawMessage{"b": json.RawMessage(` 1 `), "a": nil, "name": json.RawMessage(`"won"`)}}
	data, err := Encode(Plain, x.encode)
	require.NoError(t, err)
	assert.Equal(t, `{"items":[{"name":""}],"a":null,"b": 1 ,"name":"won"}`, string(data))

	x.Extra = nil
	data, err = Encode(Plain, x.encode)
	require.NoError(t, err)
	assert.Equal(t, "{\"name\":\"<&>\u2028\",\"items\":[{\"name\":\"\"}]}", string(data))

	decoded, err := decodePair(`{"items":null}`)
	require.NoError(t, err)
	data, err = Encode(Plain, decoded.encode)
	require.NoError(t, err)
	assert.Equal(t, `{"name":"","items":null}`, string(data))

	data, err = Encode(Plain, func(e *Encoder) {
		EncodeMap(e, map[string]float64{"z": 0.1, "a": -1, "": 1e21}, (*Encoder).Float)
	})
	require.NoError(t, err)
	assert.JSONEq(t, `{"":1e21,"a":-1,"z":0.1}`, string(data))
	data, err = Encode(Plain, func(e *Encoder) { EncodeMap(e, map[string]string(nil), (*Encoder).Str) })
	require.NoError(t, err)
	assert.Equal(t, `{}`, string(data))
	data, err = Encode(Plain, func(e *Encoder) { EncodeList(e, []string(nil), (*Encoder).Str) })
	require.NoError(t, err)
	assert.Equal(t, `[]`, string(data))
}

func TestEncodePaths(t *testing.T) {
	bad := json.RawMessage(`{`)
	tests := []struct {
		name   string
		encode func(*Encoder)
		want   string
	}{
		{"field", (&pair{Name: "\xff"}).encode, "name: not valid UTF-8"},
		{"in a list", (&pair{Items: []pair{{}, {Items: []pair{{Name: "\xff"}}}}}).encode, "items[1].items[0].name: not valid UTF-8"},
		{"extra", (&pair{Extra: map[string]json.RawMessage{"a": json.RawMessage("1"), "b": bad}}).encode, "b: not valid JSON"},
		{"extra within", (&pair{Items: []pair{{Extra: map[string]json.RawMessage{"a": bad}}}}).encode, "items[0].a: not valid JSON"},
		{"the first of two", (&pair{Name: "\xff", Items: []pair{{Name: "\xff"}}, Extra: map[string]json.RawMessage{"a": bad}}).encode, "name: not valid UTF-8"},
		{"in a map", func(e *Encoder) { EncodeMap(e, map[string]string{"a": "", "b": "\xff"}, (*Encoder).Str) }, "b: not valid UTF-8"},
		{"no path", func(e *Encoder) { e.Float(math.NaN()) }, "NaN is not a JSON number"},
		{"infinity", func(e *Encoder) { e.Float(math.Inf(1)) }, "+Inf is not a JSON number"},
		{"a list in a list", func(e *Encoder) {
			EncodeList(e, [][]string{{}, {"", "\xff"}}, func(e *Encoder, l []string) { EncodeList(e, l, (*Encoder).Str) })
		}, "[1][1]: not valid UTF-8"},
	}
	for _, tt := range tests {
		data, err := Encode(Plain, tt.encode)
		assert.EqualError(t, err, tt.want, tt.name)
		assert.Nil(t, data, tt.name)
	}
	var path *PathError
	_, err := Encode(Plain, (&pair{Name: "\xff"}).encode)
	require.ErrorAs(t, err, &path)
	assert.Equal(t, "name", path.Path)
	assert.EqualError(t, errors.Unwrap(err), "not valid UTF-8")
}

func TestRaw(t *testing.T) {
	for raw, want := range map[string]string{`{}`: `{}`, ` [1 , 2] `: ` [1 , 2] `, `"a"`: `"a"`, `1E+400`: `1E+400`} {
		data, err := Encode(Plain, func(e *Encoder) { e.Raw(json.RawMessage(raw)) })
		require.NoError(t, err)
		assert.Equal(t, want, string(data))
	}
	data, err := Encode(Plain, func(e *Encoder) { e.Raw(nil) })
	require.NoError(t, err)
	assert.Equal(t, `{}`, string(data))
	for _, raw := range []string{` `, `{`, `{}}`, `{} []`, `{}{`, `{}"a`, `1 tru`, `01`, `+1`, `.5`, `1.`, `nul`, `'a'`, `[1,]`, `{"a":1,}`, `{a:1}`, "\"\n\"", `"\x"`, `NaN`} {
		require.False(t, json.Valid([]byte(raw)), raw)
		_, err := Encode(Plain, func(e *Encoder) { e.Raw(json.RawMessage(raw)) })
		assert.EqualError(t, err, "not valid JSON", raw)
	}
}
