package portkey

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// GatewayInfo says what the gateway did with a call. It is read from the
// response's headers; where gateways are chained, each value is that of the
// one that answered.
type GatewayInfo struct {
	// StatusCode is the HTTP status. 246 is a success in which a guardrail that
	// only warns was not passed.
	StatusCode int
	// TraceID is the trace id of the call: the one that was sent, by
	// [WithTraceID] or made for the call (x-portkey-trace-id).
	TraceID string
	// RequestID is the provider's id of the request (request-id). The gateway
	// loses it in timeouts, cache hits and several failures.
	RequestID string
	// Provider is the provider that answered (x-portkey-provider).
	Provider string
	// Cache says how the gateway's cache was used (x-portkey-cache-status).
	Cache CacheStatus
	// RetryAttempts is how often the gateway itself retried before the answer
	// came; -1 means that it gave up. It counts only the last target
	// (x-portkey-retry-attempt-count).
	RetryAttempts int
	// Attempts is how often this client sent the request, at least 1.
	Attempts int
	// Target is the place in the config that served the call: "config", or
	// "config.targets[1].targets[0]" (x-portkey-last-used-option-index).
	Target string
	// TargetPath is the way to it: 1, 0 for "config.targets[1].targets[0]". It
	// is nil for "config" and where the gateway said nothing.
	TargetPath []int
	// TargetConfig is a copy of the target itself, without its secrets, where
	// the config was sent with [WithConfig]: its Name and Provider say who
	// served the call. It is nil where the gateway did not say which one it was.
	TargetConfig *Config
	// HookResults are the verdicts of the guardrails; nil where none ran, and
	// in a stream until the event with them has come.
	HookResults *HookResults
	// RateLimit is what the provider said of its limits.
	RateLimit RateLimit
	// Header has all response headers.
	Header http.Header
}

// CacheStatus says how the gateway's cache was used.
type CacheStatus string

// How the gateway's cache was used.
const (
	CacheHit          CacheStatus = "HIT"
	CacheMiss         CacheStatus = "MISS"
	CacheRefresh      CacheStatus = "REFRESH"
	CacheDisabled     CacheStatus = "DISABLED"
	CacheSemanticHit  CacheStatus = "SEMANTIC HIT"  // hosted only
	CacheSemanticMiss CacheStatus = "SEMANTIC MISS" // hosted only
)

// RateLimit is what the provider said of its limits
// (anthropic-ratelimit-…). A limit it did not speak of is zero.
type RateLimit struct {
	Requests, Tokens, InputTokens, OutputTokens Limit
}

// Limit is one of the provider's limits.
type Limit struct {
	// Limit is what may be used in a period.
	Limit int
	// Remaining is what is left of it.
	Remaining int
	// Reset is when all of it will be there again; zero where that was not said.
	Reset time.Time
}

// Names of the headers that the gateway answers with.
const (
	headerTraceID       = "X-Portkey-Trace-Id"
	headerProvider      = "X-Portkey-Provider"
	headerCacheStatus   = "X-Portkey-Cache-Status"
	headerRetryAttempts = "X-Portkey-Retry-Attempt-Count"
	headerTarget        = "X-Portkey-Last-Used-Option-Index"
	headerException     = "X-Portkey-Gateway-Exception"
	headerRequestID     = "Request-Id"
)

// read reads what the headers of a response say.
func (info *GatewayInfo) read(resp *http.Response, sentTraceID string, attempts int) {
	h := resp.Header
	*info = GatewayInfo{
		StatusCode: resp.StatusCode,
		TraceID:    sentTraceID,
		RequestID:  lastValue(h, headerRequestID),
		Provider:   lastValue(h, headerProvider),
		Cache:      CacheStatus(lastValue(h, headerCacheStatus)),
		Attempts:   attempts,
		Target:     lastValue(h, headerTarget),
		Header:     h.Clone(),
		RateLimit:  readRateLimit(h),
	}
	if info.TraceID == "" {
		info.TraceID = lastValue(h, headerTraceID)
	}
	info.TargetPath = parseTarget(info.Target)
	info.RetryAttempts = lastNumber(h, headerRetryAttempts)
}

// lastValue is the value of a header that each of several gateways may have
// appended to: the last one is of the gateway that answered.
func lastValue(h http.Header, name string) string {
	values := h[name]
	if len(values) == 0 {
		return ""
	}
	v := values[len(values)-1]
	return strings.TrimSpace(v[strings.LastIndexByte(v, ',')+1:])
}

// lastNumber is lastValue as an integer; 0 where it is none.
func lastNumber(h http.Header, name string) int {
	v := lastValue(h, name)
	if v == "" {
		return 0 // an error made for it would be dear
	}
	n, _ := strconv.Atoi(v)
	return n
}

// parseTarget reads "config.targets[1].targets[0]".
func parseTarget(target string) []int {
	rest, ok := strings.CutPrefix(target, "config")
	if !ok {
		return nil
	}
	var path []int
	for rest != "" {
		step, after, ok := strings.Cut(strings.TrimPrefix(rest, ".targets["), "]")
		n, err := strconv.Atoi(step)
		if !ok || err != nil || n < 0 || !strings.HasPrefix(rest, ".targets[") {
			return nil
		}
		path, rest = append(path, n), after
	}
	return path
}

// target returns the target of x that info says served the call; nil where there is none.
func (x *Config) target(info *GatewayInfo) *Config {
	if info.TargetPath == nil && info.Target != "config" {
		return nil
	}
	for _, i := range info.TargetPath {
		if x == nil || i >= len(x.Targets) {
			return nil
		}
		x = x.Targets[i]
	}
	if x == nil {
		return nil
	}
	c, err := x.clone()
	if err != nil {
		return nil
	}
	c.all(func(c *Config) {
		for _, secret := range c.secrets() {
			*secret = ""
		}
	})
	return c
}

const headerRateLimit = "Anthropic-Ratelimit-"

func readRateLimit(h http.Header) (r RateLimit) {
	for name := range h {
		if strings.HasPrefix(name, headerRateLimit) { // else parsing nothing would be dear
			return RateLimit{
				Requests:     readLimit(h, headerRateLimit+"Requests-"),
				Tokens:       readLimit(h, headerRateLimit+"Tokens-"),
				InputTokens:  readLimit(h, headerRateLimit+"Input-Tokens-"),
				OutputTokens: readLimit(h, headerRateLimit+"Output-Tokens-"),
			}
		}
	}
	return r
}

func readLimit(h http.Header, prefix string) (l Limit) {
	l.Limit = lastNumber(h, prefix+"Limit")
	l.Remaining = lastNumber(h, prefix+"Remaining")
	if reset := lastValue(h, prefix+"Reset"); reset != "" {
		l.Reset, _ = time.Parse(time.RFC3339, reset)
	}
	return l
}
