package portkey

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The tests in this file hold for each member of each wire struct, or for each
// struct. They build their JSON from the struct's tags: what is tested here is
// not which members there are, which is for the samples, but that none of them
// is treated worse than the others.

// wireStructs are all of them; TestListOfWireStructs sees to that.
var wireStructs = []wireValue{
	new(Base64Source),
	new(BashCodeExecutionResult),
	new(BashCodeExecutionToolResultBlock),
	new(BashTool),
	new(BrowserStateBlock),
	new(BrowserStateChange),
	new(BrowserTab),
	new(BrowserToolset),
	new(CacheConfig),
	new(CacheControl),
	new(CacheCreation),
	new(CacheMissReason),
	new(Caller),
	new(CharLocation),
	new(CircuitBreaker),
	new(CitationsConfig),
	new(CitationsDelta),
	new(CodeExecutionOutput),
	new(CodeExecutionResult),
	new(CodeExecutionTool),
	new(CodeExecutionToolResultBlock),
	new(ComputerToolset),
	new(Condition),
	new(Config),
	new(Container),
	new(ContainerUploadBlock),
	new(ContentBlockDeltaEvent),
	new(ContentBlockLocation),
	new(ContentBlockStartEvent),
	new(ContentBlockStopEvent),
	new(ContentSource),
	new(CustomTool),
	new(Diagnostics),
	new(DiagnosticsRequest),
	new(DocumentBlock),
	new(EncryptedCodeExecutionResult),
	new(FileSource),
	new(Hook),
	new(HookCheck),
	new(HookCheckConfig),
	new(HookError),
	new(HookFeedback),
	new(HookResult),
	new(HookResults),
	new(HookResultsEvent),
	new(ImageBlock),
	new(ImageTransformations),
	new(InputJSONDelta),
	new(MemoryTool),
	new(Message),
	new(MessageDelta),
	new(MessageDeltaEvent),
	new(MessageParam),
	new(MessageRequest),
	new(MessageStartEvent),
	new(MessageStopEvent),
	new(Metadata),
	new(OutputConfig),
	new(OutputFormat),
	new(OutputTokensDetails),
	new(PageLocation),
	new(PingEvent),
	new(RedactedThinkingBlock),
	new(RetryConfig),
	new(SearchResultBlock),
	new(SearchResultLocation),
	new(ServerToolResultError),
	new(ServerToolUsage),
	new(ServerToolUseBlock),
	new(SignatureDelta),
	new(Skill),
	new(StopDetails),
	new(Sticky),
	new(Strategy),
	new(TextBlock),
	new(TextDelta),
	new(TextEditorCodeExecutionToolResultBlock),
	new(TextEditorCreateResult),
	new(TextEditorStrReplaceResult),
	new(TextEditorTool),
	new(TextEditorViewResult),
	new(TextSource),
	new(Thinking),
	new(ThinkingBlock),
	new(ThinkingDelta),
	new(TokenCount),
	new(ToolChoice),
	new(ToolReferenceBlock),
	new(ToolResultBlock),
	new(ToolSearchResult),
	new(ToolSearchTool),
	new(ToolSearchToolResultBlock),
	new(ToolUseBlock),
	new(ToolsetMemberConfig),
	new(URLSource),
	new(URLSourceRule),
	new(URLSourceTool),
	new(URLSources),
	new(Usage),
	new(UserLocation),
	new(WebFetchResult),
	new(WebFetchTool),
	new(WebFetchToolResultBlock),
	new(WebSearchResult),
	new(WebSearchResultLocation),
	new(WebSearchTool),
	new(WebSearchToolResultBlock),
}

// member is one member of a wire struct.
type member struct {
	name     string
	field    reflect.StructField
	optional bool
}

func membersOf(v wireValue) []member {
	typ := reflect.TypeOf(v).Elem()
	var members []member
	for i := range typ.NumField() {
		f := typ.Field(i)
		if name := jsonName(f); name != "" {
			members = append(members, member{name, f, strings.HasSuffix(f.Tag.Get("json"), ",omitzero")})
		}
	}
	return members
}

// baseObject has as little as a struct can be encoded with: its type, where it has
// one, and a value for the members that must have one.
func baseObject(t *testing.T, v wireValue) map[string]json.RawMessage {
	object := map[string]json.RawMessage{}
	goType := reflect.TypeOf(v).Elem().Name()
	for _, types := range readWireSource(t).unions {
		for wireType, name := range types {
			quoted := json.RawMessage(`"` + wireType + `"`)
			if have := object["type"]; name == goType && wireType != "-" && (have == nil || string(have) > string(quoted)) {
				object["type"] = quoted // always the same one of several
			}
		}
	}
	for _, m := range membersOf(v) {
		if m.field.Type.Kind() == reflect.Interface {
			object[m.name] = json.RawMessage(`{"type":"zz"}`)
		}
	}
	return object
}

func withMember(object map[string]json.RawMessage, name, value string) []byte {
	changed := map[string]json.RawMessage{}
	for k, v := range object {
		changed[k] = v
	}
	changed[name] = json.RawMessage(value)
	data, err := json.Marshal(changed)
	if err != nil {
		panic(err)
	}
	return data
}

// memberOf is the JSON of an object's member, and empty where it is absent.
func memberOf(t *testing.T, object []byte, name string) string {
	t.Helper()
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(object, &members), "%s", object)
	return string(members[name])
}

// again decodes data into a new struct of v's type.
func again(t *testing.T, v wireValue, data []byte) wireValue {
	t.Helper()
	fresh := reflect.New(reflect.TypeOf(v).Elem()).Interface().(wireValue)
	require.NoError(t, json.Unmarshal(data, fresh), "%s", data)
	return fresh
}

// eachStruct calls f for each wire struct, in a test of its own.
func eachStruct(t *testing.T, f func(t *testing.T, v wireValue, base map[string]json.RawMessage)) {
	for _, v := range wireStructs {
		t.Run(reflect.TypeOf(v).Elem().Name(), func(t *testing.T) { f(t, v, baseObject(t, v)) })
	}
}

func eachMember(t *testing.T, applies func(base map[string]json.RawMessage, m member) bool, f func(t *testing.T, v wireValue, base map[string]json.RawMessage, m member)) {
	eachStruct(t, func(t *testing.T, v wireValue, base map[string]json.RawMessage) {
		for _, m := range membersOf(v) {
			if !applies(base, m) {
				continue
			}
			t.Run(m.name, func(t *testing.T) { f(t, v, base, m) })
		}
	})
}

func everyMember(map[string]json.RawMessage, member) bool { return true }

// An explicit null is written again.
func TestNullSurvives(t *testing.T) {
	// Left out: a union's value without a type is of another Go type.
	eachMember(t, func(base map[string]json.RawMessage, m member) bool {
		return m.name != "type" || base["type"] == nil || m.optional
	}, func(t *testing.T, v wireValue, base map[string]json.RawMessage, m member) {
		sample := withMember(base, m.name, "null")
		got := mustEncode(t, again(t, v, sample))
		assertSurvives(t, v, m, "null", sample, got)
	})
}

// lossy are the members that are known not to survive, with the value that
// does not and what becomes of it. Nothing else may be here.
var lossy = map[string]string{
	// Structs by value cannot be null.
	"Message.usage null":           "{}",
	"MessageDeltaEvent.delta null": "{}",
	// Empty stands for the default, in what was decoded as well.
	`BashTool.name ""`:          `"bash"`,
	`CodeExecutionTool.name ""`: `"code_execution"`,
	`MemoryTool.name ""`:        `"memory"`,
	`Message.role ""`:           `"assistant"`,
	`TextEditorTool.name ""`:    `"str_replace_editor"`,
	`TextSource.media_type ""`:  `"text/plain"`,
	`ToolSearchTool.name ""`:    `"tool_search_tool_bm25"`,
	`WebFetchTool.name ""`:      `"web_fetch"`,
	`WebSearchTool.name ""`:     `"web_search"`,
}

func assertSurvives(t *testing.T, v wireValue, m member, value string, sample []byte, got string) {
	t.Helper()
	want := value
	if known, ok := lossy[reflect.TypeOf(v).Elem().Name()+"."+m.name+" "+value]; ok {
		want = known
	}
	assert.Equal(t, want, memberOf(t, []byte(got), m.name), "%s became %s", sample, got)
}

// zeroJSON is the JSON of a member that came, and is empty.
func zeroJSON(f reflect.StructField) string {
	typ := f.Type
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	switch {
	case typ == reflect.TypeFor[json.RawMessage]():
		return "{}"
	case typ == reflect.TypeFor[[]byte]():
		return `""`
	}
	switch typ.Kind() {
	case reflect.String:
		return `""`
	case reflect.Int, reflect.Float64:
		return "0"
	case reflect.Bool:
		return "false"
	case reflect.Slice:
		return "[]"
	case reflect.Map:
		return "{}"
	}
	return ""
}

func TestZeroSurvives(t *testing.T) {
	// Left out: has no empty value, or says what Go type it is.
	eachMember(t, func(base map[string]json.RawMessage, m member) bool {
		return zeroJSON(m.field) != "" && m.name != "type"
	}, func(t *testing.T, v wireValue, base map[string]json.RawMessage, m member) {
		zero := zeroJSON(m.field)
		sample := withMember(base, m.name, zero)
		got := mustEncode(t, again(t, v, sample))
		assertSurvives(t, v, m, zero, sample, got)
	})
}

func TestAbsentOptionalStaysAbsent(t *testing.T) {
	// Left out: required members are always written.
	eachMember(t, func(base map[string]json.RawMessage, m member) bool { return m.optional }, func(t *testing.T, v wireValue, base map[string]json.RawMessage, m member) {
		delete(base, m.name)
		got := mustEncode(t, again(t, v, withMember(base, "x", "1")))
		assert.Empty(t, memberOf(t, []byte(got), m.name), got)
	})
}

// Enumerations are open.
func TestUnknownEnumValueSurvives(t *testing.T) {
	// Left out: no enumeration.
	eachMember(t, func(base map[string]json.RawMessage, m member) bool {
		return m.field.Type.Kind() == reflect.String && m.field.Type.Name() != "string" && !takesAnyValue(m.field)
	}, func(t *testing.T, v wireValue, base map[string]json.RawMessage, m member) {
		fresh := again(t, v, withMember(base, m.name, `"brand_new"`))
		assert.Equal(t, "brand_new", reflect.ValueOf(fresh).Elem().FieldByIndex(m.field.Index).String())
		assert.Equal(t, `"brand_new"`, memberOf(t, []byte(mustEncode(t, fresh)), m.name))
	})
}

func TestUnknownMembersSurvive(t *testing.T) {
	const value = `{"a":[1,null,{"b":"\u003c"}],"n":1.50}`
	eachStruct(t, func(t *testing.T, v wireValue, base map[string]json.RawMessage) {
		fresh := again(t, v, withMember(base, "zz_new", value))
		extra := reflect.ValueOf(fresh).Elem().FieldByName("Extra").Interface().(map[string]json.RawMessage)
		assert.Equal(t, map[string]json.RawMessage{"zz_new": json.RawMessage(value)}, extra)
		got := mustEncode(t, fresh)
		assert.Equal(t, value, memberOf(t, []byte(got), "zz_new"), got)
	})
}

// "Text" is not "text", as it would be to encoding/json.
func TestNamesAreCaseSensitive(t *testing.T) {
	eachMember(t, everyMember, func(t *testing.T, v wireValue, base map[string]json.RawMessage, m member) {
		other := strings.ToUpper(m.name)
		plain, fresh := again(t, v, withMember(base, "x", "1")), again(t, v, withMember(base, other, `"y"`))
		extra := reflect.ValueOf(fresh).Elem().FieldByName("Extra").Interface().(map[string]json.RawMessage)
		assert.Equal(t, map[string]json.RawMessage{other: json.RawMessage(`"y"`)}, extra)
		assert.Equal(t, reflect.ValueOf(plain).Elem().FieldByIndex(m.field.Index).Interface(),
			reflect.ValueOf(fresh).Elem().FieldByIndex(m.field.Index).Interface())
	})
}

// A member of Extra wins over the field of its name, and is written once.
func TestExtraWins(t *testing.T) {
	eachMember(t, everyMember, func(t *testing.T, v wireValue, base map[string]json.RawMessage, m member) {
		for _, value := range []string{`"from Extra"`, "null"} {
			fresh := again(t, v, withMember(base, "x", "1"))
			field := reflect.ValueOf(fresh).Elem().FieldByName("Extra")
			field.Set(reflect.ValueOf(map[string]json.RawMessage{m.name: json.RawMessage(value)}))
			got := mustEncode(t, fresh)
			assert.Equal(t, value, memberOf(t, []byte(got), m.name), got)
			assert.NoError(t, noDuplicates([]byte(got)), got)
		}
	})
}

// takesAnyValue reports whether a member takes JSON of any kind. The service
// account of a config is one: see TestConfigServiceAccount.
func takesAnyValue(f reflect.StructField) bool {
	return f.Type == reflect.TypeFor[json.RawMessage]() || f.Type.Kind() == reflect.Interface || f.Tag.Get("wire") == "via=SecretJSON"
}

// lenient are the structs of an answer that is not to be lost because of them.
var lenient = map[reflect.Type]bool{
	reflect.TypeFor[StopDetails](): true, reflect.TypeFor[Usage](): true, reflect.TypeFor[CacheCreation](): true,
	reflect.TypeFor[OutputTokensDetails](): true, reflect.TypeFor[ServerToolUsage](): true, reflect.TypeFor[Diagnostics](): true,
	reflect.TypeFor[CacheMissReason](): true, reflect.TypeFor[HookResults](): true, reflect.TypeFor[HookResult](): true,
	reflect.TypeFor[HookCheck](): true, reflect.TypeFor[HookError](): true, reflect.TypeFor[HookFeedback](): true,
}

// A value of a kind that a member does not take is an error that names it; in
// a lenient struct it is kept as an unknown member.
func TestWrongKindNamesTheMember(t *testing.T) {
	// Left out: takes any value.
	eachMember(t, func(base map[string]json.RawMessage, m member) bool { return !takesAnyValue(m.field) }, func(t *testing.T, v wireValue, base map[string]json.RawMessage, m member) {
		wrong := `[[true]]`
		fresh := reflect.New(reflect.TypeOf(v).Elem()).Interface()
		if elem := m.field.Type; elem.Kind() == reflect.Slice && (elem.Elem().Kind() == reflect.Interface || elem.Elem() == reflect.TypeFor[json.RawMessage]()) {
			wrong = `true` // elements may be anything
		}
		before := reflect.ValueOf(fresh).Elem().Interface()
		data := withMember(base, m.name, wrong)
		err := json.Unmarshal(data, fresh)
		if lenient[reflect.TypeOf(v).Elem()] {
			require.NoError(t, err)
			extra := reflect.ValueOf(fresh).Elem().FieldByName("Extra").Interface().(map[string]json.RawMessage)
			assert.Equal(t, wrong, string(extra[m.name]))
			text, err := json.Marshal(fresh)
			require.NoError(t, err)
			var again map[string]json.RawMessage
			require.NoError(t, json.Unmarshal(text, &again))
			assert.Equal(t, wrong, string(again[m.name]))
			broken := strings.Replace(string(data), wrong, `{"a":tru}`, 1)
			assert.Error(t, json.Unmarshal([]byte(broken), fresh), "what is no JSON is an error here too")
			return
		}
		require.Error(t, err)
		assert.Regexp(t, "^"+m.name+`(\[0\])?: want `, err.Error())
		assert.Equal(t, before, reflect.ValueOf(fresh).Elem().Interface(), "a failed decode changes nothing")
	})
}

// An empty struct can be decoded, whatever it lacks.
func TestEmptyObjectDecodes(t *testing.T) {
	eachStruct(t, func(t *testing.T, v wireValue, _ map[string]json.RawMessage) { again(t, v, []byte(" {\n} ")) })
}

// Decoding replaces the whole value.
func TestDecodeReplaces(t *testing.T) {
	// Left out: no value at hand.
	eachMember(t, func(base map[string]json.RawMessage, m member) bool {
		return zeroJSON(m.field) != "" && m.name != "type"
	}, func(t *testing.T, v wireValue, base map[string]json.RawMessage, m member) {
		zero := zeroJSON(m.field)
		delete(base, m.name)
		want := again(t, v, withMember(base, "x", "1"))
		reused := again(t, v, withMember(base, m.name, zero))
		require.NoError(t, json.Unmarshal(withMember(base, "x", "1"), reused))
		assert.Equal(t, want, reused)
	})
}

// A nil pointer is null in the caller's JSON, as always in Go, and an error
// where the wire wants a value.
func TestNilPointers(t *testing.T) {
	eachStruct(t, func(t *testing.T, v wireValue, _ map[string]json.RawMessage) {
		null := reflect.Zero(reflect.TypeOf(v)).Interface().(wireValue)
		data, err := json.Marshal(null)
		require.NoError(t, err)
		assert.Equal(t, "null", string(data))
		_, err = encodeAll(null)
		assert.EqualError(t, err, "is nil")
	})
}

// noDuplicates reports a member that an object has twice.
func noDuplicates(data []byte) error {
	d := json.NewDecoder(strings.NewReader(string(data)))
	type scope struct {
		seen map[string]bool // nil in an array
		key  bool            // a name is next
	}
	var stack []scope
	for d.More() || len(stack) > 0 {
		token, err := d.Token()
		if err != nil {
			return err
		}
		if s, ok := token.(string); ok && len(stack) > 0 && stack[len(stack)-1].key {
			top := &stack[len(stack)-1]
			if top.seen[s] {
				return fmt.Errorf("%q is there twice", s)
			}
			top.seen[s], top.key = true, false
			continue
		}
		switch token {
		case json.Delim('{'):
			stack = append(stack, scope{seen: map[string]bool{}, key: true})
			continue
		case json.Delim('['):
			stack = append(stack, scope{})
			continue
		case json.Delim('}'), json.Delim(']'):
			stack = stack[:len(stack)-1]
		}
		if len(stack) > 0 {
			stack[len(stack)-1].key = stack[len(stack)-1].seen != nil
		}
	}
	return nil
}
