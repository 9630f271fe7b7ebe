package portkey

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/portkey-go/portkey/internal/eventstream"
	"github.com/portkey-go/portkey/internal/wire"
)

// MessageStream is an answer that is still being written.
//
// Range over Events, or over Text, or let Message do it. A stream can be used
// once: the connection is given back when the loop ends, in whichever way (the
// end of the stream, an error, break, return, a panic), and by Close. A second
// loop yields [ErrStreamConsumed].
//
// The message is whole only after its message_stop event. A stream that ends
// before it, however quietly, ends with [ErrIncompleteStream], and Message
// still returns what had come. The stream reads on after message_stop to its
// end, for the gateway's late verdicts, but no fault there makes a whole
// message an error.
//
// A MessageStream is for one goroutine, save for Close.
type MessageStream struct {
	x       *exchange
	events  *eventstream.Reader
	pending []StreamEvent // read ahead
	failed  error         // what ended the reading ahead
	acc     accumulator
	err     error // what ended the stream; nil where it ended well
	state   streamState

	closed    atomic.Bool
	closeOnce sync.Once
}

type streamState uint8

const (
	streamFresh streamState = iota
	streamRunning
	streamEnded
)

const (
	// maxReadAhead is how many events are read in search of the first content.
	maxReadAhead = 64

	// lateEvents is how long a stream may be silent after message_stop: the
	// message is whole, and only guardrail verdicts can follow.
	lateEvents = 10 * time.Second
)

// openStream reads the events before the first content, so that what goes
// wrong up to there is the error of the call, and can be retried.
func openStream(x *exchange) (*MessageStream, error) {
	s := &MessageStream{x: x}
	body := bufio.NewReaderSize(newStreamBody(s), 512)
	isStream, err := looksLikeEvents(body)
	if err != nil && err != io.EOF {
		return nil, s.broken(err)
	}
	if !isStream {
		return s.openOther(body)
	}
	s.events = eventstream.NewReader(body, x.settings.maxEventSize)
	for {
		event, err := s.next()
		x.stopTimer()
		if err == io.EOF {
			return s, nil
		}
		if err != nil {
			if e := (*Error)(nil); s.acc.message == nil || errors.As(err, &e) && e.Source != SourceClient {
				return nil, err
			}
			s.failed = err // the loop gets it, after what came before it
			return s, nil
		}
		s.pending = append(s.pending, event)
		switch event.(type) {
		case *HookResultsEvent, *PingEvent, *MessageStartEvent, *UnknownEvent:
			if len(s.pending) < maxReadAhead {
				continue
			}
		}
		return s, nil
	}
}

// looksLikeEvents reports whether a body begins as a stream of events does.
// Content types are no help: the gateway hands on whatever the provider said.
func looksLikeEvents(body *bufio.Reader) (bool, error) {
	for {
		first, err := body.Peek(1)
		if err != nil {
			return false, err
		}
		switch first[0] {
		case '\n', '\r', ' ', '\t':
			_, _ = body.Discard(1)
			continue
		case ':', 0xEF: // a comment, a byte order mark
			return true, nil
		}
		return beginsWithField(body), nil
	}
}

func beginsWithField(body *bufio.Reader) bool {
	for _, field := range []string{"event", "data", "id", "retry"} {
		begin, _ := body.Peek(len(field) + 1) // less where the body is cut off
		n := min(len(begin), len(field))
		if string(begin[:n]) == field[:n] && (len(begin) <= len(field) || strings.IndexByte(":\r\n", begin[n]) >= 0) {
			return true
		}
	}
	return false
}

// openOther makes the best of a body that is no stream: a message, which a
// provider that does not stream answers with, becomes the events that it would
// have come in.
func (s *MessageStream) openOther(body io.Reader) (*MessageStream, error) {
	var m *Message
	err := s.x.readAll(body, func(data []byte) (err error) {
		if m, err = parseMessage(data); err == nil {
			return nil
		}
		e := s.x.unexpected(data, "not a stream of events", err)
		if len(data) == 0 {
			e.err = fmt.Errorf("%w: %w: %w", ErrUnexpectedResponse, ErrIncompleteStream, io.ErrUnexpectedEOF)
		}
		return e
	})
	if err != nil {
		return nil, err
	}
	s.x.stopTimer()
	s.pending = eventsOf(m)
	for _, event := range s.pending {
		s.acc.add(event)
	}
	return s, nil
}

// eventsOf returns the events that a whole message could have come in.
func eventsOf(m *Message) []StreamEvent {
	start := new(*m)
	start.Content = []ContentBlock{}
	start.StopReason, start.StopSequence, start.StopDetails = "", nil, nil
	events := []StreamEvent{&MessageStartEvent{Message: start}}
	for i, block := range m.Content {
		events = append(events, &ContentBlockStartEvent{Index: i, ContentBlock: block}, &ContentBlockStopEvent{Index: i})
	}
	delta := MessageDelta{StopReason: m.StopReason, StopSequence: m.StopSequence, StopDetails: m.StopDetails, Container: m.Container}
	return append(events, &MessageDeltaEvent{Delta: delta, Usage: new(m.Usage)}, &MessageStopEvent{})
}

// streamBody is the body of a stream, with a limit on its silence.
//
// A timer for each read would cost more than the read. There is one for the
// stream instead: when it fires, it looks whether a read is waiting, since when,
// and sets itself again for when that one will have waited too long.
type streamBody struct {
	s       *MessageStream
	waiting atomic.Int64 // since when a read has been waiting, in ns after began; 0 for none
	began   time.Time
	limit   atomic.Int64
	timer   *time.Timer
}

func newStreamBody(s *MessageStream) *streamBody {
	b := &streamBody{s: s, began: time.Now().Add(-1)} // so that waiting is never 0 by accident
	b.timer = time.AfterFunc(math.MaxInt64, b.look)
	s.x.onClose = b.timer
	b.setLimit(s.x.settings.idleTimeout)
	return b
}

func (b *streamBody) setLimit(limit time.Duration) {
	if b.limit.Store(int64(limit)); limit > 0 {
		b.timer.Reset(limit)
	}
}

func (b *streamBody) look() {
	if b.s.closed.Load() {
		return
	}
	next := time.Duration(b.limit.Load())
	if since := b.waiting.Load(); since != 0 {
		waited := time.Since(b.began) - time.Duration(since)
		if next -= waited; next <= 0 {
			b.s.x.cancel(ErrStreamIdle)
			return
		}
	}
	b.timer.Reset(next)
}

func (b *streamBody) Read(p []byte) (int, error) {
	if b.limit.Load() == 0 && !b.s.acc.done {
		return b.s.x.body.Read(p)
	}
	if b.s.acc.done && (b.limit.Load() == 0 || b.limit.Load() > int64(lateEvents)) {
		b.setLimit(lateEvents)
	}
	b.waiting.Store(int64(time.Since(b.began)))
	n, err := b.s.x.body.Read(p)
	b.waiting.Store(0)
	return n, err
}

// next returns the next event, and puts it to the message. Its error is io.EOF
// only where the message is whole.
func (s *MessageStream) next() (StreamEvent, error) {
	for {
		raw, err := s.events.Next()
		switch {
		case err != nil && s.acc.done:
			return nil, io.EOF
		case err == io.EOF:
			return nil, s.broken(io.ErrUnexpectedEOF)
		case err != nil:
			return nil, s.broken(err)
		case len(raw.Data) == 0:
			continue
		case s.closed.Load() && !s.acc.done:
			return nil, s.broken(errClosed)
		}
		event, err := s.decode(raw)
		switch {
		case err != nil && s.acc.done:
			return nil, io.EOF
		case err != nil:
			return nil, err
		}
		s.acc.add(event)
		return event, nil
	}
}

// decode turns a server-sent event into a typed one, or into the error that it is.
func (s *MessageStream) decode(raw eventstream.Event) (event StreamEvent, err error) {
	isError := false
	err = wire.Decode(raw.Data, func(d *wire.Decoder) {
		typ := d.PeekType()
		if typ == nil {
			typ = raw.Name
			isError = d.Has("error")
		}
		if isError = isError || string(typ) == "error"; isError {
			d.Skip()
			return
		}
		event = decodeStreamEventType(d, typ)
	})
	switch {
	case err != nil && s.events.Cut():
		return nil, s.broken(io.ErrUnexpectedEOF)
	case err != nil:
		return nil, s.x.unexpected(raw.Data, "not an event", err)
	case isError:
		e := s.x.error()
		e.fill(raw.Data)
		return nil, s.x.settings.redact(e)
	}
	if s.acc.message == nil {
		switch e := event.(type) {
		case *MessageStartEvent, *PingEvent, *HookResultsEvent:
		case *UnknownEvent:
			if e.Type == "" {
				return nil, s.x.unexpected(e.Raw, "not an event of the Messages API", nil)
			}
		default:
			return nil, s.x.unexpected(raw.Data, "the stream does not begin with message_start", nil)
		}
	}
	unwrapReplay(event)
	return event, nil
}

// broken is the error of a stream that ended, because of err, before its message was whole.
func (s *MessageStream) broken(err error) error {
	e := s.x.error()
	e.Source = SourceClient
	cause := s.x.cause(err)
	var tooLarge *eventstream.TooLargeError
	switch {
	case errors.As(cause, &tooLarge):
		e.err = fmt.Errorf("%w: %w", ErrEventTooLarge, cause)
	case errors.Is(cause, errAttemptTimeout):
		e.Type = typeTimeout
		e.err = fmt.Errorf("%w: no event within %v (WithTimeout): %w", ErrIncompleteStream, s.x.settings.timeout, io.ErrUnexpectedEOF)
	case errors.Is(cause, ErrStreamIdle):
		e.err = fmt.Errorf("%w: silent for %v: %w: %w", ErrStreamIdle, s.x.settings.idleTimeout, ErrIncompleteStream, io.ErrUnexpectedEOF)
	case errors.Is(cause, io.ErrUnexpectedEOF):
		e.err = fmt.Errorf("%w: %w", ErrIncompleteStream, cause)
	default:
		e.err = fmt.Errorf("%w: %w: %w", ErrIncompleteStream, cause, io.ErrUnexpectedEOF)
	}
	return e
}

// Gateway says what the gateway did with the call, as far as it is known: the
// guardrail verdicts come as an event.
func (s *MessageStream) Gateway() GatewayInfo {
	info := s.x.info
	info.HookResults = s.acc.hooks
	return info
}

// Close ends the stream and gives its connection back. It may be called at
// any time, more than once, and from another goroutine: a loop that is waiting
// for an event ends with an error then. It always returns nil.
//
// The provider is not told: it writes the answer to its end, and bills it.
func (s *MessageStream) Close() error {
	s.closed.Store(true)
	s.closeOnce.Do(s.x.close)
	return nil
}

// Events yields the events of the stream, in order. An error is the last
// pair, with a nil event. The events belong to the caller.
func (s *MessageStream) Events() iter.Seq2[StreamEvent, error] {
	return func(yield func(StreamEvent, error) bool) {
		if s.state != streamFresh || s.closed.Load() {
			yield(nil, ErrStreamConsumed)
			return
		}
		s.state = streamRunning
		defer func() {
			s.state = streamEnded
			_ = s.Close()
		}()
		for _, event := range s.pending {
			if !yield(event, nil) {
				return
			}
		}
		s.pending = nil
		if s.failed != nil {
			s.err = s.failed
			yield(nil, s.err)
			return
		}
		if s.events == nil { // a whole message
			return
		}
		for {
			event, err := s.next()
			if err == io.EOF {
				return
			}
			s.err = err
			if !yield(event, err) || err != nil {
				return
			}
		}
	}
}

// Text yields the text of the answer, piece by piece, and passes over all
// else. An error is the last pair, with an empty text.
func (s *MessageStream) Text() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for event, err := range s.Events() {
			if err != nil {
				yield("", err)
				return
			}
			if text := textOf(event); text != "" && !yield(text, nil) {
				return
			}
		}
	}
}

// textOf is the text that an event brings.
func textOf(event StreamEvent) string {
	switch e := event.(type) {
	case *ContentBlockDeltaEvent:
		if d, ok := e.Delta.(*TextDelta); ok {
			return d.Text
		}
	case *ContentBlockStartEvent:
		if b, ok := e.ContentBlock.(*TextBlock); ok {
			return b.Text
		}
	}
	return ""
}

// Message returns the message that the stream is of. It reads the stream to
// its end, unless a loop did, does or was left early. Where the message is not
// whole, the error says why, and the message has what had come of it; it is nil
// only where nothing had.
func (s *MessageStream) Message() (*Message, error) {
	if s.state == streamFresh {
		for range s.Events() { //nolint:revive // the events are put together on the way; an error is kept
		}
	}
	m := s.acc.result()
	if m != nil {
		m.Gateway = s.Gateway()
	}
	switch {
	case s.acc.done:
		return m, nil
	case s.err != nil:
		return m, s.err
	}
	e := s.x.error()
	e.Source = SourceClient
	e.err = fmt.Errorf("%w: it was left before its end: %w", ErrIncompleteStream, io.ErrUnexpectedEOF)
	return m, e
}
