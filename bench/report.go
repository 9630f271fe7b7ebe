package main

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"text/template"
)

//go:embed performance.md.tmpl
var page string

// report is what one run found.
type report struct {
	results []result
	floors  []result
	cpu     overHTTP
	memory  []openMemory
	events  plot
}

// write writes the page and its plots into a folder.
func (r report) write(dir string) error {
	tmpl, err := template.New("performance").Parse(page)
	if err != nil {
		return err
	}
	var b strings.Builder
	err = tmpl.Execute(&b, map[string]string{
		"Tables": r.tables(), "Machine": machine(), "Reference": version("github.com/anthropics/anthropic-sdk-go/v2"),
	})
	if err != nil {
		return err
	}
	for name, text := range map[string]string{
		"performance.md":         b.String(),
		"performance-events.svg": r.events.svg(),
		"performance-memory.svg": memoryPlot(r.memory).svg(),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (r report) tables() string {
	return strings.Join([]string{r.pairTable(), r.sendTable(), r.httpTable(), r.floorTable()}, "\n")
}

func (r report) pairTable() string {
	t := table("workload", "per", "time", "CPU", "allocations", "bytes", "portkey", "reference", "asked for")
	for _, p := range r.results {
		t.row(p.name, p.pair.unit, times(p.ratio.wall), times(p.ratio.cpu), times(p.ratio.allocs), times(p.ratio.bytes),
			p.ours.String(), p.theirs.String(), p.goals())
	}
	return t.String()
}

// goals says what was asked for, and whether it was met.
func (r result) goals() string {
	var list []string
	if g := r.pair.goal.time; g > 0 {
		list = append(list, fmt.Sprintf("%s %g× the speed", met(r.ratio.wall >= g), g))
	}
	if g := r.pair.goal.allocs; g > 0 {
		list = append(list, fmt.Sprintf("%s %g allocations", met(r.ours.allocs <= g), g))
	}
	if g := r.pair.goal.memory; g > 0 {
		list = append(list, fmt.Sprintf("%s %g× the body", met(r.ours.bytes <= g*r.ours.body), g))
	}
	return strings.Join(list, ", ")
}

// sendTable has the requests that are large: bytes allocated for a byte sent.
func (r report) sendTable() string {
	t := table("request", "body", "allocated for it: portkey", "reference")
	for _, p := range r.results {
		if p.ours.body < 10_000 {
			continue
		}
		allocated := func(c cost) string { return times(c.bytes * float64(p.pair.units) / c.body) }
		t.row(p.name, size(p.ours.body), allocated(p.ours), allocated(p.theirs))
	}
	return t.String()
}

// lessCPU is the CPU time of an event over loopback as a ratio: the 2 µs were
// asked for on a machine on which the reference adds 21.
const lessCPU = 10.5

func (r report) httpTable() string {
	t := table("over loopback", "net/http alone", "portkey adds", "reference adds", "asked for")
	us := func(ns float64) string { return fmt.Sprintf("%.1f µs", ns/1000) }
	t.row("CPU an event, one flush an event", us(r.cpu.alone), us(r.cpu.ours), us(r.cpu.theirs),
		fmt.Sprintf("%s 2 µs, %s %g× less than the reference: %s", met(r.cpu.ours <= 2000), met(r.cpu.theirs >= lessCPU*r.cpu.ours), lessCPU, times(r.cpu.theirs/r.cpu.ours)))
	if len(r.memory) > 0 {
		m := r.memory[len(r.memory)-1]
		heap := m.perStream(func(m memory) float64 { return m.heap })
		stack := m.perStream(func(m memory) float64 { return m.stack })
		streams := number(float64(m.streams)) + " open"
		t.row("heap a stream, "+streams, size(heap.alone), size(heap.ours), size(heap.theirs), met(heap.ours <= 16<<10)+" 16 KB")
		t.row("stacks a stream, "+streams, size(stack.alone), size(stack.ours), size(stack.theirs), "")
	}
	return t.String()
}

func (r report) floorTable() string {
	t := table("floor", "per", "floor", "portkey's typed stream loop", "times the floor")
	for _, f := range r.floors {
		t.row(f.name, "event", f.ours.String(), f.theirs.String(), times(f.ratio.cpu))
	}
	return t.String()
}

func met(ok bool) string {
	if ok {
		return "✓"
	}
	return "✗"
}

func (c cost) String() string {
	return fmt.Sprintf("%s, %s allocs, %s", duration(c.wall), count(c.allocs), size(c.bytes))
}

func times(ratio float64) string {
	if ratio < 20 {
		return fmt.Sprintf("%.1f×", ratio)
	}
	return fmt.Sprintf("%.0f×", ratio)
}

func count(v float64) string {
	if v < 100 {
		return fmt.Sprintf("%.1f", v)
	}
	return number(v)
}

func duration(ns float64) string { return scaled(ns, 1000, "ns", "µs", "ms", "s") }
func size(bytes float64) string  { return scaled(bytes, 1024, "B", "KB", "MB", "GB") }

func scaled(v, step float64, units ...string) string {
	i := 0
	for ; (v >= step || v <= -step) && i < len(units)-1; i++ {
		v /= step
	}
	if v < 10 && v > -10 && i > 0 {
		return fmt.Sprintf("%.2f %s", v, units[i])
	}
	return fmt.Sprintf("%.0f %s", v, units[i])
}

// markdown is a table.
type markdown struct{ strings.Builder }

func table(head ...string) *markdown {
	t := new(markdown)
	t.row(head...)
	t.row(strings.Split(strings.Repeat("---,", len(head)-1)+"---", ",")...)
	return t
}

func (t *markdown) row(cells ...string) {
	t.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

// machine says what the run ran on.
func machine() string {
	cpu := "an unnamed processor"
	if data, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for l := range strings.Lines(string(data)) {
			if name, value, ok := strings.Cut(l, ":"); ok && strings.TrimSpace(name) == "model name" {
				cpu = strings.TrimSpace(value)
				break
			}
		}
	}
	system := runtime.GOOS
	if out, err := exec.Command("uname", "-sr").Output(); err == nil {
		system = strings.TrimSpace(string(out))
	}
	return fmt.Sprintf("%s, %d cores, %s, %s %s", cpu, runtime.NumCPU(), system, runtime.Version(), runtime.GOARCH)
}

// version is the version of a module that this program is built with.
func version(module string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == module {
				return m.Version
			}
		}
	}
	return "(unknown)"
}
