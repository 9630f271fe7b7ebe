package portkey_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/portkey-go/portkey"
)

// openConnections counts the connections of a server. Set it before the server starts.
func openConnections(server *httptest.Server) *atomic.Int64 {
	var open atomic.Int64
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		switch s {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed, http.StateHijacked:
			open.Add(-1)
		}
	}
	return &open
}

// After streams that were left in every way, no goroutine and no connection is
// left that was not there before.
func TestStreamsLeaveNothingBehind(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	head := fullStream[:strings.Index(fullStream, "event: message_delta")]
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-End") != "" {
			_, _ = io.WriteString(w, fullStream)
			return
		}
		_, _ = io.WriteString(w, head)
		w.(http.Flusher).Flush()
		if r.Header.Get("X-Abort") != "" {
			panic(http.ErrAbortHandler)
		}
		<-r.Context().Done()
	}))
	server.Config.ErrorLog = nil
	open := openConnections(server)
	server.Start()
	defer server.Close()

	// The client's own transport: its connections are closed by the server's end.
	client, err := portkey.NewClient(portkey.WithBaseURL(server.URL), portkey.WithMaxRetries(0))
	require.NoError(t, err)
	ways := []func(context.Context){
		func(ctx context.Context) { // break
			stream, err := client.Messages.Stream(ctx, request)
			require.NoError(t, err)
			for range stream.Events() {
				break
			}
		},
		func(ctx context.Context) { // panic
			defer func() { _ = recover() }()
			stream, err := client.Messages.Stream(ctx, request)
			require.NoError(t, err)
			for range stream.Text() {
				panic("in the loop")
			}
		},
		func(ctx context.Context) { // an error
			stream, err := client.Messages.Stream(ctx, request, portkey.WithHeader("X-Abort", "1"))
			require.NoError(t, err)
			_, err = stream.Message()
			require.ErrorIs(t, err, portkey.ErrIncompleteStream)
		},
		func(ctx context.Context) { // the context
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			stream, err := client.Messages.Stream(ctx, request)
			require.NoError(t, err)
			n := 0
			for _, err := range stream.Events() {
				if n++; n == 3 {
					cancel()
				}
				if err != nil {
					require.ErrorIs(t, err, context.Canceled)
				}
			}
		},
		func(ctx context.Context) { // Close, without a loop
			stream, err := client.Messages.Stream(ctx, request)
			require.NoError(t, err)
			require.NoError(t, stream.Close())
			require.NoError(t, stream.Close())
		},
		func(ctx context.Context) { // to the end
			stream, err := client.Messages.Stream(ctx, request, portkey.WithHeader("X-End", "1"))
			require.NoError(t, err)
			_, err = stream.Message()
			require.NoError(t, err)
		},
	}
	ctx := wait(t)
	for i := range 1002 {
		ways[i%len(ways)](ctx)
	}
	server.Close() // waits for the handlers, and so for the ends of their requests
	assert.Zero(t, open.Load())
}

// Streams that are read to their end use one connection.
func TestConnectionIsUsedAgain(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "count_tokens") {
			_, _ = io.WriteString(w, `{"input_tokens":1}`)
			return
		}
		if r.Header.Get("Accept") == "text/event-stream" {
			_, _ = io.WriteString(w, fullStream)
			return
		}
		_, _ = io.WriteString(w, okMessage)
	}))
	var opened atomic.Int64
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	client, err := portkey.NewClient(portkey.WithBaseURL(server.URL))
	require.NoError(t, err)
	for range 20 {
		for name, call := range calls {
			require.NoError(t, call(t, client), name)
		}
	}
	assert.Equal(t, int64(1), opened.Load())
}

// The ways in which HTTP/2 ends a stream before its time.
func TestStreamCutByHTTP2(t *testing.T) {
	head := fullStream[:strings.Index(fullStream, "event: message_delta")]
	var server *httptest.Server
	ways := map[string]func(http.ResponseWriter, *http.Request){
		"RST_STREAM":      func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"lost connection": func(http.ResponseWriter, *http.Request) { server.CloseClientConnections() },
		"clean end":       func(http.ResponseWriter, *http.Request) {},
	}
	for name, end := range ways {
		t.Run(name, func(t *testing.T) {
			read := make(chan struct{})
			server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				assert.Equal(t, 2, r.ProtoMajor)
				_, _ = io.WriteString(w, head)
				w.(http.Flusher).Flush()
				<-read
				end(w, r)
			}))
			server.EnableHTTP2 = true
			server.StartTLS()
			defer server.Close()
			client, err := portkey.NewClient(portkey.WithBaseURL(server.URL), portkey.WithHTTPClient(server.Client()))
			require.NoError(t, err)
			stream, err := client.Messages.Stream(wait(t), request)
			require.NoError(t, err)
			var loopErr error
			for event, err := range stream.Events() {
				loopErr = err
				if e, ok := event.(*portkey.ContentBlockStopEvent); ok && e.Index == 2 {
					close(read)
				}
			}
			require.ErrorIs(t, loopErr, portkey.ErrIncompleteStream)
			require.ErrorIs(t, loopErr, io.ErrUnexpectedEOF)
			msg, err := stream.Message()
			require.Error(t, err)
			assert.Equal(t, "Good morning, Zoë", msg.Text())
		})
	}
}

// GOAWAY lets the streams that are under way end, and so does the client.
func TestStreamSurvivesGoAway(t *testing.T) {
	first := make(chan struct{})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cut := strings.Index(fullStream, "event: message_delta")
		_, _ = io.WriteString(w, fullStream[:cut])
		w.(http.Flusher).Flush()
		<-first
		_, _ = io.WriteString(w, fullStream[cut:])
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	client, err := portkey.NewClient(portkey.WithBaseURL(server.URL), portkey.WithHTTPClient(server.Client()))
	require.NoError(t, err)
	stream, err := client.Messages.Stream(wait(t), request)
	require.NoError(t, err)
	down := make(chan error, 1)
	go func() { down <- server.Config.Shutdown(wait(t)) }()
	close(first)
	msg, err := stream.Message()
	require.NoError(t, err)
	assert.Equal(t, "Good morning, Zoë", msg.Text())
	require.NoError(t, <-down)
}

// A connection that cannot be made is an error of the client, and is retried.
func TestNoServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	client, err := portkey.NewClient(portkey.WithBaseURL("http://"+address), portkey.WithRetry(portkey.RetryPolicy{BaseDelay: 1}))
	require.NoError(t, err)
	_, err = client.Messages.Create(wait(t), request)
	var e *portkey.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, 3, e.Attempts)
	assert.Equal(t, portkey.SourceClient, e.Source)
	var op *net.OpError
	assert.True(t, errors.As(err, &op))
	assert.Contains(t, err.Error(), address)
}
