package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/segmentio/asm/base64"
	"github.com/segmentio/asm/utf8"
)

// Mode says what is being encoded, where that decides which members are written.
type Mode uint8

const (
	// Plain writes every member.
	Plain Mode = 0
	// InRequest leaves out the members that only a response may have.
	InRequest Mode = 1
	// CountTokens leaves out the members that only a create request may have.
	CountTokens Mode = 2
	// Reveal writes secrets as they are. It is for what goes to the gateway.
	Reveal Mode = 4
)

// Encoder writes one JSON value. Its error is sticky, like [Decoder]'s. HTML
// characters are not escaped and maps are sorted, so equal values have equal bytes.
type Encoder struct {
	Mode Mode

	buf  []byte
	err  error
	path []string // innermost first; filled while the error travels outwards
	open int      // objects and lists that are being written
}

var encoders = sync.Pool{New: func() any { return new(Encoder) }}

// maxPooledOutput is how large a buffer is kept for the next value.
const maxPooledOutput = 4 << 20

// Encode returns what encode writes.
func Encode(mode Mode, encode func(*Encoder)) ([]byte, error) {
	e := encoders.Get().(*Encoder)
	e.Mode = mode
	encode(e)
	out, err := e.buf, e.err
	if err != nil {
		out = nil
		if len(e.path) > 0 {
			err = &PathError{Path: joinPath(e.path), Err: err}
		}
	}
	buf := e.buf
	if cap(buf) > maxPooledOutput {
		buf = nil // out may be it: a large value is not copied
	} else {
		out = slices.Clone(out)
	}
	*e = Encoder{buf: buf[:0]}
	encoders.Put(e)
	return out, err
}

// enter notes that an object or a list begins.
func (e *Encoder) enter() {
	if e.open++; e.open > maxDepth {
		e.Fail("nested too deep") // or in a circle
	}
}

// Fail records an error about the value that is being written.
//
//go:noinline
func (e *Encoder) Fail(why string) { e.FailWith(errors.New(why)) }

// FailWith is Fail with an error that callers can ask for.
func (e *Encoder) FailWith(err error) {
	if e.err == nil {
		e.err = err
	}
}

// Str writes a string. Its escapes are those that JSON cannot do without.
func (e *Encoder) Str(s string) {
	e.room(len(s) + len(s)/16)
	buf := append(e.buf, '"')
	start, allASCII := len(buf), true
	for {
		n, ascii := plain([]byte(s)) // the compiler makes no copy
		allASCII = allASCII && ascii
		buf = append(buf, s[:n]...)
		if n == len(s) {
			break
		}
		buf = appendEscape(buf, s[n])
		s = s[n+1:]
	}
	if !allASCII && !utf8.Valid(buf[start:]) {
		e.Fail("not valid UTF-8")
	}
	e.buf = append(buf, '"')
}

// escapes has what follows the backslash for bytes with a short escape. A table
// costs less than branches, which text makes hard to predict.
var escapes = [256]byte{'"': '"', '\\': '\\', '\n': 'n', '\r': 'r', '\t': 't'}

func appendEscape(buf []byte, c byte) []byte {
	if short := escapes[c]; short != 0 {
		return append(buf, '\\', short)
	}
	const hex = "0123456789abcdef"
	return append(buf, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// room makes room for n more bytes. It doubles the buffer, where append would
// add a quarter and so copy, and allocate, many times over.
func (e *Encoder) room(n int) {
	if need := len(e.buf) + n; need > cap(e.buf) {
		e.buf = append(make([]byte, 0, max(1024, need+16, 2*cap(e.buf))), e.buf...)
	}
}

// Int writes an integer.
//
//go:noinline
func (e *Encoder) Int(v int) { e.buf = strconv.AppendInt(e.buf, int64(v), 10) }

// Bool writes a boolean.
//
//go:noinline
func (e *Encoder) Bool(v bool) { e.buf = strconv.AppendBool(e.buf, v) }

// Float writes a number.
func (e *Encoder) Float(v float64) {
	data, err := json.Marshal(v)
	if err != nil {
		e.Fail(fmt.Sprintf("%v is not a JSON number", v))
	}
	e.buf = append(e.buf, data...)
}

// Base64 writes data as a base64 string.
func (e *Encoder) Base64(data []byte) {
	n := base64.StdEncoding.EncodedLen(len(data))
	if need := len(e.buf) + n + 256; need > cap(e.buf) { // and what follows an image
		e.buf = append(make([]byte, 0, need), e.buf...)
	}
	e.buf = append(e.buf, '"')
	start := len(e.buf)
	e.buf = e.buf[:start+n]
	base64.StdEncoding.Encode(e.buf[start:], data)
	e.buf = append(e.buf, '"')
}

// Null writes null.
func (e *Encoder) Null() { e.buf = append(e.buf, "null"...) }

// Raw writes the JSON value raw as it is; nil is written as an empty object.
func (e *Encoder) Raw(raw json.RawMessage) {
	if len(raw) == 0 {
		e.buf = append(e.buf, "{}"...)
		return
	}
	if !Valid(raw) {
		e.Fail("not valid JSON")
	}
	e.RawValid(raw)
}

// RawValid is Raw for JSON that is known to be valid.
func (e *Encoder) RawValid(raw json.RawMessage) {
	e.room(len(raw))
	e.buf = append(e.buf, raw...)
}

// EncodeList writes an array with an element function; nil is an empty array.
func EncodeList[T any](e *Encoder, list []T, element func(*Encoder, T)) {
	if !e.beginList() {
		return
	}
	for i, v := range list {
		if element(e, v); !e.element(i) {
			return
		}
	}
	e.endList()
}

// EncodeStructs is EncodeList for structs, which it does not copy.
func EncodeStructs[T any](e *Encoder, list []T, element func(*Encoder, *T)) {
	if !e.beginList() {
		return
	}
	for i := range list {
		if element(e, &list[i]); !e.element(i) {
			return
		}
	}
	e.endList()
}

// element ends element i of a list, and reports whether it went well.
func (e *Encoder) element(i int) bool {
	if e.err != nil {
		e.path = append(e.path, indexStep(i))
		return false
	}
	e.buf = append(e.buf, ',')
	return true
}

func (e *Encoder) beginList() bool {
	e.enter()
	e.buf = append(e.buf, '[')
	return e.err == nil
}

func (e *Encoder) endList() {
	e.open--
	if last := len(e.buf) - 1; e.buf[last] == ',' {
		e.buf[last] = ']'
		return
	}
	e.buf = append(e.buf, ']')
}

// EncodeMap writes an object with sorted keys and a value function; nil is an empty object.
func EncodeMap[T any](e *Encoder, m map[string]T, value func(*Encoder, T)) {
	var o ObjectEncoder
	o.Begin(e, nil, nil)
	for _, k := range sortedKeys(m) {
		if e.err == nil {
			o.key(k)
			value(e, m[k])
		}
	}
	o.End()
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
