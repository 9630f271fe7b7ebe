package main

import (
	"context"
	"io"
	"math/rand/v2"
	"strings"
	"sync"

	"github.com/tmaxmax/go-sse"
)

// pair is a workload, done by both libraries.
type pair struct {
	unit  string // what the figures are per
	units int    // how many of them one run has
	goal  goal

	ours, theirs func() (int, error)
	transport    *canned
}

// goal is what issue 5 asks of a pair. Zero asks nothing.
type goal struct {
	time   float64 // at least so many times faster
	allocs float64 // at most so many allocations a unit
	memory float64 // at most so many times the request's body allocated
}

const streamLength = 1000 // deltas in the streams

// workload is a pair that is yet to be built: payloads are large, and a
// profile of one workload must not show those of all others.
type workload struct {
	name  string
	build func() pair
}

// workloads are the pairs with a canned transport.
func workloads() []workload {
	text := sync.OnceValue(func() *events { return textEvents(streamLength) })
	short := answer(textBlock("Hello! How can I help?"))
	return []workload{
		{"typed stream loop", func() pair {
			return streamPair(text(), goal{time: 12, allocs: 6}, ours.typedLoop, theirs.typedLoop)
		}},
		{"the same, reference without typed events", func() pair {
			return streamPair(text(), goal{}, ours.typedLoop, theirs.flatLoop)
		}},
		{"stream to message", func() pair {
			return streamPair(text(), goal{time: 8}, ours.message, theirs.message)
		}},
		{"long text stream, 10,000 deltas", func() pair {
			return streamPair(textEvents(10*streamLength), goal{}, ours.message, theirs.message)
		}},
		{"tool-input stream", func() pair {
			return streamPair(toolEvents(streamLength), goal{}, ours.message, theirs.message)
		}},
		{"thinking with signatures", func() pair {
			return streamPair(thinkingEvents(4, streamLength/5), goal{}, ours.message, theirs.message)
		}},
		{"single event of 16 MB", func() pair { return largeEventPair(16 << 20) }},
		{"short chat", func() pair { return answerPair(short, goal{}) }},
		{"decode an answer of 5 KB", func() pair { return answerPair(answer5KB(), goal{time: 6}) }},
		{"answer of 200 blocks", func() pair { return answerPair(answerOfBlocks(200), goal{}) }},
		{"send a history of 54 KB", func() pair { return historyPair(54<<10, goal{time: 8}) }},
		{"send a history of 2 MB", func() pair { return historyPair(2<<20, goal{}) }},
		{"send an image of 4.8 MB", func() pair { return imagePair(4_800_000) }},
		{"conversation of 200 turns", func() pair { return conversationPair(200) }},
	}
}

func (o ours) typedLoop() (int, error)   { return o.loop(context.Background(), nil) }
func (t theirs) typedLoop() (int, error) { return t.loop(context.Background(), nil) }

// newPair returns a pair over one transport.
func newPair(c *canned) (pair, ours, theirs) {
	return pair{unit: "call", units: 1, transport: c},
		newOurs(c.client(), gateway), newTheirs(c.client(), gateway)
}

func streamPair(e *events, g goal, ourDo func(ours) (int, error), theirDo func(theirs) (int, error)) pair {
	p, o, t := newPair(newCanned("text/event-stream", []byte(e.String())))
	p.unit, p.units, p.goal = "event", e.count, g
	p.ours = func() (int, error) { return ourDo(o) }
	p.theirs = func() (int, error) { return theirDo(t) }
	return p
}

// largeEventPair hands the event out in the pieces that a connection would.
func largeEventPair(size int) pair {
	p := streamPair(largeEvents(size), goal{}, ours.message, theirs.message)
	p.unit, p.units = "call", 1
	p.transport.chunk = 16 << 10
	return p
}

func answerPair(body []byte, g goal) pair {
	p, o, t := newPair(newCanned("application/json", body))
	p.goal = g
	p.ours = func() (int, error) { return o.create(o.hello()) }
	p.theirs = func() (int, error) { return t.create(t.hello()) }
	return p
}

// short is the answer where the request is what is measured.
func short() *canned { return newCanned("application/json", answer(textBlock("Yes."))) }

func historyPair(size int, g goal) pair {
	p, o, t := newPair(short())
	p.goal = g
	turns := history(size)
	ourReq, theirReq := o.history(turns), t.history(turns)
	p.ours = func() (int, error) { return o.create(ourReq) }
	p.theirs = func() (int, error) { return t.create(theirReq) }
	return p
}

func imagePair(size int) pair {
	p, o, t := newPair(short())
	p.goal = goal{time: 20, memory: 1.5}
	data := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{5}).Read(data)
	p.ours = func() (int, error) { return o.image(data) }
	p.theirs = func() (int, error) { return t.image(data) }
	return p
}

func conversationPair(turns int) pair {
	p, o, t := newPair(newCanned("application/json", answer(textBlock(newWriter(10).text(150)))))
	p.unit, p.units = "turn", turns
	questions := make([]string, turns)
	w := newWriter(9)
	for i := range questions {
		questions[i] = w.text(100)
	}
	p.ours = func() (int, error) { return o.converse(questions) }
	p.theirs = func() (int, error) { return t.converse(questions) }
	return p
}

// floor is a part of the work that no library on these parts can do without.
type floor struct {
	name  string
	units int
	do    func() (int, error)
}

func floors() []floor {
	text := textEvents(streamLength)
	body := text.String()
	return []floor{
		{"go-sse alone", text.count, func() (n int, err error) {
			for e, err := range sse.Read(strings.NewReader(body), nil) {
				if err != nil {
					return n, err
				}
				n += len(e.Data)
			}
			return n, nil
		}},
		{"reading the bytes, in memory", text.count, func() (int, error) {
			// Without the wrapper, the reader would hand over all at once.
			n, err := io.Copy(io.Discard, struct{ io.Reader }{strings.NewReader(body)})
			return int(n), err
		}},
	}
}
