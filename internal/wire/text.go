package wire

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/bits"
	"slices"
	"unicode/utf16"
	"unicode/utf8"

	asmutf8 "github.com/segmentio/asm/utf8"
)

// text reads the string that comes next. It is part of the input, or of a
// buffer that the next text overwrites. ascii says that it is part of the input
// and all ASCII.
func (d *Decoder) text() (text []byte, ascii bool) {
	start := d.pos + 1
	n, ascii := plain(d.data[start:])
	if end := start + n; end < len(d.data) && d.data[end] == '"' {
		d.pos = end + 1
		return d.data[start:end], ascii
	}
	if d.skipText(n); d.err != nil {
		return nil, false
	}
	escaped := d.data[start : d.pos-1]
	d.buf = unescape(slices.Grow(d.buf[:0], len(escaped)), escaped)
	return d.buf, false
}

// lastingText is text that nothing overwrites.
func (d *Decoder) lastingText() []byte {
	text, ascii := d.text()
	if !ascii {
		text = bytes.Clone(text)
	}
	return text
}

// skipText reads over the string that comes next, and checks its escapes. Its
// first n bytes are known to be plain.
func (d *Decoder) skipText(n int) {
	i := d.pos + 1 + n
	for i < len(d.data) {
		switch d.data[i] {
		case '"':
			d.pos = i + 1
			return
		case '\\':
			n := escapeLen(d.data[i:])
			if rest := len(d.data) - i; rest < 2 || n == 0 && rest < 6 && d.data[i+1] == 'u' {
				d.fail(io.ErrUnexpectedEOF)
				return
			}
			if n == 0 {
				d.pos = min(i+1, len(d.data))
				d.unexpected("an escape sequence")
				return
			}
			i += n
		default:
			n, _ := plain(d.data[i:])
			if n == 0 {
				d.pos = i
				d.unexpected("the rest of a string")
				return
			}
			i += n
		}
	}
	d.fail(io.ErrUnexpectedEOF)
}

// validText is text as a string, with U+FFFD for each byte that is not valid UTF-8.
func validText(text []byte) string {
	if asmutf8.Valid(text) {
		return string(text)
	}
	return string([]rune(string(text)))
}

// escapeLen is the length of the escape sequence at the beginning of s: 0 where
// there is none.
func escapeLen(s []byte) int {
	if len(s) > 1 {
		switch s[1] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			return 2
		case 'u':
			if len(s) > 5 && hex4(s[2:]) >= 0 {
				return 6
			}
		}
	}
	return 0
}

// unescape appends text, of which the escapes have been checked, without them.
func unescape(out, text []byte) []byte {
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 {
			return append(out, text...)
		}
		out = append(out, text[:i]...)
		text = text[i:]
		n := 2
		switch c := text[1]; c {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			var r rune
			r, n = unescapeRune(text)
			out = utf8.AppendRune(out, r)
		default:
			out = append(out, c)
		}
		text = text[n:]
	}
}

// unescapeRune reads an escape of four digits, or two that are one character, and returns their length.
func unescapeRune(text []byte) (rune, int) {
	r := hex4(text[2:])
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if len(text) > 11 && text[6] == '\\' && text[7] == 'u' {
		if pair := utf16.DecodeRune(r, hex4(text[8:])); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return utf8.RuneError, 6 // half of a pair
}

// hex4 is the value of the four hexadecimal digits at the beginning of s; negative where they are none.
func hex4(s []byte) (r rune) {
	for _, c := range s[:4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}

// plain returns how many bytes at the beginning of s are none of those that
// JSON has a meaning for in strings: quotes, backslashes and control
// characters. ascii reports whether they are all ASCII.
func plain(s []byte) (n int, ascii bool) {
	var seen uint64 // the high bits of all of them
	i := 0
	for ; i <= len(s)-16; i += 16 {
		x, y := binary.LittleEndian.Uint64(s[i:]), binary.LittleEndian.Uint64(s[i+8:])
		inX, inY := special(x), special(y)
		if inX|inY != 0 {
			if inX == 0 {
				i += 8
				seen |= x
				x, inX = y, inY
			}
			bit := bits.TrailingZeros64(inX)
			seen |= x & (1<<bit - 1)
			return i + bit/8, seen&highs == 0
		}
		seen |= x | y
	}
	for ; i < len(s); i++ {
		c := s[i]
		if c < ' ' || c == '"' || c == '\\' {
			break
		}
		seen |= uint64(c)
	}
	return i, seen&highs == 0
}

const ones, highs = 0x0101010101010101, 0x8080808080808080

// special has the high bit of the first byte in x, which is the lowest, that is
// special to JSON; those after it are not to be relied upon.
func special(x uint64) uint64 {
	quote, backslash := x^(ones*'"'), x^(ones*'\\')
	// A byte below n has its high bit set in x - ones*n, unless it was set in x.
	return ((x - ones*' ') | (quote - ones) | (backslash - ones)) &^ x & highs
}
