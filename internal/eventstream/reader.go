// Package eventstream turns the body of a response into server-sent events.
// github.com/tmaxmax/go-sse parses them; in front of it stands a reader that
// hands it one whole event at a time. That makes the cost of a large event
// linear (the parser would scan it again with each read), bounds its size,
// lets a stream be read in several goes, and delivers a last event whose blank
// line is missing.
package eventstream

import (
	"bytes"
	"fmt"
	"io"
	"iter"

	"github.com/tmaxmax/go-sse"
)

// Event is one server-sent event.
type Event struct {
	// Name is the value of its "event" field; empty where there is none.
	Name string
	// Data is its "data" lines, joined with line feeds.
	Data string
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
	ready   int // the end of the event that is being handed out
	err     error
	cut     bool
}

// NewReader returns a reader of the events in src, each of at most max bytes.
func NewReader(src io.Reader, max int) *Reader {
	return &Reader{src: src, max: max}
}

// Cut reports whether the stream ended within an event.
func (r *Reader) Cut() bool { return r.cut }

// Events yields the events that are left. A caller may stop, and range again
// to go on after the last one. An error is the last pair; the end of the
// stream is none.
func (r *Reader) Events() iter.Seq2[Event, error] {
	// go-sse's own limit is out of the way: it is this reader that counts.
	config := &sse.ReadConfig{MaxEventSize: 2*r.max + 1<<16}
	return func(yield func(Event, error) bool) {
		for e, err := range sse.Read(whole{r}, config) {
			if !yield(Event{Name: e.Type, Data: e.Data}, err) {
				return
			}
		}
	}
}

// whole is the side of a Reader that the parser reads from: no read returns
// more than what is left of one event.
type whole struct{ r *Reader }

func (w whole) Read(p []byte) (int, error) {
	r := w.r
	for r.start >= r.ready {
		if err := r.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.buf[r.start:r.ready])
	r.start += n
	return n, nil
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
