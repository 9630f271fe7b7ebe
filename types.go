package portkey

import (
	"encoding/json"

	"github.com/portkey-go/portkey/internal/wire"
)

// Role says whose turn a message is.
type Role string

// The roles of messages.
const (
	RoleUser      Role = "user"
	RoleAssistant Role = "assistant"
	// RoleSystem is an instruction in mid-conversation, in text blocks only.
	// Models before Claude Opus 4.8 refuse it with status 400; use
	// [MessageRequest].System for instructions that hold from the start.
	RoleSystem Role = "system"
)

// StopReason says why the model stopped. New values may appear at any time.
type StopReason string

// The reasons to stop.
const (
	StopReasonEndTurn      StopReason = "end_turn"      // the model was done
	StopReasonMaxTokens    StopReason = "max_tokens"    // MaxTokens or the model's own limit was reached
	StopReasonStopSequence StopReason = "stop_sequence" // one of StopSequences was generated
	StopReasonToolUse      StopReason = "tool_use"      // tool calls wait for their results
	StopReasonPauseTurn    StopReason = "pause_turn"    // a long turn of server tools paused: send the message back to go on
	StopReasonRefusal      StopReason = "refusal"       // a classifier stopped the model, see StopDetails

	// StopReasonModelContextWindowExceeded means that the context window is full.
	StopReasonModelContextWindowExceeded StopReason = "model_context_window_exceeded"
)

// StopDetails says more about a stop reason; today only about a refusal.
//
//wire:lenient
type StopDetails struct {
	// Type is "refusal".
	Type string `json:"type"`
	// Category is the policy that was met, where that is known.
	Category RefusalCategory `json:"category,omitzero"`
	// Explanation is for people to read; its wording changes.
	Explanation *string `json:"explanation,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// RefusalCategory is the policy behind a refusal.
type RefusalCategory string

// The categories of refusals.
const (
	RefusalCyber               RefusalCategory = "cyber"
	RefusalBio                 RefusalCategory = "bio"
	RefusalFrontierLLM         RefusalCategory = "frontier_llm"
	RefusalReasoningExtraction RefusalCategory = "reasoning_extraction"
	RefusalGeneralHarms        RefusalCategory = "general_harms"
)

// Usage counts the tokens of a call. In a stream each count is the running
// total of the whole message.
//
//wire:lenient
type Usage struct {
	// InputTokens are the input tokens that were neither written to the cache
	// nor read from it; TotalInputTokens has them all.
	InputTokens int `json:"input_tokens,omitzero"`
	// OutputTokens are all generated tokens, thinking included.
	OutputTokens int `json:"output_tokens,omitzero"`
	// CacheCreationInputTokens were written to the prompt cache.
	CacheCreationInputTokens int `json:"cache_creation_input_tokens,omitzero"`
	// CacheReadInputTokens were read from the prompt cache.
	CacheReadInputTokens int `json:"cache_read_input_tokens,omitzero"`
	// CacheCreation splits CacheCreationInputTokens by time to live.
	CacheCreation *CacheCreation `json:"cache_creation,omitzero"`
	// OutputTokensDetails says what part of OutputTokens was thinking.
	OutputTokensDetails *OutputTokensDetails `json:"output_tokens_details,omitzero"`
	// ServerToolUse counts the requests of server tools.
	ServerToolUse *ServerToolUsage `json:"server_tool_use,omitzero"`
	// ServiceTier is the tier that served the call.
	ServiceTier ServiceTier `json:"service_tier,omitzero"`
	// InferenceGeo is the region that served the call.
	InferenceGeo *string `json:"inference_geo,omitzero"`
	// Speed is the speed that the call was served with.
	Speed Speed `json:"speed,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// TotalInputTokens is the whole input: uncached, written to and read from the cache.
func (x *Usage) TotalInputTokens() int {
	return x.InputTokens + x.CacheCreationInputTokens + x.CacheReadInputTokens
}

// CacheCreation counts the tokens written to the prompt cache by time to live.
//
//wire:lenient
type CacheCreation struct {
	// Ephemeral5mInputTokens live five minutes.
	Ephemeral5mInputTokens int `json:"ephemeral_5m_input_tokens"`
	// Ephemeral1hInputTokens live an hour.
	Ephemeral1hInputTokens int `json:"ephemeral_1h_input_tokens"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// OutputTokensDetails splits the output tokens.
//
//wire:lenient
type OutputTokensDetails struct {
	// ThinkingTokens is the part of the output that was thinking.
	ThinkingTokens int `json:"thinking_tokens"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// ServerToolUsage counts the requests of server tools.
//
//wire:lenient
type ServerToolUsage struct {
	// WebSearchRequests counts web searches.
	WebSearchRequests int `json:"web_search_requests"`
	// WebFetchRequests counts fetched pages.
	WebFetchRequests int `json:"web_fetch_requests"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// ServiceTier is the capacity that a call asks for, or was served with.
type ServiceTier string

// The service tiers.
const (
	ServiceTierAuto         ServiceTier = "auto"          // requests: priority capacity where there is some
	ServiceTierStandardOnly ServiceTier = "standard_only" // requests: never priority capacity
	ServiceTierStandard     ServiceTier = "standard"      // usage
	ServiceTierPriority     ServiceTier = "priority"      // usage
	ServiceTierBatch        ServiceTier = "batch"         // usage
)

// Speed is how fast the model generates.
type Speed string

// The speeds.
const (
	SpeedStandard Speed = "standard"
	SpeedFast     Speed = "fast" // some models need the beta "fast-mode-2026-02-01"
)

// CacheControl ends a cached prefix of the prompt: all up to the block that
// carries it. &CacheControl{} is the common case.
type CacheControl struct {
	// Type is "ephemeral", which is what empty stands for.
	Type string `json:"type" wire:"zero=ephemeral"`
	// TTL is how long the prefix lives after its last use; empty is [CacheTTL5m].
	TTL CacheTTL `json:"ttl,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// CacheTTL is how long a cached prefix lives after its last use.
type CacheTTL string

// The times to live.
const (
	CacheTTL5m CacheTTL = "5m"
	CacheTTL1h CacheTTL = "1h"
)

// Metadata is what the provider is told about the request. It is not
// Portkey's metadata, for which there is [WithMetadata].
type Metadata struct {
	// UserID is an opaque ID of the end user; leave names and addresses out of it.
	UserID *string `json:"user_id,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// Thinking says whether and how much the model may reason before it answers.
// [EnabledThinking], [AdaptiveThinking] and [DisabledThinking] make one.
// Which types a model takes, and what it does where there is none, depends on
// the model.
type Thinking struct {
	// Type is the kind of thinking.
	Type ThinkingType `json:"type"`
	// BudgetTokens is the most that thinking may take: at least 1024 and less
	// than MaxTokens. [ThinkingTypeEnabled] needs it; no other type has it.
	BudgetTokens *int `json:"budget_tokens,omitzero"`
	// Display says how the reasoning is shown. The default depends on the model.
	Display ThinkingDisplay `json:"display,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// EnabledThinking lets the model think for up to budgetTokens.
func EnabledThinking(budgetTokens int) *Thinking {
	return &Thinking{Type: ThinkingTypeEnabled, BudgetTokens: &budgetTokens}
}

// AdaptiveThinking lets the model decide how much to think.
func AdaptiveThinking() *Thinking { return &Thinking{Type: ThinkingTypeAdaptive} }

// DisabledThinking turns thinking off.
func DisabledThinking() *Thinking { return &Thinking{Type: ThinkingTypeDisabled} }

// ThinkingType is a kind of thinking.
type ThinkingType string

// The kinds of thinking.
const (
	ThinkingTypeAdaptive     ThinkingType = "adaptive"      // the model decides
	ThinkingTypeEnabled      ThinkingType = "enabled"       // up to BudgetTokens
	ThinkingTypeDisabled     ThinkingType = "disabled"      // none
	ThinkingTypeBetweenTools ThinkingType = "between_tools" // only between tool calls
)

// ThinkingDisplay says how the model's reasoning is shown.
type ThinkingDisplay string

// The ways to show reasoning.
const (
	ThinkingDisplaySummarized ThinkingDisplay = "summarized" // a summary of it
	ThinkingDisplayOmitted    ThinkingDisplay = "omitted"    // only the signature
)

// OutputConfig says what the output is to be like. The open-source gateway
// drops it without a word.
type OutputConfig struct {
	// Effort is how hard the model tries.
	Effort Effort `json:"effort,omitzero"`
	// Format makes the model answer in JSON of a schema.
	Format *OutputFormat `json:"format,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// Effort is how hard the model tries.
type Effort string

// The levels of effort.
const (
	EffortLow    Effort = "low"
	EffortMedium Effort = "medium"
	EffortHigh   Effort = "high"
	EffortXHigh  Effort = "xhigh"
	EffortMax    Effort = "max"
)

// OutputFormat is the JSON schema that the answer follows.
type OutputFormat struct {
	// Type is "json_schema", which is what empty stands for.
	Type string `json:"type" wire:"zero=json_schema"`
	// Schema is the JSON schema, an object.
	Schema json.RawMessage `json:"schema"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// Container is where the code execution tool runs.
type Container struct {
	// ID names the container. In a request: the one to use again; empty asks
	// for a new one.
	ID string `json:"id,omitzero"`
	// ExpiresAt is when the container goes away (RFC 3339). Only responses have it.
	ExpiresAt string `json:"expires_at,omitzero" wire:"response"`
	// Skills are loaded into the container.
	Skills []*Skill `json:"skills,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// Skill is a skill in a container.
type Skill struct {
	// Type is [SkillTypeAnthropic] or [SkillTypeCustom].
	Type SkillType `json:"type"`
	// SkillID names the skill.
	SkillID string `json:"skill_id"`
	// Version is the version of the skill, or "latest".
	Version string `json:"version,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// SkillType says who made a skill.
type SkillType string

// The makers of skills.
const (
	SkillTypeAnthropic SkillType = "anthropic" // built in
	SkillTypeCustom    SkillType = "custom"    // uploaded
)

// decodeContainer reads a container that may be a string, its ID.
func decodeContainer(d *wire.Decoder, form *wire.Form, i int) *Container {
	if d.Next() == wire.String {
		form.SetAlt(i)
		c := new(Container)
		c.ID = d.Str()
		return c
	}
	return decodeNew[Container](d)
}

// encodeContainer writes a container that came as a string as a string.
func encodeContainer(e *wire.Encoder, c *Container, asString bool) {
	if asString && c.Skills == nil && len(c.Extra) == 0 {
		e.Str(c.ID)
		return
	}
	c.encode(e)
}

// DiagnosticsRequest asks why the prompt cache was missed; the answer is in
// [Message].Diagnostics.
type DiagnosticsRequest struct {
	// PreviousMessageID is the ID of this conversation's last message; nil, on
	// its first turn, is sent as null.
	PreviousMessageID *string `json:"previous_message_id"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// Diagnostics says why the prompt cache was missed.
//
//wire:lenient
type Diagnostics struct {
	// CacheMissReason is nil while the comparison runs.
	CacheMissReason *CacheMissReason `json:"cache_miss_reason,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// CacheMissReason says why the prompt cache was missed.
//
//wire:lenient
type CacheMissReason struct {
	// Type is the reason.
	Type CacheMissReasonType `json:"type"`
	// CacheMissedInputTokens is about how many tokens were missed; only the
	// reasons that end in "changed" have it.
	CacheMissedInputTokens *int `json:"cache_missed_input_tokens,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// CacheMissReasonType is a reason for missing the prompt cache.
type CacheMissReasonType string

// The reasons for missing the prompt cache.
const (
	CacheMissModelChanged            CacheMissReasonType = "model_changed"
	CacheMissSystemChanged           CacheMissReasonType = "system_changed"
	CacheMissToolsChanged            CacheMissReasonType = "tools_changed"
	CacheMissMessagesChanged         CacheMissReasonType = "messages_changed"
	CacheMissPreviousMessageNotFound CacheMissReasonType = "previous_message_not_found"
	CacheMissUnavailable             CacheMissReasonType = "unavailable"
)
