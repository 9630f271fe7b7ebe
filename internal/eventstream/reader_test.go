package eventstream

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tmaxmax/go-sse"
)

// read is an Event that outlives its reader.
type read struct{ Name, Data string }

func collect(t testing.TB, src io.Reader, limit int) (*Reader, []read, error) {
	t.Helper()
	r := NewReader(src, limit)
	var events []read
	for {
		e, err := r.Next()
		if err == io.EOF {
			return r, events, nil
		}
		if err != nil {
			return r, events, err
		}
		events = append(events, read{string(e.Name), string(e.Data)})
	}
}

func TestReaderEvents(t *testing.T) {
	tests := []struct {
		name, in string
		want     []read
		cut      bool
	}{
		{"nothing", "", nil, false},
		{"one", "event: a\ndata: 1\n\n", []read{{"a", "1"}}, false},
		{"two", "event: a\ndata: 1\n\ndata: 2\n\n", []read{{"a", "1"}, {"", "2"}}, false},
		{"several data lines", "data: 1\ndata: 2\n\n", []read{{"", "1\n2"}}, false},
		{"CR LF", "event: a\r\ndata: 1\r\n\r\nevent: b\r\ndata: 2\r\n\r\n", []read{{"a", "1"}, {"b", "2"}}, false},
		{"bare CR", "event: a\rdata: 1\r\revent: b\rdata: 2\r\r", []read{{"a", "1"}, {"b", "2"}}, false},
		{"comments", ": hi\n\nevent: a\n: there\ndata: 1\n\n: bye\n\n", []read{{"a", "1"}}, false},
		{"blank lines", "\n\n\ndata: 1\n\n\n\ndata: 2\n\n\n", []read{{"", "1"}, {"", "2"}}, false},
		{"byte order mark", "\ufeffdata: 1\n\n", []read{{"", "1"}}, false},
		{"other fields", "id: 7\nretry: 5\nfoo: x\ndata: 1\n\n", []read{{"", "1"}}, false},
		{"byte order mark on an event of another form", "\ufeffdata: 1\ndata: 2\n\n", []read{{"", "1\n2"}}, false},
		{"byte order mark further on", "data: 1\n\n\ufeffdata: 2\ndata: 3\n\n\ufeffdata: 4\n\n", []read{{"", "1"}, {"", "3"}}, false},
		{"byte order mark after blank lines", "\n\n\ufeffdata: 1\n\n", []read{{"", "1"}}, false},
		{"byte order mark after an event of several lines", "data: 1\ndata: 2\n\n\ufeffdata: 3\ndata: 4\n\n", []read{{"", "1\n2"}, {"", "4"}}, false},
		{"only a name", "event: a\n\ndata: 1\n\n", []read{{"a", ""}, {"", "1"}}, false},
		{"empty data", "event: a\ndata: \n\ndata:\n\n", []read{{"a", ""}, {"", ""}}, false},
		{"two names", "event: a\nevent: b\ndata: 1\n\n", []read{{"b", "1"}}, false},
		{"the name after the data", "data: 1\nevent: a\n\n", []read{{"a", "1"}}, false},
		{"a line after the data", "event: a\ndata: 1\nid: 2\n\n", []read{{"a", "1"}}, false},
		{"a line between", "event: a\nid: 2\ndata: 1\n\n", []read{{"a", "1"}}, false},
		{"more spaces", "event:  a \ndata:  1 \n\n", []read{{" a ", " 1 "}}, false},
		{"CR within", "event: a\ndata: 1\rdata: 2\n\n", []read{{"a", "1\n2"}}, false},
		{"CR at a name", "event: a\rx\ndata: 1\n\n", []read{{"a", "1"}}, false},
		{"other fields that begin alike", "events: a\ndatas: 1\ndata: 2\n\n", []read{{"", "2"}}, false},
		{"no space", "event:a\ndata:1\n\n", []read{{"a", "1"}}, false},
		{"no blank line at the end", "data: 1\n\ndata: 2\n", []read{{"", "1"}, {"", "2"}}, true},
		{"no line feed at the end", "data: 1\n\ndata: 2", []read{{"", "1"}, {"", "2"}}, true},
	}
	readers := map[string]func(string) io.Reader{
		"at once":   func(s string) io.Reader { return strings.NewReader(s) },
		"by byte":   func(s string) io.Reader { return iotest.OneByteReader(strings.NewReader(s)) },
		"with EOF":  func(s string) io.Reader { return iotest.DataErrReader(strings.NewReader(s)) },
		"in halves": func(s string) io.Reader { return iotest.HalfReader(strings.NewReader(s)) },
	}
	for _, tt := range tests {
		for how, reader := range readers {
			t.Run(tt.name+" "+how, func(t *testing.T) {
				r, events, err := collect(t, reader(tt.in), 1000)
				require.NoError(t, err)
				assert.Equal(t, tt.want, events)
				assert.Equal(t, tt.cut, r.Cut())
			})
		}
	}
}

func TestReaderError(t *testing.T) {
	broken := errors.New("connection reset")
	_, events, err := collect(t, io.MultiReader(strings.NewReader("data: 1\n\ndata: 2\n"), iotest.ErrReader(broken)), 1000)
	assert.ErrorIs(t, err, broken)
	assert.Equal(t, []read{{"", "1"}}, events, "the event that was cut must not be delivered")
}

// An event without an end is given up at the limit, for good.
func TestReaderEndless(t *testing.T) {
	const limit = 10_000
	src := io.LimitReader(readerFunc(func(p []byte) (int, error) {
		for i := range p {
			p[i] = 'x'
		}
		return len(p), nil
	}), 100*limit)
	r, _, err := collect(t, src, limit)
	var tooLarge *TooLargeError
	require.ErrorAs(t, err, &tooLarge)
	assert.Less(t, tooLarge.Size, 3*limit, "it has to stop reading there")
	_, again := r.Next()
	assert.Equal(t, err, again)
}

// A reader may come back with nothing now and then.
func TestReaderSlowProgress(t *testing.T) {
	src, n := strings.NewReader("data: 1\n\n"), 0
	_, events, err := collect(t, readerFunc(func(p []byte) (int, error) {
		if n++; n%10 != 0 {
			return 0, nil
		}
		return src.Read(p[:1])
	}), 100)
	require.NoError(t, err)
	assert.Equal(t, []read{{"", "1"}}, events)
}

func TestReaderNoProgress(t *testing.T) {
	_, _, err := collect(t, readerFunc(func([]byte) (int, error) { return 0, nil }), 1000)
	assert.ErrorIs(t, err, io.ErrNoProgress)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestReaderLimit(t *testing.T) {
	event := func(size int) string { return "data: " + strings.Repeat("x", size-len("data: \n\n")) + "\n\n" }
	for _, size := range []int{100, 5000, 100_000} {
		for how, wrap := range map[string]func(io.Reader) io.Reader{
			"at once": func(r io.Reader) io.Reader { return r },
			"by byte": iotest.OneByteReader,
		} {
			_, events, err := collect(t, wrap(strings.NewReader(event(20)+event(size)+event(size))), size)
			require.NoError(t, err, "%d bytes %s", size, how)
			assert.Len(t, events, 3)

			_, events, err = collect(t, wrap(strings.NewReader(event(20)+event(size+1)+event(20))), size)
			var tooLarge *TooLargeError
			require.ErrorAs(t, err, &tooLarge, "%d bytes %s", size, how)
			assert.Equal(t, size, tooLarge.Limit)
			assert.Greater(t, tooLarge.Size, size)
			assert.Len(t, events, 1)
		}
	}
}

// countingReader hands out n bytes a read, and counts them.
type countingReader struct {
	io.Reader
	n int
}

func (r *countingReader) Read(p []byte) (int, error) {
	return r.Reader.Read(p[:min(len(p), r.n)])
}

// A large event in small reads must not be searched again with each read. That
// would take minutes: the test would time out, no clock is needed.
func TestReaderLargeEvent(t *testing.T) {
	for name, line := range map[string]string{
		"one line":  strings.Repeat("x", 16<<20),
		"CR lines":  strings.Repeat("\rdata: y", 2<<20),
		"LF lines":  strings.Repeat("\ndata: y", 2<<20),
		"CRs ahead": strings.Repeat("\rdata: y", 1<<20) + strings.Repeat("x", 8<<20),
	} {
		t.Run(name, func(t *testing.T) {
			src := &countingReader{strings.NewReader("data: " + line + "\n\n"), 1460}
			_, events, err := collect(t, src, 64<<20)
			require.NoError(t, err)
			require.Len(t, events, 1)
			assert.Len(t, events[0].Data, len(strings.NewReplacer("\rdata: ", "\n", "\ndata: ", "\n").Replace(line)))
		})
	}
}

// Whether an event is read in place or by the parser must not be seen.
func FuzzReader(f *testing.F) {
	f.Add([]byte("event: a\ndata: 1\n\ndata: 2\r\n\r\n"), uint64(1))
	f.Add([]byte("data: 1\r\rdata: 2\r\r\n"), uint64(2))
	f.Add([]byte("\ufeff: c\n\ndata\n\nid:1\n\n"), uint64(3))
	f.Add([]byte("data: cut"), uint64(4))
	f.Add([]byte("data: 1\n\n\ufeffdata: 2\nevent: a\n\n"), uint64(5))
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		r, whole, err := collect(t, strings.NewReader(string(data)), len(data)+1)
		require.NoError(t, err)
		// The same bytes, cut anywhere, are the same events.
		rnd := rand.New(rand.NewPCG(seed, 0))
		src := readerFunc(nil)
		rest := data
		src = func(p []byte) (int, error) {
			if len(rest) == 0 {
				return 0, io.EOF
			}
			n := copy(p, rest[:min(len(rest), 1+rnd.IntN(7))])
			rest = rest[n:]
			return n, nil
		}
		_, pieces, err := collect(t, src, len(data)+1)
		require.NoError(t, err)
		assert.Equal(t, whole, pieces)

		// The parser sees what the reader sees, save for a last event that it drops.
		if r.Cut() {
			data = append(data, "\n\n"...)
		}
		var parsed []read
		for e, err := range sse.Read(bytes.NewReader(data), &sse.ReadConfig{MaxEventSize: 2*len(data) + 4096}) {
			require.NoError(t, err)
			parsed = append(parsed, read{e.Type, e.Data})
		}
		assert.Equal(t, parsed, whole)
	})
}
