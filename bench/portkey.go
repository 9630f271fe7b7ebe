package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/portkey-go/portkey"
)

const (
	model     = "claude-opus-4-5"
	maxTokens = 1024
	gateway   = "http://gateway.test" // no transport here looks at it
)

// ours is this library, used as its documentation says. All methods return
// how much they saw of the answer, which has to be the same for both libraries.
type ours struct {
	client *portkey.Client
}

func newOurs(client *http.Client, baseURL string) ours {
	c, err := portkey.NewClient(
		portkey.WithBaseURL(baseURL), portkey.WithAPIKey("x"), portkey.WithProvider("anthropic"),
		portkey.WithHTTPClient(client), portkey.WithMaxRetries(0),
	)
	if err != nil {
		panic(err)
	}
	return ours{c}
}

func (o ours) request(messages ...portkey.MessageParam) portkey.MessageRequest {
	return portkey.MessageRequest{Model: model, MaxTokens: maxTokens, Messages: messages}
}

func (o ours) hello() portkey.MessageRequest { return o.request(portkey.UserText("Hello!")) }

func (o ours) create(req portkey.MessageRequest) (int, error) {
	msg, err := o.client.Messages.Create(context.Background(), req)
	if err != nil {
		return 0, err
	}
	return o.seen(msg), nil
}

func (o ours) seen(msg *portkey.Message) int {
	n := msg.Usage.OutputTokens
	for _, block := range msg.Content {
		switch b := block.(type) {
		case *portkey.TextBlock:
			n += len(b.Text) + len(b.Citations)
		case *portkey.ThinkingBlock:
			n += len(b.Thinking) + len(b.Signature)
		case *portkey.ToolUseBlock:
			n += len(b.Input)
		}
	}
	return n
}

// loop touches the text of each delta; each is called with the number of the event.
func (o ours) loop(ctx context.Context, each func(int)) (int, error) {
	stream, err := o.client.Messages.Stream(ctx, o.hello())
	if err != nil {
		return 0, err
	}
	defer stream.Close()
	n, events := 0, 0
	for event, err := range stream.Events() {
		if err != nil {
			return n, err
		}
		switch e := event.(type) {
		case *portkey.ContentBlockDeltaEvent:
			if d, ok := e.Delta.(*portkey.TextDelta); ok {
				n += len(d.Text)
			}
		}
		if events++; each != nil {
			each(events)
		}
	}
	return n, nil
}

func (o ours) message() (int, error) {
	stream, err := o.client.Messages.Stream(context.Background(), o.hello())
	if err != nil {
		return 0, err
	}
	msg, err := stream.Message()
	if err != nil {
		return 0, err
	}
	return o.seen(msg), nil
}

func (o ours) image(data []byte) (int, error) {
	return o.create(o.request(portkey.UserMessage(portkey.Text("What is this?"), portkey.Image("image/png", data))))
}

// converse sends a conversation, one turn longer each time.
func (o ours) converse(questions []string) (int, error) {
	req, n := o.request(), 0
	for _, q := range questions {
		req.Messages = append(req.Messages, portkey.UserText(q))
		msg, err := o.client.Messages.Create(context.Background(), req)
		if err != nil {
			return 0, err
		}
		req.Messages = append(req.Messages, msg.Param())
		n += o.seen(msg)
	}
	return n, nil
}

func (o ours) history(turns []turn) portkey.MessageRequest {
	req := o.request()
	for _, t := range turns {
		m := portkey.MessageParam{Role: portkey.RoleUser}
		if t.assistant {
			m.Role = portkey.RoleAssistant
		}
		for _, b := range t.blocks {
			m.Content = append(m.Content, o.block(b))
		}
		req.Messages = append(req.Messages, m)
	}
	return req
}

func (o ours) block(b block) portkey.ContentBlock {
	switch b.kind {
	case "text":
		return portkey.Text(b.text)
	case "thinking":
		return &portkey.ThinkingBlock{Thinking: b.text, Signature: b.signature}
	case "tool_use":
		return &portkey.ToolUseBlock{ID: b.id, Name: "edit", Input: b.input}
	case "tool_result":
		return portkey.ToolResult(b.id, b.text)
	}
	panic(fmt.Sprintf("kind %q", b.kind))
}
