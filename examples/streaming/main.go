// Streaming prints the text of an answer as it comes, and has the whole
// message at the end; then it leaves another stream early.
package main

import (
	"context"
	"errors"
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
	req := portkey.MessageRequest{
		Model:     gateway.Model,
		MaxTokens: 1024,
		Messages:  []portkey.MessageParam{portkey.UserText("Tell me about streams.")},
	}
	if err := toTheEnd(ctx, client, req); err != nil {
		return err
	}
	return untilEnough(ctx, client, req)
}

func toTheEnd(ctx context.Context, client *portkey.Client, req portkey.MessageRequest) error {
	stream, err := client.Messages.Stream(ctx, req)
	if err != nil {
		return err
	}
	for text, err := range stream.Text() {
		if err != nil {
			return err
		}
		fmt.Print(text)
	}
	fmt.Println()

	msg, err := stream.Message()
	if err != nil {
		return err
	}
	fmt.Printf("stopped: %s, tokens: %d\n\n", msg.StopReason, msg.Usage.OutputTokens)
	return nil
}

// untilEnough leaves the loop after three pieces, which closes the stream. What
// had come by then is there, with the error that says that it is not all.
func untilEnough(ctx context.Context, client *portkey.Client, req portkey.MessageRequest) error {
	stream, err := client.Messages.Stream(ctx, req)
	if err != nil {
		return err
	}
	pieces := 0
	for _, err := range stream.Text() {
		if err != nil {
			return err
		}
		if pieces++; pieces == 3 {
			break
		}
	}

	msg, err := stream.Message()
	if !errors.Is(err, portkey.ErrIncompleteStream) {
		return err
	}
	fmt.Printf("partial: %q\n", msg.Text())
	return nil
}
