package portkey

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/portkey-go/portkey/internal/wire"
)

// Client calls a Portkey gateway. It is immutable and safe for concurrent
// use. It prints as its base URL alone.
type Client struct {
	// Messages is the Messages API.
	Messages *MessagesService

	settings   *settings
	httpClient *http.Client
	baseURL    string // with "/v1", without a slash at the end
}

const (
	cloudBaseURL = "https://api.portkey.ai/v1"
	localBaseURL = "http://localhost:8787/v1"

	pathMessages    = "/messages"
	pathCountTokens = "/messages/count_tokens"
	pathPassthrough = "/proxy"

	defaultTimeout      = 10 * time.Minute
	defaultIdleTimeout  = 5 * time.Minute
	defaultMaxEventSize = 64 << 20

	// maxHeaderBytes is how much the gateway, like any program on Node,
	// reads of a request's line and headers: beyond it, it answers 431.
	maxHeaderBytes = 16 << 10
)

// NewClient returns a client. All bad options are reported together, in an
// error of the class [ErrInvalidRequest].
//
// Where no option sets them, PORTKEY_BASE_URL, PORTKEY_API_KEY and
// PORTKEY_PROVIDER are read from the environment, and nothing else is.
func NewClient(opts ...ClientOption) (*Client, error) {
	cs := &clientSettings{settings: settings{
		header:       http.Header{},
		retry:        defaultRetry,
		timeout:      defaultTimeout,
		idleTimeout:  defaultIdleTimeout,
		maxEventSize: defaultMaxEventSize,
	}}
	cs.header.Set("User-Agent", "portkey-go/"+Version)
	cs.header.Set(headerStrict, "false")
	var errs []error
	for _, opt := range opts {
		if opt == nil {
			errs = append(errs, errors.New("an option is nil"))
		} else if err := opt.applyClient(cs); err != nil {
			errs = append(errs, err)
		}
	}
	errs = append(errs, cs.applyEnvironment())
	if err := errors.Join(errs...); err != nil {
		return nil, invalidRequest("%w", err)
	}
	if cs.httpClient == nil {
		cs.httpClient = &http.Client{Transport: newTransport()}
	}
	cs.httpClient.CheckRedirect = checkRedirect(cs.httpClient.CheckRedirect)
	return newClient(cs.settings.clone(), cs.httpClient, cs.baseURL), nil
}

func newClient(s *settings, httpClient *http.Client, baseURL string) *Client {
	c := &Client{settings: s, httpClient: httpClient, baseURL: baseURL}
	c.Messages = &MessagesService{client: c}
	return c
}

// applyEnvironment sets from the environment what no option has set.
func (cs *clientSettings) applyEnvironment() error {
	var errs []error
	fromEnv := func(variable, header string) {
		if cs.header.Get(header) == "" && !slices.Contains(cs.removed, header) {
			errs = append(errs, headerOption(variable, header, os.Getenv(variable)).applyClient(cs))
		}
	}
	fromEnv("PORTKEY_API_KEY", headerAPIKey)
	fromEnv("PORTKEY_PROVIDER", headerProvider)
	if cs.baseURL == "" {
		if v := os.Getenv("PORTKEY_BASE_URL"); v != "" {
			u, err := parseBaseURL(v)
			if err != nil {
				errs = append(errs, fmt.Errorf("PORTKEY_BASE_URL: %w", err))
			}
			cs.baseURL = u
		} else if cs.header.Get(headerAPIKey) != "" {
			cs.baseURL = cloudBaseURL
		} else {
			cs.baseURL = localBaseURL
		}
	}
	return errors.Join(errs...)
}

// With returns a client with other defaults: those of c with opts applied to
// them. It uses the same connections.
func (c *Client) With(opts ...RequestOption) (*Client, error) {
	s, err := c.settings.with(opts)
	if err != nil {
		return nil, invalidRequest("%w", err)
	}
	return newClient(s, c.httpClient, c.baseURL), nil
}

// BaseURL returns the address of the gateway, with "/v1" at its end.
func (c *Client) BaseURL() string { return c.baseURL }

// CloseIdleConnections closes the connections that no call is using. A client
// needs no other end.
func (c *Client) CloseIdleConnections() { c.httpClient.CloseIdleConnections() }

// String implements [fmt.Stringer].
func (c Client) String() string { return "portkey.Client(" + c.baseURL + ")" }

// Format implements [fmt.Formatter], so that no verb prints the client's keys.
func (c Client) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue implements [slog.LogValuer].
func (c Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText implements [encoding.TextMarshaler].
func (c Client) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// call is one call of the API.
type call struct {
	path   string
	mode   wire.Mode
	body   []byte
	stream bool

	hasModel bool
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
	if err := s.placeBetas(); err != nil {
		return none, err
	}
	if s.header.Get(headerTraceID) == "" && !slices.Contains(s.removed, headerTraceID) {
		s.header.Set(headerTraceID, rand.Text())
	}
	if err := s.check(in); err != nil {
		return none, err
	}
	policy := s.retry
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
		if s.stripThinking && refusesThinking(err) {
			s.stripThinking = false // once
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

// placeBetas puts Anthropic's headers into the config where the gateway would
// not read them from the call.
func (s *settings) placeBetas() error {
	beta, version := s.header.Get("Anthropic-Beta"), s.header.Get("Anthropic-Version")
	if s.config == nil || beta == "" && version == "" {
		return nil
	}
	config, err := s.config.clone()
	if err != nil {
		return invalidRequest("config: %w", err)
	}
	config.fitForSending(beta, version)
	text, err := config.header()
	if err != nil {
		return invalidRequest("config: %w", err)
	}
	s.config = config
	return s.setHeader("WithConfig", headerConfig, text)
}

// check finds what must not be sent.
func (s *settings) check(in call) error {
	if !in.hasModel && s.header.Get(headerConfig) == "" {
		return invalidRequest("model: is empty")
	}
	size := len("POST  HTTP/1.1\r\n\r\n") + len(in.path) + 256 // and what net/http adds
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
	traceID := s.header.Get(headerTraceID)
	fail := func(kind string, err error) error {
		return &Error{Type: kind, Source: SourceClient, TraceID: traceID, Attempts: attempt, err: err}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	x := &exchange{ctx: ctx, settings: s, cancel: cancel}
	if s.timeout > 0 {
		x.timer = time.AfterFunc(s.timeout, func() { cancel(errAttemptTimeout) })
	}
	path := in.path
	if s.passthrough {
		path = pathPassthrough + path
	}
	req, err := s.request(ctx, c.baseURL+path, in)
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
	x.info = readGatewayInfo(resp, traceID, attempt)
	x.info.TargetConfig = s.config.target(x.info)
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

func (s *settings) request(ctx context.Context, address string, in call) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(in.body))
	if err != nil {
		return nil, err
	}
	req.Header = s.header.Clone()
	req.Header.Set("Content-Type", "application/json")
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
	req.URL.RawQuery = s.query.Encode()
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

// readAll reads a body that is no stream.
func (x *exchange) readAll(body io.Reader) ([]byte, error) {
	limit := x.settings.maxEventSize
	data, err := io.ReadAll(io.LimitReader(body, int64(limit)+1))
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
		return nil, e
	}
	if len(data) > limit {
		e := x.error()
		e.Source = SourceClient
		e.Message = fmt.Sprintf("the answer has more than %d bytes (WithMaxEventSize)", limit)
		e.err = ErrEventTooLarge
		return nil, e
	}
	return data, nil
}

// newTransport returns the transport of a client that was not given one. Its
// idle connections live less than the 5 s after which the open-source gateway
// closes them, so that no call is sent into a connection that is gone.
//
// Where a program has put something else in the place of
// [http.DefaultTransport], a mock in its tests for example, that is used.
func newTransport() http.RoundTripper {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t := standard.Clone()
	t.MaxIdleConns = 0
	t.MaxIdleConnsPerHost = 256
	t.IdleConnTimeout = 4 * time.Second
	t.HTTP2 = &http.HTTP2Config{SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second}
	return t
}

// redirectError is a redirect that was not followed.
type redirectError struct {
	why string
	err error // the caller's own, where it was that
}

func (e *redirectError) Error() string { return e.why }
func (e *redirectError) Unwrap() error { return e.err }

// checkRedirect refuses redirects that would hand keys to another host, or to
// the network in the clear, or would lose the body. What it lets pass, next
// decides about.
func checkRedirect(next func(*http.Request, []*http.Request) error) func(*http.Request, []*http.Request) error {
	return func(req *http.Request, via []*http.Request) error {
		from, to := via[len(via)-1].URL, req.URL
		switch {
		case !strings.EqualFold(from.Hostname(), to.Hostname()) || port(from) != port(to) && !isUpgrade(from, to):
			return &redirectError{why: fmt.Sprintf("redirect from %s to another host, %s, was refused", from.Host, to.Host)}
		case from.Scheme == "https" && to.Scheme != "https":
			return &redirectError{why: fmt.Sprintf("redirect from https to %s (%s to %s) was refused", to.Scheme, from.Host, to.Host)}
		case req.Method != via[0].Method:
			return &redirectError{why: fmt.Sprintf("redirect that turns %s into %s (%s to %s) was refused", via[0].Method, req.Method, from.Host, to.Host)}
		case next != nil:
			err := next(req, via)
			if err != nil && !errors.Is(err, http.ErrUseLastResponse) {
				return &redirectError{"redirect was refused: " + err.Error(), err}
			}
			return err
		case len(via) >= 10:
			return &redirectError{why: "more than 10 redirects"}
		}
		return nil
	}
}

// isUpgrade reports whether a redirect leads from http to https at their default ports.
func isUpgrade(from, to *url.URL) bool {
	return from.Scheme == "http" && to.Scheme == "https" && port(from) == "80" && port(to) == "443"
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}
