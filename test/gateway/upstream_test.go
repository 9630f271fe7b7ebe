package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// upstreamServer stands in for the provider where a test wants to say what the provider does. The
// first segment of a path names the scenario, so one server serves all tests, also in parallel.
type upstreamServer struct {
	*httptest.Server

	mu        sync.Mutex
	count     int
	scenarios map[string]*scenario
}

type scenario struct {
	handler  http.HandlerFunc
	ctx      context.Context // of the test
	requests []recordedRequest
	running  sync.WaitGroup
}

// recordedRequest is a request as it arrived at the upstream.
type recordedRequest struct {
	Method string
	Path   string // without the scenario: "/v1/messages"
	Query  string
	Header http.Header
	Body   string
}

func newUpstream() *upstreamServer {
	u := &upstreamServer{scenarios: make(map[string]*scenario)}
	u.Server = httptest.NewServer(http.HandlerFunc(u.serve))
	return u
}

// on answers with handler until the test ends, and returns the x-portkey-custom-host that leads there.
func (u *upstreamServer) on(t testing.TB, handler http.HandlerFunc) (customHost string) {
	t.Helper()
	s := &scenario{handler: handler, ctx: t.Context()}

	u.mu.Lock()
	defer u.mu.Unlock()
	u.count++
	name := fmt.Sprint("scenario", u.count)
	u.scenarios[name] = s

	t.Cleanup(func() {
		u.mu.Lock()
		delete(u.scenarios, name)
		u.mu.Unlock()
		// The handler may use variables of the test, and the gateway keeps a request running after
		// its client has gone.
		s.running.Wait()
	})
	return u.URL + "/" + name + "/v1"
}

// requests returns what has arrived at a host that on returned.
func (u *upstreamServer) requests(customHost string) []recordedRequest {
	name := strings.TrimSuffix(strings.TrimPrefix(customHost, u.URL+"/"), "/v1")
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.scenarios[name].requests)
}

func (u *upstreamServer) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the gateway is gone
	}
	name, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	path = "/" + path

	u.mu.Lock()
	s := u.scenarios[name]
	if s != nil {
		s.running.Add(1)
		s.requests = append(s.requests, recordedRequest{r.Method, path, r.URL.RawQuery, r.Header.Clone(), string(body)})
	}
	u.mu.Unlock()
	if s == nil {
		answer(http.StatusNotFound, errorBody("not_found_error", "no such scenario, or its test is over: "+name))(w, r)
		return
	}
	defer s.running.Done()

	// A handler that waits ends with the test, or when the gateway hangs up.
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()

	r = r.Clone(ctx)
	r.URL.Path = path
	r.Body = io.NopCloser(bytes.NewReader(body))
	s.handler(w, r)
}

// Answers.

// answer sends a body: a string as it is, anything else as JSON. It is labelled as JSON unless
// withHeader says otherwise.
func answer(status int, body any) http.HandlerFunc {
	text, ok := body.(string)
	if !ok {
		text = toJSON(body)
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		setDefault(w.Header(), "Content-Type", "application/json")
		w.WriteHeader(status)
		io.WriteString(w, text)
	}
}

// answerMessage sends a message whose content is one text block.
func answerMessage(text string) http.HandlerFunc {
	return answer(http.StatusOK, messageBody(text))
}

// answerCount answers a count_tokens request.
func answerCount(tokens int) http.HandlerFunc {
	return answer(http.StatusOK, map[string]any{"input_tokens": tokens})
}

// echo sends a message whose text is the request that arrived, as the JSON of a recordedRequest.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	answerMessage(toJSON(recordedRequest{r.Method, r.URL.Path, r.URL.RawQuery, r.Header, string(body)}))(w, r)
}

// answerEvents sends server-sent events, flushing each one, and then does what follows.
func answerEvents(events string, then ...http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		setDefault(w.Header(), "Content-Type", "text/event-stream; charset=utf-8")
		for event := range strings.SplitAfterSeq(events, "\n\n") {
			io.WriteString(w, event)
			http.NewResponseController(w).Flush()
		}
		for _, next := range then {
			next(w, r)
		}
	}
}

// resetConnection makes the gateway see "connection reset by peer", also in the midst of an answer.
func resetConnection(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	conn.(*net.TCPConn).SetLinger(0) // discard what is unsent, and send RST in place of FIN
	conn.Close()
}

// hang never answers.
func hang(_ http.ResponseWriter, r *http.Request) {
	<-r.Context().Done()
}

// How and when to answer.

// withHeader adds response headers.
func withHeader(header http.Header, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for name, values := range header {
			for _, value := range values {
				w.Header().Add(name, value)
			}
		}
		next(w, r)
	}
}

// delayed answers after d. To wait for something that the test does, use when.
func delayed(d time.Duration, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(d):
			next(w, r)
		case <-r.Context().Done():
		}
	}
}

// when answers once ready is closed.
func when(ready <-chan struct{}, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-ready:
			next(w, r)
		case <-r.Context().Done():
		}
	}
}

// inTurn answers each request with the next handler, and all further ones with the last.
func inTurn(handlers ...http.HandlerFunc) http.HandlerFunc {
	var calls atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) {
		n := min(int(calls.Add(1)), len(handlers))
		handlers[n-1](w, r)
	}
}

// Bodies and headers.

func messageBody(text string) map[string]any {
	return map[string]any{
		"id":            "msg_upstream",
		"type":          "message",
		"role":          "assistant",
		"model":         "claude-upstream",
		"content":       []any{map[string]any{"type": "text", "text": text}},
		"stop_reason":   "end_turn",
		"stop_sequence": nil,
		"usage":         map[string]any{"input_tokens": 10, "output_tokens": 5},
	}
}

// errorBody is an error as the Anthropic API writes it.
func errorBody(errorType, text string) map[string]any {
	return map[string]any{
		"type":       "error",
		"error":      map[string]any{"type": errorType, "message": text},
		"request_id": "req_upstream",
	}
}

// messageEvents is the stream of a message with one text block, in one delta for each text. The
// first text is in the fourth event.
func messageEvents(texts ...string) string {
	var b strings.Builder
	event := func(name, data string) {
		fmt.Fprintf(&b, "event: %s\ndata: %s\n\n", name, data)
	}
	event("message_start", `{"type":"message_start","message":{"id":"msg_upstream","type":"message","role":"assistant","model":"claude-upstream","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":1}}}`)
	event("content_block_start", `{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`)
	event("ping", `{"type":"ping"}`)
	for _, text := range texts {
		event("content_block_delta", `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":`+toJSON(text)+`}}`)
	}
	event("content_block_stop", `{"type":"content_block_stop","index":0}`)
	event("message_delta", `{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":5}}`)
	event("message_stop", `{"type":"message_stop"}`)
	return b.String()
}

// rateLimitHeader is what the Anthropic API sends with each answer.
var rateLimitHeader = http.Header{
	"Request-Id":                                  {"req_upstream"},
	"Anthropic-Organization-Id":                   {"org_upstream"},
	"Anthropic-Ratelimit-Requests-Limit":          {"50"},
	"Anthropic-Ratelimit-Requests-Remaining":      {"49"},
	"Anthropic-Ratelimit-Requests-Reset":          {"2026-01-01T00:00:00Z"},
	"Anthropic-Ratelimit-Input-Tokens-Limit":      {"30000"},
	"Anthropic-Ratelimit-Input-Tokens-Remaining":  {"29990"},
	"Anthropic-Ratelimit-Input-Tokens-Reset":      {"2026-01-01T00:00:01Z"},
	"Anthropic-Ratelimit-Output-Tokens-Limit":     {"8000"},
	"Anthropic-Ratelimit-Output-Tokens-Remaining": {"7995"},
	"Anthropic-Ratelimit-Output-Tokens-Reset":     {"2026-01-01T00:00:02Z"},
}

// firstEvents cuts a stream after n events.
func firstEvents(n int, events string) string {
	return strings.Join(strings.SplitAfter(events, "\n\n")[:n], "")
}

func setDefault(header http.Header, name, value string) {
	if header.Get(name) == "" {
		header.Set(name, value)
	}
}

func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
