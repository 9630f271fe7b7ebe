package main

import (
	"math"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// cost is what one unit of a workload takes.
type cost struct {
	wall, cpu     float64 // ns
	allocs, bytes float64
	body          float64 // bytes of request body that were sent, per run
}

func (a cost) over(b cost) cost {
	return cost{a.wall / b.wall, a.cpu / b.cpu, a.allocs / b.allocs, a.bytes / b.bytes, 0}
}

// effort is how long to measure.
type effort struct {
	rounds int
	batch  time.Duration // of one side in one round
}

// result is what a pair costs: medians over the rounds. The ratio is the median of
// the rounds' ratios, and not the ratio of the medians: the two sides of one
// round ran under the same conditions.
type result struct {
	name                string
	pair                pair
	ours, theirs, ratio cost
}

func (e effort) pair(p pair) (result, error) {
	sides := []func() (int, error){p.ours, p.theirs}
	var costs [2][]cost
	var runs [2]int
	for i, do := range sides {
		n, err := e.calibrate(do)
		if err != nil {
			return result{}, err
		}
		runs[i] = n
	}
	var ratios []cost
	for range e.rounds {
		var round [2]cost
		for i, do := range sides {
			sent := p.transport.sent.Load()
			c, err := measure(do, runs[i], p.units)
			if err != nil {
				return result{}, err
			}
			c.body = float64(p.transport.sent.Load()-sent) / float64(runs[i]+1) // one to warm up
			round[i] = c
			costs[i] = append(costs[i], c)
		}
		ratios = append(ratios, round[1].over(round[0]))
	}
	return result{"", p, medianCost(costs[0]), medianCost(costs[1]), medianCost(ratios)}, nil
}

// floor compares a floor, in the place of ours, with this library's typed loop.
func (e effort) floor(f floor, loop pair) (result, error) {
	r, err := e.pair(pair{units: f.units, transport: loop.transport, ours: f.do, theirs: loop.ours})
	r.name = f.name
	return r, err
}

// calibrate returns how many runs fill a batch.
func (e effort) calibrate(do func() (int, error)) (int, error) {
	for n := 1; ; n *= 2 {
		c, err := measure(do, n, 1)
		if err != nil {
			return 0, err
		}
		if took := time.Duration(c.wall * float64(n)); took >= e.batch/4 {
			return max(1, int(float64(n)*float64(e.batch)/float64(took))), nil
		}
	}
}

// measure does runs, each of a number of units.
func measure(do func() (int, error), runs, units int) (cost, error) {
	runtime.GC()                    // so that no side pays for the other's garbage
	if _, err := do(); err != nil { // the collection has emptied pools, as would seldom be in a program
		return cost{}, err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, wall := cpuTime(), time.Now()
	for range runs {
		if _, err := do(); err != nil {
			return cost{}, err
		}
	}
	took, used := time.Since(wall), cpuTime()-cpu
	runtime.ReadMemStats(&after)
	per := float64(runs * units)
	return cost{
		wall:   float64(took) / per,
		cpu:    float64(used) / per,
		allocs: float64(after.Mallocs-before.Mallocs) / per,
		bytes:  float64(after.TotalAlloc-before.TotalAlloc) / per,
	}, nil
}

// cpuTime is the time that this process has computed for, the garbage
// collector's included. Other processes do not stretch it.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func medianCost(costs []cost) cost {
	of := func(part func(cost) float64) float64 {
		values := make([]float64, len(costs))
		for i, c := range costs {
			values[i] = part(c)
		}
		return median(values)
	}
	return cost{
		wall:   of(func(c cost) float64 { return c.wall }),
		cpu:    of(func(c cost) float64 { return c.cpu }),
		allocs: of(func(c cost) float64 { return c.allocs }),
		bytes:  of(func(c cost) float64 { return c.bytes }),
		body:   of(func(c cost) float64 { return c.body }),
	}
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(values))
	if len(s)%2 == 1 {
		return s[len(s)/2]
	}
	return (s[len(s)/2-1] + s[len(s)/2]) / 2
}
