package portkey

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/portkey-go/portkey/internal/wire"
)

// StripThinking returns a history without its thinking and redacted thinking
// blocks; history is not changed. A provider refuses the thinking of another
// one, whose signature it cannot check: strip it where a conversation moves
// from one to the other. Messages that had nothing else are left out. A model
// that thinks may insist on the thinking of a turn whose tool calls are still
// being answered: there is no way to move such a turn.
func StripThinking(history []MessageParam) []MessageParam {
	stripped := make([]MessageParam, 0, len(history))
	for _, m := range history {
		if slices.ContainsFunc(m.Content, isThinking) {
			m.Content = slices.DeleteFunc(slices.Clone(m.Content), isThinking)
			if len(m.Content) == 0 {
				continue
			}
		}
		stripped = append(stripped, m)
	}
	return stripped
}

func isThinking(block ContentBlock) bool {
	switch block.(type) {
	case *ThinkingBlock, *RedactedThinkingBlock:
		return true
	}
	return false
}

// refusesThinking reports whether a request was refused because of the
// thinking in its history. There is only the text of the error to tell by.
func refusesThinking(err error) bool {
	var e *Error
	if !errors.As(err, &e) || e.StatusCode != http.StatusBadRequest {
		return false
	}
	text := strings.ToLower(e.Message)
	return strings.Contains(text, "redacted_thinking") ||
		strings.Contains(text, "thinking") && (strings.Contains(text, "signature") || strings.Contains(text, "block"))
}

// withoutThinking is the call with a history without thinking. It is made of
// what was sent: the caller may have changed the request meanwhile.
func (c call) withoutThinking() (call, error) {
	var req MessageRequest
	if err := wire.Decode(c.body, req.decode); err != nil {
		return c, invalidRequest("%w", err)
	}
	req.Messages = StripThinking(req.Messages)
	var err error
	c.body, err = req.body(c.mode)
	return c, err
}
