package portkey_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The tests that docs/faults.md names exist.
func TestFaultsNameTheirTests(t *testing.T) {
	text, err := os.ReadFile("docs/faults.md")
	require.NoError(t, err)
	var code strings.Builder
	for _, pattern := range []string{"*_test.go", "internal/*/*_test.go", "test/gateway/*_test.go"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			source, err := os.ReadFile(file)
			require.NoError(t, err)
			code.Write(source)
		}
	}
	names := regexp.MustCompile("`(Test[A-Za-z0-9]+)").FindAllStringSubmatch(string(text), -1)
	require.NotEmpty(t, names)
	for _, name := range names {
		assert.Contains(t, code.String(), "func "+name[1]+"(", "named in docs/faults.md")
	}
}
