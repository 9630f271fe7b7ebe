// Package examples_test runs every example.
package examples_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey/examples/internal/standin"
)

var update = flag.Bool("update", false, "write the output of the examples to their golden files")

// traceID is the form of an id that the client made.
var traceID = regexp.MustCompile(`\b[A-Z2-7]{26}\b`)

// TestOutput runs each example as on a fresh machine, with nothing of Portkey
// in the environment, and compares what it prints with its output.golden.
func TestOutput(t *testing.T) {
	programs := build(t, "*")
	require.NotEmpty(t, programs)
	for name, path := range programs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden := filepath.Join(name, "output.golden")
			got := traceID.ReplaceAllString(run(t, path), "TRACE-ID")
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
				return
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err, "go test ./examples -update writes it")
			// A checkout on Windows may have other line endings.
			assert.Equal(t, strings.ReplaceAll(string(want), "\r\n", "\n"), got)
		})
	}
}

// TestRealGateway checks that an example calls the gateway that the environment
// names, with what the environment says, and does not claim to be a stand-in.
func TestRealGateway(t *testing.T) {
	var header http.Header
	var body struct{ Model string }
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header = r.Header
		data, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		assert.NoError(t, json.Unmarshal(data, &body))
		r.Body = io.NopCloser(bytes.NewReader(data))
		standin.Handler().ServeHTTP(w, r)
	}))
	defer server.Close()

	out := run(t, build(t, "quickstart")["quickstart"],
		"PORTKEY_BASE_URL="+server.URL,
		"PORTKEY_API_KEY=pk-1",
		"PORTKEY_PROVIDER=@team",
		"PORTKEY_PROVIDER_KEY=key-1",
		"PORTKEY_MODEL=model-1",
	)

	assert.Contains(t, out, "[gateway "+server.URL+"/v1, model model-1]\n")
	assert.NotContains(t, out, "no model is asked")
	assert.Equal(t, "pk-1", header.Get("X-Portkey-Api-Key"))
	assert.Equal(t, "@team", header.Get("X-Portkey-Provider"))
	assert.Equal(t, "Bearer key-1", header.Get("Authorization"))
	assert.Equal(t, "model-1", body.Model)
}

// build compiles the examples with these names, and returns the paths of the
// programs by name.
func build(t *testing.T, pattern string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	sources, err := filepath.Glob(filepath.Join(pattern, "main.go"))
	require.NoError(t, err)
	programs := map[string]string{}
	args := []string{"build", "-o", dir + string(filepath.Separator)}
	for _, source := range sources {
		// Go keeps the result of a test until a file changes that it looked at.
		_, err := os.Stat(source)
		require.NoError(t, err)
		name := filepath.Dir(source)
		args = append(args, "./"+name)
		programs[name] = filepath.Join(dir, name)
		if runtime.GOOS == "windows" {
			programs[name] += ".exe"
		}
	}
	out, err := exec.Command("go", args...).CombinedOutput()
	require.NoError(t, err, string(out))
	return programs
}

// run runs a program that must succeed, and returns what it printed.
func run(t *testing.T, path string, environment ...string) string {
	t.Helper()
	cmd := exec.Command(path)
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "PORTKEY_") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.Env = append(cmd.Env, environment...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Run(), stderr.String())
	assert.Empty(t, stderr.String())
	return stdout.String()
}
