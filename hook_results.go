package portkey

import (
	"encoding/json"

	"github.com/portkey-go/portkey/internal/wire"
)

// HookResults are the verdicts of Portkey's guardrails on a call.
//
//wire:lenient
type HookResults struct {
	// Before has the guardrails on the request.
	Before []*HookResult `json:"before_request_hooks,omitzero"`
	// After has the guardrails on the answer.
	After []*HookResult `json:"after_request_hooks,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// Passed reports whether all guardrails were passed. It is true of nil, where none ran.
func (x *HookResults) Passed() bool {
	if x == nil {
		return true
	}
	for _, hooks := range [][]*HookResult{x.Before, x.After} {
		for _, h := range hooks {
			if h != nil && !h.Verdict && !h.Skipped {
				return false
			}
		}
	}
	return true
}

// HookResult is the verdict of one guardrail.
//
//wire:lenient
type HookResult struct {
	// ID is the guardrail's id, from the config or made up by the gateway.
	ID string `json:"id,omitzero"`
	// Type is "guardrail".
	Type string `json:"type,omitzero"`
	// Verdict is true where the guardrail was passed. It is also true where a
	// check could not be run: see Checks.
	Verdict bool `json:"verdict,omitzero"`
	// Deny is true where this verdict ended the call, with status 446.
	Deny bool `json:"deny,omitzero"`
	// Skipped is true where the guardrail was not run.
	Skipped bool `json:"skipped,omitzero"`
	// Transformed is true where the guardrail changed the text.
	Transformed bool `json:"transformed,omitzero"`
	// Async is true where the call did not wait for the guardrail.
	Async bool `json:"async,omitzero"`
	// Checks are the checks that the guardrail is made of.
	Checks []*HookCheck `json:"checks,omitzero"`
	// Feedback is what the config wanted recorded for this verdict.
	Feedback *HookFeedback `json:"feedback,omitzero"`
	// ExecutionTime is in milliseconds.
	ExecutionTime float64 `json:"execution_time,omitzero"`
	// CreatedAt is when the guardrail ran (RFC 3339).
	CreatedAt string `json:"created_at,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// HookCheck is the verdict of one check of a guardrail.
//
//wire:lenient
type HookCheck struct {
	// ID names the check, "default.contains" for example.
	ID string `json:"id,omitzero"`
	// Verdict is true where the check was passed.
	Verdict bool `json:"verdict,omitzero"`
	// Data is what the check found; its form depends on the check.
	Data json.RawMessage `json:"data,omitzero"`
	// Error is set where the check could not be run.
	Error *HookError `json:"error,omitzero"`
	// Transformed is true where the check changed the text.
	Transformed bool `json:"transformed,omitzero"`
	// FailOnError is true where a check that cannot be run counts as failed.
	FailOnError bool `json:"fail_on_error,omitzero"`
	// ExecutionTime is in milliseconds.
	ExecutionTime float64 `json:"execution_time,omitzero"`
	// CreatedAt is when the check ran (RFC 3339).
	CreatedAt string `json:"created_at,omitzero"`
	// Log is what the check logged.
	Log json.RawMessage `json:"log,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// HookError says why a check could not be run.
//
//wire:lenient
type HookError struct {
	// Name is the kind of error.
	Name string `json:"name,omitzero"`
	// Message is for people to read.
	Message string `json:"message,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// HookFeedback is the feedback that a config attached to a verdict.
//
//wire:lenient
type HookFeedback struct {
	// Value is the feedback, for example -1 or 1.
	Value float64 `json:"value,omitzero"`
	// Weight is the weight of the feedback.
	Weight float64 `json:"weight,omitzero"`
	// Metadata names the checks that succeeded, failed and could not be run,
	// among what the config added.
	Metadata map[string]json.RawMessage `json:"metadata,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}
