package portkey

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

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
