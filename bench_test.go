package portkey_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

// longStream is a stream of n text deltas.
func longStream(n int) string {
	return sse(startEvent, `{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`) +
		strings.Repeat(sse(`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" and so on"}}`), n) +
		sse(`{"type":"content_block_stop","index":0}`, `{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":41}}`, stopEvent)
}

// history is a conversation of about 54 KB.
func history() portkey.MessageRequest {
	req := request
	req.Messages = nil
	for range 100 {
		req.Messages = append(req.Messages,
			portkey.UserText(strings.Repeat("a question ", 20)),
			portkey.AssistantMessage(portkey.Text(strings.Repeat("an\nanswer ", 10)),
				&portkey.ToolUseBlock{ID: "toolu_1", Name: "tide", Input: json.RawMessage(`{"port":"Husum","n":[1,2,3]}`)}))
	}
	return req
}

func readAllOf(t testing.TB, client *portkey.Client) {
	stream, err := client.Messages.Stream(t.Context(), request)
	require.NoError(t, err)
	for _, err := range stream.Events() {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Allocations are stable where times are not: an event costs its own, its
// delta's and its text's, however the provider writes its lines.
func TestAllocationsOfAnEvent(t *testing.T) {
	for name, lines := range map[string]*strings.Replacer{
		"usual":      strings.NewReplacer(),
		"CR LF":      strings.NewReplacer("\n", "\r\n"),
		"no spaces":  strings.NewReplacer("data: ", "data:", "event: ", "event:"),
		"with an id": strings.NewReplacer("data: ", "id: 17\ndata: "),
		"comments":   strings.NewReplacer("data: ", ": hello\ndata: "),
	} {
		t.Run(name, func(t *testing.T) { testAllocations(t, lines) })
	}
}

func testAllocations(t *testing.T, lines *strings.Replacer) {
	const n = 1000
	allocations := func(events int) float64 {
		body := lines.Replace(longStream(events))
		client := clientFor(t, func(*http.Request) (*http.Response, error) {
			return response(200, "text/event-stream", strings.NewReader(body)), nil
		})
		return testing.AllocsPerRun(5, func() { readAllOf(t, client) })
	}
	few := allocations(0)
	perEvent := (allocations(n) - few) / n
	require.LessOrEqual(t, perEvent, 4.0) // 3, and what the race detector makes pools forget
	require.Greater(t, perEvent, 1.0, "the measure is off")
}

func BenchmarkStreamEvents(b *testing.B) {
	const n = 1000
	body := longStream(n)
	client := clientFor(b, func(*http.Request) (*http.Response, error) {
		return response(200, "text/event-stream", strings.NewReader(body)), nil
	})
	b.ReportAllocs()
	for b.Loop() {
		readAllOf(b, client)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/event")
}

func BenchmarkCreate(b *testing.B) {
	answer := strings.Replace(okMessage, `"ok"`, `"`+strings.Repeat("some words ", 450)+`"`, 1)
	image := request
	image.Messages = []portkey.MessageParam{portkey.UserMessage(portkey.Image("image/png", make([]byte, 3_600_000)))}
	for name, c := range map[string]struct {
		req    portkey.MessageRequest
		answer string
	}{
		"short":         {request, okMessage},
		"5 KB answer":   {request, answer},
		"54 KB history": {history(), okMessage},
		"4.8 MB image":  {image, okMessage},
	} {
		b.Run(name, func(b *testing.B) {
			client := clientFor(b, func(r *http.Request) (*http.Response, error) {
				_, err := io.Copy(io.Discard, r.Body)
				return response(200, "application/json", strings.NewReader(c.answer)), err
			})
			b.ReportAllocs()
			for b.Loop() {
				if _, err := client.Messages.Create(b.Context(), c.req); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
