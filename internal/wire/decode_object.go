package wire

import "encoding/json"

// ObjectDecoder walks over the members of one object.
type ObjectDecoder struct {
	d     *Decoder
	extra *map[string]json.RawMessage
	form  *Form
	key   []byte
	begun bool
	done  bool
}

// Begin begins an object, of which unknown members go to *extra, and what its
// fields cannot tell goes to *form.
//
//go:noinline
func (o *ObjectDecoder) Begin(d *Decoder, extra *map[string]json.RawMessage, form *Form) {
	o.d, o.extra, o.form = d, extra, form
	d.enter()
	if o.done = !d.want(Object); !o.done {
		d.pos++
	}
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
			return o.stop("a comma or the end of the object")
		}
		d.pos++
		c = d.peek()
	}
	if c != '"' {
		return o.stop("the name of a member")
	}
	o.key = d.lastingText()
	if d.err != nil {
		o.done = true
		return false
	}
	if d.peek() != ':' {
		return o.stop("a colon")
	}
	d.pos++
	o.begun = true
	return true
}

func (o *ObjectDecoder) stop(want string) bool {
	o.d.unexpected(want)
	o.done = true
	return false
}

// Key returns the name of the current member, which may be part of the input.
func (o *ObjectDecoder) Key() []byte { return o.key }

// name is Key as a string of its own.
func (o *ObjectDecoder) name() string { return validText(o.key) }

// Null consumes an explicit null, and remembers it for member i.
//
//go:noinline
func (o *ObjectDecoder) Null(i int) bool {
	if o.d.Next() != Null {
		return false
	}
	o.d.Skip()
	o.form.setNull(i)
	return true
}

// Str reads a string into *p, for member i. Null leaves it as it is, as in all
// methods for members.
//
//go:noinline
func (o *ObjectDecoder) Str(i int, p *string) {
	if !o.Null(i) {
		*p = o.d.Str()
	}
}

// Int reads an integer into *p.
//
//go:noinline
func (o *ObjectDecoder) Int(i int, p *int) {
	if !o.Null(i) {
		*p = o.d.Int()
	}
}

// Bool reads a boolean into *p.
//
//go:noinline
func (o *ObjectDecoder) Bool(i int, p *bool) {
	if !o.Null(i) {
		*p = o.d.Bool()
	}
}

// Base64 reads a base64 string into *p.
//
//go:noinline
func (o *ObjectDecoder) Base64(i int, p *[]byte) {
	if !o.Null(i) {
		*p = o.d.Base64()
	}
}

// OptStr is Str for a member that may be absent: the form tells an empty one
// from none, as in all methods that begin with Opt.
//
//go:noinline
func (o *ObjectDecoder) OptStr(i int, p *string) {
	if !o.Null(i) {
		*p = o.d.Str()
		o.form.setZero(i, *p == "")
	}
}

// OptInt is Int for a member that may be absent.
//
//go:noinline
func (o *ObjectDecoder) OptInt(i int, p *int) {
	if !o.Null(i) {
		*p = o.d.Int()
		o.form.setZero(i, *p == 0)
	}
}

// OptFloat is the same for a number.
//
//go:noinline
func (o *ObjectDecoder) OptFloat(i int, p *float64) {
	if !o.Null(i) {
		*p = o.d.Float()
		o.form.setZero(i, *p == 0)
	}
}

// OptBool is Bool for a member that may be absent.
//
//go:noinline
func (o *ObjectDecoder) OptBool(i int, p *bool) {
	if !o.Null(i) {
		*p = o.d.Bool()
		o.form.setZero(i, !*p)
	}
}

// StrPtr reads a string into a new **p.
//
//go:noinline
func (o *ObjectDecoder) StrPtr(i int, p **string) {
	if !o.Null(i) {
		*p = new(o.d.Str())
	}
}

// IntPtr reads an integer into a new **p.
//
//go:noinline
func (o *ObjectDecoder) IntPtr(i int, p **int) {
	if !o.Null(i) {
		*p = new(o.d.Int())
	}
}

// FloatPtr reads a number into a new **p.
//
//go:noinline
func (o *ObjectDecoder) FloatPtr(i int, p **float64) {
	if !o.Null(i) {
		*p = new(o.d.Float())
	}
}

// BoolPtr reads a boolean into a new **p.
//
//go:noinline
func (o *ObjectDecoder) BoolPtr(i int, p **bool) {
	if !o.Null(i) {
		*p = new(o.d.Bool())
	}
}

// Literal reads the current member, which has the value want in all objects
// of its kind. Another value is kept with the extra members: it may be a kind
// that did not exist yet, and is no reason to fail what it stands in.
//
//go:noinline
func (o *ObjectDecoder) Literal(want string) {
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
	o.keep("type")
}

// Mark is a place to which Keep can go back.
type Mark struct{ pos, open int }

// Mark notes where the value of the current member begins.
func (o *ObjectDecoder) Mark() Mark { return Mark{o.d.pos, o.d.open} }

// Keep keeps the current member with the extra ones where its value turned out
// not to fit. It is for what would be a pity to lose a paid answer for.
//
//go:noinline
func (o *ObjectDecoder) Keep(m Mark) {
	d := o.d
	if d.err == nil {
		return
	}
	err, path := d.err, d.path
	d.back(m.pos, m.open)
	if o.Extra(); d.err != nil { // it is no JSON at all
		d.err, d.path = err, path
	}
}

// Extra keeps the current member, under its name, with the extra ones.
//
//go:noinline
func (o *ObjectDecoder) Extra() { o.keep(o.name()) }

func (o *ObjectDecoder) keep(key string) {
	raw := o.d.Raw()
	if o.d.err != nil {
		return
	}
	if *o.extra == nil {
		*o.extra = make(map[string]json.RawMessage)
	}
	(*o.extra)[key] = raw
}

// maxTyped is how deep objects and lists may be nested for their types to matter. Each
// level looks ahead over all that is within it, which would be quadratic
// without a limit. The API nests less than twenty.
const maxTyped = 100

// PeekType returns the member "type" of the object that comes next, without
// consuming anything: nil where there is none or it is null, or it is nested
// too deep, and its text where it is not a string.
func (d *Decoder) PeekType() []byte {
	if d.Next() != Object || d.open > maxTyped {
		return nil
	}
	start, open := d.pos, d.open
	// The type comes first, without spaces, in nearly all there is to read.
	const begin = `{"type":"`
	if rest := d.data[d.pos:]; len(rest) > len(begin) && string(rest[:len(begin)]) == begin {
		d.pos += len(begin) - 1
		typ := d.lastingText()
		failed := d.err != nil
		if d.back(start, open); !failed {
			return typ
		}
	}
	defer d.back(start, open)
	if !d.seek("type") {
		return nil
	}
	switch d.Next() {
	case String:
		return d.lastingText()
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
	defer d.back(d.pos, d.open)
	return d.seek(member) && d.Next() != Null
}

// seek moves to the value of a member of the object that comes next.
func (d *Decoder) seek(member string) bool {
	var o ObjectDecoder
	for o.Begin(d, nil, nil); o.Next(); d.skip() {
		if string(o.key) == member {
			return true
		}
	}
	return false
}
