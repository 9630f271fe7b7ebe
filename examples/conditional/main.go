// Conditional routes calls by tenant: who pays has a larger model.
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

	target := func(name, model string) portkey.Config {
		return portkey.Config{
			Name:           name,
			Provider:       gateway.Provider,
			APIKey:         portkey.Secret(gateway.ProviderKey),
			OverrideParams: map[string]any{"model": model},
		}
	}
	tenant := portkey.MetadataKey("tenant")
	config := portkey.Conditional(target("all others", portkey.ModelClaudeHaiku4_5),
		portkey.When(tenant.Eq("acme")).Then(target("paying", portkey.ModelClaudeSonnet5_5)),
		portkey.When(tenant.Eq("internal")).Then(target("colleagues", portkey.ModelClaudeHaiku4_5)),
	)
	for _, tenant := range []string{"acme", "internal", "someone"} {
		msg, err := client.Messages.Create(ctx, portkey.MessageRequest{
			Model:     gateway.Model,
			MaxTokens: 1024,
			Messages:  []portkey.MessageParam{portkey.UserText("Who am I?")},
		}, portkey.WithConfig(config), portkey.WithMetadata(map[string]string{"tenant": tenant}))
		if err != nil {
			return err
		}
		fmt.Printf("%-9s served by %q (%s)\n", tenant, msg.Gateway.TargetConfig.Name, msg.Gateway.Target)
	}
	return nil
}
