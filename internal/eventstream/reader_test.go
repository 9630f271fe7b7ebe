package eventstream

import (
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func collect(t testing.TB, src io.Reader, limit int) (*Reader, []Event, error) {
	t.Helper()
	r := NewReader(src, limit)
	var events []Event
	for e, err := range r.Events() {
		if err != nil {
			return r, events, err
		}
		events = append(events, e)
	}
	return r, events, nil
}

func TestReaderEvents(t *testing.T) {
	tests := []struct {
		name, in string
		want     []Event
		cut      bool
	}{
		{"nothing", "", nil, false},
		{"one", "event: a\ndata: 1\n\n", []Event{{"a", "1"}}, false},
		{"two", "event: a\ndata: 1\n\ndata: 2\n\n", []Event{{"a", "1"}, {"", "2"}}, false},
		{"several data lines", "data: 1\ndata: 2\n\n", []Event{{"", "1\n2"}}, false},
		{"CR LF", "event: a\r\ndata: 1\r\n\r\nevent: b\r\ndata: 2\r\n\r\n", []Event{{"a", "1"}, {"b", "2"}}, false},
		{"bare CR", "event: a\rdata: 1\r\revent: b\rdata: 2\r\r", []Event{{"a", "1"}, {"b", "2"}}, false},
		{"comments", ": hi\n\nevent: a\n: there\ndata: 1\n\n: bye\n\n", []Event{{"a", "1"}}, false},
		{"blank lines", "\n\n\ndata: 1\n\n\n\ndata: 2\n\n\n", []Event{{"", "1"}, {"", "2"}}, false},
		{"byte order mark", "\ufeffdata: 1\n\n", []Event{{"", "1"}}, false},
		{"other fields", "id: 7\nretry: 5\nfoo: x\ndata: 1\n\n", []Event{{"", "1"}}, false},
		{"no space", "event:a\ndata:1\n\n", []Event{{"a", "1"}}, false},
		{"no blank line at the end", "data: 1\n\ndata: 2\n", []Event{{"", "1"}, {"", "2"}}, true},
		{"no line feed at the end", "data: 1\n\ndata: 2", []Event{{"", "1"}, {"", "2"}}, true},
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

// A caller may stop after any event and go on later: nothing is lost between.
func TestReaderResumes(t *testing.T) {
	const in = "data: 1\n\ndata: 2\n\n: c\n\ndata: 3\n\ndata: 4"
	r := NewReader(strings.NewReader(in), 1000)
	var got []string
	for {
		n := len(got)
		for e, err := range r.Events() {
			require.NoError(t, err)
			got = append(got, e.Data)
			break
		}
		if len(got) == n {
			break
		}
	}
	assert.Equal(t, []string{"1", "2", "3", "4"}, got)
}

func TestReaderError(t *testing.T) {
	broken := errors.New("connection reset")
	_, events, err := collect(t, io.MultiReader(strings.NewReader("data: 1\n\ndata: 2\n"), iotest.ErrReader(broken)), 1000)
	assert.ErrorIs(t, err, broken)
	assert.Equal(t, []Event{{"", "1"}}, events, "the event that was cut must not be delivered")
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

func FuzzReader(f *testing.F) {
	f.Add([]byte("event: a\ndata: 1\n\ndata: 2\r\n\r\n"), uint64(1))
	f.Add([]byte("data: 1\r\rdata: 2\r\r\n"), uint64(2))
	f.Add([]byte("\ufeff: c\n\ndata\n\nid:1\n\n"), uint64(3))
	f.Add([]byte("data: cut"), uint64(4))
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		_, whole, err := collect(t, strings.NewReader(string(data)), len(data)+1)
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
	})
}
