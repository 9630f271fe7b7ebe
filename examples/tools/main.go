// Tools lets the model call a function, once: question, call, result, answer.
package main

import (
	"context"
	"encoding/json"
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

var weatherSchema = json.RawMessage(`{
	"type": "object",
	"properties": {"city": {"type": "string", "description": "The name of a city"}},
	"required": ["city"]
}`)

// weather is the tool. A real one would look outside.
func weather(city string) (string, error) {
	if city != "Paris" {
		return "", fmt.Errorf("there is no weather station in %s", city)
	}
	return "21 °C and sunny in " + city, nil
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
		Tools:     []portkey.Tool{portkey.NewTool("get_weather", "The weather in a city, now.", weatherSchema)},
		Messages:  []portkey.MessageParam{portkey.UserText("What is the weather in Paris?")},
	}
	msg, err := client.Messages.Create(ctx, req)
	if err != nil {
		return err
	}
	fmt.Println("model:", msg.Text())

	// Each call wants its result, all of them in one user message.
	var results []portkey.ContentBlock
	for _, use := range msg.ToolUses() {
		fmt.Printf("call:  %s %s\n", use.Name, use.Input)
		results = append(results, callTool(use))
	}
	if len(results) == 0 {
		return nil // the model answered without the tool
	}

	// The answer goes into the history as it came, and the results after it.
	req.Messages = append(req.Messages, msg.Param(), portkey.UserMessage(results...))
	msg, err = client.Messages.Create(ctx, req)
	if err != nil {
		return err
	}
	fmt.Println("model:", msg.Text())
	return nil
}

// callTool makes one call. What goes wrong in it is for the model to read, so
// that it can try something else.
func callTool(use *portkey.ToolUseBlock) *portkey.ToolResultBlock {
	var input struct {
		City string `json:"city"`
	}
	if err := use.DecodeInput(&input); err != nil {
		return portkey.ToolError(use.ID, err.Error())
	}
	result, err := weather(input.City)
	if err != nil {
		return portkey.ToolError(use.ID, err.Error())
	}
	return portkey.ToolResult(use.ID, result)
}
