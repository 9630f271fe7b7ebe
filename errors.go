package portkey

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Classes of errors, for [errors.Is]. An error that came in a stream is of the
// same class as the same error that came as a status. An error can be of two
// classes where its status and its type differ.
var (
	// ErrInvalidRequest is a request that was refused as it is: 400, 422 and
	// other 4xx, and bad options and requests that were not sent at all.
	ErrInvalidRequest = errors.New("invalid request")
	// ErrAuthentication is a key that is missing or wrong (401).
	ErrAuthentication = errors.New("authentication failed")
	// ErrBilling is a payment problem (402).
	ErrBilling = errors.New("billing problem")
	// ErrPermission is a key that may not do this (403).
	ErrPermission = errors.New("permission denied")
	// ErrNotFound is an unknown model, route or other thing (404).
	ErrNotFound = errors.New("not found")
	// ErrTimeout is a deadline that passed: the gateway's (408), the
	// provider's (504), or that of [WithTimeout].
	ErrTimeout = errors.New("timeout")
	// ErrConflict is a conflict with another request (409).
	ErrConflict = errors.New("conflict")
	// ErrBudget is a budget of the hosted gateway that is used up (412).
	ErrBudget = errors.New("budget exhausted")
	// ErrRequestTooLarge is a body (413) or a block of headers (431) over the limit.
	ErrRequestTooLarge = errors.New("request too large")
	// ErrRateLimit is too many requests or tokens (429).
	ErrRateLimit = errors.New("rate limit")
	// ErrGuardrail is a guardrail that denied the call (446); [Error].Hooks has the verdicts.
	ErrGuardrail = errors.New("denied by guardrail")
	// ErrServer is a failure of the gateway or the provider (5xx but 529).
	ErrServer = errors.New("server error")
	// ErrOverloaded is a provider without capacity (529).
	ErrOverloaded = errors.New("overloaded")

	// ErrUnexpectedResponse is a success whose body is not what was asked for.
	ErrUnexpectedResponse = errors.New("unexpected response")
	// ErrIncompleteStream is a stream that ended before its message was whole.
	// The error matches [io.ErrUnexpectedEOF] too.
	ErrIncompleteStream = errors.New("incomplete stream")
	// ErrStreamIdle is a stream that was silent for longer than [WithStreamIdleTimeout] allows.
	ErrStreamIdle = errors.New("stream idle")
	// ErrStreamConsumed is a stream that was ranged over a second time, or after Close.
	ErrStreamConsumed = errors.New("stream already consumed")
	// ErrEventTooLarge is an event over the size that [WithMaxEventSize] allows.
	ErrEventTooLarge = errors.New("event too large")
	// ErrIncompleteToolInput is the input of a tool call that was cut off or is not JSON.
	ErrIncompleteToolInput = errors.New("incomplete tool input")
)

// ErrorSource says whose error an [Error] is.
type ErrorSource string

// The sources of errors.
const (
	SourceClient   ErrorSource = "client"   // this package, or the network between it and the gateway
	SourceGateway  ErrorSource = "gateway"  // the Portkey gateway, or a proxy in front of it
	SourceProvider ErrorSource = "provider" // the provider behind the gateway
)

// Error is the error of a call. Use [errors.As] to read it, and [errors.Is]
// with a class such as [ErrRateLimit] to ask what it is. All of it is plain
// data: it holds nothing open, and no key.
type Error struct {
	// StatusCode is the HTTP status; 0 where there was no response, and 200
	// for an error that came in a stream.
	StatusCode int
	// Type is the error's type in the body, "rate_limit_error" for example.
	Type string
	// Code is a finer type, where the body has one.
	Code string
	// Message is for people to read.
	Message string
	// Source says whose error it is.
	Source ErrorSource
	// Provider is the provider that was called, as far as it is known.
	Provider string
	// RequestID is the provider's id of the request; it is lost in several failures.
	RequestID string
	// TraceID is the call's trace id, which the gateway's logs have too.
	TraceID string
	// Attempts is how often this client sent the request.
	Attempts int
	// RetryAttempts is how often the gateway retried; -1 means that it gave up.
	RetryAttempts int
	// Target is the place in the config that was called last: see [GatewayInfo].
	Target string
	// RetryAfter is how long the server asks to wait; 0 where it does not say.
	RetryAfter time.Duration
	// Hooks are the verdicts of the guardrails, where some ran.
	Hooks *HookResults
	// Header has all response headers.
	Header http.Header
	// Raw is the response's body, at most 16 KiB of it.
	Raw []byte

	err error
}

// maxRawError is how much of an error's body is kept.
const maxRawError = 16 << 10

// Error describes the error: in one line, unless several options were bad.
func (e *Error) Error() string {
	if e == nil {
		return "portkey: <nil>"
	}
	text := "portkey: "
	if e.StatusCode != 0 {
		text += strconv.Itoa(e.StatusCode) + " "
	}
	if e.Type != "" {
		text += e.Type + ": "
	}
	switch class := classOfStatus(e.StatusCode); {
	case e.Message != "":
		text += e.Message
	case e.err != nil:
		text += e.err.Error()
	case class != nil:
		text += class.Error()
	case e.StatusCode != 0:
		text += "unexpected status"
	default:
		text += "unknown error"
	}
	retryAfter, attempts := "", ""
	if e.RetryAfter > 0 {
		retryAfter = e.RetryAfter.String()
	}
	if e.Attempts > 1 {
		attempts = strconv.Itoa(e.Attempts)
	}
	var details []string
	for _, d := range [...]struct{ name, value string }{
		{"provider", e.Provider}, {"code", e.Code}, {"retry after", retryAfter},
		{"attempts", attempts}, {"request", e.RequestID}, {"trace", e.TraceID},
	} {
		if d.value != "" {
			details = append(details, d.name+" "+d.value)
		}
	}
	if len(details) > 0 {
		text += " (" + strings.Join(details, ", ") + ")"
	}
	return text
}

// Unwrap returns the cause: an error of the network or the context, for example.
func (e *Error) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.err
}

// Is reports whether target is a class of the error.
func (e *Error) Is(target error) bool {
	if e == nil || target == nil {
		return false
	}
	byStatus, byType := classOfStatus(e.StatusCode), classOfType[e.Type]
	if byStatus == nil && byType == nil && e.Source != SourceClient && e.err == nil && e.StatusCode != 0 {
		// An error event whose type says nothing.
		status, _ := strconv.Atoi(e.Code)
		if byStatus = classOfStatus(status); byStatus == nil {
			byStatus = ErrServer
		}
	}
	return byStatus != nil && byStatus == target || byType != nil && byType == target
}

func classOfStatus(status int) error {
	switch status {
	case http.StatusUnauthorized:
		return ErrAuthentication
	case http.StatusPaymentRequired:
		return ErrBilling
	case http.StatusForbidden:
		return ErrPermission
	case http.StatusNotFound:
		return ErrNotFound
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		return ErrTimeout
	case http.StatusConflict:
		return ErrConflict
	case http.StatusPreconditionFailed:
		return ErrBudget
	case http.StatusRequestEntityTooLarge, http.StatusRequestHeaderFieldsTooLarge:
		return ErrRequestTooLarge
	case http.StatusTooManyRequests:
		return ErrRateLimit
	case statusGuardrail:
		return ErrGuardrail
	case statusOverloaded:
		return ErrOverloaded
	}
	switch status / 100 {
	case 4:
		return ErrInvalidRequest
	case 5:
		return ErrServer
	}
	return nil
}

// Statuses that net/http has no name for.
const (
	statusGuardrail  = 446
	statusOverloaded = 529
)

var classOfType = map[string]error{
	"invalid_request_error": ErrInvalidRequest,
	"authentication_error":  ErrAuthentication,
	"billing_error":         ErrBilling,
	"permission_error":      ErrPermission,
	"not_found_error":       ErrNotFound,
	"conflict_error":        ErrConflict,
	"request_too_large":     ErrRequestTooLarge,
	"rate_limit_error":      ErrRateLimit,
	"api_error":             ErrServer,
	"timeout_error":         ErrTimeout,
	"overloaded_error":      ErrOverloaded,
	"hooks_failed":          ErrGuardrail,
}

// invalidRequest is the error of a request or an option that was not sent.
func invalidRequest(format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Type: "invalid_request_error", Message: err.Error(), Source: SourceClient, err: errors.Unwrap(err)}
}
