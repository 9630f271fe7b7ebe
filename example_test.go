package portkey_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"

	"github.com/jarcoal/httpmock"

	"github.com/portkey-go/portkey"
)

// mockGateway answers the calls of one example, in their order, so that the
// examples can be run as tests, and returns what undoes it. What the environment
// says of another gateway does not count meanwhile.
func mockGateway(answers ...httpmock.Responder) (undo func()) {
	httpmock.Activate()
	if len(answers) > 0 {
		next := answers[0]
		for _, a := range answers[1:] {
			next = next.Then(a)
		}
		httpmock.RegisterNoResponder(next)
	}
	environment := map[string]string{}
	for _, name := range []string{"PORTKEY_BASE_URL", "PORTKEY_API_KEY", "PORTKEY_PROVIDER"} {
		if value, ok := os.LookupEnv(name); ok {
			environment[name] = value
			_ = os.Unsetenv(name)
		}
	}
	return func() {
		httpmock.DeactivateAndReset()
		for name, value := range environment {
			_ = os.Setenv(name, value)
		}
	}
}

// mockReply is an answer of the gateway: headers, an empty line, and the body.
func mockReply(status int, text string) httpmock.Responder {
	head, body, _ := strings.Cut(strings.TrimLeft(text, "\n"), "\n\n")
	header := http.Header{}
	for line := range strings.Lines(head) {
		name, value, _ := strings.Cut(line, ":")
		header.Set(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return httpmock.NewStringResponder(status, body).HeaderSet(header)
}

// mockText is an answer with one text.
func mockText(text string) httpmock.Responder {
	quoted, _ := json.Marshal(text) // a string cannot fail
	return mockReply(http.StatusOK, `
content-type: application/json
x-portkey-provider: anthropic
x-portkey-last-used-option-index: config
x-portkey-retry-attempt-count: 0

{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5-5","content":[{"type":"text","text":`+string(quoted)+`}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":12,"output_tokens":9}}`)
}

// mockStream is a streamed answer.
const mockStream = `
content-type: text/event-stream; charset=utf-8
x-portkey-provider: anthropic

event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5-5","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":12,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"One door, many rooms"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" behind it"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":9}}

event: message_stop
data: {"type":"message_stop"}

`

// newExampleClient returns a client for the examples that are about something else.
func newExampleClient() *portkey.Client {
	client, err := portkey.NewClient(
		portkey.WithBaseURL("http://localhost:8787"),
		portkey.WithProvider("anthropic"),
	)
	if err != nil {
		log.Fatal(err)
	}
	return client
}

// exampleRequest is a request for the examples that are about something else.
var exampleRequest = portkey.MessageRequest{
	Model:     portkey.ModelClaudeSonnet5_5,
	MaxTokens: 1024,
	Messages:  []portkey.MessageParam{portkey.UserText("What is a gateway?")},
}

func Example() {
	defer mockGateway(mockText("A gateway is one door to many models."))()
	ctx := context.Background()

	client, err := portkey.NewClient(
		portkey.WithBaseURL("http://localhost:8787"),
		portkey.WithProvider("anthropic"),
		portkey.WithProviderKey(os.Getenv("MY_ANTHROPIC_KEY")),
	)
	if err != nil {
		log.Fatal(err)
	}
	msg, err := client.Messages.Create(ctx, portkey.MessageRequest{
		Model:     portkey.ModelClaudeSonnet5_5,
		MaxTokens: 1024,
		System:    portkey.SystemText("Answer in one sentence."),
		Messages:  []portkey.MessageParam{portkey.UserText("What is an AI gateway?")},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(msg.Text())
	fmt.Println(msg.StopReason, msg.Usage.InputTokens, msg.Usage.OutputTokens)
	// Output:
	// A gateway is one door to many models.
	// end_turn 12 9
}

func ExampleNewClient() {
	defer mockGateway()()

	// With a Portkey API key the default base URL is that of the hosted gateway.
	client, err := portkey.NewClient(
		portkey.WithAPIKey("pk-live-1"),
		portkey.WithProvider("@anthropic-prod"),
		portkey.WithMetadata(map[string]string{"_user": "u-1", "feature": "search"}),
	)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client) // without its keys

	// All that is wrong is reported at once.
	_, err = portkey.NewClient(portkey.WithBaseURL("localhost:8787"), portkey.WithMaxRetries(-1))
	fmt.Println(err)
	// Output:
	// portkey.Client(https://api.portkey.ai/v1)
	// portkey: invalid_request_error: WithBaseURL: does not begin with http:// or https://
	// WithMaxRetries: -1 is negative
}

func ExampleMessagesService_Create() {
	defer mockGateway(mockText("Bonjour!"), mockText("Hello!"))()
	ctx := context.Background()
	client := newExampleClient()

	// A conversation is a list of messages that grows.
	req := portkey.MessageRequest{
		Model:       portkey.ModelClaudeHaiku4_5,
		MaxTokens:   256,
		Temperature: new(0.0), // optional scalars are pointers, so that 0 can be sent
		Messages:    []portkey.MessageParam{portkey.UserText("Greet me in French.")},
	}
	for _, next := range []string{"And in English.", ""} {
		msg, err := client.Messages.Create(ctx, req)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(msg.Text())
		req.Messages = append(req.Messages, msg.Param(), portkey.UserText(next))
	}
	// Output:
	// Bonjour!
	// Hello!
}

func ExampleMessagesService_CountTokens() {
	defer mockGateway(mockReply(http.StatusOK, "content-type: application/json\n\n"+`{"input_tokens":42}`))()
	ctx := context.Background()
	client := newExampleClient()

	count, err := client.Messages.CountTokens(ctx, exampleRequest) // what only Create takes is left out
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(count.InputTokens)
	// Output: 42
}

func ExampleMessagesService_Stream() {
	defer mockGateway(mockReply(http.StatusOK, mockStream))()
	ctx := context.Background()
	client := newExampleClient()

	stream, err := client.Messages.Stream(ctx, exampleRequest)
	if err != nil {
		log.Fatal(err)
	}
	for text, err := range stream.Text() {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print(text)
	}
	fmt.Println()
	msg, err := stream.Message() // the whole message: usage, stop reason, tool calls
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(msg.StopReason, msg.Usage.OutputTokens)
	// Output:
	// One door, many rooms behind it
	// end_turn 9
}

func ExampleMessageStream_Events() {
	defer mockGateway(mockReply(http.StatusOK, mockStream))()
	stream, err := newExampleClient().Messages.Stream(context.Background(), exampleRequest)
	if err != nil {
		log.Fatal(err)
	}
	for event, err := range stream.Events() {
		if err != nil {
			log.Fatal(err)
		}
		switch e := event.(type) {
		case *portkey.ContentBlockDeltaEvent:
			if delta, ok := e.Delta.(*portkey.TextDelta); ok {
				fmt.Printf("block %d: %q\n", e.Index, delta.Text)
			}
		case *portkey.MessageDeltaEvent:
			fmt.Println("stopped:", e.Delta.StopReason)
		}
	}
	// Output:
	// block 0: "One door, many rooms"
	// block 0: " behind it"
	// stopped: end_turn
}

// What had come before a connection broke is not lost.
func ExampleMessageStream_Message() {
	cut, _, _ := strings.Cut(mockStream, "event: content_block_stop")
	defer mockGateway(mockReply(http.StatusOK, cut))()
	stream, err := newExampleClient().Messages.Stream(context.Background(), exampleRequest)
	if err != nil {
		log.Fatal(err)
	}
	msg, err := stream.Message()
	if errors.Is(err, portkey.ErrIncompleteStream) && msg != nil {
		fmt.Println("cut off:", msg.Text())
	}
	// Output: cut off: One door, many rooms behind it
}

func ExampleAdaptiveThinking() {
	defer mockGateway(mockReply(http.StatusOK, `
content-type: application/json

{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5-5","content":[{"type":"thinking","thinking":"8191 is 2^13 - 1.","signature":"c2ln"},{"type":"text","text":"Yes."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":12,"output_tokens":20}}`))()
	thinking := portkey.AdaptiveThinking()
	thinking.Display = portkey.ThinkingDisplaySummarized
	msg, err := newExampleClient().Messages.Create(context.Background(), portkey.MessageRequest{
		Model:     portkey.ModelClaudeSonnet5_5,
		MaxTokens: 4096,
		Thinking:  thinking,
		Messages:  []portkey.MessageParam{portkey.UserText("Is 8191 a prime number?")},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(msg.Thinking())
	fmt.Println(msg.Text())
	// Output:
	// 8191 is 2^13 - 1.
	// Yes.
}

func ExampleMessage_ToolUses() {
	defer mockGateway(mockReply(http.StatusOK, `
content-type: application/json

{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5-5","content":[{"type":"tool_use","id":"toolu_1","name":"add","input":{"a":19,"b":23}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":40,"output_tokens":12}}`),
		mockText("It is 42."))()
	ctx := context.Background()
	client := newExampleClient()

	schema := json.RawMessage(`{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}},"required":["a","b"]}`)
	req := portkey.MessageRequest{
		Model:     portkey.ModelClaudeSonnet5_5,
		MaxTokens: 1024,
		Tools:     []portkey.Tool{portkey.NewTool("add", "Adds two integers.", schema)},
		Messages:  []portkey.MessageParam{portkey.UserText("What is 19 + 23?")},
	}
	for {
		msg, err := client.Messages.Create(ctx, req)
		if err != nil {
			log.Fatal(err)
		}
		var results []portkey.ContentBlock
		for _, use := range msg.ToolUses() {
			var input struct{ A, B int }
			if err := use.DecodeInput(&input); err != nil {
				results = append(results, portkey.ToolError(use.ID, err.Error()))
				continue
			}
			fmt.Printf("%s(%d, %d)\n", use.Name, input.A, input.B)
			results = append(results, portkey.ToolResult(use.ID, fmt.Sprint(input.A+input.B)))
		}
		if len(results) == 0 {
			fmt.Println(msg.Text())
			break
		}
		req.Messages = append(req.Messages, msg.Param(), portkey.UserMessage(results...))
	}
	// Output:
	// add(19, 23)
	// It is 42.
}
