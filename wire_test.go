package portkey

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey/internal/wire"
)

// The samples in testdata/wire are written by hand after the wire format's
// documentation, one file for each kind of value, by name.

// wireKinds says how the samples of each file are decoded.
var wireKinds = map[string]func([]byte) (wireValue, error){
	"Citation":         ofUnion(decodeCitation),
	"ContentBlock":     ofUnion(decodeContentBlock),
	"Delta":            ofUnion(decodeDelta),
	"ServerToolResult": ofUnion(decodeServerToolResult),
	"Source":           ofUnion(decodeSource),
	"StreamEvent":      ofUnion(decodeStreamEvent),
	"Tool":             ofUnion(decodeTool),

	"Config":             ofStruct[Config],
	"Container":          ofStruct[Container],
	"Diagnostics":        ofStruct[Diagnostics],
	"DiagnosticsRequest": ofStruct[DiagnosticsRequest],
	"HookResults":        ofStruct[HookResults],
	"Message":            ofStruct[Message],
	"MessageParam":       ofStruct[MessageParam],
	"MessageRequest":     ofStruct[MessageRequest],
	"OutputConfig":       ofStruct[OutputConfig],
	"StopDetails":        ofStruct[StopDetails],
	"Thinking":           ofStruct[Thinking],
	"TokenCount":         ofStruct[TokenCount],
	"ToolChoice":         ofStruct[ToolChoice],
	"Usage":              ofStruct[Usage],
}

func ofUnion[T wireValue](decode func(*wire.Decoder) T) func([]byte) (wireValue, error) {
	return func(data []byte) (wireValue, error) { return unmarshalUnion(data, decode) }
}

func ofStruct[T any, P interface {
	*T
	wireValue
	json.Unmarshaler
}](data []byte) (wireValue, error) {
	v := P(new(T))
	return v, v.UnmarshalJSON(data) // json.Unmarshal would find bad JSON first
}

// encodeAll encodes a value with all that it has, secrets too.
func encodeAll(v wireValue) ([]byte, error) { return wire.Encode(wire.Reveal, v.encode) }

func mustEncode(t *testing.T, v wireValue) string {
	t.Helper()
	data, err := encodeAll(v)
	require.NoError(t, err)
	return string(data)
}

// samples reads the samples of a kind.
func samples(t testing.TB, kind string) map[string]json.RawMessage {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "wire", kind+".json"))
	require.NoError(t, err)
	var byName map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(data, &byName), kind)
	require.NotEmpty(t, byName)
	return byName
}

// eachSample calls f for each sample there is, decoded.
func eachSample(t *testing.T, f func(t *testing.T, kind string, sample []byte, v wireValue)) {
	for _, kind := range slices.Sorted(maps.Keys(wireKinds)) {
		byName := samples(t, kind)
		for _, name := range slices.Sorted(maps.Keys(byName)) {
			t.Run(kind+"/"+name, func(t *testing.T) {
				v, err := wireKinds[kind](byName[name])
				require.NoError(t, err)
				f(t, kind, byName[name], v)
			})
		}
	}
}

// walk calls f for each struct within v, which it knows by its type and its
// place. It panics on what it does not expect in a wire struct.
func walk(v reflect.Value, path string, f func(v reflect.Value, path string)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			walk(v.Elem(), path, f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), path+"[]", f)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			walk(v.MapIndex(key), path+"."+key.String(), f)
		}
	case reflect.Struct:
		f(v, path)
		for i := range v.NumField() {
			if name := jsonName(v.Type().Field(i)); name != "" {
				walk(v.Field(i), path+"."+name, f)
			}
		}
		if v.Type() == reflect.TypeFor[WebSearchResults]() {
			walk(v.FieldByName("Results"), path, f)
		}
	case reflect.String, reflect.Int, reflect.Float64, reflect.Bool, reflect.Uint8:
	default:
		panic("unexpected " + v.Type().String() + " at " + path)
	}
}

// jsonName is the name of a member, and empty for a field that is none.
func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "-" {
		return ""
	}
	return name
}

// requireKnown fails where a member or a type of v is unknown.
func requireKnown(t *testing.T, v any) {
	t.Helper()
	walk(reflect.ValueOf(v), "", func(v reflect.Value, path string) {
		name := v.Type().Name()
		assert.False(t, strings.HasPrefix(name, "Unknown"), "%s is a %s", path, name)
		if v.Type() == reflect.TypeFor[Guardrail]() {
			for setting := range v.Interface().(Guardrail).Extra {
				assert.True(t, guardrailSettings[setting] || setting == "id" || setting == "deny", "%s of %s", setting, path)
			}
		} else if extra := v.FieldByName("Extra"); extra.IsValid() {
			assert.Empty(t, extra.Interface(), "Extra of %s, a %s", path, name)
		}
	})
}

// No sample has anything that the types do not know, and none loses or gains
// anything on its way through them.
func TestSamplesRoundTrip(t *testing.T) {
	eachSample(t, func(t *testing.T, kind string, sample []byte, v wireValue) {
		requireKnown(t, v)
		once := mustEncode(t, v)
		assert.JSONEq(t, string(sample), once)

		again, err := wireKinds[kind]([]byte(once))
		require.NoError(t, err)
		assert.Equal(t, once, mustEncode(t, again), "the second trip changes something")
	})
}

// A struct within a struct of the caller's, by value or by pointer, has the
// same JSON as on its own.
func TestSamplesInStandardJSON(t *testing.T) {
	eachSample(t, func(t *testing.T, kind string, sample []byte, v wireValue) {
		if kind == "Config" {
			return // its secrets are not shown: TestConfigSecrets has what is
		}
		pointer, err := json.Marshal(map[string]any{"a": v})
		require.NoError(t, err)
		assert.JSONEq(t, `{"a":`+string(sample)+`}`, string(pointer))
		value, err := json.Marshal([]any{reflect.ValueOf(v).Elem().Interface()})
		require.NoError(t, err)
		assert.JSONEq(t, "["+string(sample)+"]", string(value))
	})
}

// Encoding has no side effects: the value is the same afterwards.
func TestEncodeTwice(t *testing.T) {
	eachSample(t, func(t *testing.T, _ string, _ []byte, v wireValue) {
		assert.Equal(t, mustEncode(t, v), mustEncode(t, v))
	})
}

// A sample that is cut anywhere is an error, and never a panic.
func TestSamplesCut(t *testing.T) {
	eachSample(t, func(t *testing.T, kind string, sample []byte, _ wireValue) {
		for n := range len(sample) {
			v, err := wireKinds[kind](sample[:n])
			require.Error(t, err, "%s", sample[:n])
			if rv := reflect.ValueOf(v); rv.IsValid() && rv.Kind() == reflect.Pointer {
				assert.True(t, rv.Elem().IsZero(), "a failed decode leaves %#v", v)
			}
		}
		_, err := wireKinds[kind](append(slices.Clone(sample), "{}"...))
		assert.ErrorContains(t, err, "more than one JSON value")
		_, err = wireKinds[kind](append(slices.Clone(sample), '}'))
		assert.Error(t, err)
		_, err = wireKinds[kind](append(slices.Clone(sample), " \n"...))
		assert.NoError(t, err)
	})
}

func TestConfigSecrets(t *testing.T) {
	config := Config{Provider: "anthropic", APIKey: "sk-1", Targets: []*Config{{VirtualKey: "vk-1"}}}
	for _, v := range []any{config, &config} {
		shown, err := json.Marshal(v)
		require.NoError(t, err)
		assert.JSONEq(t, `{"provider":"anthropic","api_key":"[redacted]","targets":[{"virtual_key":"[redacted]"}]}`, string(shown))
	}
	assert.JSONEq(t, `{"provider":"anthropic","api_key":"sk-1","targets":[{"virtual_key":"vk-1"}]}`, mustEncode(t, &config))

	// Of the samples, those of the providers have all the secrets there are.
	for name, want := range map[string]string{
		"bedrock":                 `{"provider":"bedrock","aws_region":"us-east-1","aws_access_key_id":"AKIA","aws_secret_access_key":"[redacted]","aws_session_token":"[redacted]","override_params":{"model":"us.anthropic.claude-sonnet-4-v1:0"}}`,
		"vertex, service account": `{"provider":"vertex-ai","vertex_region":"us-east5","vertex_service_account_json":"[redacted]"}`,
		"azure": `{"provider":"azure-ai","azure_foundry_url":"https://x.example/anthropic","azure_api_version":"2026-01-01","azure_endpoint_name":"ep",
			"azure_ad_token":"[redacted]","azure_auth_mode":"entra","azure_entra_client_id":"ci","azure_entra_client_secret":"[redacted]",
			"azure_entra_tenant_id":"ti","azure_entra_scope":"https://x.example/.default","azure_managed_client_id":"mi"}`,
	} {
		v, err := wireKinds["Config"](samples(t, "Config")[name])
		require.NoError(t, err)
		shown, err := json.Marshal(v)
		require.NoError(t, err)
		assert.JSONEq(t, want, string(shown))
		assert.Contains(t, fmt.Sprint(v), "portkey.Config(", "what is printed is less: Extra may be secret too")
	}
}

// Each member whose name says so is a secret.
func TestConfigSecretMembers(t *testing.T) {
	for _, m := range membersOf(new(Config)) {
		named := false
		for _, part := range []string{"api_key", "virtual_key", "secret", "token", "service_account"} {
			named = named || strings.Contains(m.name, part)
		}
		assert.Equal(t, named, m.field.Type == reflect.TypeFor[Secret](), m.name)
	}
}

// The service account is the text of its file, whatever that is, byte by byte.
func TestConfigServiceAccount(t *testing.T) {
	for _, text := range []string{`{"private_key":"a\nb", "n":1.50}`, `"a string"`, `{}`, `[true]`, `5`} {
		var config Config
		require.NoError(t, json.Unmarshal([]byte(`{"vertex_service_account_json": `+text+` }`), &config))
		assert.Equal(t, text, string(config.VertexServiceAccountJSON))
		assert.Equal(t, `{"vertex_service_account_json":`+text+`}`, mustEncode(t, &config))
	}
	_, err := encodeAll(&Config{VertexServiceAccountJSON: "{"})
	assert.EqualError(t, err, "vertex_service_account_json: not valid JSON")
}

// A secret that is not in the list would be shown in errors and targets.
func TestSecretsOfAConfigAreListed(t *testing.T) {
	c := new(Config)
	listed := map[*Secret]bool{}
	for _, s := range c.secrets() {
		listed[s] = true
	}
	v := reflect.ValueOf(c).Elem()
	for i := range v.NumField() {
		if v.Field(i).Type() == reflect.TypeFor[Secret]() {
			assert.True(t, listed[v.Field(i).Addr().Interface().(*Secret)], v.Type().Field(i).Name)
		}
	}
}
