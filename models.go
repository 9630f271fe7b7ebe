package portkey

// IDs of Anthropic's models, for [MessageRequest].Model. Any other string is
// passed on: other providers have names of their own, and the hosted gateway
// takes "@provider-slug/model".
const (
	ModelClaudeFable5_2  = "claude-fable-5-2"
	ModelClaudeMythos5_2 = "claude-mythos-5-2"
	ModelClaudeHaiku5_5  = "claude-haiku-5-5"
	ModelClaudeSonnet5_5 = "claude-sonnet-5-5"
	ModelClaudeOpus5_5   = "claude-opus-5-5"
	ModelClaudeFable5_1  = "claude-fable-5-1"
	ModelClaudeMythos5_1 = "claude-mythos-5-1"
	ModelClaudeOpus5     = "claude-opus-5"
	ModelClaudeSonnet5   = "claude-sonnet-5"
	ModelClaudeFable5    = "claude-fable-5"
	ModelClaudeMythos5   = "claude-mythos-5"
	ModelClaudeOpus4_8   = "claude-opus-4-8"
	ModelClaudeOpus4_7   = "claude-opus-4-7"
	ModelClaudeOpus4_6   = "claude-opus-4-6"
	ModelClaudeSonnet4_6 = "claude-sonnet-4-6"
	ModelClaudeOpus4_5   = "claude-opus-4-5"
	ModelClaudeHaiku4_5  = "claude-haiku-4-5"

	ModelClaudeOpus4_5_20251101  = "claude-opus-4-5-20251101"
	ModelClaudeHaiku4_5_20251001 = "claude-haiku-4-5-20251001"

	// ModelClaudeSonnet4_5 ends on 2026-11-30.
	//
	// Deprecated: use [ModelClaudeSonnet5_5].
	ModelClaudeSonnet4_5 = "claude-sonnet-4-5"
	// ModelClaudeSonnet4_5_20250929 ends on 2026-11-30.
	//
	// Deprecated: use [ModelClaudeSonnet5_5].
	ModelClaudeSonnet4_5_20250929 = "claude-sonnet-4-5-20250929"
)
