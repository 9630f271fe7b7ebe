package portkey

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/portkey-go/portkey/internal/wire"
)

// MessageRequest is what the model is asked: the body of POST /v1/messages and
// of POST /v1/messages/count_tokens. Model, MaxTokens and Messages are
// required; all else is optional. A request is not changed by a call and can
// be used again.
//
// The open-source gateway (not the hosted one) drops some members without a
// word; their comments say so.
//
//wire:request
type MessageRequest struct {
	// Model is the ID of the model; there are constants such as [ModelClaudeSonnet5_5].
	Model string `json:"model"`
	// MaxTokens is the most that the model may generate; its ceiling depends
	// on the model. 0 warms the prompt cache and generates nothing. It is not
	// sent by CountTokens.
	MaxTokens int `json:"max_tokens" wire:"create"`
	// Messages is the conversation so far, at most 100,000 messages.
	// Neighbours of the same role are merged into one turn. A last message of
	// the assistant is continued, by the models that can.
	Messages []MessageParam `json:"messages"`
	// System are the instructions: [SystemText] or several text blocks.
	System System `json:"system,omitzero" wire:"via=System"`
	// StopSequences end the generation where one of them appears. Not sent by CountTokens.
	StopSequences []string `json:"stop_sequences,omitzero" wire:"create"`
	// Stream is set by the call, Messages.Stream or Messages.Create; Create
	// refuses a request in which it is true.
	Stream bool `json:"stream,omitzero" wire:"create"`
	// Tools are the tools that the model may call.
	Tools []Tool `json:"tools,omitzero"`
	// ToolChoice says which of Tools the model may or must call; nil leaves it to the model.
	ToolChoice *ToolChoice `json:"tool_choice,omitzero"`
	// Thinking is how much the model may reason first.
	Thinking *Thinking `json:"thinking,omitzero"`
	// OutputConfig is effort and format of the answer. Dropped by the open-source gateway.
	OutputConfig *OutputConfig `json:"output_config,omitzero"`
	// Metadata is what the provider is told about the request. Not sent by CountTokens.
	Metadata *Metadata `json:"metadata,omitzero" wire:"create"`
	// ServiceTier is [ServiceTierAuto] or [ServiceTierStandardOnly]. Not sent by CountTokens.
	ServiceTier ServiceTier `json:"service_tier,omitzero" wire:"create"`
	// InferenceGeo is the region to run in. Not sent by CountTokens. Dropped
	// by the open-source gateway.
	InferenceGeo *string `json:"inference_geo,omitzero" wire:"create"`
	// Speed is how fast to generate. Dropped by the open-source gateway.
	Speed Speed `json:"speed,omitzero"`
	// Container is where code execution runs: one to use again, or skills for
	// a new one. Not sent by CountTokens.
	Container *Container `json:"container,omitzero" wire:"via=Container,create"`
	// CacheControl caches the prompt up to the last block that can be cached.
	// Dropped by the open-source gateway; put it on a block there.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Diagnostics asks why the prompt cache was missed. Not sent by
	// CountTokens. Dropped by the open-source gateway.
	Diagnostics *DiagnosticsRequest `json:"diagnostics,omitzero" wire:"create"`
	// Temperature is between 0 and 1. Models after Claude Opus 4.6 take only
	// 1, as does API version 2026-10-21. Not sent by CountTokens.
	Temperature *float64 `json:"temperature,omitzero" wire:"create"`
	// TopK samples from the K most likely tokens. Models after Claude Opus 4.6
	// refuse it, as does API version 2026-10-21. Not sent by CountTokens.
	TopK *int `json:"top_k,omitzero" wire:"create"`
	// TopP samples from the most likely tokens that make up this probability.
	// Models after Claude Opus 4.6 take only 0.99 and more. Not sent by CountTokens.
	TopP *float64 `json:"top_p,omitzero" wire:"create"`
	// Extra holds members that this version does not know, beta ones for
	// instance; one with the name of a field wins over it. See "Unknown
	// members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// body returns the body for an endpoint.
func (x *MessageRequest) body(mode wire.Mode) ([]byte, error) {
	if _, ok := x.Extra["stream"]; ok {
		return nil, invalidRequest("Extra: stream: the call decides; use Messages.Stream for a stream")
	}
	if mode&wire.CountTokens != 0 {
		for _, name := range notCounted {
			if _, ok := x.Extra[name]; ok {
				x = new(*x)
				x.Extra = maps.Clone(x.Extra)
				maps.DeleteFunc(x.Extra, func(k string, _ json.RawMessage) bool { return slices.Contains(notCounted, k) })
				break
			}
		}
	}
	body, err := wire.Encode(mode, x.encode)
	if err != nil {
		return nil, invalidRequest("%w", err)
	}
	return body, nil
}

// MessageParam is one message of a conversation. [UserMessage],
// [AssistantMessage] and [Message.Param] make one. What only a response may
// have, such as a citation's file_id, is not written.
//
//wire:request
type MessageParam struct {
	// Role says whose turn it is.
	Role Role `json:"role"`
	// Content is the message. Its JSON may also be a plain string, which is
	// read as one text block.
	Content []ContentBlock `json:"content" wire:"via=Content"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// UserMessage returns a user's message.
func UserMessage(blocks ...ContentBlock) MessageParam {
	return MessageParam{Role: RoleUser, Content: append([]ContentBlock(nil), blocks...)}
}

// AssistantMessage returns a message of the model.
func AssistantMessage(blocks ...ContentBlock) MessageParam {
	return MessageParam{Role: RoleAssistant, Content: append([]ContentBlock(nil), blocks...)}
}

// UserText returns a user's message of one text.
func UserText(text string) MessageParam { return UserMessage(Text(text)) }

// AssistantText returns a message of the model of one text.
func AssistantText(text string) MessageParam { return AssistantMessage(Text(text)) }

// System are a request's instructions. A single block that has nothing but
// text is sent as a plain string, all else as an array.
type System []*TextBlock

// SystemText returns instructions of one text.
func SystemText(text string) System { return System{Text(text)} }

// MarshalJSON implements [json.Marshaler].
func (s System) MarshalJSON() ([]byte, error) {
	return wire.Encode(wire.Plain, func(e *wire.Encoder) { encodeSystem(e, s, false) })
}

// UnmarshalJSON implements [json.Unmarshaler]. It takes a string and an array.
func (s *System) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	v, err := unmarshalUnion(data, func(d *wire.Decoder) System { return decodeSystem(d, new(wire.Form), 0) })
	if err == nil {
		*s = v
	}
	return err
}

// decodeSystem notes where an array was used for what encodeSystem would make a string.
func decodeSystem(d *wire.Decoder, form *wire.Form, i int) System {
	if d.Next() == wire.String {
		block := new(TextBlock)
		block.Text = d.Str()
		return System{block}
	}
	s := System(wire.List(d, decodeNew[TextBlock]))
	if len(s) == 1 && s[0].isPlain() {
		form.SetAlt(i)
	}
	return s
}

func encodeSystem(e *wire.Encoder, s System, asArray bool) {
	if len(s) == 1 && s[0].isPlain() && !asArray {
		e.Str(s[0].Text)
		return
	}
	wire.EncodeList(e, s, encodeElement)
}
