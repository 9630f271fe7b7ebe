package portkey

import (
	"bytes"
	"encoding/json"

	"github.com/portkey-go/portkey/internal/wire"
)

// Tool is one entry of a request's tools: something that the model may call.
// It is a sealed union: its members are pointer types, and they differ most in
// who runs the call.
//
// Tools that you run. The reply stops with stop reason "tool_use" and holds a
// [*ToolUseBlock] for each call. Run it, and answer with a [*ToolResultBlock]
// of the same ID in the next user message:
//
//   - [*CustomTool], a tool of your own
//   - [*BashTool], [*TextEditorTool], [*MemoryTool], whose input is fixed and
//     known to the model, so that they need no schema
//   - [*BrowserToolset], [*ComputerToolset], families of such tools
//
// Tools that the provider runs. Call and result are both in the reply, as a
// [*ServerToolUseBlock] and the block that answers it; you send them back with
// the rest of the turn, and nothing else:
//
//   - [*WebSearchTool], [*WebFetchTool]
//   - [*CodeExecutionTool]
//   - [*ToolSearchTool]
//
// Any other definition, such as that of a beta tool, is an [*UnknownTool].
//
// # Options that most tools share
//
// CacheControl makes the definition the end of a cached prefix. Tools stand
// first in a prompt, so that on the last tool it covers all of them.
//
// DeferLoading keeps the definition out of the prompt until a [*ToolSearchTool]
// finds it, which leaves cached prefixes as they are. At least one tool must
// not be deferred, and a deferred tool must not have a CacheControl: the API
// refuses both.
//
// Strict guarantees that the name and the input of a call match the definition.
//
// AllowedCallers says who may call the tool: the model itself ([CallerDirect]),
// the code that it runs in a [*CodeExecutionTool], or both. Nil is the model
// only, save for newer versions of the web tools.
type Tool interface {
	wireValue
	tool()
}

// ToolType is the wire type of a tool. It names the kind of tool and, for those
// that the provider defines, the version. A tool struct whose kind has several
// versions has a Type, which must be set; the others write theirs by themselves.
//
// A version stays as it is once it is out. Which ones a model takes depends on
// the model; prefer the newest that it does.
type ToolType string

// ToolTypeCustom is the type of a [CustomTool]. It is the same as no type.
const ToolTypeCustom ToolType = "custom"

// CustomTool is a tool that you define and run (wire type "custom", or none).
// [NewTool] makes one.
//
//wire:member Tool custom -
type CustomTool struct {
	// Type may stay empty, which says the same as [ToolTypeCustom].
	Type ToolType `json:"type,omitzero"`
	// Name is what the model calls the tool by: letters, digits, '_' and '-',
	// up to 64 of them, and unlike the name of any other tool of the request.
	Name string `json:"name"`
	// Description tells the model what the tool does, when to use it and what
	// it returns. It is optional, and matters more than anything else here.
	Description *string `json:"description,omitzero"`
	// InputSchema is a JSON Schema (2020-12) of the input. Its root must have
	// "type": "object"; for a tool without arguments that is the whole schema.
	// Nil is written as {}, which the API refuses.
	InputSchema json.RawMessage `json:"input_schema"`
	// InputExamples are inputs that show the model how to call the tool, each a
	// JSON object that matches the schema.
	InputExamples []json.RawMessage `json:"input_examples,omitzero"`
	// Strict guarantees that calls match the name and the schema. The schema
	// must then say "additionalProperties": false. Off where it is nil.
	Strict *bool `json:"strict,omitzero"`
	// EagerInputStreaming says whether a stream hands on the input while it is
	// being generated (true: sooner, but types are guessed and nothing is
	// checked) or buffers it (false). Nil leaves it to the beta header.
	EagerInputStreaming *bool `json:"eager_input_streaming,omitzero"`
	// DeferLoading keeps the tool out of the prompt until a tool search finds
	// it. Off where it is nil.
	DeferLoading *bool `json:"defer_loading,omitzero"`
	// AllowedCallers says who may call the tool. Nil is [CallerDirect] only.
	AllowedCallers []CallerType `json:"allowed_callers,omitzero"`
	// CacheControl makes this tool the end of a cached prefix.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// NewTool returns a tool that you run. The input schema is a JSON Schema with
// "type": "object" at its root; it is copied. An empty description is left out.
func NewTool(name, description string, inputSchema json.RawMessage) *CustomTool {
	tool := &CustomTool{Name: name, InputSchema: bytes.Clone(inputSchema)}
	if description != "" {
		tool.Description = &description
	}
	return tool
}

// BashTool lets the model run commands in a shell on your side (wire type
// "bash_20250124"). You run them, in one session that lives from call to call,
// and should do so in a sandbox.
//
// The input has "command", the command line, or "restart": true, which asks for
// a fresh session.
//
//wire:member Tool bash_20250124
type BashTool struct {
	// Name is fixed: "bash", which is also what is written where it is empty.
	Name string `json:"name" wire:"zero=bash"`
	// InputExamples are inputs that show the model how to call the tool.
	InputExamples []json.RawMessage `json:"input_examples,omitzero"`
	// Strict guarantees that calls match the tool's schema. Off where it is nil.
	Strict *bool `json:"strict,omitzero"`
	// DeferLoading keeps the tool out of the prompt until a tool search finds
	// it. Off where it is nil.
	DeferLoading *bool `json:"defer_loading,omitzero"`
	// AllowedCallers says who may call the tool. Nil is [CallerDirect] only.
	AllowedCallers []CallerType `json:"allowed_callers,omitzero"`
	// CacheControl makes this tool the end of a cached prefix.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// Versions of [TextEditorTool].
const (
	ToolTypeTextEditor20250124 ToolType = "text_editor_20250124" // for models before Claude 4
	ToolTypeTextEditor20250429 ToolType = "text_editor_20250429" // under a new name
	ToolTypeTextEditor20250728 ToolType = "text_editor_20250728" // adds MaxCharacters
)

// TextEditorTool lets the model view and edit text files on your side (wire
// types "text_editor_…"). You do the editing.
//
// The "command" of the input says what to do: "view", "create", "str_replace"
// or "insert", and in version 20250124 also "undo_edit". The "path" says where.
//
//wire:member Tool text_editor_20250124 text_editor_20250429 text_editor_20250728
type TextEditorTool struct {
	// Type is the version of the tool, such as [ToolTypeTextEditor20250728].
	// It is required: to encode a tool without one is an error.
	Type ToolType `json:"type"`
	// Name is fixed: "str_replace_editor" in version 20250124 and
	// "str_replace_based_edit_tool" since. Where it is empty, the one that
	// belongs to Type is written.
	Name string `json:"name" wire:"zero()=defaultName"`
	// MaxCharacters is how much of a file the model expects to see in one view,
	// in characters; you do the cutting. Nil is the whole file. From version
	// 20250728 on.
	MaxCharacters *int `json:"max_characters,omitzero"`
	// InputExamples are inputs that show the model how to call the tool.
	InputExamples []json.RawMessage `json:"input_examples,omitzero"`
	// Strict guarantees that calls match the tool's schema. Off where it is nil.
	Strict *bool `json:"strict,omitzero"`
	// DeferLoading keeps the tool out of the prompt until a tool search finds
	// it. Off where it is nil.
	DeferLoading *bool `json:"defer_loading,omitzero"`
	// AllowedCallers says who may call the tool. Nil is [CallerDirect] only.
	AllowedCallers []CallerType `json:"allowed_callers,omitzero"`
	// CacheControl makes this tool the end of a cached prefix.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// defaultName is the name that goes with the version.
func (x *TextEditorTool) defaultName() string {
	if x.Type == ToolTypeTextEditor20250124 {
		return "str_replace_editor"
	}
	return "str_replace_based_edit_tool"
}

// MemoryTool lets the model keep notes from one conversation to the next, as
// files in a directory /memories (wire type "memory_20250818"). You store them,
// wherever you like; refuse paths that lead out of the directory.
//
// The "command" of the input says what to do, and with which other members:
//
//	view         path, view_range (two line numbers; may be missing)
//	create       path, file_text
//	str_replace  path, old_str, new_str
//	insert       path, insert_line, insert_text
//	delete       path
//	rename       old_path, new_path
//
//wire:member Tool memory_20250818
type MemoryTool struct {
	// Name is fixed: "memory", which is also what is written where it is empty.
	Name string `json:"name" wire:"zero=memory"`
	// InputExamples are inputs that show the model how to call the tool.
	InputExamples []json.RawMessage `json:"input_examples,omitzero"`
	// Strict guarantees that calls match the tool's schema. Off where it is nil.
	Strict *bool `json:"strict,omitzero"`
	// DeferLoading keeps the tool out of the prompt until a tool search finds
	// it. Off where it is nil.
	DeferLoading *bool `json:"defer_loading,omitzero"`
	// AllowedCallers says who may call the tool. Nil is [CallerDirect] only.
	AllowedCallers []CallerType `json:"allowed_callers,omitzero"`
	// CacheControl makes this tool the end of a cached prefix.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// BrowserToolset lets the model use a web browser on your side (wire type
// "browser_toolset_20260801"). One entry stands for a family of tools, its
// members, whose definitions the model knows. Give it a browser that is signed
// in to nothing you would not hand to the model.
//
// A call is a [*ToolUseBlock] whose Name is the member and whose ToolsetName is
// "browser". Look at both: other tools may have a member's name. Answer with a
// [*ToolResultBlock] that repeats ToolsetName and holds a [*BrowserStateBlock].
// Several calls in one message are to run in their order.
//
// The members, and the members of their input ("?": may be missing or null):
//
//	navigate                     url ("back", "forward" and "reload" as well)
//	list_tabs, new_tab           none
//	switch_tab, close_tab        tab_id
//	read_page                    depth? (15), filter? ("all", "interactive"), ref?
//	get_page_text, screenshot    none
//	find                         query
//	zoom                         region (four numbers)
//	left_click, right_click, middle_click, double_click, triple_click
//	                             target, modifiers?
//	hover                        target
//	left_click_drag              from, target (coordinates)
//	left_mouse_down, left_mouse_up, mouse_move
//	                             target (a coordinate)
//	scroll                       target (a coordinate), scroll_direction,
//	                             scroll_amount? (1 to 10; 3)
//	scroll_to                    target (a ref)
//	form_input                   target (a ref), value (string, number or bool)
//	type                         text
//	key                          text, repeat? (1)
//	hold_key                     text, duration (seconds, up to 30)
//	wait                         duration (seconds, up to 30)
//	file_upload                  target (a ref), paths? or document_ids?
//	javascript_exec              text
//	read_console, read_network   none
//
// The last four, from file_upload on, are off unless Configs turns them on. A
// target is {"type":"coordinate","x":…,"y":…} or {"type":"ref","ref":…}, with a
// ref from read_page or find. All but list_tabs and new_tab take a tab_id; it
// may be missing save in switch_tab and close_tab.
//
//wire:member Tool browser_toolset_20260801
type BrowserToolset struct {
	// Configs changes single members, by their names; the API refuses names
	// that it does not know. Members that are missing, or nil (written as
	// null), keep their defaults.
	Configs map[string]*ToolsetMemberConfig `json:"configs,omitzero"`
	// CacheControl makes this toolset the end of a cached prefix.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// ComputerToolset lets the model use a desktop on your side, by its screen,
// mouse and keyboard (wire type "computer_toolset_20260801"). One entry stands
// for a family of tools, its members, whose definitions the model knows. Use a
// virtual machine that holds nothing you would not hand to the model.
//
// A call is a [*ToolUseBlock] whose Name is the member and whose ToolsetName is
// "computer". Look at both: other tools may have a member's name. Answer with a
// [*ToolResultBlock] that repeats ToolsetName, such as one with the screenshot
// as an image. Several calls in one message are to run in their order.
//
// The members, and the members of their input ("?": may be missing or null):
//
//	screenshot, cursor_position  none
//	zoom                         region (x0, y0, x1, y1)
//	mouse_move                   coordinate (x, y)
//	left_click, right_click, middle_click, double_click, triple_click
//	                             coordinate?, text? (keys that are held)
//	left_click_drag              start_coordinate, coordinate, text?
//	left_mouse_down, left_mouse_up
//	                             none
//	scroll                       scroll_direction, scroll_amount, coordinate?, text?
//	type                         text
//	key                          text, repeat?
//	hold_key                     text, duration (seconds)
//	wait                         duration (seconds)
//
// All are on by default. Coordinates are pixels of the screenshots that you
// send.
//
//wire:member Tool computer_toolset_20260801
type ComputerToolset struct {
	// Configs changes single members, by their names; the API refuses names
	// that it does not know. Members that are missing, or nil (written as
	// null), keep their defaults.
	Configs map[string]*ToolsetMemberConfig `json:"configs,omitzero"`
	// CacheControl makes this toolset the end of a cached prefix.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// ToolsetMemberConfig changes one member of a [BrowserToolset] or a
// [ComputerToolset].
type ToolsetMemberConfig struct {
	// Enabled says whether the model sees the member. Nil is the member's default.
	Enabled *bool `json:"enabled,omitzero"`
	// DeferLoading keeps the member out of the prompt until a tool search finds
	// the toolset. It must be the same for all members that are enabled. Off
	// where it is nil.
	DeferLoading *bool `json:"defer_loading,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// UnknownTool is a tool of a type that this version does not know. It is also
// the way to use one: put the definition, as the provider documents it, in Raw.
//
//wire:unknown Tool
type UnknownTool struct {
	// Type is the wire type; empty where there is none. It is for reading: what
	// is sent is Raw.
	Type string
	// Raw is the whole JSON object as it came; it is written again as it is.
	Raw json.RawMessage
}

// ToolChoice says whether and which tool the model is to call. A request
// without one is like [AutoToolChoice].
type ToolChoice struct {
	// Type is the kind of choice. It is required.
	Type ToolChoiceType `json:"type"`
	// Name is the tool to call. It belongs to [ToolChoiceTypeTool], which
	// requires it, and to no other.
	Name string `json:"name,omitzero"`
	// DisableParallelToolUse limits the model to a single call in one message:
	// at most one with [ToolChoiceTypeAuto], exactly one with
	// [ToolChoiceTypeAny] and [ToolChoiceTypeTool]. Off where it is nil. It has
	// no place in [ToolChoiceTypeNone].
	DisableParallelToolUse *bool `json:"disable_parallel_tool_use,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// ToolChoiceType is the kind of a [ToolChoice].
type ToolChoiceType string

// Kinds of tool choice.
const (
	ToolChoiceTypeAuto ToolChoiceType = "auto" // the model decides whether to call tools
	ToolChoiceTypeAny  ToolChoiceType = "any"  // the model must call a tool, and decides which
	ToolChoiceTypeTool ToolChoiceType = "tool" // the model must call the tool that is named
	ToolChoiceTypeNone ToolChoiceType = "none" // the model must not call tools
)

// AutoToolChoice leaves it to the model whether to call tools, and which.
func AutoToolChoice() *ToolChoice { return &ToolChoice{Type: ToolChoiceTypeAuto} }

// AnyToolChoice makes the model call a tool; it decides which.
func AnyToolChoice() *ToolChoice { return &ToolChoice{Type: ToolChoiceTypeAny} }

// NoToolChoice keeps the model from calling tools; the request may still have them.
func NoToolChoice() *ToolChoice { return &ToolChoice{Type: ToolChoiceTypeNone} }

// ForceTool makes the model call the tool of this name. It cannot name a
// toolset or a member of one.
func ForceTool(name string) *ToolChoice { return &ToolChoice{Type: ToolChoiceTypeTool, Name: name} }
