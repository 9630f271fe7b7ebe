package summary_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
	summary "github.com/portkey-go/portkey/examples/testing"
)

// newSummarizer returns a Summarizer whose calls are answered by a mock. The
// mock belongs to the test alone, so that tests can run in parallel.
func newSummarizer(t *testing.T, responder httpmock.Responder) (*summary.Summarizer, *httpmock.MockTransport) {
	t.Helper()
	mock := httpmock.NewMockTransport()
	mock.RegisterResponder(http.MethodPost, "http://gateway.test/v1/messages", responder)
	client, err := portkey.NewClient(
		portkey.WithBaseURL("http://gateway.test"),
		portkey.WithHTTPClient(&http.Client{Transport: mock}),
		portkey.WithProvider("anthropic"),
		portkey.WithMaxRetries(0), // an error is answered once, and no test waits
	)
	require.NoError(t, err)
	return &summary.Summarizer{Client: client}, mock
}

func TestSummarize(t *testing.T) {
	t.Parallel()
	var sent string
	s, mock := newSummarizer(t, func(req *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(req.Body)
		sent = string(body)
		if err != nil {
			return nil, err
		}
		return httpmock.NewStringResponse(http.StatusOK, `{
			"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-haiku-5-5",
			"content": [{"type": "text", "text": "It is short."}],
			"stop_reason": "end_turn", "usage": {"input_tokens": 20, "output_tokens": 4}
		}`), nil
	})

	got, err := s.Summarize(t.Context(), "A long story.")

	require.NoError(t, err)
	assert.Equal(t, "It is short.", got)
	assert.Equal(t, 1, mock.GetTotalCallCount())
	assert.JSONEq(t, `{
		"model": "claude-haiku-5-5",
		"max_tokens": 256,
		"system": "Summarize what the user writes in one sentence.",
		"messages": [{"role": "user", "content": [{"type": "text", "text": "A long story."}]}]
	}`, sent)
}

// events is a stream as the gateway sends it. Each event ends with an empty line.
const events = `event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-haiku-5-5","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":20,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"It is "}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"short."}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":4}}

event: message_stop
data: {"type":"message_stop"}

`

func TestSummarizeTo(t *testing.T) {
	t.Parallel()
	s, _ := newSummarizer(t, httpmock.NewStringResponder(http.StatusOK, events))

	var got strings.Builder
	err := s.SummarizeTo(t.Context(), &got, "A long story.")

	require.NoError(t, err)
	assert.Equal(t, "It is short.", got.String())
}

func TestSummarizeToCutStream(t *testing.T) {
	t.Parallel()
	cut, _, _ := strings.Cut(events, "event: content_block_stop")
	s, _ := newSummarizer(t, httpmock.NewStringResponder(http.StatusOK, cut))

	var got strings.Builder
	err := s.SummarizeTo(t.Context(), &got, "A long story.")

	require.ErrorIs(t, err, portkey.ErrIncompleteStream)
	assert.Equal(t, "It is short.", got.String(), "what had come is written")
}

func TestSummarizeBusy(t *testing.T) {
	t.Parallel()
	s, _ := newSummarizer(t, httpmock.NewStringResponder(http.StatusTooManyRequests,
		`{"error":{"message":"anthropic error: slow down","type":"rate_limit_error","param":null,"code":null},"provider":"anthropic"}`))

	_, err := s.Summarize(t.Context(), "A long story.")

	require.ErrorIs(t, err, summary.ErrBusy)
	var apiErr *portkey.Error
	require.ErrorAs(t, err, &apiErr)
	assert.Equal(t, portkey.SourceProvider, apiErr.Source)
	assert.Equal(t, "slow down", apiErr.Message)
}
