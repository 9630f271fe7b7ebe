package portkey

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

// RetryPolicy says when this client sends a request again. A field that is
// zero stands for the client's, and where that is zero too, for the default.
//
// Retried are connections that fail before anything of a response came,
// attempts that [WithTimeout] ended before that, the statuses 408, 409, 429 and
// 5xx (529 too), and an error event that comes in a stream before the first
// content; x-should-retry overrides the status. Not retried is what the
// gateway has retried itself, what it was told to retry by the [Config] of the
// call, and what it could not process (x-portkey-gateway-exception). A stream
// whose content has begun is never retried.
type RetryPolicy struct {
	// MaxAttempts is how often the request is sent in all. Default 3; 1 turns retries off.
	MaxAttempts int
	// BaseDelay is the wait before the first retry; it doubles with each. Default 500 ms.
	BaseDelay time.Duration
	// MaxDelay caps that wait. Default 8 s.
	MaxDelay time.Duration
	// Jitter is the part of the wait that is random, 0 to 1. Default 0.25;
	// negative for none.
	Jitter float64
	// MaxRetryAfter is the longest wait that a server may ask for with
	// retry-after-ms or retry-after; where it asks for more, the call fails at
	// once. Default 60 s.
	MaxRetryAfter time.Duration
	// Budget is how much time all attempts and waits of a call may take: no
	// retry begins after it. Default: no limit but the context's.
	Budget time.Duration
	// OnRetry is called before each wait, in the goroutine of the call.
	OnRetry func(Retry)
}

// Retry is a retry that is about to happen.
type Retry struct {
	// Attempt is the number of the attempt that failed; the first is 1.
	Attempt int
	// Wait is how long the client waits before the next one.
	Wait time.Duration
	// Err is why the attempt failed.
	Err error
}

// set takes over the fields of policy that are not zero.
func (p *RetryPolicy) set(policy RetryPolicy) {
	overwrite(&p.MaxAttempts, policy.MaxAttempts)
	overwrite(&p.BaseDelay, policy.BaseDelay)
	overwrite(&p.MaxDelay, policy.MaxDelay)
	overwrite(&p.Jitter, policy.Jitter)
	overwrite(&p.MaxRetryAfter, policy.MaxRetryAfter)
	overwrite(&p.Budget, policy.Budget)
	if policy.OnRetry != nil {
		p.OnRetry = policy.OnRetry
	}
}

var defaultRetry = RetryPolicy{
	MaxAttempts:   3,
	BaseDelay:     500 * time.Millisecond,
	MaxDelay:      8 * time.Second,
	Jitter:        0.25,
	MaxRetryAfter: 60 * time.Second,
}

func (p RetryPolicy) validate() error {
	var errs []error
	check := func(ok bool, field string, value any) {
		if !ok {
			errs = append(errs, fmt.Errorf("%s: %v is out of range", field, value))
		}
	}
	check(p.MaxAttempts >= 0, "MaxAttempts", p.MaxAttempts)
	check(p.BaseDelay >= 0, "BaseDelay", p.BaseDelay)
	check(p.MaxDelay >= 0, "MaxDelay", p.MaxDelay)
	check(p.Jitter <= 1, "Jitter", p.Jitter)
	check(p.MaxRetryAfter >= 0, "MaxRetryAfter", p.MaxRetryAfter)
	check(p.Budget >= 0, "Budget", p.Budget)
	return errors.Join(errs...)
}

// next decides about another attempt after attempt n failed with err.
func (p RetryPolicy) next(ctx context.Context, n int, started time.Time, gatewayRetries bool, err error) (wait time.Duration, retry bool) {
	if n >= p.MaxAttempts || ctx.Err() != nil || !retryable(err, gatewayRetries) {
		return 0, false
	}
	wait = p.delay(n)
	if e := (*Error)(nil); errors.As(err, &e) && e.RetryAfter > 0 {
		wait = e.RetryAfter
		if wait > p.MaxRetryAfter {
			return 0, false
		}
	}
	now := time.Now()
	if p.Budget > 0 && now.Add(wait).Sub(started) > p.Budget {
		return 0, false
	}
	if deadline, ok := ctx.Deadline(); ok && now.Add(wait).After(deadline) {
		return 0, false
	}
	return wait, true
}

// delay is the wait after attempt n where the server does not ask for one.
func (p RetryPolicy) delay(n int) time.Duration {
	d := p.BaseDelay
	for range n - 1 {
		if d *= 2; d > p.MaxDelay || d <= 0 {
			break
		}
	}
	d = min(d, p.MaxDelay)
	if d <= 0 {
		d = p.MaxDelay
	}
	if p.Jitter > 0 {
		d -= time.Duration(p.Jitter * rand.Float64() * float64(d))
	}
	return d
}

func retryable(err error, gatewayRetries bool) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	if e.StatusCode == 0 {
		return e.Type == typeTimeout || e.Type == typeConnection && !permanent(e.err)
	}
	if e.Header.Get(headerException) == "true" || e.RetryAttempts != 0 || errors.Is(e, ErrUnexpectedResponse) {
		return false
	}
	if e.StatusCode < 300 { // of a stream: an error event, or nothing within the time limit
		if e.Source == SourceClient {
			return e.Type == typeTimeout && errors.Is(e, ErrIncompleteStream)
		}
		return e.Is(ErrRateLimit) || e.Is(ErrOverloaded) || e.Is(ErrServer) || e.Is(ErrTimeout) || e.Is(ErrConflict)
	}
	if gatewayRetries {
		return false
	}
	switch e.Header.Get("X-Should-Retry") {
	case "true":
		return true
	case "false":
		return false
	}
	status := e.StatusCode
	return status == http.StatusRequestTimeout || status == http.StatusConflict ||
		status == http.StatusTooManyRequests || status >= 500
}

// permanent reports whether a connection failed in a way that it will again.
func permanent(err error) bool {
	var redirect *redirectError
	var certificate *tls.CertificateVerificationError
	return errors.As(err, &redirect) || errors.As(err, &certificate)
}

// contextError is the error of a context that has ended, with its cause.
func contextError(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(cause, err) {
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// sleep waits, or returns the context's error where that comes first.
func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return contextError(ctx)
	}
}
