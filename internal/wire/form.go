package wire

// Form remembers how an object was spelled where its fields alone cannot
// tell: which members were an explicit null, and which used the alternate
// spelling of their value (a string instead of a list of blocks, or a zero
// that is not left out). It is what makes decoding and encoding again lossless.
// The zero Form means "nothing unusual", which is what a caller's literal has.
type Form struct {
	null, alt uint64
}

// MaxMembers is how many members of one object a Form can tell apart.
const MaxMembers = 64

func (f *Form) setNull(i int) { f.null |= 1 << i }

// setZero records whether member i, which may be absent, came and was zero.
func (f *Form) setZero(i int, zero bool) {
	if zero {
		f.alt |= 1 << i
	}
}

// Null reports whether member i was an explicit null.
func (f Form) Null(i int) bool { return f.null&(1<<i) != 0 }

// AnyNull reports whether any member was an explicit null.
func (f Form) AnyNull() bool { return f.null != 0 }

// SetAlt records that member i used the alternate spelling.
func (f *Form) SetAlt(i int) { f.alt |= 1 << i }

// Alt reports whether member i used the alternate spelling.
func (f Form) Alt(i int) bool { return f.alt&(1<<i) != 0 }
