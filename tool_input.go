package portkey

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/portkey-go/portkey/internal/wire"
)

// Incomplete reports whether the input is not JSON: it was cut off by
// MaxTokens or by the end of a stream, or the model wrote it wrong. Input still
// has what there is of it.
func (x *ToolUseBlock) Incomplete() bool {
	return len(x.Input) > 0 && !json.Valid(x.Input)
}

// DecodeInput decodes the input into v, a pointer, with [encoding/json]. The
// error names the tool; it is [ErrIncompleteToolInput] where the input is
// Incomplete.
func (x *ToolUseBlock) DecodeInput(v any) error { return decodeInput(x.Name, x.Input, v) }

// PartialInput returns what can be read of an input that is Incomplete: JSON
// with the members that are there, and the last string as far as it goes.
func (x *ToolUseBlock) PartialInput() json.RawMessage { return partialJSON(x.Input) }

// Incomplete reports whether the input is not JSON, as in [ToolUseBlock.Incomplete].
func (x *ServerToolUseBlock) Incomplete() bool {
	return len(x.Input) > 0 && !json.Valid(x.Input)
}

// DecodeInput decodes the input into v, as [ToolUseBlock.DecodeInput] does.
func (x *ServerToolUseBlock) DecodeInput(v any) error {
	return decodeInput(string(x.Name), x.Input, v)
}

func decodeToolInput(d *wire.Decoder, _ *wire.Form, _ int) json.RawMessage { return d.Raw() }

// encodeToolInput writes an input that is not JSON as a string, so that nothing
// of a message is lost where it is stored; in a request it is an error.
func encodeToolInput(e *wire.Encoder, input json.RawMessage, _ bool) {
	switch {
	case len(input) == 0:
		e.Raw(nil)
	case wire.Valid(input):
		e.RawValid(input)
	case e.Mode&wire.InRequest != 0:
		e.FailWith(ErrIncompleteToolInput)
	default:
		e.Str(strings.ToValidUTF8(string(input), "\uFFFD"))
	}
}

func decodeInput(tool string, input json.RawMessage, v any) error {
	if len(input) == 0 {
		input = json.RawMessage("{}")
	}
	err := json.Unmarshal(input, v)
	if err != nil && !json.Valid(input) {
		err = fmt.Errorf("%w: %w", ErrIncompleteToolInput, err)
	}
	if err != nil {
		return fmt.Errorf("portkey: input of tool %q: %w", tool, err)
	}
	return nil
}

// PartialInput returns what has come of the input of the tool call at index
// of the message's content, as JSON that can be decoded: for showing a call
// while it is being written. Members may still be missing, the last string may
// still grow, and a number or literal is there only once it is known to be
// whole. It is {} where nothing has come.
func (s *MessageStream) PartialInput(index int) json.RawMessage {
	if p := s.acc.blocks[index]; p != nil {
		switch p.block.(type) {
		case *ToolUseBlock, *ServerToolUseBlock, *UnknownBlock:
			return partialJSON(p.text)
		}
	}
	return json.RawMessage("{}")
}

// partialJSON makes valid JSON of the beginning of a JSON object, by leaving
// out what is not whole and closing what is open.
func partialJSON(in []byte) json.RawMessage {
	c := completer{in: in}
	c.value(0)
	if len(c.out) == 0 {
		return json.RawMessage("{}")
	}
	return c.out
}

type completer struct {
	in  []byte
	pos int
	out []byte
}

// maxPartialDepth bounds the recursion; what is nested deeper is left out.
const maxPartialDepth = 1000

// peek skips white space and returns the next byte, 0 at the end.
func (c *completer) peek() byte {
	for ; c.pos < len(c.in); c.pos++ {
		switch b := c.in[c.pos]; b {
		case ' ', '\t', '\r', '\n':
		default:
			return b
		}
	}
	return 0
}

// value copies a value, completed, and reports whether it was whole.
func (c *completer) value(depth int) bool {
	if depth > maxPartialDepth {
		return false
	}
	switch b := c.peek(); b {
	case '{', '[':
		return c.container(b, depth)
	case '"':
		return c.str()
	case 0:
		return false
	}
	return c.scalar()
}

func (c *completer) container(open byte, depth int) bool {
	end := byte('}')
	if open == '[' {
		end = ']'
	}
	c.pos++
	c.out = append(c.out, open)
	whole := c.members(open, end, depth)
	c.out = append(c.out, end)
	return whole
}

func (c *completer) members(open, end byte, depth int) bool {
	for n := 0; ; n++ {
		undo := len(c.out)
		b := c.peek()
		if b == end && n == 0 {
			c.pos++
			return true
		}
		if n > 0 {
			c.out = append(c.out, ',')
		}
		if open == '{' {
			if b != '"' || !c.str() || c.peek() != ':' {
				c.out = c.out[:undo]
				return false
			}
			c.pos++
			c.out = append(c.out, ':')
		}
		begin := len(c.out)
		if !c.value(depth + 1) {
			if len(c.out) == begin {
				c.out = c.out[:undo]
			}
			return false
		}
		switch c.peek() {
		case ',':
			c.pos++
		case end:
			c.pos++
			return true
		default:
			return false
		}
	}
}

// str copies a string; one that is not whole ends before its last half character.
func (c *completer) str() bool {
	start := c.pos
	for i := start + 1; i < len(c.in); {
		switch b := c.in[i]; {
		case b == '"':
			c.out = append(c.out, c.in[start:i+1]...)
			c.pos = i + 1
			return json.Valid(c.in[start:c.pos]) || c.drop(start)
		case b == '\\' && i+1 < len(c.in) && c.in[i+1] == 'u':
			i += len(`\u0000`)
		case b == '\\':
			i += 2
		default:
			i++
		}
	}
	text := c.in[start:]
	for cut := 0; cut <= len(`\u000`) && len(text) > cut; cut++ {
		part := text[:len(text)-cut]
		if quoted := append(part[:len(part):len(part)], '"'); utf8.Valid(part) && json.Valid(quoted) {
			c.out = append(c.out, quoted...)
			break
		}
	}
	c.pos = len(c.in)
	return false
}

// drop takes back a string that is not valid.
func (c *completer) drop(start int) bool {
	c.out = c.out[:len(c.out)-(c.pos-start)]
	return false
}

// scalar copies a number or a literal, where it is known to be whole.
func (c *completer) scalar() bool {
	start := c.pos
	for c.pos < len(c.in) {
		switch c.in[c.pos] {
		case ',', '}', ']', ' ', '\t', '\r', '\n':
			if !json.Valid(c.in[start:c.pos]) {
				return false
			}
			c.out = append(c.out, c.in[start:c.pos]...)
			return true
		}
		c.pos++
	}
	if b := c.in[start]; b == 't' || b == 'f' || b == 'n' { // a literal cannot grow
		if json.Valid(c.in[start:]) {
			c.out = append(c.out, c.in[start:]...)
			return true
		}
	}
	return false
}
