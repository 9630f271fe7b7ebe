package wire

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/bits"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// text reads the string that comes next. It is part of the input, or of a
// buffer that the next text overwrites. ascii says that it is part of the input
// and all ASCII.
func (d *Decoder) text() (text []byte, ascii bool) {
	start := d.pos + 1
	n, ascii := plain(d.data[start:])
	end := start + n
	if end < len(d.data) && d.data[end] == '"' {
		d.pos = end + 1
		return d.data[start:end], ascii
	}
	return d.unescape(start, end)
}

// lastingText is text that nothing overwrites.
func (d *Decoder) lastingText() []byte {
	text, ascii := d.text()
	if !ascii {
		text = bytes.Clone(text)
	}
	return text
}

// unescape reads the rest of a string in which something other than plain text stands at i.
func (d *Decoder) unescape(start, i int) ([]byte, bool) {
	d.buf = append(d.buf[:0], d.data[start:i]...)
	for i < len(d.data) {
		switch d.data[i] {
		case '"':
			d.pos = i + 1
			return d.buf, false
		case '\\':
			var n int
			if d.buf, n = appendEscaped(d.buf, d.data[i:]); n == 0 {
				d.pos = min(i+1, len(d.data))
				d.unexpected("an escape sequence")
				return nil, false
			}
			i += n
		default:
			n, _ := plain(d.data[i:])
			if n == 0 {
				d.pos = i
				d.unexpected("the rest of a string")
				return nil, false
			}
			d.buf = append(d.buf, d.data[i:i+n]...)
			i += n
		}
	}
	d.fail(io.ErrUnexpectedEOF)
	return nil, false
}

// validText is text as a string, with U+FFFD for each byte that is not valid UTF-8.
func validText(text []byte) string {
	if utf8.Valid(text) {
		return string(text)
	}
	return string([]rune(string(text)))
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

// plain returns how many bytes at the beginning of s are none of those that
// JSON has a meaning for in strings: quotes, backslashes and control
// characters. ascii reports whether they are all ASCII.
func plain(s []byte) (n int, ascii bool) {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	var seen uint64 // the high bits of all of them
	rest := s
	for len(rest) >= 8 {
		x := binary.LittleEndian.Uint64(rest)
		quote, backslash := x^(ones*'"'), x^(ones*'\\')
		// The lowest byte below n has its high bit set in x - ones*n, unless it was set in x.
		if special := ((x - ones*' ') | (quote - ones) | (backslash - ones)) &^ x & highs; special != 0 {
			bit := bits.TrailingZeros64(special)
			seen |= x & (1<<bit - 1)
			return len(s) - len(rest) + bit/8, seen&highs == 0
		}
		seen |= x
		rest = rest[8:]
	}
	for i, c := range rest {
		if c < ' ' || c == '"' || c == '\\' {
			return len(s) - len(rest) + i, seen&highs == 0
		}
		seen |= uint64(c)
	}
	return len(s), seen&highs == 0
}
