package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

// All payloads are made from fixed seeds: every run measures the same bytes.

const vocabulary = "the model answers a question with words that are short or longer and sometimes " +
	"“quoted” or \"escaped\" at the end of a line\n naïve café 東京 <b>gateway</b> & request tokens stream"

// writer writes text of the kind that models write.
type writer struct {
	rand  *rand.Rand
	words []string
}

func newWriter(seed uint64) *writer {
	return &writer{rand.New(rand.NewPCG(seed, 5)), strings.Split(vocabulary, " ")}
}

// word returns a word with the space in front of it: what one delta brings.
func (w *writer) word() string { return " " + w.words[w.rand.IntN(len(w.words))] }

// text returns at least n bytes of text.
func (w *writer) text(n int) string {
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(w.word())
	}
	return b.String()
}

// opaque returns n characters such as signatures are made of.
func (w *writer) opaque(n int) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[w.rand.IntN(len(alphabet))]
	}
	return string(b)
}

// input returns the arguments of a tool call, of about n bytes.
func (w *writer) input(n int) json.RawMessage {
	return jsonOf(map[string]any{
		"path": "/src/" + w.opaque(8) + ".go", "line": 42, "dry_run": false,
		"ranges": []int{1, 20, 300}, "text": w.text(max(n-80, 1)),
	})
}

func jsonOf(v any) json.RawMessage {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // the API does not escape it
	if err := enc.Encode(v); err != nil {
		panic(err)
	}
	return json.RawMessage(strings.TrimSuffix(b.String(), "\n"))
}

// quote returns s as a JSON string.
func quote(s string) string { return string(jsonOf(s)) }

// events is the body of a stream that is being written.
type events struct {
	strings.Builder
	count int
}

func (e *events) add(name, format string, args ...any) {
	e.count++
	fmt.Fprintf(e, "event: %s\ndata: {\"type\":\"%s\"%s}\n\n", name, name, fmt.Sprintf(format, args...))
}

func newEvents() *events {
	e := new(events)
	e.add("message_start", `,"message":{"id":"msg_01XFDUDYJgAACzvnptvVoYEL","type":"message","role":"assistant",`+
		`"model":"claude-opus-4-5","content":[],"stop_reason":null,"stop_sequence":null,`+
		`"usage":{"input_tokens":25,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":1}}`)
	return e
}

// block adds a block with a delta for each of the values.
func (e *events) block(index int, start, deltaType, member string, values ...string) {
	e.add("content_block_start", `,"index":%d,"content_block":%s`, index, start)
	for _, v := range values {
		e.delta(index, deltaType, member, v)
	}
}

func (e *events) delta(index int, deltaType, member, value string) {
	e.add("content_block_delta", `,"index":%d,"delta":{"type":"%s","%s":%s}`, index, deltaType, member, quote(value))
}

func (e *events) stop(index int) { e.add("content_block_stop", `,"index":%d`, index) }

func (e *events) end(stopReason string) {
	e.add("message_delta", `,"delta":{"stop_reason":%s,"stop_sequence":null},"usage":{"output_tokens":512}`, quote(stopReason))
	e.add("message_stop", "")
}

const textStart = `{"type":"text","text":""}`

// textEvents is a stream of n text deltas.
func textEvents(n int) *events {
	w, e := newWriter(1), newEvents()
	e.block(0, textStart, "text_delta", "text", w.wordList(n)...)
	e.stop(0)
	e.end("end_turn")
	return e
}

func (w *writer) wordList(n int) []string {
	words := make([]string, n)
	for i := range words {
		words[i] = w.word()
	}
	return words
}

// toolEvents is a stream with the input of a tool call in pieces of 12 bytes.
func toolEvents(n int) *events {
	w, e := newWriter(2), newEvents()
	input := string(w.input(12 * n))
	pieces := []string{""} // the API begins with an empty one
	for len(input) > 0 {
		cut := min(12, len(input))
		for cut < len(input) && input[cut]&0xC0 == 0x80 { // within a character
			cut++
		}
		pieces = append(pieces, input[:cut])
		input = input[cut:]
	}
	e.block(0, `{"type":"tool_use","id":"toolu_01T1x1fJ34qAmk2tNTrN7Up6","name":"edit","input":{}}`,
		"input_json_delta", "partial_json", pieces...)
	e.stop(0)
	e.end("tool_use")
	return e
}

// thinkingEvents is a stream of blocks of thinking, each with its signature, and a text.
func thinkingEvents(blocks, deltas int) *events {
	w, e := newWriter(3), newEvents()
	for i := range blocks {
		e.block(i, `{"type":"thinking","thinking":"","signature":""}`, "thinking_delta", "thinking", w.wordList(deltas)...)
		e.delta(i, "signature_delta", "signature", w.opaque(700))
		e.stop(i)
	}
	e.block(blocks, textStart, "text_delta", "text", w.wordList(deltas)...)
	e.stop(blocks)
	e.end("end_turn")
	return e
}

// largeEvents is a stream with a single large delta.
func largeEvents(size int) *events {
	w, e := newWriter(4), newEvents()
	e.block(0, textStart, "text_delta", "text", w.text(size))
	e.stop(0)
	e.end("end_turn")
	return e
}

// answer is the body of a whole message.
func answer(blocks ...string) []byte {
	return []byte(`{"id":"msg_01XFDUDYJgAACzvnptvVoYEL","type":"message","role":"assistant","model":"claude-opus-4-5",` +
		`"content":[` + strings.Join(blocks, ",") + `],"stop_reason":"end_turn","stop_sequence":null,` +
		`"usage":{"input_tokens":2095,"cache_creation_input_tokens":0,"cache_read_input_tokens":1024,` +
		`"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":503,"service_tier":"standard"}}`)
}

func textBlock(text string) string { return `{"type":"text","text":` + quote(text) + `}` }

func citedBlock(w *writer) string {
	return `{"type":"text","text":` + quote(w.text(80)) + `,"citations":[{"type":"char_location","cited_text":` + quote(w.text(60)) +
		`,"document_index":0,"document_title":"Handbook","file_id":null,"start_char_index":120,"end_char_index":180}]}`
}

func thinkingBlock(w *writer, n int) string {
	return `{"type":"thinking","thinking":` + quote(w.text(n)) + `,"signature":` + quote(w.opaque(n/2)) + `}`
}

func toolUseBlock(w *writer, n int) string {
	return `{"type":"tool_use","id":` + quote("toolu_"+w.opaque(24)) + `,"name":"edit","input":` + string(w.input(n)) + `}`
}

func searchResultBlock(w *writer) string {
	result := func() string {
		return `{"type":"web_search_result","url":"https://example.com/` + w.opaque(12) + `","title":` + quote(w.text(30)) +
			`,"encrypted_content":` + quote(w.opaque(200)) + `,"page_age":null}`
	}
	return `{"type":"web_search_tool_result","tool_use_id":` + quote("srvtoolu_"+w.opaque(24)) +
		`,"content":[` + result() + `,` + result() + `]}`
}

// answer5KB is an answer of 5 KB with the everyday blocks.
func answer5KB() []byte {
	w := newWriter(6)
	return answer(thinkingBlock(w, 700), textBlock(w.text(1400)), citedBlock(w), toolUseBlock(w, 600), textBlock(w.text(600)))
}

// answerOfBlocks is an answer of n blocks of all kinds.
func answerOfBlocks(n int) []byte {
	w := newWriter(7)
	blocks := make([]string, n)
	for i := range blocks {
		switch i % 5 {
		case 0, 1:
			blocks[i] = textBlock(w.text(120))
		case 2:
			blocks[i] = citedBlock(w)
		case 3:
			blocks[i] = toolUseBlock(w, 150)
		case 4:
			blocks[i] = searchResultBlock(w)
		}
	}
	return answer(blocks...)
}
