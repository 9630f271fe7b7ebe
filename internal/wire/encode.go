package wire

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"
	"unicode/utf8"

	"github.com/go-faster/jx"
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
	open int      // objects that are being written
}

var encoders = sync.Pool{New: func() any { return new(Encoder) }}

// maxPooledOutput is how large a buffer is kept for the next value.
const maxPooledOutput = 1 << 20

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

// Str writes a string.
func (e *Encoder) Str(s string) {
	if !utf8.ValidString(s) {
		e.Fail("not valid UTF-8")
	}
	e.str(s)
}

// str writes a string, whose escapes are those that JSON cannot do without.
func (e *Encoder) str(s string) {
	e.room(len(s) + len(s)/16)
	e.buf = append(e.buf, '"')
	for {
		n := plainPrefix(s)
		for n < len(s) && s[n] >= utf8.RuneSelf {
			n++
			n += plainPrefix(s[n:])
		}
		e.buf = append(e.buf, s[:n]...)
		if n == len(s) {
			break
		}
		e.buf = appendEscape(e.buf, s[n])
		s = s[n+1:]
	}
	e.buf = append(e.buf, '"')
}

func appendEscape(buf []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(buf, '\\', c)
	case '\n':
		return append(buf, `\n`...)
	case '\r':
		return append(buf, `\r`...)
	case '\t':
		return append(buf, `\t`...)
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
	if math.IsNaN(v) || math.IsInf(v, 0) {
		e.Fail(fmt.Sprintf("%v is not a JSON number", v))
	}
	w := jx.Writer{Buf: e.buf}
	w.Float64(v)
	e.buf = w.Buf
}

// Base64 writes data as a base64 string.
func (e *Encoder) Base64(data []byte) {
	if data == nil {
		data = []byte{}
	}
	n := base64.StdEncoding.EncodedLen(len(data)) + 256 // and what follows an image
	if need := len(e.buf) + n; need > cap(e.buf) {
		e.buf = append(make([]byte, 0, need), e.buf...)
	}
	w := jx.Writer{Buf: e.buf}
	w.Base64(data)
	e.buf = w.Buf
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

// Valid reports whether raw is one JSON value.
func Valid(raw []byte) bool {
	var d jx.Decoder
	d.ResetBytes(raw)
	return d.Validate() == nil
}

// EncodeList writes an array with an element function; nil is an empty array.
func EncodeList[T any](e *Encoder, list []T, element func(*Encoder, T)) {
	e.buf = append(e.buf, '[')
	for i, v := range list {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		if element(e, v); e.err != nil {
			e.path = append(e.path, indexStep(i))
			return
		}
	}
	e.buf = append(e.buf, ']')
}

// EncodeStructs is EncodeList for structs, which it does not copy.
func EncodeStructs[T any](e *Encoder, list []T, element func(*Encoder, *T)) {
	e.buf = append(e.buf, '[')
	for i := range list {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		if element(e, &list[i]); e.err != nil {
			e.path = append(e.path, indexStep(i))
			return
		}
	}
	e.buf = append(e.buf, ']')
}

// EncodeMap writes an object with sorted keys and a value function; nil is an empty object.
func EncodeMap[T any](e *Encoder, m map[string]T, value func(*Encoder, T)) {
	o := e.Object(nil)
	for _, k := range sortedKeys(m) {
		if o.Member(k) {
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

// ObjectEncoder writes the members of one object.
type ObjectEncoder struct {
	e       *Encoder
	extra   map[string]json.RawMessage
	skip    []string // names that are not written, from extra neither
	current string
	dead    bool // there was an error before this object began
	comma   bool
}

// Object begins an object. Its End writes extra; where extra has a member of
// the same name as a field, extra wins.
//
//go:noinline
func (e *Encoder) Object(extra map[string]json.RawMessage) ObjectEncoder {
	if e.open++; e.open > maxDepth {
		e.Fail("nested too deep") // or in a circle
	}
	e.buf = append(e.buf, '{')
	return ObjectEncoder{e: e, extra: extra, dead: e.err != nil}
}

// Member writes the name of a member, and reports whether its value is to follow.
func (o *ObjectEncoder) Member(name string) bool {
	if o.e.err != nil {
		return false
	}
	if len(o.extra) > 0 {
		if _, ok := o.extra[name]; ok {
			return false
		}
	}
	o.next(name)
	if plainPrefix(name) == len(name) { // all but the keys of a caller's map
		buf := append(o.e.buf, '"')
		buf = append(buf, name...)
		o.e.buf = append(buf, '"', ':')
	} else {
		o.e.str(name)
		o.e.buf = append(o.e.buf, ':')
	}
	return true
}

// next begins the member called name.
func (o *ObjectEncoder) next(name string) {
	if o.comma {
		o.e.buf = append(o.e.buf, ',')
	}
	o.comma = true
	o.current = name
}

// Present is Member for a member that may be absent, or null where it is.
func (o *ObjectEncoder) Present(name string, present, null bool) bool {
	if present {
		return o.Member(name)
	}
	if null && o.Member(name) {
		o.e.Null()
	}
	return false
}

// Skip leaves a member out, also where extra has one of its name.
//
//go:noinline
func (o *ObjectEncoder) Skip(name string) {
	if _, ok := o.extra[name]; ok {
		o.skip = append(o.skip, name)
	}
}

// End writes the extra members, sorted, and ends the object.
func (o *ObjectEncoder) End() {
	if len(o.extra) > 0 && o.e.err == nil {
		for _, k := range sortedKeys(o.extra) {
			if o.e.err != nil {
				break
			}
			if slices.Contains(o.skip, k) {
				continue
			}
			o.next(k)
			o.e.str(k)
			if o.e.buf = append(o.e.buf, ':'); len(o.extra[k]) == 0 {
				o.e.Null()
			} else {
				o.e.Raw(o.extra[k])
			}
		}
	}
	if o.e.err != nil && !o.dead && o.current != "" {
		o.e.path = append(o.e.path, o.current)
	}
	o.e.open--
	o.e.buf = append(o.e.buf, '}')
}
