package wire

// Kind is the kind of a JSON value.
type Kind uint8

// The kinds of JSON values, as [Decoder.Next] reports them.
const (
	Invalid Kind = iota
	String
	Number
	Null
	Bool
	Array
	Object
)

// String implements [fmt.Stringer].
func (k Kind) String() string {
	return [...]string{"invalid", "string", "number", "null", "bool", "array", "object"}[k]
}

// kinds has the kind of value that a byte begins.
var kinds = [256]Kind{
	'"': String, '{': Object, '[': Array, 'n': Null, 't': Bool, 'f': Bool, '-': Number,
	'0': Number, '1': Number, '2': Number, '3': Number, '4': Number,
	'5': Number, '6': Number, '7': Number, '8': Number, '9': Number,
}

// Valid reports whether raw is one JSON value.
func Valid(raw []byte) bool { return Decode(raw, (*Decoder).Skip) == nil }

// value reads over the value that comes next, and returns its text, which is
// part of the input.
func (d *Decoder) value() []byte {
	if d.err != nil {
		return nil
	}
	d.peek()
	start := d.pos
	if d.skip(); d.err != nil {
		return nil
	}
	return d.data[start:d.pos]
}

// skip reads over the value that comes next, and checks its syntax.
func (d *Decoder) skip() {
	switch kind := d.Next(); kind {
	case String:
		d.skipText(0)
	case Number:
		d.number()
	case Object, Array:
		d.skipAll(kind)
	case Null:
		d.word("null")
	case Bool:
		if d.data[d.pos] == 't' {
			d.word("true")
		} else {
			d.word("false")
		}
	default:
		d.unexpected("a value")
	}
}

// skipAll reads over the object or list that comes next. It does what
// [ObjectDecoder] and [listDecoder] do, for values that no one looks into.
func (d *Decoder) skipAll(kind Kind) {
	end := byte(']')
	if kind == Object {
		end = '}'
	}
	d.enter()
	d.pos++
	if d.peek() == end {
		d.pos++
		d.open--
		return
	}
	for d.err == nil {
		if kind == Object && !d.skipName() {
			return
		}
		d.skip()
		switch d.peek() {
		case ',':
			d.pos++
		case end:
			d.pos++
			d.open--
			return
		default:
			d.unexpected("a comma or the end")
		}
	}
}

// skipName reads over the name of a member and its colon.
func (d *Decoder) skipName() bool {
	if d.peek() != '"' {
		d.unexpected("the name of a member")
		return false
	}
	d.skipText(0)
	if d.err == nil && d.peek() != ':' {
		d.unexpected("a colon")
	}
	d.pos++
	return d.err == nil
}

func (d *Decoder) word(word string) {
	for i := range len(word) {
		if d.pos >= len(d.data) || d.data[d.pos] != word[i] {
			d.unexpected(word)
			return
		}
		d.pos++
	}
}

// number reads over a number, of which RFC 8259 says what it is made of.
func (d *Decoder) number() {
	d.accept('-', '-')
	if !d.accept('0', '0') && !d.digits() {
		return
	}
	if d.accept('.', '.') && !d.digits() {
		return
	}
	if d.accept('e', 'E') {
		d.accept('+', '-')
		d.digits()
	}
}

// accept reads over one of two bytes, where it comes next.
func (d *Decoder) accept(a, b byte) bool {
	if d.pos < len(d.data) && (d.data[d.pos] == a || d.data[d.pos] == b) {
		d.pos++
		return true
	}
	return false
}

// digits reads over digits, of which there must be one.
func (d *Decoder) digits() bool {
	start := d.pos
	for d.pos < len(d.data) && d.data[d.pos]-'0' <= 9 {
		d.pos++
	}
	if d.pos == start {
		d.unexpected("a digit")
	}
	return d.pos > start
}
