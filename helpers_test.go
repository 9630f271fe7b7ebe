package portkey_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

// request is a request that is good for any test that does not look at it.
var request = portkey.MessageRequest{
	Model:     "claude-sonnet-5-5",
	MaxTokens: 100,
	Messages:  []portkey.MessageParam{portkey.UserText("hi")},
}

// roundTripper is a transport made of a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// clientFor returns a client whose every request goes to transport. It does not retry.
func clientFor(t testing.TB, transport roundTripper, opts ...portkey.ClientOption) *portkey.Client {
	t.Helper()
	return retryingClient(t, transport, append([]portkey.ClientOption{portkey.WithMaxRetries(0)}, opts...)...)
}

// retryingClient is clientFor with the default retries.
func retryingClient(t testing.TB, transport roundTripper, opts ...portkey.ClientOption) *portkey.Client {
	t.Helper()
	client, err := portkey.NewClient(append([]portkey.ClientOption{
		portkey.WithHTTPClient(&http.Client{Transport: transport}),
		portkey.WithBaseURL("http://gateway.test"),
		portkey.WithProvider("anthropic"),
	}, opts...)...)
	require.NoError(t, err)
	return client
}

// serve starts a server with this handler, and returns a client for it that does not retry.
func serve(t testing.TB, handler http.HandlerFunc, opts ...portkey.ClientOption) *portkey.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	opts = append([]portkey.ClientOption{
		portkey.WithBaseURL(server.URL),
		portkey.WithProvider("anthropic"),
		portkey.WithMaxRetries(0),
		portkey.WithHTTPClient(server.Client()),
	}, opts...)
	client, err := portkey.NewClient(opts...)
	require.NoError(t, err)
	return client
}

// response makes a response with a body; header is name, value, name, value.
func response(status int, contentType string, body io.Reader, header ...string) *http.Response {
	h := http.Header{}
	if contentType != "" {
		h.Set("Content-Type", contentType)
	}
	for i := 0; i < len(header); i += 2 {
		h.Add(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(body), ContentLength: -1, ProtoMajor: 1, ProtoMinor: 1}
}

// answer is a transport that gives the same answer to every request.
func answer(status int, contentType, body string, header ...string) roundTripper {
	return func(*http.Request) (*http.Response, error) {
		return response(status, contentType, strings.NewReader(body), header...), nil
	}
}

// sse makes a stream of events from lines of JSON, named by their type.
func sse(data ...string) string {
	var b strings.Builder
	for _, d := range data {
		name := d[strings.Index(d, `"type":"`)+len(`"type":"`):]
		b.WriteString("event: " + name[:strings.IndexByte(name, '"')] + "\ndata: " + d + "\n\n")
	}
	return b.String()
}

// A stream with each kind of block that is built up from deltas.
var (
	startEvent = `{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5-5","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":1}}}`
	stopEvent  = `{"type":"message_stop"}`

	fullStream = sse(
		startEvent,
		`{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}`,
		`{"type":"ping"}`,
		`{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm."}}`,
		`{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}`,
		`{"type":"content_block_stop","index":0}`,
		`{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}`,
		`{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Good"}}`,
		`{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":" morning, Zoë"}}`,
		`{"type":"content_block_stop","index":1}`,
		`{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_1","name":"tide","input":{}}}`,
		`{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}}`,
		`{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"port\":\"Hu"}}`,
		`{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"sum\"}"}}`,
		`{"type":"content_block_stop","index":2}`,
		`{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":41}}`,
		stopEvent,
	)
)

// finish ranges over a stream and returns its events and the error of the loop.
func finish(stream *portkey.MessageStream) (events []portkey.StreamEvent, err error) {
	for event, e := range stream.Events() {
		if e != nil {
			err = e
			continue
		}
		events = append(events, event)
	}
	return events, err
}

// wait bounds what a test waits for.
func wait(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}
