package wire

import (
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// text reads the string that comes next. It is part of the input where nothing
// in it is escaped; ascii is false where it may not be valid UTF-8.
func (d *Decoder) text() (text []byte, ascii bool) {
	start := d.pos + 1
	i := start + plainPrefix(d.data[start:])
	if i < len(d.data) && d.data[i] == '"' {
		d.pos = i + 1
		return d.data[start:i], true
	}
	return d.unescape(start, i)
}

// unescape reads the rest of a string in which something other than plain text stands at i.
func (d *Decoder) unescape(start, i int) ([]byte, bool) {
	ascii := true
	var out []byte // nil while nothing was escaped
	for i < len(d.data) {
		switch c := d.data[i]; {
		case c == '"':
			d.pos = i + 1
			if out == nil {
				return d.data[start:i], ascii
			}
			return out, ascii
		case c == '\\':
			if out == nil {
				out = make([]byte, i-start, i-start+64)
				copy(out, d.data[start:i])
			}
			var n int
			if out, n = appendEscaped(out, d.data[i:]); n == 0 {
				d.pos = min(i+1, len(d.data))
				d.unexpected("an escape sequence")
				return nil, true
			}
			i += n
		case c < ' ':
			d.pos = i
			d.unexpected("the rest of a string")
			return nil, true
		default:
			ascii = ascii && c < utf8.RuneSelf
			n := max(1, plainPrefix(d.data[i:]))
			if out != nil {
				out = append(out, d.data[i:i+n]...)
			}
			i += n
		}
	}
	d.fail(io.ErrUnexpectedEOF)
	return nil, true
}

// appendEscaped appends what an escape sequence at the beginning of s stands
// for, and returns its length: 0 where there is none.
func appendEscaped(out, s []byte) ([]byte, int) {
	if len(s) < 2 {
		return out, 0
	}
	switch c := s[1]; c {
	case '"', '\\', '/':
		return append(out, c), 2
	case 'b':
		return append(out, '\b'), 2
	case 'f':
		return append(out, '\f'), 2
	case 'n':
		return append(out, '\n'), 2
	case 'r':
		return append(out, '\r'), 2
	case 't':
		return append(out, '\t'), 2
	case 'u':
		r, ok := hex4(s[2:])
		if !ok {
			return out, 0
		}
		n := 6
		if utf16.IsSurrogate(r) {
			low := rune(-1)
			if len(s) > 7 && s[6] == '\\' && s[7] == 'u' {
				low, _ = hex4(s[8:])
			}
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				r, n = pair, 12
			} else {
				r = utf8.RuneError // half of a pair
			}
		}
		return utf8.AppendRune(out, r), n
	}
	return out, 0
}

func hex4(s []byte) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	v, err := strconv.ParseUint(string(s[:4]), 16, 16)
	return rune(v), err == nil && s[0] != '+' && s[0] != '-'
}

// plainPrefix returns how many bytes at the beginning of s are ASCII without
// quotes, backslashes and control characters. It looks at eight at a time.
func plainPrefix[S []byte | string](s S) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(s); i += 8 {
		x := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
			uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
		quote, backslash := x^(ones*'"'), x^(ones*'\\')
		// A byte below n has its high bit set in x - ones*n, unless it was set in x.
		special := (x - ones*' ') | (quote - ones) | (backslash - ones) | x
		if special&highs != 0 {
			break
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			break
		}
	}
	return i
}
