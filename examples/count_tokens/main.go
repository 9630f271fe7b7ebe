// Count_tokens asks how big a request is before it is made.
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

// budget is what we are ready to pay for, in input tokens.
const budget = 100

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
		MaxTokens: 1024, // CountTokens leaves out what only Create takes
		System:    portkey.SystemText("You are terse."),
		Messages:  []portkey.MessageParam{portkey.UserText("How long is a piece of string?")},
	}
	count, err := client.Messages.CountTokens(ctx, req)
	if err != nil {
		return err
	}
	fmt.Println("counted:", count.InputTokens)
	if count.InputTokens > budget {
		return fmt.Errorf("%d tokens are more than %d", count.InputTokens, budget)
	}

	msg, err := client.Messages.Create(ctx, req)
	if err != nil {
		return err
	}
	fmt.Println("used:   ", msg.Usage.TotalInputTokens())
	return nil
}
