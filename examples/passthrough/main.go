// Passthrough sends a request with members that the open-source gateway drops
// on its normal route.
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

	req := portkey.MessageRequest{
		Model:        gateway.Model,
		MaxTokens:    1024,
		Messages:     []portkey.MessageParam{portkey.UserText("Why is the sky blue?")},
		OutputConfig: &portkey.OutputConfig{Effort: portkey.EffortLow},
	}
	var opts []portkey.RequestOption
	dropped, err := portkey.DroppedFields(req)
	if err != nil {
		return err
	}
	if len(dropped) > 0 {
		fmt.Println("would be dropped:", dropped)
		opts = append(opts, portkey.WithPassthrough())
	}
	msg, err := client.Messages.Create(ctx, req, opts...)
	if err != nil {
		return err
	}
	fmt.Println(msg.Text())
	return nil
}
