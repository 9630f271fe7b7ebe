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
	w.printf("\n// UnmarshalJSON implements [json.Unmarshaler].\nfunc (x *%s) UnmarshalJSON(data []byte) error { var v %s; return unmarshal(data, v.decode, func() { *x = v }) }\n", s.name, s.name)
}

func (w *writer) decodeCode(s *structInfo) {
	w.printf("\nfunc (x *%s) decode(d *wire.Decoder) {\nfor o := d.Object(); o.Next(); {\nswitch string(o.Key()) {\n", s.name)
	if s.literal != "" {
		w.printf("case \"type\": o.Literal(%q, &x.Extra)\n", s.literal)
	}
	for i, f := range s.fields {
		read := w.decodeField(i, f)
		if s.lenient {
			read = "m := o.Mark(); " + read + "; o.Keep(m, &x.Extra)"
		}
		w.printf("case %q: if !o.Null(&x.form, %d) { %s }\n", f.name, i, read)
	}
	w.printf("default: o.Extra(&x.Extra)\n}\n}\n}\n")
}

func (w *writer) decodeField(i int, f field) string {
	v := "x." + f.goName
	if f.via != "" {
		return fmt.Sprintf("%s = decode%s(d, &x.form, %d)", v, f.via, i)
	}
	if read := w.scalarReader(f.typ); read != "" {
		code := fmt.Sprintf("%s(d, &%s)", read, v)
		if f.omitZero && f.typ != "[]byte" {
			code += fmt.Sprintf("; if %s { x.form.SetAlt(%d) }", w.isZero(f), i)
		}
		return code
	}
	if w.pkg.isStruct[f.typ] {
		return v + ".decode(d)"
	}
	return fmt.Sprintf("%s = %s", v, w.decodeValue(f.typ))
}

// scalarReader names the function of package wire that reads into a pointer to typ.
func (w *writer) scalarReader(typ string) string {
	switch {
	case typ == "string" || w.pkg.isString[typ]:
		return "wire.Str"
	case typ == "int":
		return "wire.Int"
	case typ == "float64":
		return "wire.Float"
	case typ == "bool":
		return "wire.Boolean"
	case typ == "[]byte":
		return "wire.Base64"
	}
	return ""
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
	if elem, ok := strings.CutPrefix(typ, "*"); ok && w.scalarReader(elem) != "" {
		return fmt.Sprintf("wire.New(d, %s[%s])", w.scalarReader(elem), elem)
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
	case w.scalarReader(typ) != "":
		return fmt.Sprintf("func(d *wire.Decoder) (v %s) { %s(d, &v); return v }", typ, w.scalarReader(typ))
	}
	log.Fatalf("no way to decode a %s", typ)
	return ""
}

func (w *writer) encodeCode(s *structInfo) {
	w.printf("\nfunc (x *%s) encode(e *wire.Encoder) {\nif x == nil { e.Fail(\"is nil\"); return }\n", s.name)
	if s.request {
		w.printf("mode := e.Mode\ne.Mode |= wire.InRequest\n")
	}
	w.printf("o := e.Object(x.Extra)\n")
	if s.literal != "" {
		w.printf("if o.Member(\"type\") { e.Str(%q) }\n", s.literal)
	}
	for i, f := range s.fields {
		if f.mode != "" {
			w.printf("if e.Mode&wire.%s == 0 {\n", f.mode)
		}
		w.encodeField(s, i, f)
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

func (w *writer) encodeField(s *structInfo, i int, f field) {
	zero := w.isZero(f)
	var value string
	if f.via == "" {
		value = w.encodeValue("x."+f.goName, f.typ)
	} else {
		value = fmt.Sprintf("encode%s(e, x.%s, x.form.Alt(%d))", f.via, f.goName, i)
	}
	switch {
	case f.zero != "":
		value = fmt.Sprintf("if %s { e.Str(%s) } else { %s }", zero, f.zero, value)
	case f.name == "type" && !f.omitZero && len(s.types) > 1:
		value = fmt.Sprintf("if %s { e.Fail(%q) }; %s", zero, "is empty; want one of "+strings.Join(s.types, ", "), value)
	}
	null := fmt.Sprintf("x.form.Null(%d)", i)
	present := nonZero(zero)
	switch {
	case zero == "": // a struct by value is always written
		w.printf("if o.Member(%q) { %s }\n", f.name, value)
		return
	case w.pkg.isUnion[f.typ] && !f.omitZero:
		// An answer may lack it; a request must not.
		present += " || e.Mode&wire.InRequest != 0"
	case strings.HasPrefix(f.typ, "*") && !f.omitZero:
		null = "true"
	case !f.omitZero:
		present += " || !" + null
	case f.via == "" && f.typ != "[]byte" && w.scalarReader(f.typ) != "":
		present += fmt.Sprintf(" || x.form.Alt(%d)", i) // it came, and was zero
	}
	w.printf("if o.Present(%q, %s, %s) { %s }\n", f.name, present, null, value)
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
	case typ == "string":
		return "(*wire.Encoder).Str"
	}
	return fmt.Sprintf("func(e *wire.Encoder, v %s) { %s }", typ, w.encodeValue("v", typ))
}

func (w *writer) unionCode(u *unionInfo) {
	w.printf("\nfunc decode%s(d *wire.Decoder) %s { return decode%sType(d, d.PeekType()) }\n", u.name, u.name, u.name)
	w.printf("\nfunc decode%sType(d *wire.Decoder, typ []byte) %s {\nswitch string(typ) {\n", u.name, u.name)
	untyped := ""
	for _, c := range u.cases {
		quoted := make([]string, len(c.types))
		for i, t := range c.types {
			quoted[i] = fmt.Sprintf("%q", t)
		}
		w.printf("case %s: return decodeNew[%s](d)\n", strings.Join(quoted, ", "), c.goType)
		if c.untyped {
			untyped = c.goType
		}
	}
	w.printf("}\n")
	if untyped != "" {
		w.printf("if typ == nil && d.Next() == wire.Object { return decodeNew[%s](d) }\n", untyped)
	}
	w.printf("return &%s{Type: string(typ), Raw: d.Raw()}\n}\n", u.unknown)
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }
