// Package eventstream turns the body of a response into server-sent events.
//
// A framing reader cuts the body into whole events. That makes the cost of a
// large event linear, bounds its size, lets a stream be read in several goes,
// and delivers a last event whose blank line is missing. Events with a single
// "data" line are read in place; github.com/tmaxmax/go-sse parses all others.
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
	start   int  // where the next event begins in buf
	scanned int  // how far it was searched for its end
	line    int  // where the current line begins
	lf, ret int  // where the next line feed and carriage return stand, as far as they are known
	cr      bool // the last line ended in a carriage return
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
		if r.scanned == r.start { // a new event, which may be there as a whole
			if r.cr && r.start < len(r.buf) && r.buf[r.start] == '\n' { // of the CR LF before it
				r.cr = false
				r.begin(r.start + 1)
			}
			if e, n := plain(r.buf[r.start:]); n > 0 && n <= r.max {
				r.begin(r.start + n)
				r.begun, r.cr = true, false
				return e, nil
			}
		}
		if !r.scan() {
			if err := r.more(); err != nil {
				return Event{}, err
			}
			continue
		}
		frame := r.buf[r.start:r.scanned]
		if len(frame) > r.max && !r.cut { // else it was counted before its end was added
			return Event{}, r.tooLarge(len(frame))
		}
		r.begin(r.scanned)
		if e, ok, err := r.event(frame); ok || err != nil {
			return e, err
		}
	}
}

// event reads a whole event; it reports false where the lines make none.
func (r *Reader) event(frame []byte) (e Event, ok bool, err error) {
	if e, n := plain(frame); n > 0 {
		r.begun = true
		return e, true, nil
	}
	if len(bytes.Trim(frame, "\r\n")) == 0 {
		return e, false, nil
	}
	src := io.Reader(bytes.NewReader(frame))
	if r.begun {
		// The parser takes a byte order mark off the beginning of what it reads,
		// which is right for the beginning of a stream alone.
		src = io.MultiReader(strings.NewReader(":\n"), src)
	}
	r.begun = true
	// The parser's own limit is out of the way: it is the Reader that counts.
	config := &sse.ReadConfig{MaxEventSize: 2*len(frame) + 4096}
	for e, err := range sse.Read(src, config) {
		return Event{[]byte(e.Type), []byte(e.Data)}, err == nil, err
	}
	return e, false, nil
}

// begin makes at the place where the next event begins.
func (r *Reader) begin(at int) { r.start, r.scanned, r.line = at, at, at }

// more makes what was searched longer: it reads on, or ends the last event.
func (r *Reader) more() error {
	if size := len(r.buf) - r.start; size > r.max {
		return r.tooLarge(size)
	}
	switch {
	case r.err == nil:
		r.fill()
		return nil
	case r.err == io.EOF && len(bytes.Trim(r.buf[r.start:], "\r\n")) > 0:
		r.cut = true
		r.buf = append(r.buf, "\n\n"...)
		return nil
	}
	return r.err
}

func (r *Reader) tooLarge(size int) error {
	r.err = &TooLargeError{Size: size, Limit: r.max}
	r.buf = nil
	r.begin(0)
	return r.err
}

// plain reads the event at the beginning of buf where it has a single "data"
// line, and returns its length; it returns 0 for all others, and where the event
// is not there as a whole.
func plain(buf []byte) (e Event, n int) {
	hasData := false
	for {
		end := bytes.IndexByte(buf[n:], '\n')
		if end < 0 {
			return e, 0
		}
		line := bytes.TrimSuffix(buf[n:n+end], carriageReturn)
		n += end + 1
		if len(line) == 0 && hasData {
			return e, n
		}
		colon := bytes.IndexByte(line, ':')
		if colon < 0 || line[0] == byteOrderMark || bytes.IndexByte(line, '\r') >= 0 {
			return e, 0
		}
		value := bytes.TrimPrefix(line[colon+1:], space)
		switch string(line[:colon]) {
		case "event":
			e.Name = value
		case "data":
			if hasData {
				return e, 0
			}
			e.Data, hasData = value, true
		}
	}
}

const byteOrderMark = 0xEF // its first byte

var (
	carriageReturn = []byte("\r")
	space          = []byte(" ")
)

// scan looks for a blank line in what was not searched yet. What is scanned
// ends after it.
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
		r.start = 0
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
