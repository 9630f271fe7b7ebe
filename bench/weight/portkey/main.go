// Command portkey is the smallest program with this library.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/portkey-go/portkey"
)

func main() {
	client, err := portkey.NewClient(portkey.WithProvider("anthropic"), portkey.WithProviderKey(os.Getenv("KEY")))
	if err != nil {
		log.Fatal(err)
	}
	msg, err := client.Messages.Create(context.Background(), portkey.MessageRequest{
		Model:     "claude-opus-4-5",
		MaxTokens: 1024,
		Messages:  []portkey.MessageParam{portkey.UserText("Hello!")},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(msg.Text())
}
