// Loadbalance spreads calls over two keys by weight, and counts who served them.
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

	key := portkey.Secret(gateway.ProviderKey)
	config := portkey.LoadBalance(
		portkey.Config{Name: "large quota", Provider: gateway.Provider, APIKey: key, Weight: new(0.75)},
		portkey.Config{Name: "small quota", Provider: gateway.Provider, APIKey: key, Weight: new(0.25)},
	)
	served := map[string]int{}
	for range 20 {
		msg, err := client.Messages.Create(ctx, portkey.MessageRequest{
			Model:     gateway.Model,
			MaxTokens: 16,
			Messages:  []portkey.MessageParam{portkey.UserText("Hello.")},
		}, portkey.WithConfig(config))
		if err != nil {
			return err
		}
		served[msg.Gateway.TargetConfig.Name]++
	}
	for _, target := range config.Targets {
		fmt.Printf("%s: %d of 20\n", target.Name, served[target.Name])
	}
	return nil
}
