package portkey

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// What decodes, encodes; what is encoded is a fixed point; and nothing of the
// input is lost on the way. Seeds are the samples of testdata/wire, and those
// of testdata/fuzz, which are special cases and former findings.

func FuzzMessage(f *testing.F)        { fuzzKind(f, "Message") }
func FuzzContentBlock(f *testing.F)   { fuzzKind(f, "ContentBlock") }
func FuzzMessageRequest(f *testing.F) { fuzzKind(f, "MessageRequest") }
func FuzzConfig(f *testing.F)         { fuzzKind(f, "Config") }

func FuzzStreamEvent(f *testing.F) {
	for _, sample := range samples(f, "StreamEvent") {
		f.Add("", []byte(sample))
	}
	f.Add("hook_results", []byte(`{"hook_results":{"before_request_hooks":[]}}`))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		checkRoundTrip(t, data, func(data []byte) (wireValue, error) { return UnmarshalStreamEvent(name, data) })
	})
}

func fuzzKind(f *testing.F, kind string) {
	for _, sample := range samples(f, kind) {
		f.Add([]byte(sample))
	}
	if kind == "Message" {
		for _, block := range samples(f, "ContentBlock") {
			f.Add([]byte(`{"id":"","type":"message","content":[` + string(block) + `],"usage":{}}`))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkRoundTrip(t, data, wireKinds[kind]) })
}

func checkRoundTrip(t *testing.T, data []byte, decode func([]byte) (wireValue, error)) {
	v, err := decode(data)
	if err != nil {
		return
	}
	require.True(t, json.Valid(data), "decodes, and is not JSON: %q", data)
	once, err := encodeAll(v)
	if err != nil {
		// An answer may lack what a request must have.
		_, isRequest := v.(*MessageRequest)
		require.True(t, isRequest && strings.HasSuffix(err.Error(), "is nil"), "%v: %q", err, data)
		return
	}
	require.True(t, json.Valid(once), "%q became %q", data, once)
	if !utf8.Valid(data) || noDuplicates(data) != nil {
		return // of duplicates only one is left, and of a type the first one decides
	}
	require.NoError(t, noDuplicates(once), "%q became %q", data, once)
	v, err = decode(once)
	require.NoError(t, err, "%q became %q", data, once)
	twice, err := encodeAll(v)
	require.NoError(t, err, "%q became %q", data, once)
	require.Equal(t, string(once), string(twice), "no fixed point; from %q", data)
	require.NoError(t, lostMember(jsonTree(t, data), jsonTree(t, once), ""), "%q became %q", data, once)
}

func jsonTree(t *testing.T, data []byte) (v any) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	require.NoError(t, d.Decode(&v))
	return v
}

// lostMember reports what of a is not in b. What b has besides are required members
// that a lacks.
func lostMember(a, b any, path string) error {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok {
			return fmt.Errorf("%s: was an object", path)
		}
		for k, v := range a {
			w, ok := b[k]
			if !ok && (k == "file_id" || k == "expires_at") {
				continue // not part of a request
			}
			if !ok {
				return fmt.Errorf("%s.%s: is gone", path, k)
			}
			if err := lostMember(v, w, path+"."+k); err != nil {
				return err
			}
		}
		return nil
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return fmt.Errorf("%s: was a list of %d", path, len(a))
		}
		for i := range a {
			if err := lostMember(a[i], b[i], path+"[]"); err != nil {
				return err
			}
		}
		return nil
	case json.Number:
		if b, ok := b.(json.Number); ok {
			x, _ := a.Float64()
			y, _ := b.Float64()
			if a == b || x == y { // 1e3 is 1000
				return nil
			}
		}
	default:
		if a == b || isKnownLoss(a, b, path) {
			return nil
		}
	}
	return fmt.Errorf("%s: was %v, is %v", path, a, b)
}

// isKnownLoss reports whether a may become b.
func isKnownLoss(a, b any, path string) bool {
	if s, ok := a.(string); ok && strings.HasSuffix(path, ".data") {
		if r, ok := b.(string); ok { // base64 with line breaks, or with bits that do not count
			x, err := base64.StdEncoding.DecodeString(s)
			y, _ := base64.StdEncoding.DecodeString(r)
			return err == nil && bytes.Equal(x, y)
		}
	}
	for place, becomes := range lossy { // see there
		_, member, _ := strings.Cut(place, ".")
		member, value, _ := strings.Cut(member, " ")
		if was, _ := json.Marshal(a); !strings.HasSuffix(path, "."+member) || string(was) != value {
			continue
		}
		if is, _ := json.Marshal(b); string(is) == becomes || member == "name" && slices.Contains(defaultNames, string(is)) {
			return true
		}
	}
	// The other types that empty stands for; no test needs their list.
	return a == "" && strings.HasSuffix(path, ".type")
}

// defaultNames are those of the tools whose name depends on their version.
var defaultNames = []string{`"str_replace_editor"`, `"str_replace_based_edit_tool"`, `"tool_search_tool_bm25"`, `"tool_search_tool_regex"`}
