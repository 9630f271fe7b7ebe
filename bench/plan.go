package main

import (
	"fmt"
	"regexp"
	"time"
)

// plan is what a run measures, and how long.
type plan struct {
	effort      effort
	plot        effort
	loopback    effort
	streams     int   // at once, for the CPU of an event
	events      int   // of each of them
	openStreams []int // for the memory of a stream
	lengths     []int // of the streams in the plot

	only     *regexp.Regexp // the workloads; nil for all, and all else
	progress func(what string)
}

var (
	thoroughPlan = plan{
		effort:      effort{rounds: 9, batch: 150 * time.Millisecond},
		plot:        effort{rounds: 5, batch: 60 * time.Millisecond},
		loopback:    effort{rounds: 15},
		streams:     16,
		events:      1000,
		openStreams: []int{250, 500, 1000, 1500, 2000},
		lengths:     []int{10, 30, 100, 300, 1000, 3000, 10_000},
	}
	quickPlan = plan{
		effort:      effort{rounds: 3, batch: 10 * time.Millisecond},
		plot:        effort{rounds: 1, batch: 5 * time.Millisecond},
		loopback:    effort{rounds: 1},
		streams:     16,
		events:      100,
		openStreams: []int{50, 200},
		lengths:     []int{10, 100, 1000},
	}
)

func (p plan) execute() (r report, err error) {
	for _, w := range workloads() {
		if p.only != nil && !p.only.MatchString(w.name) {
			continue
		}
		p.progress(w.name)
		result, err := p.effort.pair(w.build())
		if err != nil {
			return report{}, fmt.Errorf("%s: %w", w.name, err)
		}
		result.name = w.name
		r.results = append(r.results, result)
	}
	if p.only != nil {
		return r, nil
	}
	p.progress("floors")
	loop := workloads()[0].build()
	for _, f := range floors() {
		result, err := p.effort.floor(f, loop)
		if err != nil {
			return report{}, err
		}
		r.floors = append(r.floors, result)
	}
	p.progress("cost against the length of the stream")
	if r.events, err = eventsPlot(p.plot, p.lengths); err != nil {
		return report{}, err
	}
	err = p.overLoopback(&r)
	return r, err
}

func (p plan) overLoopback(r *report) error {
	address, stop, err := startServer()
	if err != nil {
		return err
	}
	defer stop()
	p.progress("open streams")
	if r.memory, err = measureMemory(address, p.openStreams); err != nil {
		return err
	}
	p.progress("CPU of an event over loopback")
	r.cpu, err = p.loopback.eventCPU(address, p.streams, p.events)
	return err
}
