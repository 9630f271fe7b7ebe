package portkey

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/portkey-go/portkey/internal/wire"
)

// accumulator puts the events of a stream together. Blocks are addressed by
// index, so that interleaved blocks, gaps and missing starts do no harm.
type accumulator struct {
	message *Message
	blocks  map[int]*partialBlock
	hooks   *HookResults
	done    bool // message_stop has come
}

// partialBlock is a block with what its deltas have brought so far. The block
// is a copy: the one in the event is the caller's.
type partialBlock struct {
	block ContentBlock
	text  []byte // of a text or thinking block, or the input of a tool call
	fresh bool   // text holds more than block does
}

func (a *accumulator) add(event StreamEvent) {
	if e, ok := event.(*HookResultsEvent); ok {
		a.hooks = mergeHooks(a.hooks, e.HookResults)
	}
	if a.done {
		return
	}
	switch e := event.(type) {
	case *MessageStartEvent:
		if e.Message != nil && a.message == nil {
			a.message = new(*e.Message)
			a.message.Type = "message" // a cached replay says "message_start"
			a.message.Content = nil
			a.hooks = mergeHooks(a.hooks, e.Message.HookResults)
			for i, block := range e.Message.Content {
				a.start(i, block)
			}
		}
	case *ContentBlockStartEvent:
		a.start(e.Index, e.ContentBlock)
	case *ContentBlockDeltaEvent:
		if p := a.blocks[e.Index]; p != nil {
			p.add(e.Delta)
		}
	case *ContentBlockStopEvent:
		if p := a.blocks[e.Index]; p != nil {
			p.settle()
		}
	case *MessageDeltaEvent:
		a.end(e)
	case *MessageStopEvent:
		a.done = true
	}
}

func (a *accumulator) start(index int, block ContentBlock) {
	if block == nil {
		return
	}
	if a.blocks == nil {
		a.blocks = make(map[int]*partialBlock)
	}
	p := &partialBlock{block: copyBlock(block)}
	switch b := p.block.(type) {
	case *TextBlock:
		p.text = []byte(b.Text)
	case *ThinkingBlock:
		p.text = []byte(b.Thinking)
	}
	a.blocks[index] = p
}

// copyBlock copies the blocks that deltas change.
func copyBlock(block ContentBlock) ContentBlock {
	switch b := block.(type) {
	case *TextBlock:
		return new(*b)
	case *ThinkingBlock:
		return new(*b)
	case *ToolUseBlock:
		return new(*b)
	case *ServerToolUseBlock:
		return new(*b)
	}
	return block
}

// add puts a delta to the block; one that does not fit it is passed over.
func (p *partialBlock) add(delta Delta) {
	switch d := delta.(type) {
	case *TextDelta:
		if _, ok := p.block.(*TextBlock); ok {
			p.append(d.Text)
		}
	case *ThinkingDelta:
		if _, ok := p.block.(*ThinkingBlock); ok {
			p.append(d.Thinking)
		}
	case *InputJSONDelta:
		switch p.block.(type) {
		case *ToolUseBlock, *ServerToolUseBlock, *UnknownBlock:
			p.append(d.PartialJSON)
		}
	case *SignatureDelta:
		if b, ok := p.block.(*ThinkingBlock); ok {
			b.Signature = d.Signature
		}
	case *CitationsDelta:
		if b, ok := p.block.(*TextBlock); ok && d.Citation != nil {
			b.Citations = append(slices.Clip(b.Citations), d.Citation)
		}
	case *UnknownDelta:
		// The deltas of beta blocks assign: a compaction's content, for one.
		var members map[string]json.RawMessage
		if b, ok := p.block.(*UnknownBlock); ok && json.Unmarshal(d.Raw, &members) == nil {
			delete(members, "type")
			for _, name := range slices.Sorted(maps.Keys(members)) {
				b = b.with(name, members[name])
			}
			p.block = b
		}
	}
}

// with returns the block with another value of a member.
func (x *UnknownBlock) with(name string, value json.RawMessage) *UnknownBlock {
	var members map[string]json.RawMessage
	if json.Unmarshal(x.Raw, &members) != nil || members == nil {
		return x
	}
	members[name] = value
	raw, err := wire.Encode(wire.Plain, func(e *wire.Encoder) { wire.EncodeMap(e, members, (*wire.Encoder).Raw) })
	if err != nil {
		return x
	}
	return &UnknownBlock{Type: x.Type, Raw: raw}
}

func (p *partialBlock) append(s string) {
	if s != "" {
		p.text = append(p.text, s...)
		p.fresh = true
	}
}

// settle writes what has been collected into the block. The input of a tool
// call replaces that of its start, which is a placeholder, and is kept also
// where it was cut off.
func (p *partialBlock) settle() {
	if !p.fresh {
		return
	}
	p.fresh = false
	switch b := p.block.(type) {
	case *TextBlock:
		b.Text = string(p.text)
	case *ThinkingBlock:
		b.Thinking = string(p.text)
	case *ToolUseBlock:
		b.Input = json.RawMessage(slices.Clone(p.text))
	case *ServerToolUseBlock:
		b.Input = json.RawMessage(slices.Clone(p.text))
	case *UnknownBlock:
		if json.Valid(p.text) {
			p.block = b.with("input", json.RawMessage(p.text))
		} else {
			input, _ := json.Marshal(string(p.text)) // cut off, but not lost
			p.block = b.with("input", input)
		}
	}
}

func (a *accumulator) end(e *MessageDeltaEvent) {
	m := a.message
	if m == nil {
		return
	}
	d := &e.Delta
	if d.StopReason != "" || d.StopSequence != nil || d.StopDetails != nil || d.form.AnyNull() {
		m.StopReason, m.StopSequence, m.StopDetails = d.StopReason, d.StopSequence, d.StopDetails
	}
	if e.Delta.Container != nil {
		m.Container = e.Delta.Container
	}
	// Beta reports, such as context_management: the last one counts.
	m.Extra = updateExtra(m.Extra, e.Extra)
	if e.Usage != nil {
		m.Usage.update(e.Usage)
	}
}

// update takes over the running totals of a message_delta; what is absent
// there has not changed.
func (x *Usage) update(u *Usage) {
	overwrite(&x.InputTokens, u.InputTokens)
	overwrite(&x.OutputTokens, u.OutputTokens)
	overwrite(&x.CacheCreationInputTokens, u.CacheCreationInputTokens)
	overwrite(&x.CacheReadInputTokens, u.CacheReadInputTokens)
	overwrite(&x.CacheCreation, u.CacheCreation)
	overwrite(&x.OutputTokensDetails, u.OutputTokensDetails)
	overwrite(&x.ServerToolUse, u.ServerToolUse)
	overwrite(&x.ServiceTier, u.ServiceTier)
	overwrite(&x.InferenceGeo, u.InferenceGeo)
	overwrite(&x.Speed, u.Speed)
	x.Extra = updateExtra(x.Extra, u.Extra)
}

// updateExtra returns extra with the members of update that are not null; it
// changes neither.
func updateExtra(extra, update map[string]json.RawMessage) map[string]json.RawMessage {
	if len(update) == 0 {
		return extra
	}
	updated := maps.Clone(extra)
	if updated == nil {
		updated = make(map[string]json.RawMessage)
	}
	for k, v := range update {
		if string(v) != "null" {
			updated[k] = v
		}
	}
	return updated
}

func overwrite[T comparable](p *T, v T) {
	var zero T
	if v != zero {
		*p = v
	}
}

// mergeHooks adds the verdicts of a later event to those of an earlier one.
func mergeHooks(a, b *HookResults) *HookResults {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	return &HookResults{
		Before: slices.Concat(a.Before, b.Before),
		After:  slices.Concat(a.After, b.After),
		Extra:  b.Extra,
	}
}

// result returns a copy of the message as far as it has come; nil where nothing has.
func (a *accumulator) result() *Message {
	if a.message == nil {
		return nil
	}
	m := new(*a.message)
	m.HookResults = a.hooks
	m.Content = make([]ContentBlock, 0, len(a.blocks))
	for _, i := range slices.Sorted(maps.Keys(a.blocks)) {
		a.blocks[i].settle()
		m.Content = append(m.Content, copyBlock(a.blocks[i].block))
	}
	return m
}

// unwrapReplay undoes a spelling of the gateway's cache, which puts the
// members of a tool call one level deeper, under "tool_use".
func unwrapReplay(event StreamEvent) {
	e, ok := event.(*ContentBlockStartEvent)
	if !ok {
		return
	}
	use, ok := e.ContentBlock.(*ToolUseBlock)
	if !ok || use.ID != "" || use.Extra["tool_use"] == nil {
		return
	}
	inner := new(ToolUseBlock)
	if wire.Decode(use.Extra["tool_use"], inner.decode) == nil {
		e.ContentBlock = inner
	}
}
