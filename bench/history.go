package main

import "encoding/json"

// turn is a message of a conversation, in a form that belongs to neither
// library; each makes its own request of it.
type turn struct {
	assistant bool
	blocks    []block
}

type block struct {
	kind      string // text, thinking, tool_use, tool_result
	text      string
	signature string
	id        string
	input     json.RawMessage
}

// history is a conversation of an agent of about size bytes: thinking, a
// tool call, its result, and some words each.
func history(size int) []turn {
	w := newWriter(8)
	turns := []turn{{blocks: []block{{kind: "text", text: w.text(300)}}}}
	for n := 0; n < size; {
		id := "toolu_" + w.opaque(24)
		call := turn{assistant: true, blocks: []block{
			{kind: "thinking", text: w.text(400), signature: w.opaque(300)},
			{kind: "text", text: w.text(150)},
			{kind: "tool_use", id: id, input: w.input(250)},
		}}
		result := turn{blocks: []block{{kind: "tool_result", id: id, text: w.text(900)}}}
		turns = append(turns, call, result)
		n += 2450 // what these two turns are on the wire
	}
	return turns
}
