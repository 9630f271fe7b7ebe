package portkey

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
	"time"
)

// Client calls a Portkey gateway. It is immutable and safe for concurrent
// use. It prints as its base URL alone.
type Client struct {
	// Messages is the Messages API.
	Messages *MessagesService

	settings   *settings
	httpClient *http.Client
	baseURL    *url.URL // with "/v1", without a slash at the end
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

func newClient(s *settings, httpClient *http.Client, baseURL *url.URL) *Client {
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
	if cs.baseURL == nil {
		base := os.Getenv("PORTKEY_BASE_URL")
		switch {
		case base != "":
		case cs.header.Get(headerAPIKey) != "":
			base = cloudBaseURL
		default:
			base = localBaseURL
		}
		u, err := parseBaseURL(base)
		if err != nil {
			errs = append(errs, fmt.Errorf("PORTKEY_BASE_URL: %w", err))
		}
		cs.baseURL = u
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
func (c *Client) BaseURL() string {
	if c.baseURL == nil { // the zero Client, which is of no use
		return ""
	}
	return c.baseURL.String()
}

// CloseIdleConnections closes the connections that no call is using. A client
// needs no other end.
func (c *Client) CloseIdleConnections() { c.httpClient.CloseIdleConnections() }

// String implements [fmt.Stringer].
func (c Client) String() string { return "portkey.Client(" + c.BaseURL() + ")" }

// Format implements [fmt.Formatter], so that no verb prints the client's keys.
func (c Client) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue implements [slog.LogValuer].
func (c Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText implements [encoding.TextMarshaler].
func (c Client) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
