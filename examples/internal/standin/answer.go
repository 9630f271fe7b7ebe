package standin

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// request is what the stand-in reads of a request.
type request struct {
	Model    string    `json:"model"`
	Stream   bool      `json:"stream"`
	System   text      `json:"system"`
	Messages []turn    `json:"messages"`
	Tools    []tool    `json:"tools"`
	Thinking *struct{} `json:"thinking"`

	verdicts *verdicts // of the guardrails; nil where none ran
}

type turn struct {
	Content []block `json:"content"`
}

type block struct {
	Type      string `json:"type"`
	Text      string `json:"text"`
	ToolUseID string `json:"tool_use_id"`
	Content   []struct {
		Text string `json:"text"`
	} `json:"content"`
	Source struct {
		MediaType string `json:"media_type"`
		Data      []byte `json:"data"`
	} `json:"source"`
}

type tool struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	InputSchema struct {
		Required []string `json:"required"`
	} `json:"input_schema"`
}

// text is a system prompt that is a plain string; another kind counts as none.
type text string

func (t *text) UnmarshalJSON(data []byte) error {
	var s string
	_ = json.Unmarshal(data, &s)
	*t = text(s)
	return nil
}

// message is an answer.
type message struct {
	ID           string   `json:"id"`
	Type         string   `json:"type"`
	Role         string   `json:"role"`
	Model        string   `json:"model"`
	Content      []object `json:"content"`
	StopReason   any      `json:"stop_reason"`
	StopSequence any      `json:"stop_sequence"`
	Usage        struct {
		InputTokens  int `json:"input_tokens"`
		OutputTokens int `json:"output_tokens"`
	} `json:"usage"`
	HookResults *verdicts `json:"hook_results,omitempty"`
}

// answer makes up an answer that fits the form of the request.
func answer(req *request) *message {
	m := &message{ID: "msg_standin", Type: "message", Role: "assistant", Model: req.Model, StopReason: "end_turn"}
	var last turn
	if n := len(req.Messages); n > 0 {
		last = req.Messages[n-1]
	}
	if req.Thinking != nil {
		m.Content = append(m.Content, object{
			"type": "thinking", "thinking": "I am a stand-in, so I only pretend to think.", "signature": "c3RhbmQtaW4=",
		})
	}
	say := func(format string, args ...any) {
		m.Content = append(m.Content, object{"type": "text", "text": fmt.Sprintf(format, args...)})
	}
	switch results, files := last.results(), last.files(); {
	case len(results) > 0:
		say("The tool says: %s.", strings.Join(results, "; "))
	case len(req.Tools) > 0:
		say("I will call your tool.")
		m.Content = append(m.Content, req.call(req.Tools[0], last))
		m.StopReason = "tool_use"
	case len(files) > 0:
		say("I was sent %s.", strings.Join(files, " and "))
	case req.Thinking != nil:
		say("A stand-in cannot know. A model would tell you.")
	default:
		say("I am a stand-in for the Portkey AI Gateway. You said: %s", last.text())
	}
	m.Usage.InputTokens = req.words()
	for _, b := range m.Content {
		for _, member := range []string{"text", "thinking", "name"} {
			s, _ := b[member].(string)
			m.Usage.OutputTokens += len(strings.Fields(s))
		}
	}
	return m
}

// call calls a tool. Every required member of its input is the last word of
// what the user said.
func (r *request) call(t tool, last turn) object {
	words := strings.Fields(last.text())
	input := object{}
	for _, name := range t.InputSchema.Required {
		input[name] = strings.Trim(slices.Concat([]string{""}, words)[len(words)], ".?!")
	}
	return object{"type": "tool_use", "id": "toolu_standin", "name": t.Name, "input": input}
}

// words counts the words of a request: to the stand-in, a word is a token.
func (r *request) words() int {
	texts := []string{string(r.System)}
	for _, t := range r.Messages {
		texts = append(texts, t.text())
		texts = append(texts, t.results()...)
		texts = append(texts, t.files()...)
	}
	for _, t := range r.Tools {
		texts = append(texts, t.Name, t.Description)
	}
	return len(strings.Fields(strings.Join(texts, " ")))
}

func (t turn) text() string {
	var texts []string
	for _, b := range t.Content {
		if b.Type == "text" {
			texts = append(texts, b.Text)
		}
	}
	return strings.Join(texts, " ")
}

func (t turn) results() []string {
	var results []string
	for _, b := range t.Content {
		if b.Type == "tool_result" && len(b.Content) > 0 {
			results = append(results, b.Content[0].Text)
		}
	}
	return results
}

func (t turn) files() []string {
	var files []string
	for _, b := range t.Content {
		if b.Type == "image" || b.Type == "document" {
			files = append(files, fmt.Sprintf("%s (%d bytes)", b.Source.MediaType, len(b.Source.Data)))
		}
	}
	return files
}
