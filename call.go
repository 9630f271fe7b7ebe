package portkey

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"github.com/portkey-go/portkey/internal/wire"
)

// call is one call of the API.
type call struct {
	path   string
	mode   wire.Mode
	body   []byte
	stream bool

	hasModel bool
	traceID  string
}

// newCall encodes the request of a call, once for all its attempts.
func newCall(path string, mode wire.Mode, req *MessageRequest) (call, error) {
	body, err := req.body(mode)
	_, extra := req.Extra["model"]
	return call{path: path, mode: mode, body: body, stream: req.Stream, hasModel: extra || req.Model != ""}, err
}

// do makes a call: it sends the request, again where the retry policy says so,
// and hands the answer to finish. Every call goes through it. What finish
// returns with no error is the result; where it is a stream, it owns the
// exchange from then on.
func do[T any](ctx context.Context, c *Client, path string, mode wire.Mode, req *MessageRequest, opts []RequestOption, finish func(*exchange) (T, error)) (T, error) {
	var none T
	in, err := newCall(path, mode, req)
	if err != nil {
		return none, err
	}
	s, err := c.settings.with(opts)
	if err != nil {
		return none, invalidRequest("%w", err)
	}
	if s, err = s.placeBetas(); err != nil {
		return none, err
	}
	in.traceID = s.header.Get(headerTraceID)
	if in.traceID == "" && !slices.Contains(s.removed, headerTraceID) {
		in.traceID = rand.Text()
	}
	if err := s.check(in); err != nil {
		return none, err
	}
	policy, stripThinking := s.retry, s.stripThinking
	started := time.Now()
	for n := 1; ; n++ {
		x, err := c.send(ctx, s, in, n)
		if err == nil {
			var result T
			if result, err = finish(x); err == nil {
				if !in.stream {
					x.close()
				}
				return result, nil
			}
			x.close()
		}
		if stripThinking && refusesThinking(err) {
			stripThinking = false // once
			stripped, cause := in.withoutThinking()
			if cause != nil {
				return none, cause
			}
			if !bytes.Equal(stripped.body, in.body) {
				in = stripped
				continue
			}
		}
		wait, retry := policy.next(ctx, n, started, s.config != nil && s.config.asksForRetries(), err)
		if !retry {
			return none, err
		}
		s.logRetry(ctx, n, wait, err)
		if policy.OnRetry != nil {
			policy.OnRetry(Retry{Attempt: n, Wait: wait, Err: err})
		}
		if cause := sleep(ctx, wait); cause != nil {
			return none, fmt.Errorf("%w (while waiting to retry after: %w)", cause, err)
		}
	}
}

// placeBetas returns settings with Anthropic's headers in the config, where the
// gateway would not read them from the call.
func (s *settings) placeBetas() (*settings, error) {
	beta, version := s.header.Get("Anthropic-Beta"), s.header.Get("Anthropic-Version")
	if s.config == nil || beta == "" && version == "" {
		return s, nil
	}
	config, err := s.config.clone()
	if err != nil {
		return nil, invalidRequest("config: %w", err)
	}
	config.fitForSending(beta, version)
	text, err := config.header()
	if err != nil {
		return nil, invalidRequest("config: %w", err)
	}
	s = s.clone()
	s.config = config
	return s, s.setHeader("WithConfig", headerConfig, text)
}

// check finds what must not be sent.
func (s *settings) check(in call) error {
	if !in.hasModel && s.header.Get(headerConfig) == "" {
		return invalidRequest("model: is empty")
	}
	size := len("POST  HTTP/1.1\r\n\r\n") + len(in.path) + 256 // and what net/http adds
	if s.header.Get(headerTraceID) == "" && in.traceID != "" {
		size += len(headerTraceID) + len(": \r\n") + len(in.traceID)
	}
	for name, values := range s.header {
		for _, v := range values {
			size += len(name) + len(": \r\n") + len(v)
		}
	}
	if size > maxHeaderBytes {
		largest := ""
		for name := range s.header {
			if len(s.header.Get(name)) > len(s.header.Get(largest)) {
				largest = name
			}
		}
		err := invalidRequest("headers: %d bytes are more than the %d that the gateway reads; the largest is %s with %d",
			size, maxHeaderBytes, largest, len(s.header.Get(largest)))
		err.Type = "request_too_large"
		return err
	}
	return nil
}
