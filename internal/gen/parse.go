package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/portkey-go/portkey/internal/wire"
)

type pkgInfo struct {
	structs  []*structInfo // in order of their names
	unions   []*unionInfo
	isStruct map[string]bool // wire structs by name
	isUnion  map[string]bool
	isString map[string]bool // named string types
}

type structInfo struct {
	name    string
	literal string // the fixed wire type, where there is no Type field
	types   []string
	unions  []string // unions that it is a member of
	unknown string   // the union whose unknown types it holds
	request bool
	lenient bool
	fields  []field
}

type field struct {
	goName, name string
	typ          string // the Go type, as it is written
	omitZero     bool
	zero         string // a Go expression for the value written when empty
	via          string
	mode         string // the wire mode in which it is left out
}

type unionInfo struct {
	name    string
	unknown string
	cases   []unionCase
}

type unionCase struct {
	types   []string
	goType  string
	untyped bool // objects without a type are of this kind too
}

func parsePackage(dir string) (*pkgInfo, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	pkg := &pkgInfo{isStruct: map[string]bool{}, isUnion: map[string]bool{}, isString: map[string]bool{}}
	unions := map[string]*unionInfo{}
	union := func(name string) *unionInfo {
		if unions[name] == nil {
			unions[name] = &unionInfo{name: name}
			pkg.isUnion[name] = true
		}
		return unions[name]
	}
	fset := token.NewFileSet()
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, "_gen.go") {
			continue
		}
		f, err := parser.ParseFile(fset, file, nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		for _, decl := range f.Decls {
			gd, ok := decl.(*ast.GenDecl)
			if !ok || gd.Tok != token.TYPE {
				continue
			}
			for _, spec := range gd.Specs {
				ts := spec.(*ast.TypeSpec)
				if id, ok := ts.Type.(*ast.Ident); ok && id.Name == "string" {
					pkg.isString[ts.Name.Name] = true
				}
				st, ok := ts.Type.(*ast.StructType)
				if !ok {
					continue
				}
				s, err := parseStruct(ts.Name.Name, st, gd.Doc, union)
				if err != nil {
					return nil, fmt.Errorf("%s: %s: %w", fset.Position(ts.Pos()), ts.Name.Name, err)
				}
				if s != nil {
					pkg.structs = append(pkg.structs, s)
					pkg.isStruct[s.name] = true
				}
			}
		}
	}
	for _, u := range unions {
		if u.unknown == "" {
			return nil, fmt.Errorf("union %s has no //wire:unknown member", u.name)
		}
		slices.SortFunc(u.cases, func(a, b unionCase) int { return strings.Compare(a.goType, b.goType) })
		pkg.unions = append(pkg.unions, u)
	}
	slices.SortFunc(pkg.structs, func(a, b *structInfo) int { return strings.Compare(a.name, b.name) })
	slices.SortFunc(pkg.unions, func(a, b *unionInfo) int { return strings.Compare(a.name, b.name) })
	return pkg, nil
}

// parseStruct returns nil for a struct that is not of the wire.
func parseStruct(name string, st *ast.StructType, doc *ast.CommentGroup, union func(string) *unionInfo) (*structInfo, error) {
	s := &structInfo{name: name}
	if doc != nil {
		for _, c := range doc.List {
			directive, ok := strings.CutPrefix(c.Text, "//wire:")
			if !ok {
				continue
			}
			if err := s.directive(strings.Fields(directive), union); err != nil {
				return nil, err
			}
		}
	}
	if s.unknown != "" {
		return s, nil
	}
	isWire := len(s.unions) > 0 // one without members needs no form
	for _, f := range st.Fields.List {
		typ := typeText(f.Type)
		if typ == "wire.Form" {
			isWire = true
		}
		if f.Tag == nil || len(f.Names) != 1 {
			continue
		}
		fd, err := parseField(f.Names[0].Name, typ, f.Tag.Value)
		if err != nil {
			return nil, err
		}
		if fd != nil {
			s.fields = append(s.fields, *fd)
		}
	}
	if !isWire {
		return nil, nil
	}
	if len(s.fields) > wire.MaxMembers {
		return nil, fmt.Errorf("more than %d members", wire.MaxMembers)
	}
	hasType := slices.ContainsFunc(s.fields, func(f field) bool { return f.name == "type" })
	switch {
	case !hasType && len(s.types) == 1:
		s.literal = s.types[0]
	case !hasType && len(s.types) > 1:
		return nil, fmt.Errorf("several wire types need a Type field")
	}
	return s, nil
}

func (s *structInfo) directive(words []string, union func(string) *unionInfo) error {
	switch {
	case words[0] == "request" && len(words) == 1:
		s.request = true
	case words[0] == "lenient" && len(words) == 1:
		s.lenient = true
	case words[0] == "literal" && len(words) == 2:
		s.types = words[1:]
	case words[0] == "unknown" && len(words) == 2:
		s.unknown = words[1]
		union(words[1]).unknown = s.name
	case words[0] == "member" && len(words) > 2:
		c := unionCase{goType: s.name}
		for _, t := range words[2:] {
			if t == "-" {
				c.untyped = true
			} else {
				c.types = append(c.types, t)
			}
		}
		u := union(words[1])
		u.cases = append(u.cases, c)
		s.unions = append(s.unions, words[1])
		s.types = c.types
	default:
		return fmt.Errorf("bad directive %q", words)
	}
	return nil
}

func parseField(goName, typ, tag string) (*field, error) {
	text, err := strconv.Unquote(tag)
	if err != nil {
		return nil, err
	}
	name, options, _ := strings.Cut(reflect.StructTag(text).Get("json"), ",")
	if name == "-" || name == "" {
		return nil, nil
	}
	f := &field{goName: goName, name: name, typ: typ, omitZero: options == "omitzero"}
	if options != "" && !f.omitZero {
		return nil, fmt.Errorf("%s: json option %q is not known here", goName, options)
	}
	for option := range strings.SplitSeq(reflect.StructTag(text).Get("wire"), ",") {
		switch key, value, _ := strings.Cut(option, "="); key {
		case "":
		case "zero":
			f.zero = strconv.Quote(value)
		case "zero()":
			f.zero = "x." + value + "()"
		case "via":
			f.via = value
		case "response":
			f.mode = "InRequest"
		case "create":
			f.mode = "CountTokens"
		default:
			return nil, fmt.Errorf("%s: wire option %q is not known", goName, key)
		}
	}
	return f, nil
}

func typeText(e ast.Expr) string {
	switch t := e.(type) {
	case *ast.Ident:
		return t.Name
	case *ast.StarExpr:
		return "*" + typeText(t.X)
	case *ast.ArrayType:
		return "[]" + typeText(t.Elt)
	case *ast.MapType:
		return "map[" + typeText(t.Key) + "]" + typeText(t.Value)
	case *ast.SelectorExpr:
		return typeText(t.X) + "." + t.Sel.Name
	}
	return fmt.Sprintf("%T", e)
}
