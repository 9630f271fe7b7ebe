package portkey

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"
)

// headerJSON makes JSON fit for a header: on one line, and with all that is
// not ASCII escaped, because the gateway reads headers as Latin-1.
func headerJSON(data []byte) string {
	var line bytes.Buffer
	if json.Compact(&line, data) != nil {
		line.Reset()
		line.Write(data)
	}
	var b strings.Builder
	for _, r := range line.String() {
		switch {
		case r < 0x7f:
			b.WriteByte(byte(r))
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, hi, lo)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
