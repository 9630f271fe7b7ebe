package main

// eventsPlot shows the cost of an event against the length of the stream. A
// line that rises is work that is done again and again as the answer grows.
func eventsPlot(e effort, lengths []int) (plot, error) {
	loopOurs := line{name: "portkey, typed loop", color: colorOurs}
	loopTheirs := line{name: "reference, typed loop", color: colorReference}
	messageOurs := line{name: "portkey, stream to message", color: colorOurs, dashed: true}
	messageTheirs := line{name: "reference, stream to message", color: colorReference, dashed: true}
	for _, n := range lengths {
		text := textEvents(n)
		loop, err := e.pair(streamPair(text, goal{}, ours.typedLoop, theirs.typedLoop))
		if err != nil {
			return plot{}, err
		}
		message, err := e.pair(streamPair(text, goal{}, ours.message, theirs.message))
		if err != nil {
			return plot{}, err
		}
		add := func(l *line, ns float64) { l.points = append(l.points, point{float64(n), ns / 1000}) }
		add(&loopOurs, loop.ours.cpu)
		add(&loopTheirs, loop.theirs.cpu)
		add(&messageOurs, message.ours.cpu)
		add(&messageTheirs, message.theirs.cpu)
	}
	return plot{
		title: "Cost of an event",
		x:     "text deltas in the stream",
		y:     "µs of CPU an event, the call included",
		log:   true,
		lines: []line{loopOurs, loopTheirs, messageOurs, messageTheirs},
	}, nil
}

// memoryPlot shows the heap that open streams hold.
func memoryPlot(measured []openMemory) plot {
	lines := []line{
		{name: "net/http alone", color: colorFloor, dashed: true},
		{name: "portkey", color: colorOurs},
		{name: "reference", color: colorReference},
	}
	for i := range lines {
		lines[i].points = []point{{0, 0}}
		for _, m := range measured {
			lines[i].points = append(lines[i].points, point{float64(m.streams), m.sides[i].heap / 1e6})
		}
	}
	return plot{
		title: "Memory of open streams",
		x:     "open streams",
		y:     "heap in use, MB",
		lines: lines,
	}
}
