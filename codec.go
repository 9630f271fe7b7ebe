package portkey

import (
	"encoding/json"
	"errors"
	"reflect"

	"github.com/portkey-go/portkey/internal/wire"
)

//go:generate go run ./internal/gen

// wireValue is what a pointer to each type of the wire can do. codec_gen.go has
// the code for each type; this file has what the generated code calls.
type wireValue interface {
	encode(e *wire.Encoder)
	decode(d *wire.Decoder)
}

// pointer is a pointer to a T of the wire.
type pointer[T any] interface {
	*T
	wireValue
}

func decodeNew[T any, P pointer[T]](d *wire.Decoder) *T {
	v := new(T)
	P(v).decode(d)
	return v
}

func decodeStruct[T any, P pointer[T]](d *wire.Decoder) (v T) {
	P(&v).decode(d)
	return v
}

func decodeOrNull[T any, P pointer[T]](d *wire.Decoder) *T {
	return wire.NullOr(d, decodeNew[T, P])
}

func encodeElement[T wireValue](e *wire.Encoder, v T) {
	if any(v) == nil {
		e.Fail("is nil")
		return
	}
	v.encode(e)
}

func encodeOrNull[T any, P pointer[T]](e *wire.Encoder, v *T) {
	if v == nil {
		e.Null()
		return
	}
	P(v).encode(e)
}

func decodeString[T ~string](d *wire.Decoder) T { return T(d.Str()) }

func encodeString[T ~string](e *wire.Encoder, v T) { e.Str(string(v)) }

// decodeAny reads a value whose type is open.
func decodeAny(d *wire.Decoder) any { return d.Raw() }

// encodeAny writes a value whose type is open, as encoding/json sees it.
func encodeAny(e *wire.Encoder, v any) {
	switch v := v.(type) {
	case nil:
		e.Null()
	case string:
		e.Str(v)
	case json.RawMessage:
		if v == nil {
			e.Null()
			return
		}
		e.Raw(v)
	case Secret:
		encodeSecret(e, v)
	case map[string]any:
		wire.EncodeMap(e, v, encodeAny)
	case []any:
		wire.EncodeList(e, v, encodeAny)
	case []Query:
		wire.EncodeList(e, v, func(e *wire.Encoder, q Query) { encodeQuery(e, q, false) })
	case Query:
		encodeQuery(e, v, false)
	default:
		data, err := json.Marshal(v)
		if err != nil {
			e.Fail(err.Error())
			return
		}
		e.Raw(data)
	}
}

// encodeUnknown writes a value of an unknown type as it came.
func encodeUnknown(e *wire.Encoder, raw json.RawMessage) {
	if len(raw) == 0 {
		e.Fail("Raw is empty")
		return
	}
	e.Raw(raw)
}

func marshal(v wireValue) ([]byte, error) {
	return wire.Encode(wire.Plain, v.encode)
}

// unmarshal decodes data into what v points to, or leaves that as it is where
// data is bad. As encoding/json has it, null changes nothing.
func unmarshal(data []byte, v wireValue) error {
	if string(data) == "null" {
		return nil
	}
	target := reflect.ValueOf(v).Elem()
	if !target.IsValid() {
		return errors.New("portkey: UnmarshalJSON of a nil pointer")
	}
	fresh := reflect.New(target.Type())
	err := wire.Decode(data, fresh.Interface().(wireValue).decode)
	if err == nil {
		target.Set(fresh.Elem())
	}
	return err
}

// unmarshalUnion decodes a value of a union, for which encoding/json cannot know the Go type.
func unmarshalUnion[T any](data []byte, decode func(*wire.Decoder) T) (v T, err error) {
	err = wire.Decode(data, func(d *wire.Decoder) { v = decode(d) })
	if err != nil {
		var none T
		return none, err
	}
	return v, nil
}
