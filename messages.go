package portkey

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/portkey-go/portkey/internal/wire"
)

// Message is what the model answered.
type Message struct {
	// ID names the message, "msg_…" with Anthropic.
	ID string `json:"id"`
	// Type is "message".
	Type string `json:"type" wire:"zero=message"`
	// Role is [RoleAssistant].
	Role Role `json:"role" wire:"zero=assistant"`
	// Model is the model that answered.
	Model string `json:"model"`
	// Content is the answer, block by block; Text, Thinking and ToolUses pick
	// from it.
	Content []ContentBlock `json:"content" wire:"via=Content"`
	// StopReason says why the model stopped; empty while a stream runs.
	StopReason StopReason `json:"stop_reason,omitzero"`
	// StopSequence is the stop sequence that was generated.
	StopSequence *string `json:"stop_sequence,omitzero"`
	// StopDetails says more about the stop reason.
	StopDetails *StopDetails `json:"stop_details,omitzero"`
	// Container is the container that code ran in.
	Container *Container `json:"container,omitzero"`
	// Diagnostics says why the prompt cache was missed, where the request asked for that.
	Diagnostics *Diagnostics `json:"diagnostics,omitzero"`
	// Usage counts the tokens.
	Usage Usage `json:"usage"`
	// HookResults are the verdicts of Portkey's guardrails, where there are
	// any; Gateway has them too.
	HookResults *HookResults `json:"hook_results,omitzero"`

	// Gateway says what the gateway did with the call. It comes from the
	// response's headers, and is not part of the JSON.
	Gateway GatewayInfo `json:"-"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// Text returns the text of all text blocks, joined without a separator.
func (m *Message) Text() string {
	return join(m, func(b *TextBlock) string { return b.Text })
}

// Thinking returns the reasoning of all thinking blocks, joined without a separator.
func (m *Message) Thinking() string {
	return join(m, func(b *ThinkingBlock) string { return b.Thinking })
}

func join[B ContentBlock](m *Message, text func(B) string) string {
	if m == nil {
		return ""
	}
	var parts []string
	for _, block := range m.Content {
		if b, ok := block.(B); ok {
			parts = append(parts, text(b))
		}
	}
	return strings.Join(parts, "")
}

// ToolUses returns the calls of the caller's tools, in order. Each wants a
// [*ToolResultBlock] in the next user message.
func (m *Message) ToolUses() []*ToolUseBlock {
	if m == nil {
		return nil
	}
	var uses []*ToolUseBlock
	for _, block := range m.Content {
		if use, ok := block.(*ToolUseBlock); ok {
			uses = append(uses, use)
		}
	}
	return uses
}

// Param returns the message as the assistant's turn, to be appended to
// [MessageRequest].Messages. It shares the blocks with m.
func (m *Message) Param() MessageParam {
	if m == nil {
		return MessageParam{Role: RoleAssistant}
	}
	role := m.Role
	if role == "" {
		role = RoleAssistant
	}
	return MessageParam{Role: role, Content: append([]ContentBlock(nil), m.Content...)}
}

// MessagesService is the Messages API: Create for a whole answer, Stream for
// one event by event, CountTokens for the size of a request. It is the
// Messages field of a [Client].
type MessagesService struct {
	client *Client
}

// Create sends the request and returns the whole answer
// (POST /v1/messages). An answer that takes longer than 5 minutes to begin
// fails in the gateway: use Stream for long ones.
//
// Any 2xx is success, also 246, which says that a guardrail that only warns
// was not passed: see [GatewayInfo].HookResults. An error of the API or the
// gateway is an [*Error].
func (s *MessagesService) Create(ctx context.Context, req MessageRequest, opts ...RequestOption) (*Message, error) {
	if req.Stream {
		return nil, invalidRequest("Stream: is true; use Messages.Stream for a stream")
	}
	return do(ctx, s.client, pathMessages, wire.Plain, &req, opts, decodeMessage)
}

// decodeMessage reads a whole answer. A 2xx alone is no proof of one: the
// gateway reports some failures with 200 and an error in the body.
func decodeMessage(x *exchange) (m *Message, err error) {
	err = x.readAll(x.body, func(data []byte) (err error) {
		if m, err = parseMessage(data); err != nil {
			return x.unexpected(data, "not a message", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	m.Gateway = x.info
	m.Gateway.HookResults = m.HookResults
	return m, nil
}

// errNotMessage is a JSON object that is no message.
var errNotMessage = errors.New("no message, or an error beside it")

// parseMessage decodes what has to be a message.
func parseMessage(data []byte) (*Message, error) {
	m := new(Message)
	if err := wire.Decode(data, m.decode); err != nil {
		return nil, err
	}
	if reported := m.Extra["error"]; m.Type != "message" || reported != nil && string(reported) != "null" {
		return nil, errNotMessage
	}
	return m, nil
}

// Stream sends the request and returns the answer as a stream of events
// (POST /v1/messages with "stream": true). It returns once the first content
// block begins, so that an error status, a body that is no stream and an error
// event before the content are errors here, and are retried; the events up to
// there come first in the loop. A stream that is cut after its message_start is
// an error in the loop, and not retried. The caller has to range over the stream or to
// close it.
func (s *MessagesService) Stream(ctx context.Context, req MessageRequest, opts ...RequestOption) (*MessageStream, error) {
	req.Stream = true
	return do(ctx, s.client, pathMessages, wire.Plain, &req, opts, openStream)
}
