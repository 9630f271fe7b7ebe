package main

import (
	"bytes"
	"fmt"
	"log"
	"strings"
)

type writer struct {
	bytes.Buffer
	pkg *pkgInfo
}

func (w *writer) printf(format string, args ...any) { fmt.Fprintf(w, format, args...) }

func (w *writer) structCode(s *structInfo) {
	w.printf("\n")
	if s.unknown != "" {
		w.printf("func (*%s) %s() {}\n", s.name, lowerFirst(s.unknown))
		w.printf("func (x *%s) encode(e *wire.Encoder) { if x == nil { e.Fail(\"is nil\"); return }; encodeUnknown(e, x.Raw) }\n", s.name)
		w.printf("func (x *%s) decode(d *wire.Decoder) { x.Type = string(d.PeekType()); x.Raw = d.Raw() }\n", s.name)
	} else {
		for _, u := range s.unions {
			w.printf("func (*%s) %s() {}\n", s.name, lowerFirst(u))
		}
		w.decodeCode(s)
		w.encodeCode(s)
	}
	w.printf("\n// MarshalJSON implements [json.Marshaler].\nfunc (x %s) MarshalJSON() ([]byte, error) { return marshal(&x) }\n", s.name)
	w.printf("\n// UnmarshalJSON implements [json.Unmarshaler].\nfunc (x *%s) UnmarshalJSON(data []byte) error { return unmarshal(data, x) }\n", s.name)
}

func (w *writer) decodeCode(s *structInfo) {
	w.printf("\nfunc (x *%s) decode(d *wire.Decoder) {\nvar o wire.ObjectDecoder\n", s.name)
	w.printf("for o.Begin(d, &x.Extra, %s); o.Next(); {\nswitch string(o.Key()) {\n", s.form())
	if s.literal != "" {
		w.printf("case \"type\": o.Literal(%q)\n", s.literal)
	}
	for i, f := range s.fields {
		read := w.decodeField(i, f)
		if s.lenient {
			read = "m := o.Mark(); " + read + "; o.Keep(m)"
		}
		w.printf("case %q: %s\n", f.name, read)
	}
	w.printf("default: o.Extra()\n}\n}\n}\n")
}

// form is a pointer to the form of a struct; one without members has none.
func (s *structInfo) form() string {
	if len(s.fields) == 0 {
		return "nil"
	}
	return "&x.form"
}

func (w *writer) decodeField(i int, f field) string {
	v := "x." + f.goName
	if kind := w.scalar(f.typ); kind != "" && f.via == "" && (kind != "Float" || f.omitZero) {
		p := "&" + v
		if w.pkg.isString[f.typ] {
			p = "(*string)(" + p + ")"
		}
		if f.omitZero && kind != "Base64" {
			kind = "Opt" + kind
		}
		return fmt.Sprintf("o.%s(%d, %s)", kind, i, p)
	}
	if elem, ok := strings.CutPrefix(f.typ, "*"); ok && f.via == "" && isBasic(elem) {
		return fmt.Sprintf("o.%sPtr(%d, &%s)", w.scalar(elem), i, v)
	}
	var read string
	switch {
	case f.via != "":
		read = fmt.Sprintf("%s = decode%s(d, &x.form, %d)", v, f.via, i)
	case w.pkg.isStruct[f.typ]:
		read = v + ".decode(d)"
	case w.pkg.isStruct[strings.TrimPrefix(f.typ, "*")]:
		read = fmt.Sprintf("%s = new(%s); %s.decode(d)", v, f.typ[1:], v)
	default:
		read = fmt.Sprintf("%s = %s", v, w.decodeValue(f.typ))
	}
	return fmt.Sprintf("if !o.Null(%d) { %s }", i, read)
}

// scalar is how package wire's methods for values of typ are called; empty
// where it has none.
func (w *writer) scalar(typ string) string {
	switch {
	case typ == "string" || w.pkg.isString[typ]:
		return "Str"
	case typ == "int":
		return "Int"
	case typ == "float64":
		return "Float"
	case typ == "bool":
		return "Bool"
	case typ == "[]byte":
		return "Base64"
	}
	return ""
}

// isBasic reports whether package wire has methods for pointers to typ.
func isBasic(typ string) bool {
	return typ == "string" || typ == "int" || typ == "float64" || typ == "bool"
}

func (w *writer) decodeValue(typ string) string {
	if elem, ok := strings.CutPrefix(typ, "[]"); ok && typ != "[]byte" {
		return fmt.Sprintf("wire.List(d, %s)", w.elementDecoder(elem))
	}
	if elem, ok := strings.CutPrefix(typ, "map[string]"); ok {
		if s, ok := strings.CutPrefix(elem, "*"); ok {
			return fmt.Sprintf("wire.Map(d, decodeOrNull[%s])", s)
		}
		return fmt.Sprintf("wire.Map(d, %s)", w.elementDecoder(elem))
	}
	if typ == "json.RawMessage" {
		return "d.Raw()"
	}
	return w.elementDecoder(typ) + "(d)"
}

// elementDecoder is a func(*wire.Decoder) T for T = typ.
func (w *writer) elementDecoder(typ string) string {
	if elem, ok := strings.CutPrefix(typ, "*"); ok && w.pkg.isStruct[elem] {
		return fmt.Sprintf("decodeNew[%s]", elem)
	}
	switch {
	case w.pkg.isUnion[typ]:
		return "decode" + typ
	case w.pkg.isStruct[typ]:
		return fmt.Sprintf("decodeStruct[%s]", typ)
	case typ == "json.RawMessage":
		return "(*wire.Decoder).Raw"
	case typ == "any":
		return "decodeAny"
	case w.pkg.isString[typ]:
		return fmt.Sprintf("decodeString[%s]", typ)
	case w.scalar(typ) != "":
		return "(*wire.Decoder)." + w.scalar(typ)
	}
	log.Fatalf("no way to decode a %s", typ)
	return ""
}

func (w *writer) encodeCode(s *structInfo) {
	w.printf("\nfunc (x *%s) encode(e *wire.Encoder) {\nif x == nil { e.Fail(\"is nil\"); return }\n", s.name)
	if s.request {
		w.printf("mode := e.Mode\ne.Mode |= wire.InRequest\n")
	}
	w.printf("var o wire.ObjectEncoder\no.Begin(e, x.Extra, %s)\n", s.form())
	if s.literal != "" {
		w.printf("o.Literal(\"type\", %q)\n", s.literal)
	}
	for i, f := range s.fields {
		if f.mode != "" {
			w.printf("if e.Mode&wire.%s == 0 {\n", f.mode)
		}
		w.printf("%s\n", w.encodeField(s, i, f))
		if f.mode != "" {
			w.printf("} else { o.Skip(%q) }\n", f.name)
		}
	}
	w.printf("o.End()\n")
	if s.request {
		w.printf("e.Mode = mode\n")
	}
	w.printf("}\n")
}

func (w *writer) encodeField(s *structInfo, i int, f field) string {
	v := "x." + f.goName
	if call := w.encodeScalar(s, i, f); call != "" {
		return call
	}
	value := ""
	if f.via == "" {
		value = w.encodeValue(v, f.typ)
	} else {
		value = fmt.Sprintf("encode%s(e, %s, x.form.Alt(%d))", f.via, v, i)
	}
	zero := w.isZero(f)
	switch {
	case zero == "": // a struct by value is always written
		return fmt.Sprintf("if o.Member(%q) { %s }", f.name, value)
	case w.pkg.isUnion[f.typ] && !f.omitZero:
		// An answer may lack it; a request must not.
		return fmt.Sprintf("if o.Present(%q, %d, %s || e.Mode&wire.InRequest != 0) { %s }", f.name, i, nonZero(zero), value)
	case strings.HasPrefix(f.typ, "*") && !f.omitZero:
		return fmt.Sprintf("if o.OrNull(%q, %s) { %s }", f.name, nonZero(zero), value)
	case !f.omitZero:
		return fmt.Sprintf("if o.Required(%q, %d, %s) { %s }", f.name, i, nonZero(zero), value)
	case f.via == "" && f.typ != "[]byte" && w.scalar(f.typ) != "": // it may have come, and been zero
		return fmt.Sprintf("if o.Present(%q, %d, %s || x.form.Alt(%d)) { %s }", f.name, i, nonZero(zero), i, value)
	}
	return fmt.Sprintf("if o.Present(%q, %d, %s) { %s }", f.name, i, nonZero(zero), value)
}

// encodeScalar is a call of a method of package wire that writes the whole
// member; empty where there is none.
func (w *writer) encodeScalar(s *structInfo, i int, f field) string {
	if f.via != "" || f.typ == "Secret" {
		return ""
	}
	v := "x." + f.goName
	if w.pkg.isString[f.typ] {
		v = "string(" + v + ")"
	}
	kind := w.scalar(f.typ)
	switch {
	case f.zero != "":
		return fmt.Sprintf("o.StrOr(%q, %d, %s, %s)", f.name, i, v, f.zero)
	case f.name == "type" && !f.omitZero && len(s.types) > 1:
		return fmt.Sprintf("o.OneOf(%q, %d, %s, %q)", f.name, i, v, strings.Join(s.types, ", "))
	case f.omitZero && (kind == "Str" || kind == "Int" || kind == "Bool"):
		return fmt.Sprintf("o.Opt%s(%q, %d, %s)", kind, f.name, i, v)
	case kind == "Str" || kind == "Int":
		return fmt.Sprintf("o.%s(%q, %d, %s)", kind, f.name, i, v)
	}
	if elem, ok := strings.CutPrefix(f.typ, "*"); ok && f.omitZero && isBasic(elem) {
		return fmt.Sprintf("o.%sPtr(%q, %d, %s)", w.scalar(elem), f.name, i, v)
	}
	return ""
}

// isZero is a Go expression that tells whether the field is empty.
func (w *writer) isZero(f field) string {
	v := "x." + f.goName
	switch {
	case f.typ == "string" || w.pkg.isString[f.typ]:
		return v + ` == ""`
	case f.typ == "int" || f.typ == "float64":
		return v + " == 0"
	case f.typ == "bool":
		return "!" + v
	case w.pkg.isStruct[f.typ]:
		return ""
	}
	return v + " == nil"
}

// nonZero is the opposite of an expression that isZero made.
func nonZero(zero string) string {
	if v, ok := strings.CutPrefix(zero, "!"); ok {
		return v
	}
	return strings.Replace(zero, "==", "!=", 1)
}

func (w *writer) encodeValue(v, typ string) string {
	if elem, ok := strings.CutPrefix(typ, "*"); ok && !w.pkg.isStruct[elem] {
		return w.encodeValue("*"+v, elem)
	}
	switch {
	case typ == "string":
		return fmt.Sprintf("e.Str(%s)", v)
	case typ == "Secret":
		return fmt.Sprintf("encodeSecret(e, %s)", v)
	case w.pkg.isString[typ]:
		return fmt.Sprintf("e.Str(string(%s))", v)
	case typ == "int":
		return fmt.Sprintf("e.Int(%s)", v)
	case typ == "float64":
		return fmt.Sprintf("e.Float(%s)", v)
	case typ == "bool":
		return fmt.Sprintf("e.Bool(%s)", v)
	case typ == "[]byte":
		return fmt.Sprintf("e.Base64(%s)", v)
	case typ == "json.RawMessage":
		return fmt.Sprintf("e.Raw(%s)", v)
	case w.pkg.isUnion[typ]:
		return fmt.Sprintf("encodeElement(e, %s)", v)
	case w.pkg.isStruct[strings.TrimPrefix(typ, "*")]:
		return v + ".encode(e)"
	}
	if elem, ok := strings.CutPrefix(typ, "[]"); ok {
		if w.pkg.isStruct[elem] {
			return fmt.Sprintf("wire.EncodeStructs(e, %s, encodeElement)", v)
		}
		return fmt.Sprintf("wire.EncodeList(e, %s, %s)", v, w.elementEncoder(elem))
	}
	if elem, ok := strings.CutPrefix(typ, "map[string]"); ok {
		if s, ok := strings.CutPrefix(elem, "*"); ok {
			return fmt.Sprintf("wire.EncodeMap(e, %s, encodeOrNull[%s])", v, s)
		}
		return fmt.Sprintf("wire.EncodeMap(e, %s, %s)", v, w.elementEncoder(elem))
	}
	log.Fatalf("no way to encode a %s", typ)
	return ""
}

// elementEncoder is a func(*wire.Encoder, T) for T = typ.
func (w *writer) elementEncoder(typ string) string {
	switch {
	case w.pkg.isUnion[typ], w.pkg.isStruct[strings.TrimPrefix(typ, "*")]:
		return "encodeElement"
	case typ == "json.RawMessage":
		return "(*wire.Encoder).Raw"
	case typ == "any":
		return "encodeAny"
	case w.pkg.isString[typ]:
		return "encodeString"
	case w.scalar(typ) != "":
		return "(*wire.Encoder)." + w.scalar(typ)
	}
	log.Fatalf("no way to encode a %s", typ)
	return ""
}

func (w *writer) unionCode(u *unionInfo) {
	w.printf("\nfunc decode%s(d *wire.Decoder) %s { return decode%sType(d, d.PeekType()) }\n", u.name, u.name, u.name)
	w.printf("\nfunc decode%sType(d *wire.Decoder, typ []byte) %s {\nvar v %s\nswitch string(typ) {\n", u.name, u.name, u.name)
	untyped := ""
	for _, c := range u.cases {
		quoted := make([]string, len(c.types))
		for i, t := range c.types {
			quoted[i] = fmt.Sprintf("%q", t)
		}
		w.printf("case %s: v = new(%s)\n", strings.Join(quoted, ", "), c.goType)
		if c.untyped {
			untyped = c.goType
		}
	}
	w.printf("default:\n")
	if untyped != "" {
		w.printf("if typ == nil && d.Next() == wire.Object { v = new(%s); break }\n", untyped)
	}
	w.printf("return &%s{Type: string(typ), Raw: d.Raw()}\n}\nv.decode(d)\nreturn v\n}\n", u.unknown)
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }
