package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/segmentio/asm/base64"
)

// Decoder reads one JSON value. Its error is sticky: after the first one all
// reads return zero values, so that decoding code checks once, at the end.
type Decoder struct {
	data []byte
	pos  int
	err  error
	path []string // innermost first; filled while the error travels outwards
	open int      // objects and lists that are being read
	buf  []byte   // holds the last text that was escaped
}

var decoders = sync.Pool{New: func() any { return new(Decoder) }}

// Buffers beyond this size are not kept for the next value.
const maxPooled = 64 << 10

// Decode hands a Decoder on data to decode, and reports the error with its
// path, or that something followed the value.
func Decode(data []byte, decode func(*Decoder)) error {
	d := decoders.Get().(*Decoder)
	d.data = data
	decode(d)
	d.end()
	err := d.err
	if err != nil && len(d.path) > 0 {
		err = &PathError{Path: joinPath(d.path), Err: err}
	}
	buf := d.buf
	if cap(buf) > maxPooled {
		buf = nil
	}
	*d = Decoder{buf: buf}
	decoders.Put(d)
	return err
}

// end checks that nothing follows the value.
func (d *Decoder) end() {
	if d.err != nil {
		return
	}
	if d.peek(); d.pos < len(d.data) {
		if kinds[d.data[d.pos]] != Invalid { // whole or cut off
			d.fail(errors.New("more than one JSON value"))
		} else {
			d.fail(fmt.Errorf("after the JSON value: byte %d: %q", d.pos, d.data[d.pos]))
		}
	}
}

func (d *Decoder) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

// unexpected is the error of a byte that does not belong where it stands.
func (d *Decoder) unexpected(want string) {
	if d.pos >= len(d.data) {
		d.fail(io.ErrUnexpectedEOF)
		return
	}
	d.fail(fmt.Errorf("byte %d: want %s, got %q", d.pos, want, d.data[d.pos]))
}

// peek skips white space, and returns the byte that comes next: 0 at the end.
func (d *Decoder) peek() byte {
	for d.pos < len(d.data) {
		switch c := d.data[d.pos]; c {
		case ' ', '\t', '\r', '\n':
			d.pos++
		default:
			return c
		}
	}
	return 0
}

// Next reports the kind of the value that comes next, and Invalid after an error.
func (d *Decoder) Next() Kind {
	if d.err != nil {
		return Invalid
	}
	return kinds[d.peek()]
}

// want reports whether a value of this kind comes next, and fails otherwise.
func (d *Decoder) want(kind Kind) bool {
	if d.err != nil {
		return false
	}
	got := kinds[d.peek()]
	if got == kind {
		return true
	}
	if got == Invalid {
		d.unexpected(kind.String())
	} else {
		d.fail(fmt.Errorf("want %s, got %s", kind, got))
	}
	return false
}

// Str reads a string. Invalid UTF-8 becomes U+FFFD, as in encoding/json.
func (d *Decoder) Str() string {
	if !d.want(String) {
		return ""
	}
	text, ascii := d.text()
	if ascii {
		return string(text)
	}
	return validText(text)
}

// Int reads an integer.
func (d *Decoder) Int() int {
	if !d.want(Number) {
		return 0
	}
	// Most integers are small, and end in a way that leaves no doubt.
	v := 0
	for i := d.pos; i < len(d.data) && i < d.pos+9; i++ {
		c := d.data[i]
		if c < '0' || c > '9' {
			if (c == ',' || c == '}') && i > d.pos && (d.data[d.pos] != '0' || i == d.pos+1) {
				d.pos = i
				return v
			}
			break
		}
		v = v*10 + int(c-'0')
	}
	n := string(d.value())
	if d.err != nil {
		return 0
	}
	whole, err := strconv.ParseInt(n, 10, strconv.IntSize)
	if err != nil {
		// JavaScript gateways may spell an integer 1e3 or 1.0.
		f, ferr := strconv.ParseFloat(n, 64)
		if ferr != nil || f > 1<<53 || f < -1<<53 || f != float64(int64(f)) {
			d.fail(fmt.Errorf("want an integer, got %s", n))
			return 0
		}
		whole = int64(f)
	}
	if int64(int(whole)) != whole { // an int of 32 bits
		d.fail(fmt.Errorf("want an integer of %d bits, got %s", strconv.IntSize, n))
		return 0
	}
	return int(whole)
}

// Float reads a number.
func (d *Decoder) Float() float64 {
	if !d.want(Number) {
		return 0
	}
	n := string(d.value())
	if d.err != nil {
		return 0
	}
	v, err := strconv.ParseFloat(n, 64)
	if err != nil {
		d.fail(fmt.Errorf("want a number, got %s", n))
		return 0
	}
	return v
}

// Bool reads a boolean.
func (d *Decoder) Bool() bool {
	return d.want(Bool) && string(d.value()) == "true"
}

// Base64 reads a base64 string.
func (d *Decoder) Base64() []byte {
	if !d.want(String) {
		return nil
	}
	text, _ := d.text()
	if d.err != nil {
		return nil
	}
	data := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, err := base64.StdEncoding.Decode(data, text)
	if err != nil {
		d.fail(errors.New("not valid base64"))
		return nil
	}
	return data[:n]
}

// Raw returns a copy of the next value's text.
//
//go:noinline
func (d *Decoder) Raw() json.RawMessage {
	raw := d.value()
	if d.err != nil {
		return nil
	}
	return append(json.RawMessage(nil), raw...)
}

// Skip reads over the next value.
func (d *Decoder) Skip() { d.value() }

// listDecoder walks over the elements of one list.
type listDecoder struct {
	d     *Decoder
	index int // of the current element
	done  bool
}

// list begins a list.
func (d *Decoder) list() listDecoder {
	d.enter()
	if !d.want(Array) {
		return listDecoder{done: true}
	}
	d.pos++
	return listDecoder{d: d, index: -1}
}

// next moves to the next element, and reports whether there is one.
func (l *listDecoder) next() bool {
	if l.done {
		return false
	}
	d := l.d
	if d.err != nil {
		d.path = append(d.path, indexStep(l.index))
		l.done = true
		return false
	}
	switch c := d.peek(); {
	case c == ']':
		d.pos++
		d.open--
		l.done = true
		return false
	case l.index < 0:
	case c == ',':
		d.pos++
	default:
		return l.stop("a comma or the end of the list")
	}
	if d.peek(); d.pos == len(d.data) {
		return l.stop("an element")
	}
	l.index++
	return true
}

func (l *listDecoder) stop(want string) bool {
	l.d.unexpected(want)
	l.done = true
	return false
}

// List reads an array with an element function. The result is not nil.
func List[T any](d *Decoder, element func(*Decoder) T) []T {
	list := []T{}
	for l := d.list(); l.next(); {
		list = append(list, element(d))
	}
	return list
}

// Map reads an object with a value function. The result is not nil.
func Map[T any](d *Decoder, value func(*Decoder) T) map[string]T {
	m := map[string]T{}
	var o ObjectDecoder
	for o.Begin(d, nil, nil); o.Next(); {
		key := o.name()
		m[key] = value(d)
	}
	return m
}

// NullOr is an element function for values that may be null: nil stands for null.
func NullOr[T any](d *Decoder, value func(*Decoder) *T) *T {
	if d.Next() == Null {
		d.Skip()
		return nil
	}
	return value(d)
}

// maxDepth is how deep objects and lists may be nested at all.
const maxDepth = 10_000

// enter notes that an object or a list begins.
func (d *Decoder) enter() {
	if d.open++; d.open > maxDepth {
		d.fail(errors.New("nested too deep"))
	}
}

// back undoes all that has happened since the decoder stood at pos, an error
// too: whoever reads on will meet it again.
func (d *Decoder) back(pos, open int) {
	d.pos, d.open, d.err, d.path = pos, open, nil, nil
}

// PathError is a decoding or encoding error with the place it occurred in.
type PathError struct {
	Path string // such as "messages[0].content[2].source"
	Err  error
}

func (e *PathError) Error() string { return e.Path + ": " + e.Err.Error() }
func (e *PathError) Unwrap() error { return e.Err }

// joinPath turns the steps of a path, innermost first, into its text.
func joinPath(steps []string) string {
	var b strings.Builder
	for i := len(steps) - 1; i >= 0; i-- {
		if b.Len() > 0 && !strings.HasPrefix(steps[i], "[") {
			b.WriteByte('.')
		}
		b.WriteString(steps[i])
	}
	return b.String()
}

func indexStep(i int) string { return "[" + strconv.Itoa(i) + "]" }
