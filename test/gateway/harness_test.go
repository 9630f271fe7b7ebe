// Package gateway_test runs the library against the real, open-source Portkey gateway, with two
// providers behind it: aimock, a third-party mock of the Anthropic API (fixtures.json), and a server
// that each test scripts itself (upstream_test.go).
//
// install.sh installs the gateway and aimock; PORTKEY_E2E=1 makes the tests run.
package gateway_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// Set by TestMain.
var (
	gatewayURL string          // base URL of the gateway, without /v1
	aimockHost string          // x-portkey-custom-host that makes the gateway call aimock
	upstream   *upstreamServer // the provider that tests script
)

const startTimeout = 30 * time.Second

func TestMain(m *testing.M) {
	flag.Parse()
	if os.Getenv("PORTKEY_E2E") != "1" {
		fmt.Fprintln(os.Stderr, "test/gateway: end-to-end tests not run: set PORTKEY_E2E=1 or use `make test`")
		// go test hides the line above unless -v is set. Running nothing, rather than exiting here,
		// makes it report "[no tests to run]".
		flag.Set("test.run", "^$")
		os.Exit(m.Run())
	}
	os.Exit(runWithServers(m))
}

func runWithServers(m *testing.M) (code int) {
	gateway := newServer("gateway", "node_modules/@portkey-ai/gateway/build/start-server.js", "--headless")
	aimock := newServer("aimock", "node_modules/@copilotkit/aimock/dist/cli.js",
		"--fixtures", "fixtures.json", "--validate-on-load", "--log-level", "warn")
	defer func() {
		for _, s := range []*server{gateway, aimock} {
			s.stop()
			if code != 0 && s.cmd.Process != nil {
				fmt.Fprintf(os.Stderr, "--- log of %s\n%s\n", s.name, s.log.String())
			}
		}
	}()

	err := checkInstall()
	if err == nil {
		err = errors.Join(gateway.start(), aimock.start())
	}
	if err == nil {
		var gatewayErr, aimockErr error
		gatewayURL, gatewayErr = gateway.awaitReady("/")
		aimockHost, aimockErr = aimock.awaitReady("/health")
		aimockHost += "/v1"
		err = errors.Join(gatewayErr, aimockErr)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "test/gateway:", err)
		return 1
	}

	upstream = newUpstream()
	defer upstream.Close()
	return m.Run()
}

// checkInstall fails unless install.sh has run, and nothing that it installs from changed since.
func checkInstall() error {
	const hint = "run test/gateway/install.sh"
	want := sha256.New()
	for _, name := range []string{"package-lock.json", "install.sh"} {
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		want.Write(content)
	}
	stamp, err := os.ReadFile("node_modules/.portkey-stamp")
	if err != nil {
		return fmt.Errorf("not installed: %s (%w)", hint, err)
	}
	if strings.TrimSpace(string(stamp)) != fmt.Sprintf("%x", want.Sum(nil)) {
		return errors.New("node_modules is out of date: " + hint)
	}
	return nil
}

// server is a Node process that serves HTTP on a port of its own choice.
type server struct {
	name   string
	cmd    *exec.Cmd
	log    serverLog
	exited chan error // gets the result of cmd.Wait
}

func newServer(name, script string, args ...string) *server {
	s := &server{name: name, exited: make(chan error, 1)}
	s.log.port = make(chan string, 1)
	s.cmd = exec.Command("node", append([]string{"--import", "./preload.mjs", script}, args...)...)
	// No other variables: NODE_OPTIONS, TRUSTED_CUSTOM_HOSTS, AIMOCK_API_KEYS and the like would
	// change what the tests see.
	s.cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"),
		"AIMOCK_STRICT_TURN_INDEX=1", // a fixture with a turnIndex matches in that turn only
	}
	s.cmd.Stdout = &s.log
	s.cmd.Stderr = &s.log
	s.cmd.WaitDelay = 5 * time.Second
	inOwnGroup(s.cmd)
	return s
}

func (s *server) start() error {
	// Left open on purpose: the server ends when the pipe closes, which happens however we end.
	if _, err := s.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", s.name, err)
	}
	go func() { s.exited <- s.cmd.Wait() }()
	return nil
}

// awaitReady returns the base URL of the server once a GET of path answers 200.
func (s *server) awaitReady(path string) (string, error) {
	var url string
	select {
	case port := <-s.log.port:
		url = "http://127.0.0.1:" + port
	case err := <-s.exited:
		s.exited <- err // for stop
		return "", fmt.Errorf("%s exited before it listened: %w", s.name, err)
	case <-time.After(startTimeout):
		return "", fmt.Errorf("%s does not listen after %s", s.name, startTimeout)
	}
	client := &http.Client{Timeout: startTimeout}
	res, err := client.Get(url + path)
	if err != nil {
		return "", fmt.Errorf("%s is not ready: %w", s.name, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(res.Body)
		return "", fmt.Errorf("%s is not ready: GET %s: %s: %s", s.name, path, res.Status, body)
	}
	return url, nil
}

// stop ends the server, if it was started, and waits until it is gone and its log is complete.
func (s *server) stop() {
	if s.cmd.Process == nil {
		return
	}
	killGroup(s.cmd)
	<-s.exited
}

// serverLog keeps what a server prints, and sends the port in "listening on 127.0.0.1:PORT", which
// preload.mjs adds.
type serverLog struct {
	port chan string // buffered

	mu       sync.Mutex
	text     bytes.Buffer
	reported bool
}

var listening = regexp.MustCompile(`(?m)^listening on 127\.0\.0\.1:(\d+)\n`)

func (l *serverLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	if !l.reported {
		if match := listening.FindSubmatch(l.text.Bytes()); match != nil {
			l.reported = true
			l.port <- string(match[1])
		}
	}
	return len(p), nil
}

func (l *serverLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
