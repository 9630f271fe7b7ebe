// Guardrails sends calls that a guardrail warns of, or denies.
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

	noCodename := portkey.InlineGuardrail("default.contains", map[string]any{
		"operator": "none", "words": []string{"Project Tulip"},
	})
	noCodename.ID = "no-codename"
	for _, deny := range []bool{false, true} {
		noCodename.Deny = deny
		config := portkey.Config{InputGuardrails: []*portkey.Guardrail{noCodename}}
		for _, question := range []string{"Which day is it?", "What is Project Tulip?"} {
			fmt.Printf("%s (deny: %t)\n", question, deny)
			msg, err := client.Messages.Create(ctx, portkey.MessageRequest{
				Model:     gateway.Model,
				MaxTokens: 1024,
				Messages:  []portkey.MessageParam{portkey.UserText(question)},
			}, portkey.WithConfig(config))
			if e, ok := errors.AsType[*portkey.Error](err); ok && errors.Is(e, portkey.ErrGuardrail) {
				fmt.Println("  denied by", e.Hooks.Before[0].ID)
				continue
			}
			if err != nil {
				return err
			}
			if !msg.Gateway.HookResults.Passed() {
				check := msg.Gateway.HookResults.Before[0].Checks[0]
				fmt.Printf("  warned by %s: %s\n", check.ID, check.Data)
			}
			fmt.Println("  " + msg.Text())
		}
	}
	return nil
}
