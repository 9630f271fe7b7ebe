// Command reference is the same program with the reference.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/anthropics/anthropic-sdk-go/v2"
	"github.com/anthropics/anthropic-sdk-go/v2/option"
)

func main() {
	client := anthropic.NewClient(option.WithAPIKey(os.Getenv("KEY")))
	msg, err := client.Messages.New(context.Background(), anthropic.MessageNewParams{
		Model:     "claude-opus-4-5",
		MaxTokens: 1024,
		Messages:  []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("Hello!"))},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, b := range msg.Content {
		fmt.Print(b.Text)
	}
	fmt.Println()
}
