// Thinking lets the model reason before it answers, and tells the one from the
// other while both come in.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/portkey-go/portkey"
	"github.com/portkey-go/portkey/examples/internal/standin"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	gateway, err := standin.Connect()
	if err != nil {
		return err
	}
	defer gateway.Close()
	client, err := portkey.NewClient(gateway.Options...)
	if err != nil {
		return err
	}

	thinking := portkey.AdaptiveThinking()
	thinking.Display = portkey.ThinkingDisplaySummarized // some models show nothing without it
	stream, err := client.Messages.Stream(ctx, portkey.MessageRequest{
		Model:     gateway.Model,
		MaxTokens: 4096,
		Thinking:  thinking,
		Messages:  []portkey.MessageParam{portkey.UserText("Is 8191 a prime number?")},
	})
	if err != nil {
		return err
	}
	defer stream.Close()

	for event, err := range stream.Events() {
		if err != nil {
			return err
		}
		switch e := event.(type) {
		case *portkey.ContentBlockStartEvent:
			switch e.ContentBlock.(type) {
			case *portkey.ThinkingBlock:
				fmt.Print("thinking: ")
			case *portkey.TextBlock:
				fmt.Print("answer:   ")
			}
		case *portkey.ContentBlockDeltaEvent:
			switch d := e.Delta.(type) {
			case *portkey.ThinkingDelta:
				fmt.Print(d.Thinking)
			case *portkey.TextDelta:
				fmt.Print(d.Text)
			}
		case *portkey.ContentBlockStopEvent:
			fmt.Println()
		}
	}

	msg, err := stream.Message()
	if err != nil {
		return err
	}
	// msg.Param() has the thinking with its signature, as a later turn needs it.
	fmt.Println("blocks in the history:", len(msg.Param().Content))
	return nil
}
