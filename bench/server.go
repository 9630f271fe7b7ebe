package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// The local server is a process of its own, so that what it computes and
// holds is not counted. serveVariable tells this program to be that process.
const serveVariable = "PORTKEY_BENCH_SERVE"

// serve answers until its standard input ends, which is when its parent does.
func serve() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + listener.Addr().String())
	mux := http.NewServeMux()
	mux.HandleFunc("POST /paced/{events}/v1/messages", paced)
	mux.HandleFunc("POST /held/v1/messages", held)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	return http.Serve(listener, mux)
}

// paced writes one event per millisecond: a model does not write so fast that
// events arrive together, and together they would cost less.
func paced(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.PathValue("events"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	e := textEvents(n)
	writeEvents(w, e.String(), time.Millisecond)
}

// heldEvents is what a held stream sends before it falls silent.
const heldEvents = 8

func heldBody() string {
	parts := strings.SplitAfterN(textEvents(heldEvents).String(), "\n\n", heldEvents+1)
	return strings.Join(parts[:heldEvents], "")
}

// held sends the beginning of a stream and keeps it open.
func held(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // net/http watches a connection for its end after that
	writeEvents(w, heldBody(), 0)
	<-r.Context().Done()
}

func writeEvents(w http.ResponseWriter, body string, pause time.Duration) {
	w.Header().Set("Content-Type", "text/event-stream")
	flusher := http.NewResponseController(w)
	for event := range strings.SplitAfterSeq(body, "\n\n") {
		if event == "" {
			continue
		}
		if _, err := io.WriteString(w, event); err != nil {
			return
		}
		if err := flusher.Flush(); err != nil {
			return
		}
		time.Sleep(pause)
	}
}

// startServer starts the server, and returns its address and what ends it.
func startServer() (address string, stop func(), err error) {
	program, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), serveVariable+"=1")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	}
	address, err = bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("the local server did not start: %w", err)
	}
	return strings.TrimSpace(address), stop, nil
}

// raw reads a stream with net/http alone: what any library needs. each is
// called with the number of the bytes so far.
func raw(ctx context.Context, client *http.Client, baseURL string, each func(int)) (int, error) {
	body := `{"model":"` + model + `","max_tokens":1024,"stream":true,"messages":[{"role":"user","content":"Hello!"}]}`
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, baseURL+"/v1/messages", strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	buf, n := make([]byte, 512), 0
	for {
		got, err := resp.Body.Read(buf)
		n += got
		if each != nil {
			each(n)
		}
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}
