package gateway_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

// eventName is the wire type of an event.
func eventName(event portkey.StreamEvent) string {
	switch e := event.(type) {
	case *portkey.MessageStartEvent:
		return "message_start"
	case *portkey.ContentBlockStartEvent:
		return "content_block_start"
	case *portkey.ContentBlockDeltaEvent:
		return "content_block_delta"
	case *portkey.ContentBlockStopEvent:
		return "content_block_stop"
	case *portkey.MessageDeltaEvent:
		return "message_delta"
	case *portkey.MessageStopEvent:
		return "message_stop"
	case *portkey.PingEvent:
		return "ping"
	case *portkey.HookResultsEvent:
		return "hook_results"
	case *portkey.UnknownEvent:
		return "unknown " + e.Type
	}
	return ""
}

// messageEventNames are the events of messageEvents with n texts.
func messageEventNames(n int) []string {
	names := []string{"message_start", "content_block_start", "ping"}
	for range n {
		names = append(names, "content_block_delta")
	}
	return append(names, "content_block_stop", "message_delta", "message_stop")
}

func openStream(t *testing.T, host string, opts ...portkey.ClientOption) *portkey.MessageStream {
	t.Helper()
	stream, err := newClient(t, host, opts...).Messages.Stream(t.Context(), ask("hello"), portkey.WithTraceID(traceID))
	require.NoError(t, err)
	t.Cleanup(func() { stream.Close() })
	return stream
}

// collect reads a stream to its end, and returns the names of its events and the error it ended with.
func collect(stream *portkey.MessageStream) (names []string, err error) {
	for event, err := range stream.Events() {
		if err != nil {
			return names, err
		}
		names = append(names, eventName(event))
	}
	return names, nil
}

func TestStreamEvents(t *testing.T) {
	t.Parallel()
	host := upstream.on(t, withHeader(rateLimitHeader, answerEvents(messageEvents("Hello,", " world"))))
	stream := openStream(t, host)
	require.Equal(t, "req_upstream", stream.Gateway().RequestID, "it is there from the start")

	names, err := collect(stream)
	require.NoError(t, err)
	require.Equal(t, messageEventNames(2), names)

	names, err = collect(stream)
	require.Empty(t, names)
	require.ErrorIs(t, err, portkey.ErrStreamConsumed)

	msg, err := stream.Message()
	require.NoError(t, err)
	require.Equal(t, "Hello, world", msg.Text())
	require.Equal(t, portkey.StopReasonEndTurn, msg.StopReason)
	require.Equal(t, 10, msg.Usage.InputTokens)
	require.Equal(t, 5, msg.Usage.OutputTokens)
	require.Len(t, upstream.requests(host), 1, "no second request, which would be billed")
}

func TestStreamText(t *testing.T) {
	t.Parallel()
	stream := openStream(t, upstream.on(t, answerEvents(messageEvents("Hel", "lo,", " wörld"))))
	var texts []string
	for text, err := range stream.Text() {
		require.NoError(t, err)
		texts = append(texts, text)
	}
	require.Equal(t, []string{"Hel", "lo,", " wörld"}, texts)
}

// Events arrive as they are written: the provider waits until the caller has seen the first text.
func TestStreamIsNotHeldBack(t *testing.T) {
	t.Parallel()
	events := messageEvents("Hello,", " world")
	first := firstEvents(4, events)
	seen := make(chan struct{})
	stream := openStream(t, upstream.on(t, answerEvents(first, when(seen, answerEvents(strings.TrimPrefix(events, first))))))
	var texts []string
	for text, err := range stream.Text() {
		require.NoError(t, err)
		if texts = append(texts, text); len(texts) == 1 {
			close(seen)
		}
	}
	require.Equal(t, []string{"Hello,", " world"}, texts)
}

// What the gateway hands on unread: odd events, odd lines, and sizes at which simple readers give up.
func TestStreamOddities(t *testing.T) {
	t.Parallel()
	plain := messageEvents("Hello,", " world")
	stop := "event: message_stop\n"
	for name, tt := range map[string]struct {
		events string
		text   string
		extra  string // the name of one more event
	}{
		"unknown event":           {strings.Replace(plain, stop, "event: future\ndata: {\"type\":\"future\",\"a\":1}\n\n"+stop, 1), "Hello, world", "unknown future"},
		"comments and ids":        {strings.ReplaceAll(": hello\n\nretry: 10\n\n"+plain, "\n\n", "\nid: 1\n\n"), "Hello, world", ""},
		"no names":                {dropLines(plain, "event: "), "Hello, world", ""},
		"no blank line at end":    {strings.TrimSuffix(plain, "\n\n"), "Hello, world", ""},
		"CRLF":                    {strings.ReplaceAll(plain, "\n", "\r\n"), "Hello, world", ""},
		"byte order mark":         {"\ufeff" + plain, "Hello, world", ""},
		"large event":             {messageEvents(strings.Repeat("ë", 1<<19)), strings.Repeat("ë", 1<<19), ""},
		"many events":             {messageEvents(strings.Split(strings.Repeat("x,", 2000), ",")...), strings.Repeat("x", 2000), ""},
		"error after the message": {plain + "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"late\"}}\n\n", "Hello, world", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stream := openStream(t, upstream.on(t, answerEvents(tt.events)))

			names, err := collect(stream)
			require.NoError(t, err)
			if tt.extra != "" {
				require.Contains(t, names, tt.extra)
			}
			msg, err := stream.Message()
			require.NoError(t, err)
			require.Equal(t, tt.text, msg.Text())
			require.Equal(t, portkey.StopReasonEndTurn, msg.StopReason)
		})
	}
}

func dropLines(text, prefix string) string {
	var b strings.Builder
	for line := range strings.SplitAfterSeq(text, "\n") {
		if !strings.HasPrefix(line, prefix) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// A provider that does not stream answers with a message, which is as good.
func TestStreamOfPlainMessage(t *testing.T) {
	t.Parallel()
	stream := openStream(t, upstream.on(t, withHeader(rateLimitHeader, answer(200, spokenMessage()))))
	require.Equal(t, "req_upstream", stream.Gateway().RequestID)

	names, err := collect(stream)
	require.NoError(t, err)
	require.Equal(t, "message_start", names[0])
	require.Equal(t, "message_stop", names[len(names)-1])

	msg, err := stream.Message()
	require.NoError(t, err)
	require.JSONEq(t, spokenMessage(), toJSON(msg))
	require.Equal(t, traceID, msg.Gateway.TraceID)
}

// The text of such a message comes too. Content types are not to be trusted: the gateway hands on whatever
// the provider said.
func TestStreamContentType(t *testing.T) {
	t.Parallel()
	labelled := func(contentType string, next http.HandlerFunc) http.HandlerFunc {
		return withHeader(http.Header{"Content-Type": {contentType}}, next)
	}
	for name, handler := range map[string]http.HandlerFunc{
		"message":           answerMessage("Hello"),
		"message as events": labelled("text/event-stream", answerMessage("Hello")),
		"events as JSON":    labelled("application/json", answerEvents(messageEvents("Hello"))),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var texts []string
			for text, err := range openStream(t, upstream.on(t, handler)).Text() {
				require.NoError(t, err)
				texts = append(texts, text)
			}
			require.Equal(t, []string{"Hello"}, texts)
		})
	}
}
