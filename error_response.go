package portkey

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// errorBody is the union of the bodies that gateway and providers report errors in:
//
//	{"type":"error","error":{"type","message","details"},"request_id"}   a provider, and error events
//	{"error":{"message","type","param","code"},"provider","hook_results"} a provider, through the gateway
//	{"error":{"message","type"}}                                          the gateway: timeout, guardrail
//	{"status":"failure","message","errors":[…]}                           the gateway: validation
//	{"message","ok":false}                                                the gateway: no such route
//	{"success":false,"data":{"message","errorCode"}}                      the hosted gateway
//
// Its members may have any type, so they are read one by one.
type errorBody struct {
	Error       json.RawMessage `json:"error"`
	Provider    json.RawMessage `json:"provider"`
	RequestID   json.RawMessage `json:"request_id"`
	HookResults json.RawMessage `json:"hook_results"`
	Type        json.RawMessage `json:"type"`
	Status      json.RawMessage `json:"status"`
	Message     json.RawMessage `json:"message"`
	Errors      json.RawMessage `json:"errors"`
	Data        json.RawMessage `json:"data"`
}

type errorDetail struct {
	Type    json.RawMessage `json:"type"`
	Message json.RawMessage `json:"message"`
	Code    json.RawMessage `json:"code"`
	Details json.RawMessage `json:"details"`

	ErrorCode json.RawMessage `json:"errorCode"` // in data
}

// fill sets what the error's body says, which may be anything.
func (e *Error) fill(body []byte) {
	e.Raw = bytes.Clone(body[:min(len(body), maxRawError)])
	var b errorBody
	if json.Unmarshal(body, &b) != nil {
		e.Message = excerpt(body)
		e.Source = SourceGateway
		if e.Provider != "" {
			e.Source = SourceProvider
		}
		return
	}
	var detail, data errorDetail
	isObject := json.Unmarshal(b.Error, &detail) == nil
	_ = json.Unmarshal(b.Data, &data)
	if !isObject {
		detail.Message = b.Error // {"error":"just a text"}
	}
	e.Type = text(detail.Type)
	e.Code = first(text(detail.Code), number(detail.Code), text(data.ErrorCode))
	var details struct {
		ErrorCode json.RawMessage `json:"error_code"`
	}
	if json.Unmarshal(detail.Details, &details) == nil {
		e.Code = first(text(details.ErrorCode), e.Code)
	}
	e.Message = first(text(detail.Message), text(b.Message), text(data.Message))
	var reasons []string
	if json.Unmarshal(b.Errors, &reasons) == nil && len(reasons) > 0 {
		e.Message = strings.TrimPrefix(e.Message+": "+strings.Join(reasons, "; "), ": ")
	}
	if id := text(b.RequestID); id != "" {
		e.RequestID = id
	}
	var hooks HookResults
	if len(b.HookResults) > 0 && json.Unmarshal(b.HookResults, &hooks) == nil {
		e.Hooks = &hooks
	}

	e.Source = SourceGateway
	if provider := text(b.Provider); provider != "" {
		e.Source, e.Provider = SourceProvider, provider
		e.Message = strings.TrimPrefix(e.Message, provider+" error: ")
	} else if text(b.Type) == "error" {
		e.Source = SourceProvider
	}
	if e.Message == "" {
		e.Message = excerpt(body)
	}
}

// text is the string that raw is, and empty for anything else.
func text(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s)
	return s
}

// number is the text of the number that raw is, and empty for anything else.
func number(raw json.RawMessage) string {
	var n int
	if text(raw) != "" || json.Unmarshal(raw, &n) != nil || n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// excerpt is the beginning of a body that is not what it should be, for a message.
func excerpt(body []byte) string {
	const limit = 1 << 10
	s := strings.TrimSpace(string(body))
	if len(s) > limit {
		s = s[:limit]
		for !utf8.ValidString(s) && len(s) > limit-utf8.UTFMax {
			s = s[:len(s)-1]
		}
		s += "…"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// error returns an error of this exchange, with what its headers say.
func (x *exchange) error() *Error {
	return &Error{
		StatusCode:    x.info.StatusCode,
		Provider:      x.info.Provider,
		RequestID:     x.info.RequestID,
		TraceID:       x.info.TraceID,
		Attempts:      x.info.Attempts,
		RetryAttempts: x.info.RetryAttempts,
		Target:        x.info.Target,
		RetryAfter:    retryAfter(x.info.Header, time.Now()),
		Header:        x.info.Header,
	}
}

// statusError reads the error that a status other than 2xx stands for. The
// status is an error whatever becomes of the body.
func (x *exchange) statusError() *Error {
	e := x.error()
	body, err := io.ReadAll(io.LimitReader(x.body, 1<<20))
	if err != nil && len(body) == 0 {
		e.err = x.cause(err)
	}
	e.fill(body)
	if x.info.Header.Get(headerException) == "true" {
		e.Source = SourceGateway
	}
	if x.info.StatusCode < 400 {
		e.err = ErrUnexpectedResponse // a redirect, for example, that says not where to
	}
	return x.settings.redact(e)
}

// unexpected is the error of a success whose body is not what was asked for:
// an error object where it is one, or else ErrUnexpectedResponse.
func (x *exchange) unexpected(body []byte, why string, cause error) *Error {
	e := x.error()
	e.fill(body)
	contentType := x.info.Header.Get("Content-Type")
	if contentType == "" {
		contentType = "no content type"
	}
	if len(bytes.TrimSpace(body)) == 0 {
		e.Message = "empty body"
	} else if e.Type == "" {
		e.Message = excerpt(body)
	}
	e.Message = fmt.Sprintf("%s (%s): %s", why, contentType, e.Message)
	e.err = ErrUnexpectedResponse
	if cause != nil {
		e.err = fmt.Errorf("%w: %w", ErrUnexpectedResponse, cause)
	}
	return x.settings.redact(e)
}

// retryAfter is how long the headers ask to wait.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil {
		return seconds(ms / 1000)
	}
	v := h.Get("Retry-After")
	if s, err := strconv.ParseFloat(v, 64); err == nil {
		return seconds(s)
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(0, t.Sub(now))
	}
	return 0
}

func seconds(s float64) time.Duration {
	switch {
	case !(s > 0): // NaN too
		return 0
	case s > math.MaxInt64/float64(time.Second):
		return math.MaxInt64
	}
	return time.Duration(s * float64(time.Second))
}
