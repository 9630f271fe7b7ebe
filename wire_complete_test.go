package portkey

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wireSource is what the source says of the wire format. It is read from the
// source because that is where somebody adds a type, and forgets its test.
type wireSource struct {
	unions  map[string]map[string]string   // union -> wire type -> Go type; "-" is no type
	structs map[string]map[string]struct{} // Go type -> its members
}

func readWireSource(t *testing.T) wireSource {
	t.Helper()
	s, err := parseWireSource()
	require.NoError(t, err)
	require.Greater(t, len(s.structs), 90, "the wire structs were not found")
	return s
}

var parseWireSource = sync.OnceValues(func() (wireSource, error) {
	s := wireSource{unions: map[string]map[string]string{}, structs: map[string]map[string]struct{}{}}
	files, err := filepath.Glob("*.go")
	if err != nil {
		return s, err
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, "_gen.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			return s, err
		}
		for _, decl := range f.Decls {
			gd, ok := decl.(*ast.GenDecl)
			if !ok || gd.Tok != token.TYPE {
				continue
			}
			for _, spec := range gd.Specs {
				ts := spec.(*ast.TypeSpec)
				if st, ok := ts.Type.(*ast.StructType); ok {
					s.add(ts.Name.Name, st, gd.Doc)
				}
			}
		}
	}
	return s, nil
})

func (s wireSource) add(name string, st *ast.StructType, doc *ast.CommentGroup) {
	isWire := false
	if doc != nil {
		for _, c := range doc.List {
			text, ok := strings.CutPrefix(c.Text, "//wire:member ")
			if !ok {
				continue
			}
			isWire = true
			words := strings.Fields(text)
			if s.unions[words[0]] == nil {
				s.unions[words[0]] = map[string]string{}
			}
			for _, wireType := range words[1:] {
				s.unions[words[0]][wireType] = name
			}
		}
	}
	members := map[string]struct{}{}
	for _, f := range st.Fields.List {
		if sel, ok := f.Type.(*ast.SelectorExpr); ok && sel.Sel.Name == "Form" {
			isWire = true
		}
		if f.Tag == nil {
			continue
		}
		tag := reflect.StructTag(strings.Trim(f.Tag.Value, "`"))
		if name := jsonName(reflect.StructField{Tag: tag}); name != "" {
			members[name] = struct{}{}
		}
	}
	if isWire {
		s.structs[name] = members
	}
}

// Each wire type of each union has a sample, and decodes to its Go type.
func TestSamplesOfEachWireType(t *testing.T) {
	source := readWireSource(t)
	have := map[string]map[string]string{}
	eachSample(t, func(t *testing.T, kind string, sample []byte, v wireValue) {
		if have[kind] == nil {
			have[kind] = map[string]string{}
		}
		wireType := "-"
		if typ := memberOf(t, sample, "type"); len(typ) > 2 && typ[0] == '"' {
			wireType = strings.Trim(typ, `"`)
		}
		have[kind][wireType] = reflect.TypeOf(v).Elem().Name()
	})
	assert.ElementsMatch(t, slices.Collect(maps.Keys(source.unions)), []string{
		"Citation", "ContentBlock", "Delta", "ServerToolResult", "Source", "StreamEvent", "Tool",
	}, "a new union needs a file of samples")
	for union, types := range source.unions {
		assert.Equal(t, types, have[union], union)
	}
}

// Each member of each wire struct has a value in some sample.
func TestSamplesOfEachMember(t *testing.T) {
	source := readWireSource(t)
	have := map[string]map[string]struct{}{}
	eachSample(t, func(_ *testing.T, _ string, _ []byte, v wireValue) {
		walk(reflect.ValueOf(v), "", func(v reflect.Value, _ string) {
			name := v.Type().Name()
			if have[name] == nil {
				have[name] = map[string]struct{}{}
			}
			for i := range v.NumField() {
				if member := jsonName(v.Type().Field(i)); member != "" && !v.Field(i).IsZero() {
					have[name][member] = struct{}{}
				}
			}
		})
	})
	for name, members := range source.structs {
		assert.Equal(t, members, have[name], "members of %s that have a value in testdata/wire", name)
	}
}

// Each struct of the source is in the list that the tests of members go over.
func TestListOfWireStructs(t *testing.T) {
	var have []string
	for _, v := range wireStructs {
		have = append(have, reflect.TypeOf(v).Elem().Name())
	}
	assert.ElementsMatch(t, slices.Collect(maps.Keys(readWireSource(t).structs)), have)
}

// Each file of samples is read.
func TestSampleFiles(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "wire", "*"))
	require.NoError(t, err)
	var have []string
	for _, file := range files {
		have = append(have, strings.TrimSuffix(filepath.Base(file), ".json"))
	}
	assert.ElementsMatch(t, slices.Collect(maps.Keys(wireKinds)), have)
}
