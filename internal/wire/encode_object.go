package wire

import (
	"cmp"
	"encoding/json"
	"slices"
)

// ObjectEncoder writes the members of one object.
type ObjectEncoder struct {
	e       *Encoder
	extra   map[string]json.RawMessage
	form    *Form
	skip    []string // names that are not written, from extra neither
	current string
	dead    bool // there was an error before this object began
}

// Begin begins an object. Its End writes extra; where extra has a member of
// the same name as a field, extra wins.
//
//go:noinline
func (o *ObjectEncoder) Begin(e *Encoder, extra map[string]json.RawMessage, form *Form) {
	o.e, o.extra, o.form = e, extra, form
	e.enter()
	o.dead = e.err != nil
	e.buf = append(e.buf, '{')
}

// Member writes the name of a member, and reports whether its value is to follow.
// The name is one that needs no escapes.
//
//go:noinline
func (o *ObjectEncoder) Member(name string) bool {
	e := o.e
	if e.err != nil {
		return false
	}
	if len(o.extra) > 0 {
		if _, ok := o.extra[name]; ok {
			return false
		}
	}
	o.current = name
	buf := append(e.comma(), '"')
	buf = append(buf, name...)
	e.buf = append(buf, '"', ':')
	return true
}

// key is Member for a name that may need escapes.
func (o *ObjectEncoder) key(name string) {
	o.current = name
	o.e.buf = o.e.comma()
	o.e.Str(name)
	o.e.buf = append(o.e.buf, ':')
}

// comma is the output with a comma after the last member, where there is one.
func (e *Encoder) comma() []byte {
	if e.buf[len(e.buf)-1] == '{' {
		return e.buf
	}
	return append(e.buf, ',')
}

// Present is Member for member i, which may be absent, or null where it was.
//
//go:noinline
func (o *ObjectEncoder) Present(name string, i int, present bool) bool {
	return o.presentOr(name, present, o.form.Null(i))
}

// Required is Member for member i, which is written also where it is empty,
// save where it was null.
//
//go:noinline
func (o *ObjectEncoder) Required(name string, i int, present bool) bool {
	null := o.form.Null(i)
	return o.presentOr(name, present || !null, null)
}

// OrNull is Member for a member that is null where it is not present.
//
//go:noinline
func (o *ObjectEncoder) OrNull(name string, present bool) bool {
	return o.presentOr(name, present, true)
}

func (o *ObjectEncoder) presentOr(name string, present, null bool) bool {
	if present {
		return o.Member(name)
	}
	if null && o.Member(name) {
		o.e.Null()
	}
	return false
}

// Literal writes a member whose value is always the same, and needs no escapes.
//
//go:noinline
func (o *ObjectEncoder) Literal(name, value string) {
	if o.Member(name) {
		buf := append(o.e.buf, '"')
		buf = append(buf, value...)
		o.e.buf = append(buf, '"')
	}
}

// Str writes member i, a string that is required.
//
//go:noinline
func (o *ObjectEncoder) Str(name string, i int, v string) {
	if o.Required(name, i, v != "") {
		o.e.Str(v)
	}
}

// StrOr is Str with a value for an empty string.
//
//go:noinline
func (o *ObjectEncoder) StrOr(name string, i int, v, empty string) {
	if o.Required(name, i, v != "") {
		o.e.Str(cmp.Or(v, empty))
	}
}

// OneOf is Str for a string that must not be empty; want says what it may be.
//
//go:noinline
func (o *ObjectEncoder) OneOf(name string, i int, v, want string) {
	if o.Required(name, i, v != "") {
		if v == "" {
			o.e.Fail("is empty; want one of " + want)
		}
		o.e.Str(v)
	}
}

// Int writes member i, an integer that is required.
//
//go:noinline
func (o *ObjectEncoder) Int(name string, i, v int) {
	if o.Required(name, i, v != 0) {
		o.e.Int(v)
	}
}

// OptStr writes member i where it is not empty, or came so.
//
//go:noinline
func (o *ObjectEncoder) OptStr(name string, i int, v string) {
	if o.Present(name, i, v != "" || o.form.Alt(i)) {
		o.e.Str(v)
	}
}

// OptInt writes member i where it is not zero, or came so.
//
//go:noinline
func (o *ObjectEncoder) OptInt(name string, i, v int) {
	if o.Present(name, i, v != 0 || o.form.Alt(i)) {
		o.e.Int(v)
	}
}

// OptBool writes member i where it is true, or came as false.
//
//go:noinline
func (o *ObjectEncoder) OptBool(name string, i int, v bool) {
	if o.Present(name, i, v || o.form.Alt(i)) {
		o.e.Bool(v)
	}
}

// StrPtr writes member i where it is not nil.
//
//go:noinline
func (o *ObjectEncoder) StrPtr(name string, i int, v *string) {
	if o.Present(name, i, v != nil) {
		o.e.Str(*v)
	}
}

// IntPtr writes member i where it is not nil.
//
//go:noinline
func (o *ObjectEncoder) IntPtr(name string, i int, v *int) {
	if o.Present(name, i, v != nil) {
		o.e.Int(*v)
	}
}

// FloatPtr writes member i where it is not nil.
//
//go:noinline
func (o *ObjectEncoder) FloatPtr(name string, i int, v *float64) {
	if o.Present(name, i, v != nil) {
		o.e.Float(*v)
	}
}

// BoolPtr writes member i where it is not nil.
//
//go:noinline
func (o *ObjectEncoder) BoolPtr(name string, i int, v *bool) {
	if o.Present(name, i, v != nil) {
		o.e.Bool(*v)
	}
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
//
//go:noinline
func (o *ObjectEncoder) End() {
	e := o.e
	if len(o.extra) > 0 {
		o.writeExtra()
	}
	if e.err != nil && !o.dead && o.current != "" {
		e.path = append(e.path, o.current)
	}
	e.open--
	e.buf = append(e.buf, '}')
}

func (o *ObjectEncoder) writeExtra() {
	e := o.e
	for _, k := range sortedKeys(o.extra) {
		if e.err != nil {
			return
		}
		if slices.Contains(o.skip, k) {
			continue
		}
		if o.key(k); len(o.extra[k]) == 0 {
			e.Null()
		} else {
			e.Raw(o.extra[k])
		}
	}
}
