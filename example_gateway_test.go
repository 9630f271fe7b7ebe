package portkey_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/jarcoal/httpmock"

	"github.com/portkey-go/portkey"
)

func ExampleWithConfig() {
	defer mockGateway(mockReply(http.StatusOK, `
content-type: application/json
x-portkey-provider: anthropic
x-portkey-last-used-option-index: config.targets[1]
x-portkey-retry-attempt-count: 0

{"id":"msg_1","type":"message","role":"assistant","model":"claude-haiku-4-5","content":[{"type":"text","text":"Here."}],"stop_reason":"end_turn","usage":{"input_tokens":12,"output_tokens":2}}`))()
	ctx := context.Background()
	client := newExampleClient()

	config := portkey.Fallback(
		portkey.Config{Provider: "anthropic", APIKey: "sk-ant-1"},
		portkey.Config{Provider: "anthropic", APIKey: "sk-ant-2", OverrideParams: map[string]any{"model": "claude-haiku-4-5"}},
	)
	config.Strategy.OnStatusCodes = []int{429, 500, 529}
	msg, err := client.Messages.Create(ctx, exampleRequest, portkey.WithConfig(config))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(msg.Gateway.Target, msg.Gateway.Provider, msg.Model)
	// Output: config.targets[1] anthropic claude-haiku-4-5
}

func ExampleClient_With() {
	defer mockGateway(mockText("One."), mockText("Two."))()
	ctx := context.Background()
	client := newExampleClient()

	// One client for each tenant, all on the same connections.
	tenant, err := client.With(
		portkey.WithMetadata(map[string]string{"tenant": "acme"}),
		portkey.WithProviderKey("the key of acme"),
	)
	if err != nil {
		log.Fatal(err)
	}
	// What a call sets wins over what its client has.
	for _, id := range []string{"trace-1", "trace-2"} {
		msg, err := tenant.Messages.Create(ctx, exampleRequest, portkey.WithTraceID(id), portkey.WithTimeout(time.Minute))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(msg.Gateway.TraceID, msg.Text())
	}
	// Output:
	// trace-1 One.
	// trace-2 Two.
}

func ExampleError() {
	defer mockGateway(mockReply(http.StatusTooManyRequests, `
content-type: application/json
retry-after: 90
request-id: req_1
x-portkey-provider: anthropic
x-portkey-trace-id: trace-1

{"error":{"message":"anthropic error: too many tokens","type":"rate_limit_error","param":null,"code":null},"provider":"anthropic"}`))()
	ctx := context.Background()
	client := newExampleClient()

	_, err := client.Messages.Create(ctx, exampleRequest, portkey.WithTraceID("trace-1"))
	if e, ok := errors.AsType[*portkey.Error](err); ok {
		switch {
		case errors.Is(e, portkey.ErrRateLimit):
			fmt.Println("try again in", e.RetryAfter)
		case errors.Is(e, portkey.ErrGuardrail):
			fmt.Println("denied:", e.Message)
		}
		fmt.Println("whose error:", e.Source, e.Provider)
	}
	fmt.Println(err)
	// Output:
	// try again in 1m30s
	// whose error: provider anthropic
	// portkey: 429 rate_limit_error: too many tokens (provider anthropic, retry after 1m30s, request req_1, trace trace-1)
}

func ExampleWithRetry() {
	defer mockGateway(
		mockReply(529, "content-type: application/json\n\n"+
			`{"error":{"message":"anthropic error: Overloaded","type":"overloaded_error"},"provider":"anthropic"}`),
		mockText("Here now."),
	)()
	ctx := context.Background()
	client := newExampleClient()

	msg, err := client.Messages.Create(ctx, exampleRequest, portkey.WithRetry(portkey.RetryPolicy{
		MaxAttempts: 4,
		BaseDelay:   time.Millisecond,
		Jitter:      -1, // none
		Budget:      10 * time.Second,
		OnRetry: func(r portkey.Retry) {
			fmt.Println("attempt", r.Attempt, "failed, overloaded:", errors.Is(r.Err, portkey.ErrOverloaded))
		},
	}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(msg.Text(), msg.Gateway.Attempts)
	// Output:
	// attempt 1 failed, overloaded: true
	// Here now. 2
}

// A beta feature needs its header, members without a field, and perhaps blocks
// without a type.
func ExampleWithAnthropicBeta() {
	defer mockGateway(mockReply(http.StatusOK, `
content-type: application/json

{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5-5","content":[{"type":"hologram","depth":3}],"stop_reason":"end_turn","mood":"calm","usage":{"input_tokens":12,"output_tokens":9}}`))()
	ctx := context.Background()
	client := newExampleClient()

	req := exampleRequest
	req.Extra = map[string]json.RawMessage{"holograms": json.RawMessage(`{"enabled":true}`)}
	msg, err := client.Messages.Create(ctx, req, portkey.WithAnthropicBeta("holograms-2027-01-01"))
	if err != nil {
		log.Fatal(err)
	}
	for _, block := range msg.Content {
		if b, ok := block.(*portkey.UnknownBlock); ok {
			fmt.Printf("%s: %s\n", b.Type, b.Raw)
		}
	}
	fmt.Printf("mood: %s\n", msg.Extra["mood"])
	// Output:
	// hologram: {"type":"hologram","depth":3}
	// mood: "calm"
}

// A guardrail that only warns lets the answer through: its verdict is with it.
func ExampleHookResults_Passed() {
	defer mockGateway(mockReply(246, `
content-type: application/json

{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5-5","content":[{"type":"text","text":"Well."}],"stop_reason":"end_turn","usage":{"input_tokens":12,"output_tokens":2},"hook_results":{"before_request_hooks":[{"verdict":false,"id":"no-secrets","type":"guardrail","deny":false,"checks":[]}],"after_request_hooks":[]}}`))()
	msg, err := newExampleClient().Messages.Create(context.Background(), exampleRequest)
	if err != nil {
		log.Fatal(err)
	}
	if hooks := msg.Gateway.HookResults; hooks != nil && !hooks.Passed() {
		fmt.Println("not passed:", hooks.Before[0].ID)
	}
	// Output: not passed: no-secrets
}

// Middleware sees each attempt.
func ExampleWithMiddleware() {
	defer mockGateway(mockText("Here."))()
	announce := func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error) {
		resp, err := next(req)
		if err == nil {
			fmt.Println(req.Method, req.URL.Path, resp.StatusCode)
		}
		return resp, err
	}
	_, err := newExampleClient().Messages.Create(context.Background(), exampleRequest, portkey.WithMiddleware(announce))
	if err != nil {
		log.Fatal(err)
	}
	// Output: POST /v1/messages 200
}

// A mocked transport tests code that uses a client; examples/testing has more.
func ExampleWithHTTPClient() {
	mock := httpmock.NewMockTransport()
	mock.RegisterResponder(http.MethodPost, "http://gateway.test/v1/messages",
		httpmock.NewStringResponder(http.StatusOK, `{
			"id": "msg_1", "type": "message", "role": "assistant", "model": "m",
			"content": [{"type": "text", "text": "Hello."}], "stop_reason": "end_turn",
			"usage": {"input_tokens": 1, "output_tokens": 1}
		}`))
	client, err := portkey.NewClient(
		portkey.WithBaseURL("http://gateway.test"),
		portkey.WithHTTPClient(&http.Client{Transport: mock}),
	)
	if err != nil {
		log.Fatal(err)
	}
	msg, err := client.Messages.Create(context.Background(), exampleRequest)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(msg.Text(), mock.GetTotalCallCount())
	// Output: Hello. 1
}
