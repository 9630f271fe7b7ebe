package gateway_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

// A stream that is cut off ends, through the gateway, as well as any other. Only message_stop tells.
func TestStreamCut(t *testing.T) {
	t.Parallel()
	events := messageEvents("Hello,", " world")
	seen := make(chan struct{})
	for name, then := range map[string]http.HandlerFunc{
		"reset":     when(seen, resetConnection), // no earlier: see TestHarnessResetBecomesCleanEnd
		"clean end": func(http.ResponseWriter, *http.Request) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stream := openStream(t, upstream.on(t, answerEvents(firstEvents(4, events), then)))
			var texts []string
			var err error
			for text, e := range stream.Text() {
				if err = e; err != nil {
					break
				}
				if texts = append(texts, text); name == "reset" {
					close(seen)
				}
			}
			require.Equal(t, []string{"Hello,"}, texts)
			e := requireError(t, err, portkey.ErrIncompleteStream)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			require.Equal(t, portkey.SourceClient, e.Source)
			require.Equal(t, traceID, e.TraceID)

			msg, again := stream.Message()
			require.Equal(t, err, again)
			require.Equal(t, "msg_upstream", msg.ID)
			require.Equal(t, "Hello,", msg.Text())
			require.Empty(t, msg.StopReason)
			require.Equal(t, 10, msg.Usage.InputTokens)
		})
	}
}

// Wherever a stream is cut, it is not whole, and what came of it is there. Only all of it is a message.
func TestStreamCutAnywhere(t *testing.T) {
	t.Parallel()
	events := messageEvents("Hello,", " world")
	total := strings.Count(events, "\n\n")
	for n := range total {
		for _, tail := range []string{"", "event: content_block_delta\ndata: {\"type\":\"content_blo"} {
			host := upstream.on(t, answerEvents(firstEvents(n, events)+tail))
			stream, err := newClient(t, host).Messages.Stream(t.Context(), ask("hello"))
			if err == nil {
				var msg *portkey.Message
				msg, err = stream.Message()
				require.Equal(t, "msg_upstream", msg.ID)
			} else {
				require.Zero(t, n)
			}
			require.ErrorIs(t, err, portkey.ErrIncompleteStream, "after %d events", n)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		}
	}
	stream := openStream(t, upstream.on(t, answerEvents(firstEvents(total, events))))
	_, err := stream.Message()
	require.NoError(t, err)
}

// An error that the provider sends in the stream is of the class that its status would have been of.
func TestStreamErrorEvent(t *testing.T) {
	t.Parallel()
	for typ, class := range map[string]error{
		"overloaded_error":      portkey.ErrOverloaded,
		"rate_limit_error":      portkey.ErrRateLimit,
		"api_error":             portkey.ErrServer,
		"timeout_error":         portkey.ErrTimeout,
		"invalid_request_error": portkey.ErrInvalidRequest,
	} {
		event := "event: error\ndata: " + toJSON(errorBody(typ, "in the midst")) + "\n\n"
		check := func(t *testing.T, err error) {
			t.Helper()
			e := requireError(t, err, class)
			require.Equal(t, 200, e.StatusCode)
			require.Equal(t, typ, e.Type)
			require.Equal(t, "in the midst", e.Message)
			require.Equal(t, portkey.SourceProvider, e.Source)
			require.Equal(t, "anthropic", e.Provider)
			require.Equal(t, "req_upstream", e.RequestID)
			require.Equal(t, traceID, e.TraceID)
		}
		t.Run(typ, func(t *testing.T) {
			t.Parallel()
			stream := openStream(t, upstream.on(t, answerEvents(firstEvents(4, messageEvents("Hello", "?"))+event)))
			names, err := collect(stream)
			require.Equal(t, messageEventNames(1)[:4], names)
			check(t, err)
			msg, again := stream.Message()
			require.Equal(t, err, again)
			require.Equal(t, "Hello", msg.Text())
		})
		t.Run(typ+" at first", func(t *testing.T) {
			t.Parallel()
			for _, start := range []string{"", firstEvents(1, messageEvents(""))} {
				host := upstream.on(t, answerEvents(start+event))
				_, err := newClient(t, host).Messages.Stream(t.Context(), ask("hello"), portkey.WithTraceID(traceID))
				check(t, err)
			}
		})
	}
}

// A caller who has had enough: the loop is left, the stream is closed, or the context ends.
func TestStreamLeft(t *testing.T) {
	t.Parallel()
	begin := answerEvents(firstEvents(4, messageEvents("Hello,", " world")), hang)
	for name, leave := range map[string]func(s *portkey.MessageStream, cancel context.CancelFunc){
		"close":  func(s *portkey.MessageStream, _ context.CancelFunc) { go s.Close() },
		"cancel": func(_ *portkey.MessageStream, cancel context.CancelFunc) { go cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			stream, err := newClient(t, upstream.on(t, begin)).Messages.Stream(ctx, ask("hello"))
			require.NoError(t, err)
			defer stream.Close()
			for text, e := range stream.Text() {
				if err = e; err == nil {
					require.Equal(t, "Hello,", text)
					leave(stream, cancel)
				}
			}
			requireError(t, err, portkey.ErrIncompleteStream)
			require.Equal(t, name == "cancel", errors.Is(err, context.Canceled))
			msg, _ := stream.Message()
			require.Equal(t, "Hello,", msg.Text())
		})
	}

	t.Run("break", func(t *testing.T) {
		t.Parallel()
		stream := openStream(t, upstream.on(t, begin))
		for _, err := range stream.Text() {
			require.NoError(t, err)
			break
		}
		msg, err := stream.Message()
		requireError(t, err, portkey.ErrIncompleteStream)
		require.Equal(t, "Hello,", msg.Text())
		require.NoError(t, stream.Close())
	})

	t.Run("silence", func(t *testing.T) {
		t.Parallel()
		stream := openStream(t, upstream.on(t, begin), portkey.WithStreamIdleTimeout(time.Second))
		names, err := collect(stream)
		require.Equal(t, messageEventNames(1)[:4], names)
		requireError(t, err, portkey.ErrStreamIdle, portkey.ErrIncompleteStream)
		msg, _ := stream.Message()
		require.Equal(t, "Hello,", msg.Text())
	})

	t.Run("event too large", func(t *testing.T) {
		t.Parallel()
		host := upstream.on(t, answerEvents(messageEvents("Hello", strings.Repeat("x", 4<<10))))
		stream := openStream(t, host, portkey.WithMaxEventSize(2<<10))
		_, err := stream.Message()
		require.ErrorIs(t, err, portkey.ErrEventTooLarge)
	})
}
