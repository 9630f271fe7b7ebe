package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	if os.Getenv(serveVariable) != "" { // startServer runs this program again
		log.Fatal(serve())
	}
	os.Exit(m.Run())
}

// The two sides of a pair have to send the same and to see the same, or
// their costs could not be compared.
func TestPairsDoTheSame(t *testing.T) {
	for _, w := range workloads() {
		t.Run(w.name, func(t *testing.T) {
			p := w.build()
			var seen [2]int
			var sent [2][]any
			for i, do := range []func() (int, error){p.ours, p.theirs} {
				p.transport.capture = func(body []byte) {
					var v any
					if err := json.Unmarshal(body, &v); err != nil {
						t.Fatal(err)
					}
					sent[i] = append(sent[i], v)
				}
				n, err := do()
				if err != nil {
					t.Fatal(err)
				}
				seen[i] = n
			}
			if seen[0] == 0 || seen[0] != seen[1] {
				t.Errorf("portkey saw %d, the reference %d", seen[0], seen[1])
			}
			if !reflect.DeepEqual(sent[0], sent[1]) {
				t.Errorf("portkey sent\n%.2000v\nthe reference\n%.2000v", sent[0], sent[1])
			}
		})
	}
}

func TestReport(t *testing.T) {
	p := quickPlan
	p.effort = effort{rounds: 1, batch: time.Millisecond}
	p.events, p.openStreams, p.lengths = 10, []int{5, 10}, []int{10, 100}
	p.progress = func(string) {}
	r, err := p.execute()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := r.write(dir); err != nil {
		t.Fatal(err)
	}
	text := read(t, dir, "performance.md")
	for _, p := range r.results {
		if !strings.Contains(text, "| "+p.name) {
			t.Errorf("the page has no %q", p.name)
		}
	}
	if strings.Contains(text, "NaN") || strings.Contains(text, "Inf") || strings.Contains(text, "<no value>") {
		t.Errorf("the page has holes:\n%s", text)
	}
	for name, lines := range map[string]int{"performance-events.svg": 4, "performance-memory.svg": 3} {
		svg := read(t, dir, name)
		if got := strings.Count(svg, "<polyline"); got != lines {
			t.Errorf("%s has %d lines, want %d", name, got, lines)
		}
		for d := xml.NewDecoder(strings.NewReader(svg)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
}

func read(t *testing.T, dir, name string) string {
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestNumbers(t *testing.T) {
	for want, got := range map[string]string{
		"0.5": number(0.5), "10": number(10), "3,000": number(3000), "10,050": number(10050),
		"1.50 µs": duration(1500), "12 ns": duration(12), "-2.00 KB": size(-2048), "2.5×": times(2.5), "31×": times(31.2),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if a := logAxis(0.9, 25); number(a.min) != "0.3" || number(a.max) != "30" {
		t.Errorf("the axis is from %g to %g", a.min, a.max)
	}
	if a := newAxis([]float64{7, 83}, false); a.max != 90 || len(a.ticks) != 10 {
		t.Errorf("the axis is %+v", a)
	}
}

// BenchmarkPairs has each side by itself, for profiles and benchstat.
func BenchmarkPairs(b *testing.B) {
	for _, w := range workloads() {
		b.Run(w.name, func(b *testing.B) {
			p := w.build()
			b.Run("portkey", func(b *testing.B) { benchmark(b, p.ours) })
			b.Run("reference", func(b *testing.B) { benchmark(b, p.theirs) })
		})
	}
}

func benchmark(b *testing.B, do func() (int, error)) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := do(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLoopback has what an event over HTTP costs, for profiles; its time
// is the server's pace.
func BenchmarkLoopback(b *testing.B) {
	address, stop, err := startServer()
	if err != nil {
		b.Fatal(err)
	}
	defer stop()
	const streams, events = 16, 500
	for i, name := range []string{"nethttp", "portkey", "reference"} {
		b.Run(name, func(b *testing.B) {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			cpu := cpuTime()
			for b.Loop() {
				err := together(streams, func() error {
					_, err := readers[i](b.Context(), client, address+"/paced/500", nil)
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(cpuTime()-cpu)/float64(b.N*streams*events), "cpu-ns/event")
		})
	}
}
