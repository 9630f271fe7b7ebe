package portkey

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// exchange is one attempt: a request that was sent, and its response.
type exchange struct {
	ctx      context.Context
	settings *settings
	info     GatewayInfo
	body     io.ReadCloser
	cancel   context.CancelCauseFunc
	timer    *time.Timer // of the attempt; nil where there is no limit
	onClose  *time.Timer // of a stream's silence; nil where there is no limit
}

// Causes of the end of an exchange's context.
var (
	errAttemptTimeout = errors.New("no answer in time")
	errClosed         = errors.New("closed")
)

// send makes one attempt. The exchange that it returns has a status of
// success, and is to be closed.
func (c *Client) send(ctx context.Context, s *settings, in call, attempt int) (*exchange, error) {
	fail := func(kind string, err error) error {
		return &Error{Type: kind, Source: SourceClient, TraceID: in.traceID, Attempts: attempt, err: err}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	x := &exchange{ctx: ctx, settings: s, cancel: cancel}
	if s.timeout > 0 {
		x.timer = time.AfterFunc(s.timeout, func() { cancel(errAttemptTimeout) })
	}
	req, err := s.request(ctx, c.baseURL, in)
	if err != nil {
		x.close()
		return nil, fail("invalid_request_error", err)
	}
	s.logRequest(ctx, req, attempt)
	began := time.Now()
	resp, err := s.roundTrip(c.httpClient, req)
	if err != nil {
		kind := typeConnection
		if u := (*url.Error)(nil); !errors.As(err, &u) {
			kind = "" // a middleware's own error, which is none of the connection
		}
		if err = x.cause(err); errors.Is(err, errAttemptTimeout) {
			kind = typeTimeout
			err = fmt.Errorf("%w: %v (WithTimeout)", err, s.timeout)
		} else if ctx.Err() != nil {
			kind = "" // the caller's context has ended; the error says how
		}
		x.close()
		s.logFailure(ctx, attempt, time.Since(began), err)
		return nil, fail(kind, withoutURL(err))
	}
	x.body = resp.Body
	x.info.read(resp, in.traceID, attempt)
	x.info.TargetConfig = s.config.target(&x.info)
	s.logResponse(ctx, x, time.Since(began))
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		defer x.close()
		return nil, x.statusError()
	}
	return x, nil
}

// Types of errors that this client makes itself.
const (
	typeConnection = "connection_error"
	typeTimeout    = "timeout_error"
)

// withoutURL takes the URL out of an error of net/http: it may have secrets in its query.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func (s *settings) request(ctx context.Context, baseURL *url.URL, in call) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "", bytes.NewReader(in.body))
	if err != nil {
		return nil, err
	}
	path := in.path
	if s.passthrough {
		path = pathPassthrough + path
	}
	u := *baseURL // parsed once, and not with each call
	u.Path += path
	if u.RawPath != "" {
		u.RawPath += path
	}
	u.RawQuery = s.query.Encode()
	req.URL, req.Host = &u, u.Host
	req.Header = s.header.Clone()
	req.Header.Set("Content-Type", "application/json")
	if in.traceID != "" {
		req.Header.Set(headerTraceID, in.traceID)
	}
	if slices.Contains(s.removed, "User-Agent") {
		req.Header["User-Agent"] = []string{""} // or net/http would add its own
	}
	if req.Header.Get("Accept") == "" && !slices.Contains(s.removed, "Accept") {
		accept := "application/json"
		if in.stream {
			accept = "text/event-stream"
		}
		req.Header.Set("Accept", accept)
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	return req, nil
}

func (s *settings) roundTrip(client *http.Client, req *http.Request) (*http.Response, error) {
	next := client.Do
	for _, m := range slices.Backward(s.middleware) {
		inner := next
		next = func(r *http.Request) (*http.Response, error) { return m(r, inner) }
	}
	resp, err := next(req)
	if err != nil && resp != nil && resp.Body != nil {
		_ = resp.Body.Close()
	}
	if err == nil && (resp == nil || resp.Body == nil) {
		return nil, errors.New("middleware returned no response")
	}
	return resp, err
}

// close ends the exchange. The connection is used again where the body was
// read to its end.
func (x *exchange) close() {
	x.cancel(errClosed)
	x.stopTimer()
	if x.onClose != nil {
		x.onClose.Stop()
	}
	if x.body != nil {
		_ = x.body.Close()
	}
}

// stopTimer ends the time limit of the attempt.
func (x *exchange) stopTimer() {
	if x.timer != nil {
		x.timer.Stop()
	}
}

// cause is why a read or a round trip failed with err: the reason for which
// the context ended, where it did.
func (x *exchange) cause(err error) error {
	if x.ctx.Err() == nil {
		return err
	}
	cause := context.Cause(x.ctx)
	if errors.Is(cause, errAttemptTimeout) || errors.Is(cause, ErrStreamIdle) || errors.Is(cause, errClosed) {
		return cause
	}
	return contextError(x.ctx)
}

// bodies are buffers for answers, which are decoded and then of no use.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxPooledBody is how large a buffer is kept for the next answer.
const maxPooledBody = 256 << 10

// readAll reads a body that is no stream, and hands it to use. The data is gone
// when use returns.
func (x *exchange) readAll(body io.Reader, use func(data []byte) error) error {
	buf := bodies.Get().(*bytes.Buffer)
	defer func() {
		if buf.Cap() <= maxPooledBody {
			buf.Reset()
			bodies.Put(buf)
		}
	}()
	limit := x.settings.maxEventSize
	_, err := buf.ReadFrom(io.LimitReader(body, int64(limit)+1))
	data := buf.Bytes()
	if err != nil {
		e := x.error()
		e.Source = SourceClient
		e.Type = typeConnection
		if err = x.cause(err); errors.Is(err, errAttemptTimeout) {
			e.Type = typeTimeout
			err = fmt.Errorf("%w: %v (WithTimeout)", err, x.settings.timeout)
		} else if x.ctx.Err() != nil {
			e.Type = ""
		}
		e.Message = "reading the answer: " + err.Error()
		e.Raw = bytes.Clone(data[:min(len(data), maxRawError)])
		e.err = err
		return e
	}
	if len(data) > limit {
		e := x.error()
		e.Source = SourceClient
		e.Message = fmt.Sprintf("the answer has more than %d bytes (WithMaxEventSize)", limit)
		e.err = ErrEventTooLarge
		return e
	}
	return use(data)
}
