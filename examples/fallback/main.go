// Fallback sends a config with two targets, the first of which fails, and looks
// at who served the call.
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

	// With targets in a config, the gateway takes the keys from there and does
	// not look at those of the call.
	config := portkey.Fallback(
		portkey.Config{Name: "first", Provider: "anthropic", APIKey: "invalid"}, // status 401: on to the next
		portkey.Config{Name: "second", Provider: gateway.Provider, APIKey: portkey.Secret(gateway.ProviderKey)},
	)
	config.Strategy.OnStatusCodes = []int{401, 429, 500, 529}

	// The history may have thinking that only the other provider understands.
	msg, err := client.Messages.Create(ctx, portkey.MessageRequest{
		Model:     gateway.Model,
		MaxTokens: 1024,
		Messages:  []portkey.MessageParam{portkey.UserText("Who is there?")},
	}, portkey.WithConfig(config), portkey.WithoutThinkingOnError())
	if err != nil {
		return err
	}
	fmt.Println(msg.Text())
	fmt.Println("served by:", msg.Gateway.TargetConfig.Name, "at", msg.Gateway.Target)
	fmt.Println("provider:", msg.Gateway.Provider)
	fmt.Println("retries by the gateway:", msg.Gateway.RetryAttempts)
	return nil
}
