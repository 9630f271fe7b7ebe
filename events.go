package portkey

import (
	"encoding/json"

	"github.com/portkey-go/portkey/internal/wire"
)

// StreamEvent is one event of a stream. It is a sealed union of
//
//   - [*MessageStartEvent]: first, with an empty message
//   - [*ContentBlockStartEvent], [*ContentBlockDeltaEvent], [*ContentBlockStopEvent]:
//     the blocks, addressed by index; blocks may interleave
//   - [*MessageDeltaEvent]: stop reason and final usage
//   - [*MessageStopEvent]: the message is whole
//   - [*PingEvent]: at any time
//   - [*HookResultsEvent]: Portkey's guardrail verdicts, before all else or after all else
//   - [*UnknownEvent]: what this version does not know
//
// An error that the provider sends in a stream is not an event, but the error
// of the loop.
type StreamEvent interface {
	wireValue
	streamEvent()
}

// UnmarshalStreamEvent decodes the data of one event. The data's type says
// which event it is; where it has none, name, the name of the server-sent
// event, does.
func UnmarshalStreamEvent(name string, data []byte) (StreamEvent, error) {
	return unmarshalUnion(data, func(d *wire.Decoder) StreamEvent { return decodeNamedEvent(d, name) })
}

func decodeNamedEvent(d *wire.Decoder, name string) StreamEvent {
	typ := d.PeekType()
	if typ == nil {
		typ = []byte(name)
	}
	return decodeStreamEventType(d, typ)
}

// MessageStartEvent begins a stream (wire type "message_start").
//
//wire:member StreamEvent message_start
type MessageStartEvent struct {
	// Message is the message so far: no content, no stop reason, first usage.
	Message *Message `json:"message"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// ContentBlockStartEvent begins a block (wire type "content_block_start").
//
//wire:member StreamEvent content_block_start
type ContentBlockStartEvent struct {
	// Index is the place of the block in the message's content.
	Index int `json:"index"`
	// ContentBlock is the block so far. Text, thinking and tool calls follow
	// in deltas; a block of another type is complete.
	ContentBlock ContentBlock `json:"content_block"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// ContentBlockDeltaEvent continues a block (wire type "content_block_delta").
//
//wire:member StreamEvent content_block_delta
type ContentBlockDeltaEvent struct {
	// Index is the place of the block in the message's content.
	Index int `json:"index"`
	// Delta is what to add to the block.
	Delta Delta `json:"delta"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// ContentBlockStopEvent ends a block (wire type "content_block_stop").
//
//wire:member StreamEvent content_block_stop
type ContentBlockStopEvent struct {
	// Index is the place of the block in the message's content.
	Index int `json:"index"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// MessageDeltaEvent has what is known of the message at its end (wire type
// "message_delta"). There may be several; the last one counts.
//
//wire:member StreamEvent message_delta
type MessageDeltaEvent struct {
	// Delta is the end of the message.
	Delta MessageDelta `json:"delta"`
	// Usage has the running totals; a count that is absent has not changed.
	Usage *Usage `json:"usage,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// MessageDelta is the end of a message.
type MessageDelta struct {
	// StopReason says why the model stopped.
	StopReason StopReason `json:"stop_reason,omitzero"`
	// StopSequence is the stop sequence that was generated.
	StopSequence *string `json:"stop_sequence,omitzero"`
	// StopDetails says more about the stop reason.
	StopDetails *StopDetails `json:"stop_details,omitzero"`
	// Container is the container that code ran in.
	Container *Container `json:"container,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// MessageStopEvent says that the message is whole (wire type "message_stop").
//
//wire:member StreamEvent message_stop
type MessageStopEvent struct {
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
}

// PingEvent keeps the connection alive (wire type "ping").
//
//wire:member StreamEvent ping
type PingEvent struct {
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
}

// HookResultsEvent has the verdicts of Portkey's guardrails (SSE event
// "hook_results"). The gateway sends it before all else, with the verdicts on
// the request, and the hosted one also after [*MessageStopEvent], with those
// on the answer.
//
//wire:member StreamEvent hook_results
type HookResultsEvent struct {
	// Type is empty: the gateway names the event only outside its data.
	Type string `json:"type,omitzero"`
	// HookResults are the verdicts.
	HookResults *HookResults `json:"hook_results"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// UnknownEvent is an event of a type that this version does not know.
//
//wire:unknown StreamEvent
type UnknownEvent struct {
	// Type is the type of the data, or the name of the server-sent event.
	Type string
	// Raw is the data as it came.
	Raw json.RawMessage
}

// Delta is what a [*ContentBlockDeltaEvent] adds to its block. It is a sealed
// union of [*TextDelta], [*InputJSONDelta], [*ThinkingDelta],
// [*SignatureDelta], [*CitationsDelta] and [*UnknownDelta].
type Delta interface {
	wireValue
	delta()
}

// TextDelta is more text (wire type "text_delta").
//
//wire:member Delta text_delta
type TextDelta struct {
	// Text is to be appended to the block's text.
	Text string `json:"text"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// InputJSONDelta is more of a tool call's input (wire type
// "input_json_delta"). The pieces are cut anywhere; only all of them together
// are JSON.
//
//wire:member Delta input_json_delta
type InputJSONDelta struct {
	// PartialJSON is to be appended to the input; it is often empty.
	PartialJSON string `json:"partial_json"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// ThinkingDelta is more reasoning (wire type "thinking_delta").
//
//wire:member Delta thinking_delta
type ThinkingDelta struct {
	// Thinking is to be appended to the block's thinking.
	Thinking string `json:"thinking"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// SignatureDelta is the signature of a thinking block (wire type "signature_delta").
//
//wire:member Delta signature_delta
type SignatureDelta struct {
	// Signature is opaque.
	Signature string `json:"signature"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// CitationsDelta is one more citation of a text block (wire type "citations_delta").
//
//wire:member Delta citations_delta
type CitationsDelta struct {
	// Citation is to be appended to the block's citations.
	Citation Citation `json:"citation"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// UnknownDelta is a delta of a type that this version does not know.
//
//wire:unknown Delta
type UnknownDelta struct {
	// Type is the wire type; empty where there is none.
	Type string
	// Raw is the whole delta as it came; it is written again as it is.
	Raw json.RawMessage
}
