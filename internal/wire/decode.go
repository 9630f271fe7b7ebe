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
//
// It walks over objects, lists and strings itself, which is most of the work,
// and leaves the rest (numbers, values that are kept as they are) to jx.
type Decoder struct {
	data []byte
	pos  int
	err  error
	path []string   // innermost first; filled while the error travels outwards
	open int        // objects that are being read
	jx   jx.Decoder // reads single values of data
}

var decoders = sync.Pool{New: func() any { return new(Decoder) }}

// Decode hands a Decoder on data to decode, and reports the error with its
// path, or that something followed the value.
func Decode(data []byte, decode func(*Decoder)) error {
	d := decoders.Get().(*Decoder)
	d.data = data
	decode(d)
	if d.err == nil {
		if d.peek(); d.pos < len(d.data) {
			if kinds[d.data[d.pos]] != Invalid { // whole or cut off
				d.fail(errors.New("more than one JSON value"))
			} else {
				d.fail(fmt.Errorf("after the JSON value: byte %d: %q", d.pos, d.data[d.pos]))
			}
		}
	}
	err := d.err
	if err != nil && len(d.path) > 0 {
		err = &PathError{Path: joinPath(d.path), Err: err}
	}
	d.jx.ResetBytes(nil)
	*d = Decoder{}
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

// kinds has the kind of value that a byte begins.
var kinds = func() (k [256]Kind) {
	k['"'], k['{'], k['['], k['n'], k['t'], k['f'], k['-'] = String, Object, Array, Null, Bool, Bool, Number
	for c := '0'; c <= '9'; c++ {
		k[c] = Number
	}
	return k
}()

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
		d.unexpected("a " + kind.String())
	} else {
		d.fail(fmt.Errorf("want %s, got %s", kind, got))
	}
	return false
}

// value reads over the value that comes next, and returns its text, which is
// part of the input.
func (d *Decoder) value() []byte {
	if d.err != nil {
		return nil
	}
	d.peek()
	d.jx.ResetBytes(d.data[d.pos:])
	raw, err := d.jx.Raw()
	if err != nil {
		d.fail(err)
		return nil
	}
	d.pos += len(raw)
	return raw
}

// Str reads a string into *p. Invalid UTF-8 becomes U+FFFD, as in encoding/json.
func Str[T ~string](d *Decoder, p *T) {
	if d.want(String) {
		b, ascii := d.text()
		if ascii || utf8.Valid(b) {
			*p = T(b)
		} else {
			*p = T(strings.ToValidUTF8(string(b), "\uFFFD"))
		}
	}
}

// Int reads an integer into *p.
func Int[T ~int](d *Decoder, p *T) {
	if !d.want(Number) {
		return
	}
	// Most integers are small, and end in a way that leaves no doubt.
	v := 0
	for i := d.pos; i < len(d.data) && i < d.pos+9; i++ {
		c := d.data[i]
		if c < '0' || c > '9' {
			if (c == ',' || c == '}') && i > d.pos && (d.data[d.pos] != '0' || i == d.pos+1) {
				d.pos = i
				*p = T(v)
				return
			}
			break
		}
		v = v*10 + int(c-'0')
	}
	n := string(d.value())
	if d.err != nil {
		return
	}
	whole, err := strconv.ParseInt(n, 10, strconv.IntSize)
	if err != nil {
		// JavaScript gateways may spell an integer 1e3 or 1.0.
		f, ferr := strconv.ParseFloat(n, 64)
		if ferr != nil || f > 1<<53 || f < -1<<53 || f != float64(int64(f)) {
			d.fail(fmt.Errorf("want an integer, got %s", n))
			return
		}
		whole = int64(f)
	}
	*p = T(whole)
}

// Float reads a number into *p.
func Float[T ~float64](d *Decoder, p *T) {
	if d.want(Number) {
		n := string(d.value())
		if d.err != nil {
			return
		}
		v, err := strconv.ParseFloat(n, 64)
		if err != nil {
			d.fail(fmt.Errorf("want a number, got %s", n))
			return
		}
		*p = T(v)
	}
}

// Boolean reads a bool into *p.
func Boolean[T ~bool](d *Decoder, p *T) {
	if d.want(Bool) {
		*p = string(d.value()) == "true"
	}
}

// Base64 reads a base64 string into *p.
func Base64(d *Decoder, p *[]byte) {
	if d.want(String) {
		d.jx.ResetBytes(d.data[d.pos:])
		v, err := d.jx.Base64()
		if err != nil {
			d.fail(errors.New("not valid base64"))
			return
		}
		*p = v
		d.text() // moves on
	}
}

// Raw returns a copy of the next value's text.
func (d *Decoder) Raw() json.RawMessage {
	raw := d.value()
	if d.err != nil {
		return nil
	}
	return append(json.RawMessage(nil), raw...)
}

// Skip reads over the next value.
func (d *Decoder) Skip() { d.value() }

// New reads into a new T with read, and returns a pointer to it.
//
//go:noinline
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
	d.pos++
	if d.peek() == ']' {
		d.pos++
		return list
	}
	for {
		if d.peek() == 0 && d.pos >= len(d.data) {
			d.unexpected("an element")
			return list
		}
		if list = append(list, element(d)); d.err != nil {
			d.path = append(d.path, indexStep(len(list)-1))
			return list
		}
		switch d.peek() {
		case ',':
			d.pos++
		case ']':
			d.pos++
			return list
		default:
			d.unexpected("a comma or the end of the list")
			return list
		}
	}
}

// Map reads an object with a value function. The result is not nil.
func Map[T any](d *Decoder, value func(*Decoder) T) map[string]T {
	m := map[string]T{}
	for o := d.Object(); o.Next(); {
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

// ObjectDecoder walks over the members of one object.
type ObjectDecoder struct {
	d     *Decoder
	key   []byte
	begun bool
	done  bool
}

// Object begins an object.
func (d *Decoder) Object() ObjectDecoder {
	if d.open++; d.open > maxDepth {
		d.fail(errors.New("nested too deep"))
	}
	if d.want(Object) {
		d.pos++
		return ObjectDecoder{d: d}
	}
	return ObjectDecoder{d: d, done: true}
}

// Next moves to the next member, and reports whether there is one.
func (o *ObjectDecoder) Next() bool {
	d := o.d
	if o.done {
		return false
	}
	if d.err != nil {
		if o.begun {
			d.path = append(d.path, string(o.key))
		}
		o.done = true
		return false
	}
	c := d.peek()
	if c == '}' {
		d.pos++
		d.open--
		o.done = true
		return false
	}
	if o.begun {
		if c != ',' {
			d.unexpected("a comma or the end of the object")
			return false
		}
		d.pos++
		c = d.peek()
	}
	if c != '"' {
		d.unexpected("the name of a member")
		return false
	}
	o.key, _ = d.text()
	if d.err != nil {
		return false
	}
	if d.peek() != ':' {
		d.unexpected("a colon")
		return false
	}
	d.pos++
	o.begun = true
	return true
}

// Key returns the name of the current member; it is part of the input.
func (o *ObjectDecoder) Key() []byte { return o.key }

// name is Key as a string of its own, valid UTF-8 as [Str] makes it.
func (o *ObjectDecoder) name() string {
	return strings.ToValidUTF8(string(o.key), "\uFFFD")
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
		start := o.d.pos
		if got, _ := o.d.text(); string(got) == want {
			return
		}
		if o.d.err != nil {
			return
		}
		o.d.pos = start
	}
	o.extra("type", extra)
}

// Mark is a place to which Keep can go back.
type Mark struct{ pos, open int }

// Mark notes where the value of the current member begins.
func (o *ObjectDecoder) Mark() Mark { return Mark{o.d.pos, o.d.open} }

// Keep keeps the current member in *extra where its value turned out not to
// fit. It is for what would be a pity to lose a paid answer for.
func (o *ObjectDecoder) Keep(m Mark, extra *map[string]json.RawMessage) {
	d := o.d
	if d.err == nil {
		return
	}
	err, path := d.err, d.path
	d.back(m.pos, m.open)
	if o.extra(o.name(), extra); d.err != nil { // it is no JSON at all
		d.err, d.path = err, path
	}
}

// Extra keeps the current member in *extra, under its name.
func (o *ObjectDecoder) Extra(extra *map[string]json.RawMessage) {
	o.extra(o.name(), extra)
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

// maxDepth is how deep objects may be nested at all; jx has the same limit.
const maxDepth = 10_000

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
	// The type comes first, without spaces, in nearly all there is to read.
	const begin = `{"type":"`
	if rest := d.data[d.pos:]; len(rest) > len(begin) && string(rest[:len(begin)]) == begin {
		rest = rest[len(begin):]
		if n := plainPrefix(rest); n < len(rest) && rest[n] == '"' {
			return rest[:n]
		}
	}
	start, open := d.pos, d.open
	defer func() { d.back(start, open) }()
	if !d.seek("type") {
		return nil
	}
	switch d.Next() {
	case String:
		typ, _ := d.text()
		return typ
	case Null:
		return nil
	}
	return d.value()
}

// Has reports whether an object comes next in which this member is there and
// not null, without consuming anything.
func (d *Decoder) Has(member string) bool {
	if d.Next() != Object {
		return false
	}
	start, open := d.pos, d.open
	defer func() { d.back(start, open) }()
	return d.seek(member) && d.Next() != Null
}

// seek moves to the value of a member of the object that comes next.
func (d *Decoder) seek(member string) bool {
	for o := d.Object(); o.Next(); d.value() {
		if string(o.key) == member {
			return true
		}
	}
	return false
}

// back undoes all that has happened since the decoder stood at pos, an error
// too: whoever reads on will meet it again.
func (d *Decoder) back(pos, open int) {
	d.pos, d.open, d.err, d.path = pos, open, nil, nil
}
