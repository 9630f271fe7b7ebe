package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"sync"
)

// reader reads one stream from the local server.
type reader func(ctx context.Context, client *http.Client, baseURL string, each func(int)) (int, error)

// readers are net/http alone and the two libraries, in this order everywhere.
var readers = [3]reader{
	raw,
	func(ctx context.Context, c *http.Client, url string, each func(int)) (int, error) {
		return newOurs(c, url).loop(ctx, each)
	},
	func(ctx context.Context, c *http.Client, url string, each func(int)) (int, error) {
		return newTheirs(c, url).loop(ctx, each)
	},
}

// overHTTP has a figure for net/http alone, and what the libraries add to it.
type overHTTP struct{ alone, ours, theirs float64 }

// eventCPU returns the CPU time in ns that an event costs, at one flush an event.
func (e effort) eventCPU(address string, streams, events int) (overHTTP, error) {
	url := fmt.Sprintf("%s/paced/%d", address, events)
	var alone, ours, theirs []float64
	for range e.rounds {
		var used [3]float64
		for i, read := range readers {
			transport := &http.Transport{}
			client := &http.Client{Transport: transport}
			runtime.GC()
			before := cpuTime()
			err := together(streams, func() error {
				_, err := read(context.Background(), client, url, nil)
				return err
			})
			used[i] = float64(cpuTime()-before) / float64(streams*events)
			transport.CloseIdleConnections()
			if err != nil {
				return overHTTP{}, err
			}
		}
		alone = append(alone, used[0])
		ours = append(ours, used[1]-used[0])
		theirs = append(theirs, used[2]-used[0])
	}
	return overHTTP{median(alone), median(ours), median(theirs)}, nil
}

// together runs n of do at once.
func together(n int, do func() error) error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = do() })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// memory is what open streams hold.
type memory struct{ heap, stack float64 }

func (m memory) minus(o memory) memory { return memory{m.heap - o.heap, m.stack - o.stack} }

// openStreams opens n streams with read, and returns what all of them hold.
func openStreams(address string, n int, read reader) (memory, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	transport := &http.Transport{}
	client := &http.Client{Transport: transport}
	defer transport.CloseIdleConnections()

	first := len(heldBody())
	before := inUse()
	ready := make(chan error, n)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel() // before Wait
	for range n {
		wg.Go(func() {
			open := false
			_, err := read(ctx, client, address+"/held", func(seen int) {
				if seen == first || seen == heldEvents { // bytes or events
					open = true
					ready <- nil
				}
			})
			if !open {
				ready <- fmt.Errorf("the stream ended early: %w", err)
			}
		})
	}
	for range n {
		if err := <-ready; err != nil {
			return memory{}, err
		}
	}
	return inUse().minus(before), nil
}

// inUse is the memory in use when all garbage is gone: a pool gives up its
// values only in the second collection.
func inUse() memory {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return memory{float64(m.HeapAlloc), float64(m.StackInuse)}
}

// openMemory is the memory of n open streams of each of the readers.
type openMemory struct {
	streams int
	sides   [3]memory
}

func measureMemory(address string, counts []int) ([]openMemory, error) {
	// The first connections bring up what the process keeps.
	for _, read := range readers {
		if _, err := openStreams(address, 4, read); err != nil {
			return nil, err
		}
	}
	var list []openMemory
	for _, n := range counts {
		m := openMemory{streams: n}
		for i, read := range readers {
			var err error
			if m.sides[i], err = openStreams(address, n, read); err != nil {
				return nil, err
			}
		}
		list = append(list, m)
	}
	return list, nil
}

// perStream splits the memory into what net/http alone holds for a stream, and what the libraries add.
func (m openMemory) perStream(part func(memory) float64) overHTTP {
	n := float64(m.streams)
	alone := part(m.sides[0]) / n
	return overHTTP{alone, part(m.sides[1])/n - alone, part(m.sides[2])/n - alone}
}
