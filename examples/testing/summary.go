// Package summary is a piece of a program that uses portkey. It is here for its
// test, which shows how to test such code without a gateway.
package summary

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/portkey-go/portkey"
)

// ErrBusy says that the caller may try again later.
var ErrBusy = errors.New("summary: busy")

// Summarizer makes long texts short.
type Summarizer struct {
	Client *portkey.Client
}

// Summarize returns a summary of text.
func (s *Summarizer) Summarize(ctx context.Context, text string) (string, error) {
	msg, err := s.Client.Messages.Create(ctx, request(text))
	switch {
	case errors.Is(err, portkey.ErrRateLimit), errors.Is(err, portkey.ErrOverloaded):
		return "", fmt.Errorf("%w: %w", ErrBusy, err)
	case err != nil:
		return "", err
	}
	return msg.Text(), nil
}

// SummarizeTo writes a summary of text to w while it comes in.
func (s *Summarizer) SummarizeTo(ctx context.Context, w io.Writer, text string) error {
	stream, err := s.Client.Messages.Stream(ctx, request(text))
	if err != nil {
		return err
	}
	defer stream.Close()
	for piece, err := range stream.Text() {
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, piece); err != nil {
			return err
		}
	}
	return nil
}

func request(text string) portkey.MessageRequest {
	return portkey.MessageRequest{
		Model:     portkey.ModelClaudeHaiku5_5,
		MaxTokens: 256,
		System:    portkey.SystemText("Summarize what the user writes in one sentence."),
		Messages:  []portkey.MessageParam{portkey.UserText(text)},
	}
}
