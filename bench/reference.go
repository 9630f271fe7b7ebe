package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"

	"github.com/anthropics/anthropic-sdk-go/v2"
	"github.com/anthropics/anthropic-sdk-go/v2/option"
)

// theirs is the reference, used as its documentation says.
type theirs struct {
	client anthropic.Client
}

func newTheirs(client *http.Client, baseURL string) theirs {
	return theirs{anthropic.NewClient(
		option.WithBaseURL(baseURL), option.WithAPIKey("x"), option.WithHTTPClient(client), option.WithMaxRetries(0),
	)}
}

func (t theirs) request(messages ...anthropic.MessageParam) anthropic.MessageNewParams {
	return anthropic.MessageNewParams{Model: model, MaxTokens: maxTokens, Messages: messages}
}

func (t theirs) hello() anthropic.MessageNewParams {
	return t.request(anthropic.NewUserMessage(anthropic.NewTextBlock("Hello!")))
}

func (t theirs) create(req anthropic.MessageNewParams) (int, error) {
	msg, err := t.client.Messages.New(context.Background(), req)
	if err != nil {
		return 0, err
	}
	return t.seen(msg), nil
}

// seen reads the flat union, which costs the reference nothing more: its
// AsAny decodes the block a second time.
func (t theirs) seen(msg *anthropic.Message) int {
	n := int(msg.Usage.OutputTokens)
	for i := range msg.Content {
		switch b := &msg.Content[i]; b.Type {
		case "text":
			n += len(b.Text) + len(b.Citations)
		case "thinking":
			n += len(b.Thinking) + len(b.Signature)
		case "tool_use":
			n += len(b.Input)
		}
	}
	return n
}

// loop is the documented loop: typed events, typed deltas.
func (t theirs) loop(ctx context.Context, each func(int)) (int, error) {
	stream := t.client.Messages.NewStreaming(ctx, t.hello())
	defer stream.Close()
	n, events := 0, 0
	for stream.Next() {
		switch e := stream.Current().AsAny().(type) {
		case anthropic.ContentBlockDeltaEvent:
			if d, ok := e.Delta.AsAny().(anthropic.TextDelta); ok {
				n += len(d.Text)
			}
		}
		if events++; each != nil {
			each(events)
		}
	}
	return n, stream.Err()
}

// flatLoop is the cheapest loop that the reference has: no typed event, but
// the fields of all events in one struct.
func (t theirs) flatLoop() (int, error) {
	stream := t.client.Messages.NewStreaming(context.Background(), t.hello())
	defer stream.Close()
	n := 0
	for stream.Next() {
		if e := stream.Current(); e.Type == "content_block_delta" && e.Delta.Type == "text_delta" {
			n += len(e.Delta.Text)
		}
	}
	return n, stream.Err()
}

func (t theirs) message() (int, error) {
	stream := t.client.Messages.NewStreaming(context.Background(), t.hello())
	defer stream.Close()
	var msg anthropic.Message
	for stream.Next() {
		if err := msg.Accumulate(stream.Current()); err != nil {
			return 0, err
		}
	}
	return t.seen(&msg), stream.Err()
}

// image encodes the image, as the caller of the reference has to.
func (t theirs) image(data []byte) (int, error) {
	encoded := base64.StdEncoding.EncodeToString(data)
	return t.create(t.request(anthropic.NewUserMessage(
		anthropic.NewTextBlock("What is this?"), anthropic.NewImageBlockBase64("image/png", encoded))))
}

func (t theirs) converse(questions []string) (int, error) {
	req, n := t.request(), 0
	for _, q := range questions {
		req.Messages = append(req.Messages, anthropic.NewUserMessage(anthropic.NewTextBlock(q)))
		msg, err := t.client.Messages.New(context.Background(), req)
		if err != nil {
			return 0, err
		}
		req.Messages = append(req.Messages, msg.ToParam())
		n += t.seen(msg)
	}
	return n, nil
}

func (t theirs) history(turns []turn) anthropic.MessageNewParams {
	req := t.request()
	for _, turn := range turns {
		var blocks []anthropic.ContentBlockParamUnion
		for _, b := range turn.blocks {
			blocks = append(blocks, t.block(b))
		}
		if turn.assistant {
			req.Messages = append(req.Messages, anthropic.NewAssistantMessage(blocks...))
		} else {
			req.Messages = append(req.Messages, anthropic.NewUserMessage(blocks...))
		}
	}
	return req
}

func (t theirs) block(b block) anthropic.ContentBlockParamUnion {
	switch b.kind {
	case "text":
		return anthropic.NewTextBlock(b.text)
	case "thinking":
		return anthropic.NewThinkingBlock(b.signature, b.text)
	case "tool_use":
		return anthropic.NewToolUseBlock(b.id, b.input, "edit")
	case "tool_result":
		return anthropic.ContentBlockParamUnion{OfToolResult: &anthropic.ToolResultBlockParam{
			ToolUseID: b.id,
			Content:   []anthropic.ToolResultBlockParamContentUnion{{OfText: &anthropic.TextBlockParam{Text: b.text}}},
		}}
	}
	panic(fmt.Sprintf("kind %q", b.kind))
}
