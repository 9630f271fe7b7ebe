package portkey_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// goBlock is a fenced block of Go code.
var goBlock = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")

// TestReadmeCode checks that all Go code in the README is an excerpt of code
// that the tests run: of an example with an output here, or of a program in
// examples, which examples_test.go runs. Indentation does not count.
func TestReadmeCode(t *testing.T) {
	readme := readText(t, "README.md")
	blocks := goBlock.FindAllStringSubmatch(readme, -1)
	require.NotEmpty(t, blocks)
	require.Len(t, blocks, strings.Count(readme, "```go"), "a block is not closed, or indented")

	var sources []string
	for _, pattern := range []string{"example*_test.go", "examples/*/main.go", "examples/testing/*.go"} {
		paths, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, paths, pattern)
		for _, path := range paths {
			sources = append(sources, withoutIndent(readText(t, path)))
		}
	}
	for _, block := range blocks {
		excerpt := withoutIndent(block[1])
		found := slices.ContainsFunc(sources, func(source string) bool { return strings.Contains(source, excerpt) })
		assert.True(t, found, "this code of README.md is in no example:\n\n%s", block[1])
	}
}

// withoutIndent takes the space at the ends of all lines away. The result
// begins with a line break, so that only whole lines are found in it.
func withoutIndent(code string) string {
	var b strings.Builder
	b.WriteByte('\n')
	for line := range strings.Lines(code) {
		b.WriteString(strings.TrimSpace(line) + "\n")
	}
	return b.String()
}

// TestExamplesHaveOutput checks that every example is run: one without an
// output is only compiled.
func TestExamplesHaveOutput(t *testing.T) {
	paths, err := filepath.Glob("example*_test.go")
	require.NoError(t, err)
	var files []*ast.File
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, file)
	}
	examples := doc.Examples(files...)
	require.NotEmpty(t, examples)
	for _, example := range examples {
		assert.True(t, example.Output != "" || example.EmptyOutput, "Example%s has no output", example.Name)
	}
}

// TestReadmeIsComplete checks that the README's tables name all options and all
// classes of errors, and no others.
func TestReadmeIsComplete(t *testing.T) {
	readme := readText(t, "README.md")
	var want []string
	paths, err := filepath.Glob("*.go")
	require.NoError(t, err)
	declaration := regexp.MustCompile(`(?m)^(?:func (With\w+)\(|\t(Err\w+) += errors\.New\()`)
	for _, path := range paths {
		for _, m := range declaration.FindAllStringSubmatch(readText(t, path), -1) {
			want = append(want, m[1]+m[2])
		}
	}
	var got []string
	for line := range strings.Lines(readme) {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			got = append(got, regexp.MustCompile(`\b(With|Without|Err)[A-Z]\w+`).FindAllString(cells[1], -1)...)
		}
	}
	assert.ElementsMatch(t, want, got)

	options := strings.ToLower(readText(t, "options.go") + readText(t, "header_options.go") + readText(t, "provider_options.go") + readText(t, "gateway.go"))
	for _, header := range regexp.MustCompile("`x-portkey-([a-z-]+)").FindAllStringSubmatch(readme, -1) {
		// Some are put together from a prefix and a name.
		assert.True(t, strings.Contains(options, header[1]))
	}
}

// TestReadmeLinks checks that the files that the README links to are there.
func TestReadmeLinks(t *testing.T) {
	prose := goBlock.ReplaceAllString(readText(t, "README.md"), "")
	for _, link := range regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(prose, -1) {
		_, err := os.Stat(link[1])
		assert.NoError(t, err)
	}
}

func readText(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return strings.ReplaceAll(string(data), "\r\n", "\n")
}
