// Package eventstream turns the body of a response into server-sent events.
//
// A framing reader cuts the body into whole events. That makes the cost of a
// large event linear, bounds its size, lets a stream be read in several goes,
// and delivers a last event whose blank line is missing. Events of the usual
// form, an "event" line and a "data" line, are read in place;
// github.com/tmaxmax/go-sse parses all others.
package eventstream

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/tmaxmax/go-sse"
)

// Event is one server-sent event. It is part of the reader's buffer, and valid
// until the next one is read.
type Event struct {
	// Name is the value of its "event" field; empty where there is none.
	Name []byte
	// Data is its "data" lines, joined with line feeds.
	Data []byte
}

// TooLargeError is an event over the limit.
type TooLargeError struct {
	Size  int // what had been read of it
	Limit int
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("an event has at least %d bytes, more than the limit of %d", e.Size, e.Limit)
}

// Reader reads the events of one stream.
type Reader struct {
	src io.Reader
	max int

	buf     []byte
	start   int // where the unread part of buf begins
	scanned int // how far it was searched for the end of an event
	line    int // where the current line begins
	lf, ret int // where the next line feed and carriage return stand, as far as they are known
	cr      bool
	ready   int  // the end of the event that is being handed out
	begun   bool // an event was read
	err     error
	cut     bool
}

// NewReader returns a reader of the events in src, each of at most max bytes.
func NewReader(src io.Reader, max int) *Reader {
	return &Reader{src: src, max: max}
}

// Cut reports whether the stream ended within an event.
func (r *Reader) Cut() bool { return r.cut }

// Next returns the next event, and io.EOF at the end of the stream.
func (r *Reader) Next() (Event, error) {
	for {
		if err := r.next(); err != nil {
			return Event{}, err
		}
		frame := r.buf[r.start:r.ready]
		r.start = r.ready
		if e, ok := plain(frame); ok {
			r.begun = true
			return e, nil
		}
		if len(bytes.Trim(frame, "\r\n")) == 0 {
			continue
		}
		e, ok, err := parse(frame, r.begun)
		r.begun = true
		if ok || err != nil {
			return e, err
		}
	}
}

// plain reads an event of the usual form; it reports false for all others.
func plain(frame []byte) (Event, bool) {
	line, rest, _ := bytes.Cut(frame, lineFeed)
	name, named := bytes.CutPrefix(line, eventField)
	if named {
		line, rest, _ = bytes.Cut(rest, lineFeed)
	} else {
		name = nil
	}
	data, ok := bytes.CutPrefix(line, dataField)
	return Event{name, data}, ok && len(rest) == 1 && rest[0] == '\n' && bytes.IndexByte(frame, '\r') < 0
}

var (
	lineFeed   = []byte("\n")
	eventField = []byte("event: ")
	dataField  = []byte("data: ")
)

// parse reads an event of any form; it reports false where the lines make none.
func parse(frame []byte, begun bool) (e Event, ok bool, err error) {
	src := io.Reader(bytes.NewReader(frame))
	if begun {
		// The parser takes a byte order mark off the beginning of what it reads,
		// which is right for the beginning of a stream alone.
		src = io.MultiReader(strings.NewReader(":\n"), src)
	}
	// The parser's own limit is out of the way: it is the Reader that counts.
	config := &sse.ReadConfig{MaxEventSize: 2*len(frame) + 4096}
	for e, err := range sse.Read(src, config) {
		return Event{[]byte(e.Type), []byte(e.Data)}, err == nil, err
	}
	return Event{}, false, nil
}

// next reads on until buf[start:ready] is a whole event.
func (r *Reader) next() error {
	for {
		found := r.scan()
		end := len(r.buf)
		if found {
			end = r.ready
		}
		if size := end - r.start; size > r.max {
			r.err = &TooLargeError{Size: size, Limit: r.max}
			r.ready = r.start
			return r.err
		}
		if found {
			return nil
		}
		if r.err != nil {
			if r.err == io.EOF && len(bytes.Trim(r.buf[r.start:], "\r\n")) > 0 {
				// The blank line of the last event is missing.
				r.cut = true
				r.buf = append(r.buf, "\n\n"...)
				r.ready = len(r.buf)
				r.scanned, r.line = r.ready, r.ready
				return nil
			}
			return r.err
		}
		r.fill()
	}
}

// scan looks for a blank line in what was not searched yet.
func (r *Reader) scan() bool {
	for r.scanned < len(r.buf) {
		if r.cr && r.buf[r.scanned] == '\n' { // the second half of a CR LF
			r.cr = false
			r.scanned++
			r.line = r.scanned
			continue
		}
		end := min(r.find('\n', &r.lf), r.find('\r', &r.ret))
		if end == len(r.buf) {
			r.scanned = end
			return false
		}
		r.cr = r.buf[end] == '\r'
		blank := end == r.line
		r.scanned = end + 1
		r.line = r.scanned
		if blank {
			r.ready = r.scanned
			return true
		}
	}
	return false
}

// find returns where c stands next in what was not searched yet, len(buf) where
// it does not. It remembers the place in *at, so that a stream with only one
// kind of line ends is not searched for the other with each line.
func (r *Reader) find(c byte, at *int) int {
	*at = max(*at, r.scanned)
	if *at < len(r.buf) && r.buf[*at] != c {
		if i := bytes.IndexByte(r.buf[*at:], c); i >= 0 {
			*at += i
		} else {
			*at = len(r.buf)
		}
	}
	return *at
}

// fill reads more into buf, and makes room in it before.
func (r *Reader) fill() {
	if r.start > 0 {
		n := copy(r.buf, r.buf[r.start:])
		r.buf = r.buf[:n]
		r.scanned -= r.start
		r.line -= r.start
		r.lf -= r.start
		r.ret -= r.start
		r.start, r.ready = 0, 0
	}
	if len(r.buf) == cap(r.buf) {
		r.buf = append(make([]byte, 0, max(4096, 2*cap(r.buf))), r.buf...)
	}
	for range 100 {
		var n int
		n, r.err = r.src.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+n]
		if n > 0 || r.err != nil {
			return
		}
	}
	r.err = io.ErrNoProgress
}
