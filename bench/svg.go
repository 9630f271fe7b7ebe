package main

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// plot is a chart of lines, written as SVG by hand: it has to be legible in a
// browser and on GitHub, and nothing else.
type plot struct {
	title, x, y string
	log         bool // both axes
	lines       []line
}

type line struct {
	name, color string
	dashed      bool
	points      []point
}

type point struct{ x, y float64 }

const (
	width, height             = 760, 440
	left, right, top, bottom  = 80, 30, 96, 60
	innerWidth, innerHeight   = width - left - right, height - top - bottom
	colorOurs, colorReference = "#0b6e4f", "#c1440e"
	colorFloor                = "#555555"
)

// axis maps values to the length of an axis.
type axis struct {
	min, max float64
	log      bool
	ticks    []float64
}

// newAxis returns an axis from 0, or with log from a tick at or below the least value.
func newAxis(values []float64, log bool) axis {
	lo, hi := math.Inf(1), 0.0
	for _, v := range values {
		lo, hi = min(lo, v), max(hi, v)
	}
	if log {
		return logAxis(lo, hi)
	}
	step := math.Pow(10, math.Floor(math.Log10(hi)))
	for _, part := range []float64{0.1, 0.2, 0.25, 0.5} { // of the power of ten
		if hi/(step*part) <= 8 {
			step *= part
			break
		}
	}
	a := axis{max: math.Ceil(hi/step) * step}
	for v := 0.0; v <= a.max+step/2; v += step {
		a.ticks = append(a.ticks, v)
	}
	return a
}

// logAxis has its ticks at 1, 3, 10, 30 and so on.
func logAxis(lo, hi float64) axis {
	a := axis{log: true}
	for exp := math.Floor(math.Log10(lo)); ; exp++ {
		for _, digit := range []float64{1, 3} {
			v := digit * math.Pow(10, exp)
			if next := v * 10 / 3; next <= lo {
				continue
			}
			a.ticks = append(a.ticks, v)
			if v >= hi {
				a.min, a.max = a.ticks[0], v
				return a
			}
		}
	}
}

// at is where v stands on the axis, from 0 to 1.
func (a axis) at(v float64) float64 {
	if a.log {
		return math.Log(v/a.min) / math.Log(a.max/a.min)
	}
	return (v - a.min) / (a.max - a.min)
}

func (p plot) svg() string {
	var xs, ys []float64
	for _, l := range p.lines {
		for _, pt := range l.points {
			xs, ys = append(xs, pt.x), append(ys, pt.y)
		}
	}
	ax, ay := newAxis(xs, p.log), newAxis(ys, p.log)
	px := func(v float64) float64 { return left + ax.at(v)*innerWidth }
	py := func(v float64) float64 { return top + (1-ay.at(v))*innerHeight }

	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="sans-serif" font-size="13">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="white"/>`+"\n", width, height)
	text := func(x, y float64, anchor, more, s string) {
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" text-anchor="%s" %s>%s</text>`+"\n", x, y, anchor, more, html.EscapeString(s))
	}
	text(left, 26, "start", `font-size="16" font-weight="bold"`, p.title)
	for _, v := range ax.ticks {
		fmt.Fprintf(&b, `<path d="M%.1f %d v%d" stroke="#dddddd"/>`+"\n", px(v), top, innerHeight)
		text(px(v), top+innerHeight+20, "middle", "", number(v))
	}
	for _, v := range ay.ticks {
		fmt.Fprintf(&b, `<path d="M%d %.1f h%d" stroke="#dddddd"/>`+"\n", left, py(v), innerWidth)
		text(left-8, py(v)+4, "end", "", number(v))
	}
	fmt.Fprintf(&b, `<path d="M%d %d v%d h%d" fill="none" stroke="black"/>`+"\n", left, top, innerHeight, innerWidth)
	text(left+innerWidth/2, height-16, "middle", "", p.x)
	text(0, 0, "middle", fmt.Sprintf(`transform="translate(22 %d) rotate(-90)"`, top+innerHeight/2), p.y)
	for i, l := range p.lines {
		p.line(&b, l, i, px, py, text)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// line draws a line and its entry in the legend, which has two columns.
func (p plot) line(b *strings.Builder, l line, i int, px, py func(float64) float64, text func(x, y float64, anchor, more, s string)) {
	style := fmt.Sprintf(`stroke="%s" stroke-width="2.5"`, l.color)
	if l.dashed {
		style += ` stroke-dasharray="7 5"`
	}
	var points []string
	for _, pt := range l.points {
		points = append(points, fmt.Sprintf("%.1f,%.1f", px(pt.x), py(pt.y)))
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="3.5" fill="%s"/>`+"\n", px(pt.x), py(pt.y), l.color)
	}
	fmt.Fprintf(b, `<polyline points="%s" fill="none" %s/>`+"\n", strings.Join(points, " "), style)
	x, y := float64(left+i%2*innerWidth/2), float64(52+i/2*22)
	fmt.Fprintf(b, `<path d="M%.1f %.1f h34" %s/>`+"\n", x, y, style)
	text(x+42, y+4, "start", "", l.name)
}

// number writes a tick: 0.3, 10, 3,000.
func number(v float64) string {
	if v < 1000 {
		return fmt.Sprintf("%.4g", v)
	}
	return fmt.Sprintf("%d,%03d", int(v)/1000, int(v)%1000)
}
