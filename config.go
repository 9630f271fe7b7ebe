package portkey

import (
	"encoding/json"

	"github.com/portkey-go/portkey/internal/wire"
)

// Config is a gateway config: which targets serve a call, and how. It is sent
// with [WithConfig], and is recursive: each of its targets is a Config too.
// [Fallback], [LoadBalance] and [Conditional] make the common kinds. A config
// that was exported from Portkey can be read with [encoding/json].
//
// What a target does not say it inherits from the config that it is in, except
// Provider and credentials. With a Provider or Targets in it, the gateway reads
// credentials and the Anthropic headers from the config only, not from the call.
//
// Validate finds what the gateway would refuse, or never answer; [WithConfig]
// calls it. Secrets are sent, but print as [redacted], in JSON too. A credential
// among open values, such as the parameters of a guardrail, is best a [Secret]
// as well.
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
	// APIKey is the provider's key. The open-source gateway wants one beside
	// each Provider, be it a dummy.
	APIKey Secret `json:"api_key,omitzero"`
	// VirtualKey names a key kept by Portkey. Hosted only.
	VirtualKey Secret `json:"virtual_key,omitzero"`
	// CustomHost is the address to call instead of the provider's own, with
	// "/v1" and without a slash at the end.
	CustomHost string `json:"custom_host,omitzero"`
	// ForwardHeaders names headers of the call that the provider gets.
	ForwardHeaders []string `json:"forward_headers,omitzero"`
	// AnthropicBeta has the betas to use, comma-separated. Where it is empty
	// and the config has a provider, [WithAnthropicBeta] is put here.
	AnthropicBeta string `json:"anthropic_beta,omitzero"`
	// AnthropicVersion is the API version to use. Where it is empty and the
	// config has a provider, [WithAnthropicVersion] is put here.
	AnthropicVersion string `json:"anthropic_version,omitzero"`

	// Cache says whether answers are cached.
	Cache *CacheConfig `json:"cache,omitzero"`
	// Retry says whether the gateway retries.
	Retry *RetryConfig `json:"retry,omitzero"`
	// RequestTimeout is how long the gateway waits for the provider to begin
	// to answer, in milliseconds.
	RequestTimeout *int `json:"request_timeout,omitzero"`
	// CircuitBreaker takes a failing target out of use. Hosted only.
	CircuitBreaker *CircuitBreaker `json:"cb_config,omitzero"`
	// OverrideParams are members of the body to set or replace. Those that the
	// gateway drops it drops here too: see [DroppedFields]. Values that were
	// read from JSON are a [json.RawMessage].
	OverrideParams map[string]any `json:"override_params,omitzero"`
	// DefaultParams are members of the body to set where the call does not. Hosted only.
	DefaultParams map[string]any `json:"default_params,omitzero"`
	// DropParams names members of the body to leave out. Hosted only.
	DropParams []string `json:"drop_params,omitzero"`
	// StrictOpenAICompliance false lets guardrail verdicts into streams.
	StrictOpenAICompliance *bool `json:"strict_open_ai_compliance,omitzero"`

	// InputGuardrails are run on the request: all by reference, or all inline.
	InputGuardrails []*Guardrail `json:"input_guardrails,omitzero" wire:"via=Guardrails"`
	// OutputGuardrails are run on the answer: all by reference, or all inline.
	OutputGuardrails []*Guardrail `json:"output_guardrails,omitzero" wire:"via=Guardrails"`
	// BeforeRequestHooks are the long form of InputGuardrails.
	BeforeRequestHooks []*Hook `json:"before_request_hooks,omitzero"`
	// AfterRequestHooks are the long form of OutputGuardrails.
	AfterRequestHooks []*Hook `json:"after_request_hooks,omitzero"`
	// InputMutators change the request; their form depends on the plugin.
	InputMutators []json.RawMessage `json:"input_mutators,omitzero"`
	// OutputMutators change the answer; their form depends on the plugin.
	OutputMutators []json.RawMessage `json:"output_mutators,omitzero"`

	// Credentials of Amazon Bedrock: the keys, or a role.
	AWSRegion          string `json:"aws_region,omitzero"`
	AWSAccessKeyID     string `json:"aws_access_key_id,omitzero"`
	AWSSecretAccessKey Secret `json:"aws_secret_access_key,omitzero"`
	AWSSessionToken    Secret `json:"aws_session_token,omitzero"`
	AWSAuthType        string `json:"aws_auth_type,omitzero"`
	AWSRoleARN         string `json:"aws_role_arn,omitzero"`
	AWSExternalID      string `json:"aws_external_id,omitzero"`

	// Credentials of Vertex AI: region and project, or region and the text of
	// a service account's key file.
	VertexRegion             string `json:"vertex_region,omitzero"`
	VertexProjectID          string `json:"vertex_project_id,omitzero"`
	VertexServiceAccountJSON Secret `json:"vertex_service_account_json,omitzero" wire:"via=SecretJSON"`

	// Credentials of Azure AI Foundry.
	AzureFoundryURL        string `json:"azure_foundry_url,omitzero"`
	AzureAPIVersion        string `json:"azure_api_version,omitzero"`
	AzureEndpointName      string `json:"azure_endpoint_name,omitzero"`
	AzureADToken           Secret `json:"azure_ad_token,omitzero"`
	AzureAuthMode          string `json:"azure_auth_mode,omitzero"`
	AzureEntraClientID     string `json:"azure_entra_client_id,omitzero"`
	AzureEntraClientSecret Secret `json:"azure_entra_client_secret,omitzero"`
	AzureEntraTenantID     string `json:"azure_entra_tenant_id,omitzero"`
	AzureEntraScope        string `json:"azure_entra_scope,omitzero"`
	AzureManagedClientID   string `json:"azure_managed_client_id,omitzero"`

	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// Strategy says how the targets of a [Config] are used.
type Strategy struct {
	// Mode is the kind of strategy.
	Mode StrategyMode `json:"mode"`
	// OnStatusCodes are the statuses that make a fallback go on to the next
	// target; nil is all that are not 2xx. 246, a guardrail that only warns, is
	// a 2xx: name it to go on after it.
	OnStatusCodes []int `json:"on_status_codes,omitzero"`
	// Conditions are those of [StrategyConditional]; the first that holds counts.
	Conditions []*Condition `json:"conditions,omitzero"`
	// Default is the name of the target where no condition holds.
	Default string `json:"default,omitzero"`
	// Sticky makes a load balance send like calls to one target. Hosted only.
	Sticky *Sticky `json:"sticky,omitzero"`
	// CircuitBreaker takes failing targets out of use. Hosted only.
	CircuitBreaker *CircuitBreaker `json:"cb_config,omitzero"`
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
	// Query is what must hold of the call.
	Query Query `json:"query" wire:"via=Query"`
	// Then is the name of the target.
	Then string `json:"then"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// Sticky makes a load balance send like calls to one target. Hosted only.
type Sticky struct {
	// Enabled turns it on.
	Enabled bool `json:"enabled"`
	// HashFields are what calls have in common, "metadata.user" for example.
	HashFields []string `json:"hash_fields,omitzero"`
	// TTL is how long a choice holds, in seconds.
	TTL *int `json:"ttl,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// CircuitBreaker takes a failing target out of use for a while. Hosted only,
// and not with a conditional strategy.
type CircuitBreaker struct {
	// FailureThreshold is how many failures open the circuit, at least 1.
	FailureThreshold *int `json:"failure_threshold,omitzero"`
	// FailureThresholdPercentage is what part of the requests has to fail.
	FailureThresholdPercentage *float64 `json:"failure_threshold_percentage,omitzero"`
	// MinimumRequests is how many requests there have to be for that.
	MinimumRequests *int `json:"minimum_requests,omitzero"`
	// CooldownInterval is how long the circuit stays open, in milliseconds, at least 30,000.
	CooldownInterval *int `json:"cooldown_interval,omitzero"`
	// FailureStatusCodes are the statuses that count as failures.
	FailureStatusCodes []int `json:"failure_status_codes,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// CacheConfig says how the gateway caches answers. The open-source gateway
// from npm has no cache.
type CacheConfig struct {
	// Mode is the kind of cache.
	Mode CacheMode `json:"mode"`
	// MaxAge is how long an answer is kept, in seconds.
	MaxAge *int `json:"max_age,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// CacheMode is a kind of cache.
type CacheMode string

// The kinds of caches.
const (
	CacheSimple   CacheMode = "simple"   // the same request
	CacheSemantic CacheMode = "semantic" // a request that means the same; hosted only
)

// RetryConfig says how the gateway retries. A client leaves retries of
// statuses to a gateway that is told to retry.
type RetryConfig struct {
	// Attempts is how often it retries; the hosted gateway allows 5.
	Attempts int `json:"attempts"`
	// OnStatusCodes are the statuses to retry; nil is 429, 500, 502, 503 and
	// 504. Connections that fail are always retried.
	OnStatusCodes []int `json:"on_status_codes,omitzero"`
	// UseRetryAfterHeader makes the gateway wait as long as the provider asks
	// for, up to 60 s. It is sent under both of its names, this one of the
	// open-source gateway and that of the hosted one.
	UseRetryAfterHeader *bool `json:"use_retry_after_header,omitzero"`
	// UseRetryAfterHeaders is the hosted gateway's name for the same, as it
	// stands in configs that were exported from there.
	UseRetryAfterHeaders *bool `json:"use_retry_after_headers,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// all calls f for the config and for each target in it, outermost first.
func (x *Config) all(f func(*Config)) {
	f(x)
	for _, t := range x.Targets {
		if t != nil {
			t.all(f)
		}
	}
}

// asksForRetries reports whether the config, or a target of it, makes the
// gateway retry.
func (x *Config) asksForRetries() bool {
	asks := false
	x.all(func(c *Config) { asks = asks || c.Retry != nil && c.Retry.Attempts > 0 })
	return asks
}

// clone returns a copy that shares nothing with x.
func (x *Config) clone() (*Config, error) {
	data, err := wire.Encode(wire.Reveal, x.encode)
	if err != nil {
		return nil, err
	}
	c := new(Config)
	return c, wire.Decode(data, c.decode)
}

// header is the config as the value of x-portkey-config.
func (x *Config) header() (string, error) {
	data, err := wire.Encode(wire.Reveal, x.encode)
	if err != nil {
		return "", err
	}
	return headerJSON(data), nil
}

// fitForSending says what the caller said in the way in which the gateways listen.
func (x *Config) fitForSending(beta, version string) {
	x.all(func(c *Config) {
		if r := c.Retry; r != nil {
			if r.UseRetryAfterHeader == nil {
				r.UseRetryAfterHeader = r.UseRetryAfterHeaders
			} else if r.UseRetryAfterHeaders == nil {
				r.UseRetryAfterHeaders = r.UseRetryAfterHeader
			}
		}
		if c.Provider == "" && c.VirtualKey == "" {
			return // the headers of the call, or the targets' own members, count
		}
		if c.AnthropicBeta == "" {
			c.AnthropicBeta = beta
		}
		if c.AnthropicVersion == "" {
			c.AnthropicVersion = version
		}
	})
}

func decodeSecretJSON(d *wire.Decoder, _ *wire.Form, _ int) Secret {
	return Secret(d.Raw())
}

func encodeSecretJSON(e *wire.Encoder, s Secret, _ bool) {
	if e.Mode&wire.Reveal != 0 {
		e.Raw(json.RawMessage(s))
		return
	}
	e.Str(s.String())
}
