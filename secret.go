package portkey

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/portkey-go/portkey/internal/wire"
)

// Secret is a key or another credential. It prints as [redacted] with any
// verb of [fmt], in [log/slog] and in JSON, and as nothing where it is empty;
// string(secret) has its value.
type Secret string

const redacted = "[redacted]"

// String implements [fmt.Stringer].
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// Format implements [fmt.Formatter], so that no verb prints the value.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue implements [slog.LogValuer].
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText implements [encoding.TextMarshaler], which [encoding/json] uses.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// encodeSecret writes a secret of a config.
func encodeSecret(e *wire.Encoder, s Secret) {
	if e.Mode&wire.Reveal != 0 {
		e.Str(string(s))
		return
	}
	e.Str(s.String())
}
