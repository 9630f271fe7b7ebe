package wire

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// plain looks at sixteen bytes at a time: every place in them counts.
func TestPlain(t *testing.T) {
	for length := range 40 {
		for at := range length + 1 {
			for _, special := range []byte{'"', '\\', 0, '\n', 0x1f} {
				for high := range length + 1 {
					s := []byte(strings.Repeat("a ", 20)[:length])
					if high < length {
						s[high] = []byte{0x80, 0xff, '"' | 0x80, '\\' | 0x80, 0x9f}[high%5]
					}
					if at < length {
						s[at] = special
					}
					n, ascii := plain(s)
					require.Equal(t, at, n, "%q", s)
					require.Equal(t, high >= at, ascii, "%q", s)
				}
			}
		}
	}
	for c := range 256 { // no other byte is special
		n, _ := plain([]byte(strings.Repeat(string([]byte{byte(c)}), 20)))
		assert.Equal(t, c < ' ' || c == '"' || c == '\\', n == 0, "%q", c)
	}
}

func TestDecodeErrorsSayWhere(t *testing.T) {
	for data, want := range map[string]string{
		`{"name":"ab\x"}`:           `name: byte 12: want an escape sequence, got 'x'`,
		"{\"name\":\"ab\n\"}":       `name: byte 11: want the rest of a string, got '\n'`,
		`{"name":"a\n` + "\x00\"}":  `name: byte 12: want the rest of a string, got '\x00'`,
		`{"name" "a"}`:              `byte 8: want a colon, got '"'`,
		`{"zz" "a"}`:                `byte 6: want a colon, got '"'`,
		`{"zz":{"a" 1}}`:            `zz: byte 11: want a colon, got '1'`,
		`{"zz":{"a":[tru]}}`:        `zz: byte 15: want true, got ']'`,
		`{"zz":[1 2]}`:              `zz: byte 9: want a comma or the end, got '2'`,
		`{"zz":-}`:                  `zz: byte 7: want a digit, got '}'`,
		`{"items":[{5}]}`:           `items[0]: byte 11: want the name of a member, got '5'`,
		`{"items":[{"name":"a"},]}`: `items[1]: byte 23: want object, got ']'`,
		`{"name":"a",}`:             `byte 12: want the name of a member, got '}'`,
	} {
		x, err := decodePair(data)
		assert.EqualError(t, err, want, data)
		assert.Nil(t, x.Extra)
	}
}

// walk decodes every list and object of a value.
func walk(d *Decoder) int {
	switch d.Next() {
	case Array:
		List(d, walk)
	case Object:
		Map(d, walk)
	default:
		d.Skip()
	}
	return 0
}

// What is read over or looked ahead at leaves no trace, however much of it there is.
func TestDepthIsNoCount(t *testing.T) {
	const n = maxDepth + 1
	object := `{"zz":{"b":[[],{}]},"type":"a","n":[{"name":5}]}`
	data := "[" + strings.Repeat(object+",", n) + object + "]"
	require.True(t, Valid([]byte(data)))
	err := Decode([]byte(data), func(d *Decoder) {
		List(d, func(d *Decoder) string {
			assert.Equal(t, "a", string(d.PeekType()))
			assert.True(t, d.Has("n"))
			assert.False(t, d.Has("none"))
			var o ObjectDecoder
			var extra map[string]json.RawMessage
			for o.Begin(d, &extra, new(Form)); o.Next(); {
				if string(o.Key()) != "n" {
					o.Extra()
					continue
				}
				m := o.Mark()
				List(d, func(d *Decoder) (x pair) { x.decode(d); return x })
				o.Keep(m)
			}
			assert.Equal(t, `[{"name":5}]`, string(extra["n"]))
			assert.Equal(t, `{"b":[[],{}]}`, string(extra["zz"]))
			return ""
		})
	})
	require.NoError(t, err)

	short := "[" + strings.Repeat(`{"type":"a"},`, n) + `{}]`
	require.NoError(t, Decode([]byte(short), func(d *Decoder) {
		List(d, func(d *Decoder) json.RawMessage { d.PeekType(); return d.Raw() })
	}))

	lists := "[" + strings.Repeat(`[1],{"a":[]},`, n) + "[]]"
	require.NoError(t, Decode([]byte(lists), func(d *Decoder) { walk(d) }))

	pairs := make([]pair, n)
	_, err = Encode(Plain, (&pair{Items: pairs}).encode)
	require.NoError(t, err)
}

func TestDepth(t *testing.T) {
	nested := func(n int, begin, end string) []byte {
		return []byte(strings.Repeat(begin, n) + "1" + strings.Repeat(end, n))
	}
	for _, kind := range [][2]string{{"[", "]"}, {`{"a":`, "}"}} {
		for extra := range 2 {
			data := nested(maxDepth+extra, kind[0], kind[1])
			assert.Equal(t, extra == 0, Valid(data))
			assert.Equal(t, extra == 0, Decode(data, func(d *Decoder) { walk(d) }) == nil)
		}
	}

	x := &pair{}
	for range maxDepth/2 - 1 { // objects and lists
		x = &pair{Items: []pair{*x}}
	}
	_, err := Encode(Plain, x.encode)
	require.NoError(t, err)
	_, err = Encode(Plain, (&pair{Items: []pair{*x}}).encode)
	assert.ErrorContains(t, err, "nested too deep")
}

// Types do not matter any more where nesting is far beyond what the API has.
func TestPeekTypeDepth(t *testing.T) {
	for depth, want := range map[int]string{1: "a", 25: "a", maxTyped: "a", maxTyped + 1: ""} {
		for _, object := range []string{`{"type":"a"}`, `{"b":1,"type":"a"}`} {
			var element func(d *Decoder) string
			typ := "not found"
			element = func(d *Decoder) string {
				if d.Next() == Array {
					List(d, element)
				} else {
					typ = string(d.PeekType())
					d.Skip()
				}
				return ""
			}
			require.NoError(t, Decode([]byte(strings.Repeat("[", depth)+object+strings.Repeat("]", depth)), func(d *Decoder) { element(d) }))
			assert.Equal(t, want, typ, depth)
		}
	}
}

func TestKeepRestoresTheError(t *testing.T) {
	decode := func(data string) error {
		return Decode([]byte(data), func(d *Decoder) {
			var o ObjectDecoder
			var extra map[string]json.RawMessage
			for o.Begin(d, &extra, new(Form)); o.Next(); {
				m := o.Mark()
				List(d, (*Decoder).Str)
				o.Keep(m)
			}
		})
	}
	assert.NoError(t, decode(`{"a":["",5]}`))
	assert.EqualError(t, decode(`{"a":["",5,tru]}`), "a[1]: want string, got number")
}

// Names and types that were escaped must outlive the texts that come after them.
func TestEscapedNamesLast(t *testing.T) {
	err := Decode([]byte(`{"\u0061b":["\n\n\n",5]}`), func(d *Decoder) {
		Map(d, func(d *Decoder) []string { return List(d, (*Decoder).Str) })
	})
	assert.EqualError(t, err, "ab[1]: want string, got number")
	for _, data := range []string{`{"type":"\u0061bc","\u007a\u007a\u007a":1}`, `{"b":1,"type":"\u0061bc","\u007a\u007a\u007a":1}`} {
		require.NoError(t, Decode([]byte(data), func(d *Decoder) {
			typ := d.PeekType()
			assert.False(t, d.Has("none"))
			assert.Equal(t, "abc", string(typ))
			d.Skip()
		}))
	}
}

func TestNumbers(t *testing.T) {
	for data, want := range map[string]int{
		"[0]": 0, "[7,": 7, "[-7]": -7, "[123456789]": 123456789, "[9007199254740992.0]": 1 << 53, "[-9007199254740992.0]": -1 << 53,
		"[1e3]": 1000, "[ 12 ]": 12, "[9223372036854775807]": 1<<63 - 1,
	} {
		got := 0
		_ = Decode([]byte(data), func(d *Decoder) { d.pos++; got = d.Int(); d.pos = len(d.data) })
		assert.Equal(t, want, got, data)
	}
	for _, data := range []string{"[01]", "[1e17]", "[-1e17]", "[1.5]", "[-]", "[1e]", "[00]"} {
		assert.Error(t, Decode([]byte(data), func(d *Decoder) { List(d, (*Decoder).Int) }), data)
	}
	assert.EqualError(t, Decode([]byte("1e999"), func(d *Decoder) { assert.Zero(t, d.Float()) }), "want a number, got 1e999")
	assert.Error(t, Decode([]byte(`"aGk`), func(d *Decoder) { assert.Nil(t, d.Base64()) }))
}

func TestRawHasNoSpaceAround(t *testing.T) {
	x, err := decodePair("{\"zz\" : \t[1 ] ,\"yy\": 1\n}")
	require.NoError(t, err)
	assert.Equal(t, map[string]json.RawMessage{"zz": json.RawMessage("[1 ]"), "yy": json.RawMessage("1")}, x.Extra)
}

// Encoders come from a pool: what one has written must not change with the next.
func TestEncodeCopies(t *testing.T) {
	for _, size := range []int{10, 100_000, maxPooledOutput + 1} {
		encode := func(c string) []byte {
			data, err := Encode(Plain, func(e *Encoder) { e.Str(strings.Repeat(c, size)) })
			require.NoError(t, err)
			return data
		}
		a := encode("a")
		for range 10 {
			encode("b")
		}
		assert.Equal(t, `"`+strings.Repeat("a", size)+`"`, string(a))
	}
}

func TestEncodeEdges(t *testing.T) {
	data, err := Encode(Plain, func(e *Encoder) { e.Raw(json.RawMessage{}) })
	require.NoError(t, err)
	assert.Equal(t, "{}", string(data))

	_, err = Encode(Plain, func(e *Encoder) {
		EncodeMap(e, map[string]string{"a": "", "b": "\xff", "c": "\xfe"}, (*Encoder).Str)
	})
	assert.EqualError(t, err, "b: not valid UTF-8")

	data, err = Encode(Plain, func(e *Encoder) {
		var o ObjectEncoder
		o.Begin(e, map[string]json.RawMessage{"a": nil, "b": json.RawMessage("1"), "c": json.RawMessage("2")}, new(Form))
		o.Skip("a")
		o.Skip("c")
		o.Skip("none")
		o.End()
	})
	require.NoError(t, err)
	assert.Equal(t, `{"b":1}`, string(data))
}

// A form tells of what is unusual alone, or decoded values would differ from literals.
func TestFormOfUsualMembers(t *testing.T) {
	var form Form
	var s string
	var i int
	var f float64
	var b bool
	require.NoError(t, Decode([]byte(`{"s":"a","i":1,"f":0.5,"b":true}`), func(d *Decoder) {
		var o ObjectDecoder
		for o.Begin(d, nil, &form); o.Next(); {
			switch string(o.Key()) {
			case "s":
				o.OptStr(0, &s)
			case "i":
				o.OptInt(1, &i)
			case "f":
				o.OptFloat(2, &f)
			case "b":
				o.OptBool(3, &b)
			}
		}
	}))
	assert.Equal(t, Form{}, form)
	assert.Equal(t, "a 1 0.5 true", fmt.Sprint(s, " ", i, " ", f, " ", b))
}

// A value that holds itself is an error, and not the end of the process.
func TestEncodeCircle(t *testing.T) {
	list := []any{nil}
	list[0] = list
	var walk func(e *Encoder, v any)
	walk = func(e *Encoder, v any) { EncodeList(e, v.([]any), walk) }
	_, err := Encode(Plain, func(e *Encoder) { walk(e, list) })
	assert.ErrorContains(t, err, "nested too deep")

	_, err = Encode(Plain, func(e *Encoder) { EncodeMap(e, map[string]string{"\xff": ""}, (*Encoder).Str) })
	assert.ErrorContains(t, err, "not valid UTF-8")
}
