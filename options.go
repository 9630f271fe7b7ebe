package portkey

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/go-querystring/query"
)

// ClientOption is an option of [NewClient]. Each [Option] is one too.
type ClientOption interface {
	applyClient(*clientSettings) error
}

// RequestOption is an option of a single call, or of [Client.With]. Each
// [Option] is one.
type RequestOption interface {
	applyRequest(*settings) error
}

// Option is a default where it is given to [NewClient] or [Client.With], and
// overrides that default where it is given to a call.
//
// An option that takes a string takes the empty one for "not set", so that
// WithAPIKey(os.Getenv("PORTKEY_API_KEY")) needs no if, and so that a call can
// go without a default of its client.
type Option interface {
	ClientOption
	RequestOption
}

type option func(*settings) error

func (o option) applyClient(c *clientSettings) error { return o(&c.settings) }
func (o option) applyRequest(s *settings) error      { return o(s) }

type clientOption func(*clientSettings) error

func (o clientOption) applyClient(c *clientSettings) error { return o(c) }

// settings are what the options of a call come to. They are not changed any
// more once they are: a call without options shares those of its client.
type settings struct {
	header        http.Header // canonical names
	query         url.Values
	config        *Config // as it is sent; not to be changed
	configFrom    string  // the option that set the config, among those applied together
	retry         RetryPolicy
	timeout       time.Duration
	idleTimeout   time.Duration
	maxEventSize  int
	middleware    []Middleware
	logger        *slog.Logger
	passthrough   bool
	stripThinking bool
	customHeaders []string // names set by WithHeader among the options applied together, where it wins
	removed       []string // names removed by WithHeader
}

// clientSettings are the settings of a client.
type clientSettings struct {
	settings
	httpClient *http.Client
	baseURL    *url.URL // as parseBaseURL returns it; nil where no option set it
}

func (s *settings) clone() *settings {
	c := *s
	c.header = s.header.Clone()
	c.query = url.Values(http.Header(s.query).Clone())
	c.middleware = slices.Clone(s.middleware)
	c.customHeaders = nil
	c.removed = slices.Clone(s.removed)
	c.configFrom = ""
	return &c
}

// with returns the settings with more options applied to them. All bad ones
// are reported together.
func (s *settings) with(opts []RequestOption) (*settings, error) {
	if len(opts) == 0 {
		return s, nil
	}
	c := s.clone()
	var errs []error
	for _, opt := range opts {
		if opt == nil {
			errs = append(errs, errors.New("an option is nil"))
		} else if err := opt.applyRequest(c); err != nil {
			errs = append(errs, err)
		}
	}
	return c, errors.Join(errs...)
}

// setHeader sets a header that a typed option stands for.
func (s *settings) setHeader(option, name, value string) error {
	if err := checkHeaderValue(value); err != nil {
		return fmt.Errorf("%s: %w", option, err)
	}
	if slices.Contains(s.customHeaders, http.CanonicalHeaderKey(name)) {
		return nil
	}
	if value == "" {
		s.header.Del(name)
	} else {
		s.header.Set(name, value)
		s.removed = slices.DeleteFunc(s.removed, func(h string) bool { return h == http.CanonicalHeaderKey(name) })
	}
	return nil
}

// headerOption is an option that is one header.
func headerOption(opt, name, value string) Option {
	return option(func(s *settings) error {
		if err := checkASCII(value); err != nil {
			return fmt.Errorf("%s: %w", opt, err)
		}
		return s.setHeader(opt, name, value)
	})
}

// headerListOption is an option that is one header with a comma-separated list.
func headerListOption(opt, name string, values []string) Option {
	list := strings.Join(values, ",")
	values = slices.Clone(values)
	return option(func(s *settings) error {
		for _, v := range values {
			if v == "" || strings.ContainsAny(v, ", ") {
				return fmt.Errorf("%s: %q is not a single name", opt, v)
			}
		}
		if err := checkASCII(list); err != nil {
			return fmt.Errorf("%s: %w", opt, err)
		}
		return s.setHeader(opt, name, list)
	})
}

func checkHeaderValue(v string) error {
	for i := range len(v) {
		if c := v[i]; c < ' ' && c != '\t' || c == 0x7f {
			return fmt.Errorf("has a control character (byte %d)", i)
		}
	}
	return nil
}

// checkASCII refuses what the gateway, which reads headers as Latin-1, would garble.
func checkASCII(v string) error {
	for i := range len(v) {
		if v[i] >= 0x80 {
			return fmt.Errorf("has a character that is not ASCII (byte %d)", i)
		}
	}
	return nil
}

// WithHTTPClient sends calls through a copy of c, as it is when the option is
// applied, but for its redirects: those to another host or from https to http
// are refused, as always. The default is a client with a transport of its own,
// or with [http.DefaultTransport] where that was replaced, by a mock for
// example, before NewClient is called.
//
// c.Timeout is the wrong tool here: it would end streams that are in good
// order. See [WithTimeout] and [WithStreamIdleTimeout].
func WithHTTPClient(c *http.Client) ClientOption {
	return clientOption(func(s *clientSettings) error {
		if c == nil {
			return errors.New("WithHTTPClient: is nil")
		}
		s.httpClient = new(*c)
		return nil
	})
}

// WithBaseURL sets the address of the gateway. It may end in "/v1" or not, and
// have a path prefix. The default is PORTKEY_BASE_URL, or
// https://api.portkey.ai/v1 where there is a Portkey API key, or
// http://localhost:8787/v1.
func WithBaseURL(baseURL string) ClientOption {
	return clientOption(func(s *clientSettings) error {
		if baseURL == "" {
			return nil
		}
		u, err := parseBaseURL(baseURL)
		if err != nil {
			return fmt.Errorf("WithBaseURL: %w", err)
		}
		s.baseURL = u
		return nil
	})
}

// parseBaseURL returns the base URL with "/v1" and without a slash at the end.
// Its errors do not show the URL, which may hold a password.
func parseBaseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, errors.New("is not a URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("does not begin with http:// or https://")
	case u.Hostname() == "":
		return nil, errors.New("has no host")
	case u.User != nil:
		return nil, errors.New("has a user name; use WithProviderKey for the key")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("has a query or a fragment; use WithQuery")
	case strings.HasSuffix(strings.TrimRight(u.Path, "/"), pathMessages):
		return nil, errors.New("is the address of a call; leave out /messages")
	}
	base := strings.TrimRight(u.String(), "/")
	if !strings.HasSuffix(base, "/v1") {
		base += "/v1"
	}
	if u, err = url.Parse(base); err != nil {
		return nil, errors.New("is not a URL")
	}
	u.Host = strings.TrimSuffix(u.Host, ":")
	return u, nil
}

// WithUserAgent sets the User-Agent. The default is "portkey-go/VERSION".
func WithUserAgent(userAgent string) ClientOption {
	return clientOption(func(s *clientSettings) error {
		if userAgent == "" {
			return nil
		}
		return s.setHeader("WithUserAgent", "User-Agent", userAgent)
	})
}

// WithQuery adds to the URL's query: a [url.Values], or a struct with url tags
// (see [github.com/google/go-querystring/query]), and nothing else. The gateway
// drops the query on its way to the provider.
func WithQuery(values any) Option {
	var add url.Values
	var err error
	switch v := values.(type) {
	case url.Values:
		add = url.Values(http.Header(v).Clone())
	default:
		add, err = query.Values(values)
	}
	return option(func(s *settings) error {
		if err != nil {
			return fmt.Errorf("WithQuery: %w", err)
		}
		if s.query == nil {
			s.query = url.Values{}
		}
		maps.Copy(s.query, add)
		return nil
	})
}

// WithPassthrough sends the call through the gateway's route that hands the
// body on as it is, /v1/proxy. Nothing of the request is dropped there (see
// [DroppedFields]), and the provider's errors come as they are; but guardrails
// are not run, and the provider must speak Anthropic's format itself.
func WithPassthrough() Option {
	return option(func(s *settings) error {
		s.passthrough = true
		return nil
	})
}

// WithoutThinkingOnError sends a request that was refused because of the
// thinking in its history once more, without it: see [StripThinking]. This
// happens where a fallback or a load balance has moved a conversation to
// another provider, which does not know the first one's signatures.
func WithoutThinkingOnError() Option {
	return option(func(s *settings) error {
		s.stripThinking = true
		return nil
	})
}

// WithMaxRetries sets how often this client retries a call: 0 is never. The
// default is 2. See [RetryPolicy] for when it does, and for all else about it.
func WithMaxRetries(n int) Option {
	return option(func(s *settings) error {
		if n < 0 {
			return fmt.Errorf("WithMaxRetries: %d is negative", n)
		}
		s.retry.MaxAttempts = n + 1
		return nil
	})
}

// WithRetry sets when and how this client retries a call. The zero fields of
// policy leave things as they are: as the client has them, or the default.
func WithRetry(policy RetryPolicy) Option {
	return option(func(s *settings) error {
		if err := policy.validate(); err != nil {
			return fmt.Errorf("WithRetry: %w", err)
		}
		s.retry.set(policy)
		return nil
	})
}

// WithTimeout is how long one attempt may take: to the whole answer of a
// Create or CountTokens, and to the first event of a stream. The default is 10
// minutes; 0 is no limit. The error is of the class [ErrTimeout]. The context
// of a call bounds all its attempts, and a stream to its end.
func WithTimeout(d time.Duration) Option {
	return durationOption("WithTimeout", d, func(s *settings) *time.Duration { return &s.timeout })
}

// WithStreamIdleTimeout is how long a stream may be silent, pings counted as
// sound. The default is 5 minutes; 0 is no limit. The error is [ErrStreamIdle].
func WithStreamIdleTimeout(d time.Duration) Option {
	return durationOption("WithStreamIdleTimeout", d, func(s *settings) *time.Duration { return &s.idleTimeout })
}

func durationOption(opt string, d time.Duration, field func(*settings) *time.Duration) Option {
	return option(func(s *settings) error {
		if d < 0 {
			return fmt.Errorf("%s: %v is negative", opt, d)
		}
		*field(s) = d
		return nil
	})
}

// WithMaxEventSize is how many bytes one event of a stream, or the whole
// answer of a Create, may have. The default is 64 MiB. The error is
// [ErrEventTooLarge].
func WithMaxEventSize(bytes int) Option {
	return option(func(s *settings) error {
		if bytes <= 0 {
			return fmt.Errorf("WithMaxEventSize: %d is not positive", bytes)
		}
		s.maxEventSize = min(bytes, math.MaxInt/4) // room for sums
		return nil
	})
}

// Middleware sees each attempt of a call, and may change it: it calls next to
// go on. It must not keep the request or the response, whose headers hold keys.
type Middleware func(req *http.Request, next func(*http.Request) (*http.Response, error)) (*http.Response, error)

// WithMiddleware adds middleware; the first one is the outermost. That of a
// call is within that of its client.
func WithMiddleware(middleware ...Middleware) Option {
	middleware = slices.Clone(middleware)
	return option(func(s *settings) error {
		if slices.ContainsFunc(middleware, func(m Middleware) bool { return m == nil }) {
			return errors.New("WithMiddleware: a middleware is nil")
		}
		s.middleware = append(s.middleware, middleware...)
		return nil
	})
}

// WithLogger logs each attempt: at level Debug what was sent and what came
// back, at level Warn what is retried. Of the headers only those are logged that are
// known to be safe, of the bodies only their size. Without it nothing is logged.
func WithLogger(logger *slog.Logger) Option {
	return option(func(s *settings) error {
		s.logger = logger
		return nil
	})
}
