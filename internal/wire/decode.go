package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-faster/jx"
)

// Kind is the kind of a JSON value.
type Kind = jx.Type

// The kinds of JSON values, as [Decoder.Next] reports them.
const (
	Invalid = jx.Invalid
	String  = jx.String
	Number  = jx.Number
	Null    = jx.Null
	Bool    = jx.Bool
	Array   = jx.Array
	Object  = jx.Object
)

// Decoder reads one JSON value. Its error is sticky: after the first one all
// reads return zero values, so that decoding code checks once, at the end.
type Decoder struct {
	jx   jx.Decoder
	err  error
	path []string // innermost first; filled while the error travels outwards
	buf  []byte   // holds the text of a string input
	open int      // objects that are being read
}

var decoders = sync.Pool{New: func() any { return new(Decoder) }}

// Buffers beyond this size are not kept for the next value.
const maxPooled = 64 << 10

// Decode hands a Decoder on data to decode, and reports the error with its
// path, or that something followed the value.
func Decode(data []byte, decode func(*Decoder)) error {
	d := decoders.Get().(*Decoder)
	d.jx.ResetBytes(data)
	return d.run(decode)
}

// DecodeString is Decode for a value that is held in a string.
func DecodeString(data string, decode func(*Decoder)) error {
	d := decoders.Get().(*Decoder)
	d.buf = append(d.buf[:0], data...)
	d.jx.ResetBytes(d.buf)
	return d.run(decode)
}

func (d *Decoder) run(decode func(*Decoder)) error {
	decode(d)
	if d.err == nil {
		if d.jx.Next() != Invalid { // whole or cut off
			d.fail(errors.New("more than one JSON value"))
		} else if err := d.jx.Skip(); !errors.Is(err, io.EOF) {
			d.fail(fmt.Errorf("after the JSON value: %w", err))
		}
	}
	err := d.err
	if err != nil && len(d.path) > 0 {
		err = &PathError{Path: joinPath(d.path), Err: err}
	}
	d.jx.ResetBytes(nil)
	d.err, d.path, d.open = nil, nil, 0
	if cap(d.buf) > maxPooled {
		d.buf = nil
	}
	decoders.Put(d)
	return err
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

func (d *Decoder) fail(err error) {
	if d.err == nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		d.err = err
	}
}

func (d *Decoder) want(kind Kind) bool {
	if d.err != nil {
		return false
	}
	if got := d.jx.Next(); got != kind {
		if got == Invalid {
			d.fail(d.jx.Skip()) // says what is wrong, and where
		}
		d.fail(fmt.Errorf("want %s, got %s", kind, got))
		return false
	}
	return true
}

// Next reports the kind of the value that comes next, and Invalid after an error.
func (d *Decoder) Next() Kind {
	if d.err != nil {
		return Invalid
	}
	return d.jx.Next()
}

// Str reads a string into *p. Invalid UTF-8 becomes U+FFFD, as in encoding/json.
func Str[T ~string](d *Decoder, p *T) {
	if d.want(String) {
		b, err := d.jx.StrBytes()
		if err != nil {
			d.fail(err)
			return
		}
		if utf8.Valid(b) {
			*p = T(b)
		} else {
			*p = T(strings.ToValidUTF8(string(b), "\uFFFD"))
		}
	}
}

// Int reads an integer into *p.
func Int[T ~int](d *Decoder, p *T) {
	if d.want(Number) {
		n, err := d.jx.Num()
		if err != nil {
			d.fail(err)
			return
		}
		v, err := strconv.ParseInt(string(n), 10, strconv.IntSize)
		if err != nil {
			// JavaScript gateways may spell an integer 1e3 or 1.0.
			f, ferr := strconv.ParseFloat(string(n), 64)
			if ferr != nil || f != float64(int64(f)) || f > 1<<53 || f < -1<<53 {
				d.fail(fmt.Errorf("want an integer, got %s", n))
				return
			}
			v = int64(f)
		}
		*p = T(v)
	}
}

// Float reads a number into *p.
func Float[T ~float64](d *Decoder, p *T) {
	if d.want(Number) {
		v, err := d.jx.Float64()
		if err != nil {
			d.fail(err)
			return
		}
		*p = T(v)
	}
}

// Boolean reads a bool into *p.
func Boolean[T ~bool](d *Decoder, p *T) {
	if d.want(Bool) {
		v, err := d.jx.Bool()
		if err != nil {
			d.fail(err)
			return
		}
		*p = T(v)
	}
}

// Base64 reads a base64 string into *p.
func Base64(d *Decoder, p *[]byte) {
	if d.want(String) {
		v, err := d.jx.Base64()
		if err != nil {
			d.fail(errors.New("not valid base64"))
			return
		}
		*p = v
	}
}

// Raw returns a copy of the next value's text.
func (d *Decoder) Raw() json.RawMessage {
	if d.err != nil {
		return nil
	}
	// Next skips the white space in front, which is not part of the value.
	d.jx.Next()
	raw, err := d.jx.Raw()
	if err != nil {
		d.fail(err)
		return nil
	}
	return append(json.RawMessage(nil), raw...)
}

// Skip reads over the next value.
func (d *Decoder) Skip() {
	if d.err == nil {
		if err := d.jx.Skip(); err != nil {
			d.fail(err)
		}
	}
}

// New reads into a new T with read, and returns a pointer to it.
func New[T any](d *Decoder, read func(*Decoder, *T)) *T {
	p := new(T)
	read(d, p)
	return p
}

// List reads an array with an element function. The result is not nil.
func List[T any](d *Decoder, element func(*Decoder) T) []T {
	list := []T{}
	if !d.want(Array) {
		return list
	}
	iter, err := d.jx.ArrIter()
	if err != nil {
		d.fail(err)
		return list
	}
	for iter.Next() {
		list = append(list, element(d))
		if d.err != nil {
			d.path = append(d.path, indexStep(len(list)-1))
			return list
		}
	}
	if err := iter.Err(); err != nil {
		d.fail(err)
	}
	return list
}

// Map reads an object with a value function. The result is not nil.
func Map[T any](d *Decoder, value func(*Decoder) T) map[string]T {
	m := map[string]T{}
	for o := d.Object(); o.Next(); {
		key := o.key()
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

// ObjectDecoder walks over the members of one object.
type ObjectDecoder struct {
	d     *Decoder
	iter  jx.ObjIter
	begun bool
}

// Object begins an object.
func (d *Decoder) Object() ObjectDecoder {
	o := ObjectDecoder{d: d}
	d.open++
	if d.want(Object) {
		var err error
		if o.iter, err = d.jx.ObjIter(); err != nil {
			d.fail(err)
		}
	}
	return o
}

// Next moves to the next member, and reports whether there is one.
func (o *ObjectDecoder) Next() bool {
	if o.d.err != nil {
		if o.begun {
			o.d.path = append(o.d.path, string(o.iter.Key()))
		}
		return false
	}
	o.begun = true
	if o.iter.Next() {
		return true
	}
	if err := o.iter.Err(); err != nil {
		o.d.fail(err)
	}
	o.d.open--
	return false
}

// Key returns the name of the current member; it is valid until the next read.
func (o *ObjectDecoder) Key() []byte { return o.iter.Key() }

// key is Key as a string of its own, valid UTF-8 as [Str] makes it.
func (o *ObjectDecoder) key() string {
	return strings.ToValidUTF8(string(o.iter.Key()), "\uFFFD")
}

// Null consumes an explicit null, and remembers it for member i.
func (o *ObjectDecoder) Null(form *Form, i int) bool {
	if o.d.Next() != Null {
		return false
	}
	o.d.Skip()
	form.SetNull(i)
	return true
}

// Literal reads the current member, which has the value want in all objects
// of its kind. Another value is kept in *extra: it may be a kind that did not
// exist yet, and is no reason to fail what it stands in.
func (o *ObjectDecoder) Literal(want string, extra *map[string]json.RawMessage) {
	if o.d.Next() == String {
		saved := o.d.jx
		if got, err := o.d.jx.StrBytes(); err == nil && string(got) == want {
			return
		}
		o.d.jx = saved
	}
	o.extra("type", extra)
}

// Extra keeps the current member in *extra, under its name.
func (o *ObjectDecoder) Extra(extra *map[string]json.RawMessage) {
	o.extra(o.key(), extra)
}

func (o *ObjectDecoder) extra(key string, extra *map[string]json.RawMessage) {
	raw := o.d.Raw()
	if o.d.err != nil {
		return
	}
	if *extra == nil {
		*extra = make(map[string]json.RawMessage)
	}
	(*extra)[key] = raw
}

// maxTyped is how deep objects may be nested for their types to matter. Each
// level looks ahead over all that is within it, which would be quadratic
// without a limit. The API nests less than ten.
const maxTyped = 50

// PeekType returns the member "type" of the object that comes next, without
// consuming anything: nil where there is none or it is null, or it is nested
// too deep, and its text where it is not a string.
func (d *Decoder) PeekType() []byte {
	if d.Next() != Object || d.open > maxTyped {
		return nil
	}
	saved := d.jx
	defer func() { d.jx = saved }()
	if !d.seek("type") {
		return nil
	}
	switch d.jx.Next() {
	case String:
		typ, _ := d.jx.StrBytes()
		return typ
	case Null:
		return nil
	}
	raw, _ := d.jx.Raw()
	return raw
}

// Has reports whether an object with this member comes next, without
// consuming anything.
func (d *Decoder) Has(member string) bool {
	if d.Next() != Object {
		return false
	}
	saved := d.jx
	defer func() { d.jx = saved }()
	return d.seek(member)
}

// seek moves to the value of a member of the object that comes next.
func (d *Decoder) seek(member string) bool {
	iter, err := d.jx.ObjIter()
	if err != nil {
		return false
	}
	for iter.Next() {
		if string(iter.Key()) == member {
			return true
		}
		if d.jx.Skip() != nil {
			return false
		}
	}
	return false
}
