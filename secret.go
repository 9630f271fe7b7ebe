package portkey

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/portkey-go/portkey/internal/wire"
)

// Secret is a key or another credential. It prints as [redacted] with any
// verb of [fmt], in [log/slog] and in JSON, and as nothing where it is empty;
// string(secret) has its value. Beware of a struct of your own with a Secret in
// an unexported field: fmt does not ask such a field how it wants to be printed.
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

// The types that hold secrets print themselves: fmt would not ask a Secret
// within a pointer how it wants to be printed where the verb does not fit.

// Format implements [fmt.Formatter]. It shows only what the config is about:
// what it has in Extra and in the parameters of its guardrails may be secret too.
func (x Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, x.summary()) }

// LogValue implements [slog.LogValuer], with what Format shows.
func (x Config) LogValue() slog.Value { return slog.StringValue(x.summary()) }

func (x *Config) summary() string {
	what := x.Provider
	if x.Strategy != nil {
		what = fmt.Sprintf("%s of %d targets", x.Strategy.Mode, len(x.Targets))
	}
	if x.Name != "" {
		what = x.Name + ": " + what
	}
	return "portkey.Config(" + what + ")"
}

// Format implements [fmt.Formatter]. It shows only where the credentials are for.
func (c BedrockCredentials) Format(f fmt.State, _ rune) { show(f, "BedrockCredentials", c.Region) }

// Format implements [fmt.Formatter]. It shows only where the credentials are for.
func (c VertexCredentials) Format(f fmt.State, _ rune) { show(f, "VertexCredentials", c.Region) }

// Format implements [fmt.Formatter]. It shows only where the credentials are for.
func (c AzureFoundryCredentials) Format(f fmt.State, _ rune) {
	show(f, "AzureFoundryCredentials", c.URL)
}

// Format implements [fmt.Formatter]. It shows only the target's provider.
func (w Branch) Format(f fmt.State, _ rune) { show(f, "Branch", w.target.summary()) }

// Format implements [fmt.Formatter]. What a check is told may be secret.
func (g Guardrail) Format(f fmt.State, _ rune) { show(f, "Guardrail", g.Ref+g.ID) }

// Format implements [fmt.Formatter]. What a check is told may be secret.
func (x HookCheckConfig) Format(f fmt.State, _ rune) { show(f, "HookCheckConfig", x.ID) }

func show(f fmt.State, name, of string) { _, _ = fmt.Fprintf(f, "portkey.%s(%s)", name, of) }

// encodeSecret writes a secret of a config.
func encodeSecret(e *wire.Encoder, s Secret) {
	if e.Mode&wire.Reveal != 0 {
		e.Str(string(s))
		return
	}
	e.Str(s.String())
}
