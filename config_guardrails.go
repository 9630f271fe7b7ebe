package portkey

import (
	"encoding/json"
	"maps"

	"github.com/portkey-go/portkey/internal/wire"
)

// Guardrail is a guardrail of a [Config]: by reference, or inline with its
// checks. Of an answer that streams the open-source gateway checks nothing; of
// a request it checks the last message's text.
type Guardrail struct {
	// Ref is the id of a guardrail kept by Portkey, "pg-…". Hosted only: the
	// open-source gateway takes it without a word, and enforces nothing. Where
	// it is set, nothing else is sent.
	Ref string
	// Checks are the checks by name, with their parameters:
	// {"default.contains": map[string]any{"operator": "none", "words": []string{"x"}}}.
	// A check that cannot be run counts as passed. Values that were read from
	// JSON are a [json.RawMessage].
	Checks map[string]any
	// ID is what the verdicts call the guardrail; the gateway makes one up
	// where it is empty.
	ID string
	// Deny ends the call with 446 where a check fails; else it is 246, which
	// is a success.
	Deny bool
	// Extra holds its other settings, such as "async", "sequential", "on_fail"
	// and "on_success".
	Extra map[string]json.RawMessage

	emptyRef bool // was read from ""
}

// GuardrailRef is a guardrail kept by Portkey. Hosted only.
func GuardrailRef(id string) *Guardrail { return &Guardrail{Ref: id} }

// InlineGuardrail is a guardrail of one check, which denies the calls that fail it.
func InlineGuardrail(check string, parameters any) *Guardrail {
	return &Guardrail{Checks: map[string]any{check: parameters}, Deny: true}
}

// guardrailSettings are the members of an inline guardrail that are no checks.
var guardrailSettings = map[string]bool{
	"async": true, "sequential": true, "on_fail": true, "on_success": true,
	"type": true, "guardrail_version_id": true, "is_enabled": true,
}

func (g *Guardrail) encode(e *wire.Encoder) {
	switch {
	case g == nil:
		e.Fail("is nil")
		return
	case g.Ref != "" || g.emptyRef && len(g.Checks) == 0:
		e.Str(g.Ref)
		return
	}
	members := maps.Clone(g.Checks)
	if members == nil {
		members = map[string]any{}
	}
	for k, v := range g.Extra {
		members[k] = v
	}
	if g.ID != "" {
		members["id"] = g.ID
	}
	if g.Deny { // it wins over an explicit false that had come, and stands in Extra
		members["deny"] = true
	}
	wire.EncodeMap(e, members, encodeAny)
}

func (g *Guardrail) decode(d *wire.Decoder) {
	if d.Next() == wire.String {
		g.Ref = d.Str()
		g.emptyRef = g.Ref == ""
		return
	}
	for k, v := range wire.Map(d, (*wire.Decoder).Raw) {
		switch {
		case k == "id" && json.Unmarshal(v, &g.ID) == nil && g.ID != "":
		case k == "deny" && string(v) == "true":
			g.Deny = true
		case guardrailSettings[k] || k == "id" || k == "deny":
			if g.Extra == nil {
				g.Extra = map[string]json.RawMessage{}
			}
			g.Extra[k] = v
		default:
			if g.Checks == nil {
				g.Checks = map[string]any{}
			}
			g.Checks[k] = v
		}
	}
}

// MarshalJSON implements [json.Marshaler].
func (g Guardrail) MarshalJSON() ([]byte, error) { return marshal(&g) }

// UnmarshalJSON implements [json.Unmarshaler]. It takes a string and an object.
func (g *Guardrail) UnmarshalJSON(data []byte) error {
	return unmarshal(data, g)
}

func decodeGuardrails(d *wire.Decoder, _ *wire.Form, _ int) []*Guardrail {
	return wire.List(d, decodeNew[Guardrail])
}

func encodeGuardrails(e *wire.Encoder, list []*Guardrail, _ bool) {
	wire.EncodeList(e, list, encodeElement)
}

// Hook is the long form of a guardrail, or a mutator, of a [Config].
type Hook struct {
	// Type is [HookGuardrail] or [HookMutator].
	Type HookType `json:"type" wire:"zero=guardrail"`
	// ID is what the verdicts call the hook.
	ID string `json:"id,omitzero"`
	// Checks are what the hook runs.
	Checks []*HookCheckConfig `json:"checks,omitzero"`
	// Deny ends the call with 446 where a check fails.
	Deny bool `json:"deny,omitzero"`
	// Async runs the hook beside the call. The open-source gateway does not
	// run it at all.
	Async bool `json:"async,omitzero"`
	// Sequential runs the checks one after the other.
	Sequential bool `json:"sequential,omitzero"`
	// OnFail is what to record where a check fails: {"feedback":{"value":-1}} for example.
	OnFail json.RawMessage `json:"on_fail,omitzero"`
	// OnSuccess is what to record where all checks pass.
	OnSuccess json.RawMessage `json:"on_success,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// HookType is a kind of hook.
type HookType string

// The kinds of hooks.
const (
	HookGuardrail HookType = "guardrail"
	HookMutator   HookType = "mutator"
)

// HookCheckConfig is a check of a [Hook].
type HookCheckConfig struct {
	// ID names the check, "default.contains" for example.
	ID string `json:"id"`
	// Parameters are what the check is told. Values that were read from JSON
	// are a [json.RawMessage].
	Parameters map[string]any `json:"parameters,omitzero"`
	// IsEnabled false turns the check off.
	IsEnabled *bool `json:"is_enabled,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}
