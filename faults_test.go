package portkey_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

// Cut at every byte, in every way, a stream is incomplete, and what came is kept.
func TestStreamCut(t *testing.T) {
	reset := errors.New("connection reset by peer")
	ways := map[string]func(io.Reader) io.Reader{
		"end":   func(r io.Reader) io.Reader { return r },
		"reset": func(r io.Reader) io.Reader { return io.MultiReader(r, iotest.ErrReader(reset)) },
		"by byte": func(r io.Reader) io.Reader {
			return io.MultiReader(iotest.OneByteReader(r), iotest.ErrReader(io.ErrUnexpectedEOF))
		},
	}
	// From here on the message is whole, and no fault changes that: the last
	// event is complete but for its blank line.
	whole := len(strings.TrimRight(fullStream, "\n"))
	for way, cut := range ways {
		for n := range len(fullStream) {
			client := clientFor(t, func(*http.Request) (*http.Response, error) {
				return response(200, "text/event-stream", cut(strings.NewReader(fullStream[:n]))), nil
			})
			stream, err := client.Messages.Stream(t.Context(), request)
			var events []portkey.StreamEvent
			if err == nil {
				events, err = finish(stream)
			}
			if way == "end" && n >= whole || n >= len(fullStream) {
				require.NoError(t, err, "%s at %d", way, n)
				continue
			}
			require.ErrorIs(t, err, portkey.ErrIncompleteStream, "%s at %d", way, n)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF, "%s at %d", way, n)
			if way == "reset" {
				require.ErrorIs(t, err, reset)
			}
			if stream == nil {
				require.Less(t, n, strings.Index(fullStream, "event: content_block_start"))
				continue
			}
			msg, msgErr := stream.Message()
			require.Equal(t, err, msgErr)
			require.Equal(t, "msg_1", msg.ID)
			require.Equal(t, textIn(events), msg.Text(), "%s at %d", way, n)
		}
	}
}

func textIn(events []portkey.StreamEvent) string {
	var b strings.Builder
	for _, event := range events {
		if e, ok := event.(*portkey.ContentBlockDeltaEvent); ok {
			if d, ok := e.Delta.(*portkey.TextDelta); ok {
				b.WriteString(d.Text)
			}
		}
	}
	return b.String()
}

// The input of a tool call that was cut off is kept as it came.
func TestStreamCutInToolInput(t *testing.T) {
	body := fullStream[:strings.Index(fullStream, `{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"sum`)]
	stream, err := clientFor(t, answer(200, "text/event-stream", body)).Messages.Stream(t.Context(), request)
	require.NoError(t, err)
	msg, err := stream.Message()
	require.ErrorIs(t, err, portkey.ErrIncompleteStream)
	use := msg.ToolUses()[0]
	assert.Equal(t, `{"port":"Hu`, string(use.Input))
	assert.True(t, use.Incomplete())
	assert.ErrorIs(t, use.DecodeInput(&struct{}{}), portkey.ErrIncompleteToolInput)
	assert.JSONEq(t, `{"port":"Hu"}`, string(use.PartialInput()))
}

// No fault after message_stop makes a whole message an error.
func TestStreamFaultAfterItsEnd(t *testing.T) {
	for name, rest := range map[string]io.Reader{
		"reset":        iotest.ErrReader(errors.New("reset")),
		"garbage":      strings.NewReader("data: {nonsense\n\n"),
		"cut":          strings.NewReader("event: hook_res"),
		"done":         strings.NewReader("data: [DONE]\n\n"),
		"error event":  strings.NewReader("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"late\"}}\n\n"),
		"a huge event": strings.NewReader("data: " + strings.Repeat("x", 5000) + "\n\n"),
	} {
		client := clientFor(t, func(*http.Request) (*http.Response, error) {
			return response(200, "text/event-stream", io.MultiReader(strings.NewReader(fullStream), rest)), nil
		}, portkey.WithMaxEventSize(2000))
		stream, err := client.Messages.Stream(t.Context(), request)
		require.NoError(t, err, name)
		events, err := finish(stream)
		require.NoError(t, err, name)
		assert.Len(t, events, 17, name)
		_, err = stream.Message()
		require.NoError(t, err, name)
	}
}

const html = "<!doctype html><html><body>Log in to the airport Wi-Fi</body></html>"

func TestWrongBodies(t *testing.T) {
	errorObject := `{"error":{"message":"Invalid response received from anthropic: {}","type":null,"param":null,"code":null},"provider":"anthropic"}`
	nativeError := `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`
	chunk := `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[{"delta":{"content":"hi"}}]}` + "\n\n"
	tests := []struct {
		name, contentType, body string
		on                      string // a call, or all
		class                   error
	}{
		{"empty object", "application/json", `{}`, "", portkey.ErrUnexpectedResponse},
		{"null", "application/json", `null`, "", portkey.ErrUnexpectedResponse},
		{"list", "application/json", `[]`, "", portkey.ErrUnexpectedResponse},
		{"string", "application/json", `"hi"`, "", portkey.ErrUnexpectedResponse},
		{"broken", "application/json", `{"type":"message","content":[`, "", portkey.ErrUnexpectedResponse},
		{"two values", "application/json", okMessage + okMessage, "", portkey.ErrUnexpectedResponse},
		{"error object", "application/json", errorObject, "", portkey.ErrUnexpectedResponse},
		{"native error", "application/json", nativeError, "", portkey.ErrOverloaded},
		{"HTML", "text/html", html, "", portkey.ErrUnexpectedResponse},
		{"HTML without a type", "", html, "", portkey.ErrUnexpectedResponse},
		{"text as JSON", "application/json", "upstream connect error", "", portkey.ErrUnexpectedResponse},
		{"empty", "application/json", "", "", portkey.ErrUnexpectedResponse},
		{"a message for a count", "application/json", okMessage, "CountTokens", portkey.ErrUnexpectedResponse},
		{"a stream for a message", "text/event-stream", fullStream, "Create", portkey.ErrUnexpectedResponse},
		{"a wrong member", "application/json", strings.Replace(okMessage, `"text":"ok"`, `"text":7`, 1), "Create", portkey.ErrUnexpectedResponse},
		{"empty stream", "text/event-stream", "", "Stream", portkey.ErrIncompleteStream},
		{"only comments", "text/event-stream", ": hi\n\n", "Stream", portkey.ErrIncompleteStream},
		{"OpenAI chunks", "text/event-stream", chunk + chunk + "data: [DONE]\n\n", "Stream", portkey.ErrUnexpectedResponse},
		{"only done", "text/event-stream", "data: [DONE]\n\n", "Stream", portkey.ErrUnexpectedResponse},
		{"no start", "text/event-stream", sse(`{"type":"content_block_stop","index":0}`, stopEvent), "Stream", portkey.ErrUnexpectedResponse},
		{"invalid event", "text/event-stream", sse(startEvent, `{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`) + "data: {\"type\":\n\n" + sse(stopEvent), "Stream", portkey.ErrUnexpectedResponse},
		{"wrong member", "text/event-stream", sse(startEvent, `{"type":"content_block_start","index":"x","content_block":{"type":"text","text":""}}`, stopEvent), "Stream", portkey.ErrUnexpectedResponse},
		{"HTML as a stream", "text/event-stream", html, "Stream", portkey.ErrUnexpectedResponse},
		{"text as a stream", "text/plain", "internal error\n", "Stream", portkey.ErrUnexpectedResponse},
		{"text that begins like a field", "text/plain", "error code: 1015", "Stream", portkey.ErrUnexpectedResponse},
		{"text that begins with a field", "text/plain", "dataset not found", "Stream", portkey.ErrUnexpectedResponse},
	}
	for _, tt := range tests {
		for name, call := range calls {
			if tt.on != "" && tt.on != name {
				continue
			}
			t.Run(tt.name+" "+name, func(t *testing.T) {
				err := call(t, clientFor(t, answer(200, tt.contentType, tt.body)))
				require.ErrorIs(t, err, tt.class)
				var e *portkey.Error
				require.ErrorAs(t, err, &e)
				assert.Equal(t, 200, e.StatusCode)
				assert.Contains(t, err.Error(), "200")
				assert.Less(t, len(err.Error()), 1<<11)
			})
		}
	}
	err := calls["Create"](t, clientFor(t, answer(200, "text/html", html)))
	assert.ErrorContains(t, err, "text/html")
	assert.ErrorContains(t, err, "airport Wi-Fi")
}

// What a plugin or a counter says in an unexpected form is no reason to lose
// an answer that was paid for, and neither is an error that is null.
func TestOddDetailsKeepTheAnswer(t *testing.T) {
	for member, value := range map[string]string{
		"error": "null", "hook_results": `{"before_request_hooks":[{"verdict":true,"execution_time":"12","checks":[{"error":"text"}]}]}`,
		"stop_details": `{"type":"refusal","explanation":5}`, "diagnostics": `{"cache_miss_reason":"x"}`,
	} {
		body := strings.Replace(okMessage, `"id"`, `"`+member+`":`+value+`,"id"`, 1)
		msg, err := clientFor(t, answer(200, "application/json", body)).Messages.Create(t.Context(), request)
		require.NoError(t, err, member)
		text, err := json.Marshal(msg)
		require.NoError(t, err)
		assert.JSONEq(t, body, string(text))
	}
	err := calls["CountTokens"](t, clientFor(t, answer(200, "application/json", `{"input_tokens":null}`)))
	require.ErrorIs(t, err, portkey.ErrUnexpectedResponse)
}

// A whole message may hold an input that was cut off: it can be stored, but not sent.
func TestMessageWithCutInput(t *testing.T) {
	body := sse(startEvent, `{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"n","input":{}}}`,
		`{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}}`, `{"type":"content_block_stop","index":0}`,
		`{"type":"message_delta","delta":{"stop_reason":"max_tokens","stop_sequence":null},"usage":{"output_tokens":4}}`, stopEvent)
	client := clientFor(t, answer(200, "text/event-stream", body))
	stream, err := client.Messages.Stream(t.Context(), request)
	require.NoError(t, err)
	msg, err := stream.Message()
	require.NoError(t, err)
	text, err := json.Marshal(msg)
	require.NoError(t, err)
	assert.Contains(t, string(text), `"input":"{\"a\":"`)

	req := request
	req.Messages = append(slices.Clone(req.Messages), msg.Param())
	_, err = client.Messages.Create(t.Context(), req)
	require.ErrorIs(t, err, portkey.ErrIncompleteToolInput)
	assert.ErrorContains(t, err, "messages[1].content[0].input")
}

func TestSizeLimits(t *testing.T) {
	for name, call := range calls { // sums with the limit must not overflow
		body := map[string]string{"Create": okMessage, "CountTokens": `{"input_tokens":1}`, "Stream": strings.Replace(fullStream, "Good", strings.Repeat("x", 200_000), 1)}[name]
		require.NoError(t, call(t, clientFor(t, answer(200, "", body), portkey.WithMaxEventSize(math.MaxInt))), name)
	}
	limit := portkey.WithMaxEventSize(1000)
	big := strings.Replace(okMessage, `"ok"`, `"`+strings.Repeat("x", 1000)+`"`, 1)
	err := calls["Create"](t, clientFor(t, answer(200, "application/json", big), limit))
	require.ErrorIs(t, err, portkey.ErrEventTooLarge)
	assert.ErrorContains(t, err, "1000")

	text := `{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"` + strings.Repeat("x", 1000) + `"}}`
	body := strings.Replace(fullStream, sse(`{"type":"content_block_stop","index":1}`), sse(text), 1)
	stream, err := clientFor(t, answer(200, "text/event-stream", body), limit).Messages.Stream(t.Context(), request)
	require.NoError(t, err)
	msg, err := stream.Message()
	require.ErrorIs(t, err, portkey.ErrEventTooLarge)
	assert.ErrorContains(t, err, "1000")
	assert.Equal(t, "Good morning, Zoë", msg.Text())
}

// An event of 16 MB in small reads costs what its bytes cost. The parser alone
// takes minutes, and the test would time out.
func TestLargeEvent(t *testing.T) {
	text := strings.Repeat("0123456789abcdef", 1<<20)
	body := strings.Replace(fullStream, `"text":"Good"`, `"text":"`+text+`"`, 1)
	client := clientFor(t, func(*http.Request) (*http.Response, error) {
		return response(200, "text/event-stream", smallReads{strings.NewReader(body)}), nil
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	stream, err := client.Messages.Stream(t.Context(), request)
	require.NoError(t, err)
	msg, err := stream.Message()
	require.NoError(t, err)
	runtime.ReadMemStats(&after)
	assert.Equal(t, text+" morning, Zoë", msg.Text())
	// The buffer that grows to it takes four times the event, and the text and
	// what is put together of it three times.
	assert.LessOrEqual(t, (after.TotalAlloc-before.TotalAlloc)/uint64(len(text)), uint64(8), "allocated for a byte of the event")
}

type smallReads struct{ io.Reader }

func (r smallReads) Read(p []byte) (int, error) { return r.Reader.Read(p[:min(len(p), 1460)]) }

// slowBody hands out chunks, each after a delay, then waits for its context or ends.
type slowBody struct {
	ctx    context.Context
	chunks []string
	delay  time.Duration
	hang   bool
	closed atomic.Bool
}

func (b *slowBody) Read(p []byte) (int, error) {
	if len(b.chunks) == 0 && !b.hang {
		return 0, io.EOF
	}
	var timer <-chan time.Time
	if len(b.chunks) > 0 {
		timer = time.After(b.delay)
	}
	select {
	case <-timer:
	case <-b.ctx.Done():
		return 0, b.ctx.Err()
	}
	n := copy(p, b.chunks[0])
	if b.chunks[0] = b.chunks[0][n:]; b.chunks[0] == "" {
		b.chunks = b.chunks[1:]
	}
	return n, nil
}

func (b *slowBody) Close() error { b.closed.Store(true); return nil }

// slowly is a transport whose answers are slow. Run it in a synctest bubble.
func slowly(headers, delay time.Duration, hang bool, chunks ...string) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		select {
		case <-time.After(headers):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
		resp := response(200, "text/event-stream", http.NoBody)
		resp.Body = &slowBody{ctx: r.Context(), chunks: slices.Clone(chunks), delay: delay, hang: hang}
		return resp, nil
	}
}

func TestTimeLimits(t *testing.T) {
	start := sse(startEvent, `{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"Hi"}}`)
	ping := sse(`{"type":"ping"}`)
	end := sse(`{"type":"content_block_stop","index":0}`, stopEvent)
	tests := []struct {
		name      string
		transport roundTripper
		opts      []portkey.ClientOption
		class     error
		after     time.Duration
		text      string
	}{
		{"a gateway that answers nothing", slowly(24*time.Hour, 0, false), []portkey.ClientOption{portkey.WithTimeout(time.Minute)}, portkey.ErrTimeout, time.Minute, ""},
		{"the default limit of an attempt", slowly(24*time.Hour, 0, false), nil, portkey.ErrTimeout, 10 * time.Minute, ""},
		{"headers, but no event", slowly(0, time.Hour, true, start), []portkey.ClientOption{portkey.WithTimeout(time.Minute)}, portkey.ErrTimeout, time.Minute, ""},
		{"the limit is not the stream's", slowly(0, 50*time.Second, false, start, ping, end), []portkey.ClientOption{portkey.WithTimeout(time.Minute)}, nil, 150 * time.Second, "Hi"},
		{"silence", slowly(0, time.Second, true, start), []portkey.ClientOption{portkey.WithStreamIdleTimeout(7 * time.Second)}, portkey.ErrStreamIdle, 8 * time.Second, "Hi"},
		{"silence, by default", slowly(0, time.Second, true, start), nil, portkey.ErrStreamIdle, 5*time.Minute + time.Second, "Hi"},
		{"pings are no silence", slowly(0, 6*time.Second, false, start, ping, ping, ping, end), []portkey.ClientOption{portkey.WithStreamIdleTimeout(7 * time.Second)}, nil, 30 * time.Second, "Hi"},
		{"silence after the end", slowly(0, time.Second, true, start, end), nil, nil, 12 * time.Second, "Hi"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				client := clientFor(t, tt.transport, tt.opts...)
				stream, err := client.Messages.Stream(context.Background(), request)
				var msg *portkey.Message
				if err == nil {
					msg, err = stream.Message()
				}
				assert.Equal(t, tt.after, time.Since(began))
				if tt.class == nil {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, tt.class)
				}
				if tt.text != "" {
					assert.Equal(t, tt.text, msg.Text())
				}
			})
		})
	}
}

// The time that the caller takes between two events is not the stream's silence.
func TestSlowReaderIsNotIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := clientFor(t, slowly(0, time.Millisecond, false, strings.SplitAfter(fullStream, "\n\n")...), portkey.WithStreamIdleTimeout(time.Second))
		stream, err := client.Messages.Stream(context.Background(), request)
		require.NoError(t, err)
		for _, err := range stream.Events() {
			require.NoError(t, err)
			time.Sleep(time.Minute)
		}
		_, err = stream.Message()
		require.NoError(t, err)
	})
}

func TestContextDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, call := range map[string]func(context.Context, *portkey.Client) error{
			"Create": func(ctx context.Context, c *portkey.Client) error {
				_, err := c.Messages.Create(ctx, request)
				return err
			},
			"Stream": func(ctx context.Context, c *portkey.Client) error {
				_, err := c.Messages.Stream(ctx, request)
				return err
			},
		} {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			err := call(ctx, clientFor(t, slowly(time.Hour, 0, false), portkey.WithMaxRetries(5)))
			cancel()
			require.ErrorIs(t, err, context.DeadlineExceeded, name)
		}
	})
}

// A body of a call that stalls or breaks is an error of the connection.
func TestCreateBodyFaults(t *testing.T) {
	reset := errors.New("reset")
	client := clientFor(t, func(*http.Request) (*http.Response, error) {
		return response(200, "application/json", io.MultiReader(strings.NewReader(okMessage[:50]), iotest.ErrReader(reset))), nil
	})
	err := calls["Create"](t, client)
	require.ErrorIs(t, err, reset)
	var e *portkey.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, okMessage[:50], string(e.Raw))
	assert.Equal(t, portkey.SourceClient, e.Source)

	synctest.Test(t, func(t *testing.T) {
		client := clientFor(t, slowly(0, time.Hour, true, okMessage), portkey.WithTimeout(time.Second))
		_, err := client.Messages.Create(context.Background(), request)
		require.ErrorIs(t, err, portkey.ErrTimeout)
	})
}
