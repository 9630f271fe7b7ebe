// Quickstart streams an answer, event by event.
//
//	go run ./examples/quickstart
//
// runs without a network, against a stand-in in its own process. To ask a model:
//
//	PORTKEY_BASE_URL=http://localhost:8787 PORTKEY_PROVIDER_KEY=sk-… go run ./examples/quickstart
//	PORTKEY_API_KEY=… PORTKEY_PROVIDER=@my-provider go run ./examples/quickstart
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

	stream, err := client.Messages.Stream(ctx, portkey.MessageRequest{
		Model:     gateway.Model,
		MaxTokens: 1024,
		System:    portkey.SystemText("Answer in one sentence."),
		Messages:  []portkey.MessageParam{portkey.UserText("What is an AI gateway?")},
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
		case *portkey.MessageStartEvent:
			fmt.Println("answered by", e.Message.Model)
		case *portkey.ContentBlockDeltaEvent:
			if delta, ok := e.Delta.(*portkey.TextDelta); ok {
				fmt.Print(delta.Text)
			}
		case *portkey.MessageDeltaEvent:
			fmt.Println("\nstopped:", e.Delta.StopReason)
		}
	}

	msg, err := stream.Message()
	if err != nil {
		return err
	}
	fmt.Printf("tokens: %d in, %d out\n", msg.Usage.InputTokens, msg.Usage.OutputTokens)
	fmt.Println("trace id:", msg.Gateway.TraceID)
	return nil
}
