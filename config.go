package portkey

import (
	"encoding/json"

	"github.com/portkey-go/portkey/internal/wire"
)

// Config is a gateway config: which targets serve a call, and how. It is sent
// with [WithConfig], and is recursive: each of its targets is a Config too.
// What a target does not say it inherits, except Provider and its credentials.
//
// The open-source gateway wants each config to have something to do: a
// Provider with an APIKey, a Strategy with Targets, a Cache, a Retry, a
// RequestTimeout or a guardrail. With a Provider or Targets in it, it reads
// credentials and the Anthropic headers from the config only, not from the call.
//
// Its secrets are sent, but print as [redacted], in JSON too.
type Config struct {
	// Strategy says how Targets are used.
	Strategy *Strategy `json:"strategy,omitzero"`
	// Targets are what Strategy chooses from.
	Targets []*Config `json:"targets,omitzero"`
	// Name is what a conditional strategy calls this target.
	Name string `json:"name,omitzero"`
	// Weight is the target's share of a load balance; nil is 1.
	Weight *float64 `json:"weight,omitzero"`

	// Provider is the slug of the provider, "anthropic" for example. The
	// hosted gateway also takes "@slug".
	Provider string `json:"provider,omitzero"`
	// APIKey is the provider's key.
	APIKey Secret `json:"api_key,omitzero"`
	// VirtualKey names a key kept by the hosted gateway.
	VirtualKey Secret `json:"virtual_key,omitzero"`
	// CustomHost is the address to call instead of the provider's own, with
	// "/v1" and without a slash at the end.
	CustomHost string `json:"custom_host,omitzero"`
	// ForwardHeaders names headers of the call that the provider gets.
	ForwardHeaders []string `json:"forward_headers,omitzero"`
	// AnthropicBeta has the betas to use, comma-separated.
	AnthropicBeta string `json:"anthropic_beta,omitzero"`
	// AnthropicVersion is the API version to use.
	AnthropicVersion string `json:"anthropic_version,omitzero"`

	// Cache says whether answers are cached.
	Cache *CacheConfig `json:"cache,omitzero"`
	// Retry says whether the gateway retries.
	Retry *RetryConfig `json:"retry,omitzero"`
	// RequestTimeout is how long the gateway waits for the provider to begin
	// to answer, in milliseconds.
	RequestTimeout *int `json:"request_timeout,omitzero"`
	// OverrideParams are members of the body to set or replace.
	OverrideParams map[string]json.RawMessage `json:"override_params,omitzero"`
	// StrictOpenAICompliance false lets guardrail verdicts into streams.
	StrictOpenAICompliance *bool `json:"strict_open_ai_compliance,omitzero"`
	// InputGuardrails are run on the request: IDs (hosted only) as JSON
	// strings, or inline checks as JSON objects, not both.
	InputGuardrails []json.RawMessage `json:"input_guardrails,omitzero"`
	// OutputGuardrails are run on the answer.
	OutputGuardrails []json.RawMessage `json:"output_guardrails,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// Strategy says how the targets of a [Config] are used.
type Strategy struct {
	// Mode is the kind of strategy.
	Mode StrategyMode `json:"mode"`
	// OnStatusCodes are the statuses that make a fallback go on to the next
	// target; nil is all that are not 2xx.
	OnStatusCodes []int `json:"on_status_codes,omitzero"`
	// Conditions are those of [StrategyConditional].
	Conditions []*Condition `json:"conditions,omitzero"`
	// Default is the name of the target where no condition holds.
	Default string `json:"default,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// StrategyMode is a kind of strategy.
type StrategyMode string

// The kinds of strategies.
const (
	StrategySingle      StrategyMode = "single"      // the first target
	StrategyFallback    StrategyMode = "fallback"    // one after the other, until one succeeds
	StrategyLoadBalance StrategyMode = "loadbalance" // one, by weight
	StrategyConditional StrategyMode = "conditional" // the one that the conditions name
)

// Condition names a target for the calls that a query matches.
type Condition struct {
	// Query is a query over metadata.KEY, params.KEY and url.pathname, such as
	// {"metadata.tenant":{"$eq":"a"}}.
	Query json.RawMessage `json:"query"`
	// Then is the name of the target.
	Then string `json:"then"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// CacheConfig says how the gateway caches answers.
type CacheConfig struct {
	// Mode is "simple" or "semantic".
	Mode string `json:"mode"`
	// MaxAge is how long an answer is kept, in seconds.
	MaxAge *int `json:"max_age,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// RetryConfig says how the gateway retries.
type RetryConfig struct {
	// Attempts is how often it retries; the hosted gateway allows 5.
	Attempts int `json:"attempts"`
	// OnStatusCodes are the statuses to retry; nil is 429, 500, 502, 503 and 504.
	OnStatusCodes []int `json:"on_status_codes,omitzero"`
	// UseRetryAfterHeader makes the gateway wait as long as the provider asks
	// for. This is the open-source gateway's name for it.
	UseRetryAfterHeader *bool `json:"use_retry_after_header,omitzero"`
	// UseRetryAfterHeaders is the hosted gateway's name for the same.
	UseRetryAfterHeaders *bool `json:"use_retry_after_headers,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// asksForRetries reports whether the config, or a target of it, makes the
// gateway retry.
func (x *Config) asksForRetries() bool {
	if x.Retry != nil && x.Retry.Attempts > 0 {
		return true
	}
	for _, t := range x.Targets {
		if t != nil && t.asksForRetries() {
			return true
		}
	}
	return false
}
