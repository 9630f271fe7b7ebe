package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

// The gateway's time limit, set by an option or in the config: it answers 408.
func TestGatewayTimeout(t *testing.T) {
	t.Parallel()
	for name, option := range map[string]portkey.ClientOption{
		"option": portkey.WithGatewayTimeout(50 * time.Millisecond),
		"config": portkey.WithConfig(portkey.Config{RequestTimeout: new(50)}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachCall(t, func(t *testing.T, _ string, do caller) {
				host := upstream.on(t, hang)

				_, err := do(t, newClient(t, host, option), ask("hello"), portkey.WithTraceID(traceID))

				e := requireError(t, err, portkey.ErrTimeout)
				require.Equal(t, 408, e.StatusCode)
				require.Equal(t, "timeout_error", e.Type)
				require.Equal(t, "Request exceeded the timeout sent in the request: 50ms", e.Message)
				require.Equal(t, portkey.SourceGateway, e.Source)
				require.Equal(t, "anthropic", e.Provider)
				require.Equal(t, traceID, e.TraceID)
				require.Empty(t, e.RequestID)
				require.Equal(t, 1, e.Attempts)
			})
		})
	}
}

// A time limit is over once the answer begins: a stream may take longer.
func TestTimeoutsSpareStreams(t *testing.T) {
	t.Parallel()
	const limit = time.Second // long enough for a busy machine to answer in
	events := messageEvents("Hello,", " world")
	first := firstEvents(4, events)
	for name, option := range map[string]portkey.ClientOption{
		"gateway": portkey.WithGatewayTimeout(limit),
		"client":  portkey.WithTimeout(limit),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := upstream.on(t, answerEvents(first, delayed(limit, answerEvents(events[len(first):]))))

			msg, err := openStream(t, host, option).Message()
			require.NoError(t, err)
			require.Equal(t, "Hello, world", msg.Text())
		})
	}
}

// The client's own time limit, which it has for a gateway that does not answer at all.
func TestClientTimeout(t *testing.T) {
	t.Parallel()
	eachCall(t, func(t *testing.T, _ string, do caller) {
		client := newClient(t, upstream.on(t, hang), portkey.WithTimeout(50*time.Millisecond))

		_, err := do(t, client, ask("hello"), portkey.WithTraceID(traceID))

		e := requireError(t, err, portkey.ErrTimeout)
		require.Zero(t, e.StatusCode)
		require.Equal(t, "timeout_error", e.Type)
		require.Equal(t, portkey.SourceClient, e.Source)
		require.Equal(t, traceID, e.TraceID)
		require.NotErrorIs(t, err, context.DeadlineExceeded, "that is the caller's")
	})
}

// The caller's context ends a call at once, and says why.
func TestContext(t *testing.T) {
	t.Parallel()
	errEnough := errors.New("enough")
	for name, tt := range map[string]struct {
		ctx  func(context.Context) (context.Context, context.CancelFunc)
		want error
	}{
		"deadline": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 50*time.Millisecond)
		}, context.DeadlineExceeded},
		"cause": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			time.AfterFunc(50*time.Millisecond, func() { cancel(errEnough) })
			return ctx, func() { cancel(nil) }
		}, errEnough},
	} {
		for _, call := range []string{"create", "stream", "count_tokens"} {
			t.Run(fmt.Sprint(name, "/", call), func(t *testing.T) {
				t.Parallel()
				ctx, cancel := tt.ctx(t.Context())
				defer cancel()
				// With retries: an ended context is no reason for one.
				service := newClient(t, upstream.on(t, hang), portkey.WithMaxRetries(5)).Messages

				var err error
				switch call {
				case "create":
					_, err = service.Create(ctx, ask("hello"))
				case "stream":
					_, err = service.Stream(ctx, ask("hello"))
				case "count_tokens":
					_, err = service.CountTokens(ctx, ask("hello"))
				}

				require.ErrorIs(t, err, tt.want)
				require.ErrorIs(t, err, ctx.Err())
				var e *portkey.Error
				require.ErrorAs(t, err, &e)
				require.Equal(t, portkey.SourceClient, e.Source)
				require.Equal(t, 1, e.Attempts)
			})
		}
	}
}
