// Vision shows the model an image and a PDF.
package main

import (
	"context"
	_ "embed"
	"fmt"
	"log"

	"github.com/portkey-go/portkey"
	"github.com/portkey-go/portkey/examples/internal/standin"
)

//go:embed square.png
var square []byte

//go:embed hello.pdf
var hello []byte

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

	pdf := portkey.PDF(hello) // raw bytes: base64 is applied on the wire
	pdf.Title = new("Hello")
	msg, err := client.Messages.Create(ctx, portkey.MessageRequest{
		Model:     gateway.Model,
		MaxTokens: 1024,
		Messages: []portkey.MessageParam{portkey.UserMessage(
			portkey.Image("image/png", square),
			pdf,
			portkey.Text("What color is the square, and what does the document say?"),
		)},
	})
	if err != nil {
		return err
	}
	fmt.Println(msg.Text())
	return nil
}
