package portkey

import (
	"encoding/json"

	"github.com/portkey-go/portkey/internal/wire"
)

// ContentBlock is one piece of a message: text, an image, a tool call, a tool
// result and so on. It is a sealed union: its members are the pointer types
//
//   - [*TextBlock], [*ImageBlock], [*DocumentBlock], [*SearchResultBlock]
//   - [*ThinkingBlock], [*RedactedThinkingBlock]
//   - [*ToolUseBlock], [*ToolResultBlock]
//   - [*ServerToolUseBlock], [*WebSearchToolResultBlock], [*WebFetchToolResultBlock],
//     [*CodeExecutionToolResultBlock], [*BashCodeExecutionToolResultBlock],
//     [*TextEditorCodeExecutionToolResultBlock], [*ToolSearchToolResultBlock]
//   - [*ContainerUploadBlock], [*ToolReferenceBlock], [*BrowserStateBlock]
//   - [*UnknownBlock], for the types that this version does not know
//
// A type switch tells them apart. The same types are used in requests and
// responses; which block may stand where is for the API to check.
type ContentBlock interface {
	wireValue
	contentBlock()
}

// UnmarshalContentBlock decodes the JSON of one content block.
func UnmarshalContentBlock(data []byte) (ContentBlock, error) {
	return unmarshalUnion(data, decodeContentBlock)
}

// TextBlock is text, by the user or the model (wire type "text").
//
//wire:member ContentBlock text
type TextBlock struct {
	// Text is the text. The API refuses empty text in requests.
	Text string `json:"text"`
	// Citations are the places that the text was taken from. Only responses
	// have them, unless a response is sent back.
	Citations []Citation `json:"citations,omitzero"`
	// CacheControl makes this block the end of a cached prefix.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// Text returns a text block.
func Text(text string) *TextBlock { return &TextBlock{Text: text} }

// isPlain reports whether the block says no more than a string would.
func (x *TextBlock) isPlain() bool {
	return x != nil && x.Citations == nil && x.CacheControl == nil && len(x.Extra) == 0 && x.form == wire.Form{}
}

// ImageBlock is an image for the model to look at (wire type "image"): JPEG,
// PNG, GIF or WebP. [Image] and [ImageURL] make one.
//
//wire:member ContentBlock image
type ImageBlock struct {
	// Source is where the image is: a [*Base64Source], a [*URLSource] or a [*FileSource].
	Source Source `json:"source"`
	// Transformations says what may be done to the image before the model sees it.
	Transformations *ImageTransformations `json:"transformations,omitzero"`
	// CacheControl makes this block the end of a cached prefix.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// ImageTransformations says what may be done to an image.
type ImageTransformations struct {
	// OversizedImage says what becomes of an image over the model's size.
	// Empty is [OversizedImageDownsize].
	OversizedImage OversizedImage `json:"oversized_image,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// OversizedImage says what becomes of an image over the model's size.
type OversizedImage string

// What becomes of an oversized image.
const (
	OversizedImageDownsize OversizedImage = "downsize" // scaled down without a word
	OversizedImageError    OversizedImage = "error"    // the request fails with status 400
)

// DocumentBlock is a document for the model to read and cite (wire type
// "document"): a PDF, plain text, or chunks of content. [PDF] makes one.
//
//wire:member ContentBlock document
type DocumentBlock struct {
	// Source is where the document is: a [*Base64Source] (PDF), a
	// [*TextSource], a [*ContentSource], a [*URLSource] (PDF) or a [*FileSource].
	Source Source `json:"source"`
	// Title is shown to the model, and comes back in citations.
	Title *string `json:"title,omitzero"`
	// Context is text about the document that is not cited.
	Context *string `json:"context,omitzero"`
	// Citations turns citations of this document on.
	Citations *CitationsConfig `json:"citations,omitzero"`
	// CacheControl makes this block the end of a cached prefix.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// SearchResultBlock is a search result that the caller found, for the model to
// cite (wire type "search_result").
//
//wire:member ContentBlock search_result
type SearchResultBlock struct {
	// Content is the text of the result, in text blocks.
	Content []ContentBlock `json:"content"`
	// Source says where the result is from: a URL, or any other name.
	Source string `json:"source"`
	// Title is the title of the result.
	Title string `json:"title"`
	// Citations turns citations of this result on.
	Citations *CitationsConfig `json:"citations,omitzero"`
	// CacheControl makes this block the end of a cached prefix.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// CitationsConfig turns citations of a document or a search result on or off.
type CitationsConfig struct {
	// Enabled is off where it is nil.
	Enabled *bool `json:"enabled,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// ThinkingBlock is the model's reasoning before its answer (wire type
// "thinking"). In a conversation with tools send it back unchanged: the API
// checks the signature and refuses an altered block. A signature is of one
// provider; another refuses it.
//
//wire:member ContentBlock thinking
type ThinkingBlock struct {
	// Thinking is the reasoning, or a summary of it; empty where the request's
	// [Thinking] asked for [ThinkingDisplayOmitted].
	Thinking string `json:"thinking"`
	// Signature is opaque.
	Signature string `json:"signature"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// RedactedThinkingBlock is reasoning that is withheld (wire type
// "redacted_thinking"). Send it back unchanged.
//
//wire:member ContentBlock redacted_thinking
type RedactedThinkingBlock struct {
	// Data is opaque.
	Data string `json:"data"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// ToolUseBlock is a call of one of the caller's tools (wire type "tool_use").
// Run the tool, and answer with a [*ToolResultBlock] of the same ID in the next
// user message.
//
//wire:member ContentBlock tool_use
type ToolUseBlock struct {
	// ID names the call, "toolu_…".
	ID string `json:"id"`
	// Name is the name of the tool, or of a toolset's member.
	Name string `json:"name"`
	// Input is the JSON object with the arguments; DecodeInput reads it into
	// a Go value. Nil is sent as {}.
	Input json.RawMessage `json:"input" wire:"via=ToolInput"`
	// Caller says who made the call.
	Caller *Caller `json:"caller,omitzero"`
	// ToolsetName is "browser" or "computer" where Name is a toolset's member.
	ToolsetName *string `json:"toolset_name,omitzero"`
	// CacheControl makes this block the end of a cached prefix.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// Caller says who called a tool.
type Caller struct {
	// Type is the kind of caller.
	Type CallerType `json:"type"`
	// ToolID is the ID of the code execution that made the call; empty for
	// [CallerDirect].
	ToolID string `json:"tool_id,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// CallerType is a kind of caller of a tool.
type CallerType string

// The kinds of callers.
const (
	CallerDirect                CallerType = "direct" // the model itself
	CallerCodeExecution20250825 CallerType = "code_execution_20250825"
	CallerCodeExecution20260120 CallerType = "code_execution_20260120"
	CallerCodeExecution20260521 CallerType = "code_execution_20260521"
)

// ToolResultBlock is what a tool call came to (wire type "tool_result").
// [ToolResult] and [ToolError] make one with a text.
//
//wire:member ContentBlock tool_result
type ToolResultBlock struct {
	// ToolUseID is the ID of the [*ToolUseBlock] that this answers.
	ToolUseID string `json:"tool_use_id"`
	// Content is what the tool returned: text, image, document, search result,
	// tool reference and browser state blocks. Nil means that it returned nothing.
	Content []ContentBlock `json:"content,omitzero" wire:"via=Content"`
	// IsError tells the model that the call failed.
	IsError *bool `json:"is_error,omitzero"`
	// ToolsetName repeats that of the call.
	ToolsetName *string `json:"toolset_name,omitzero"`
	// CacheControl makes this block the end of a cached prefix.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// ToolResult returns the result of the tool call with this ID.
func ToolResult(toolUseID, text string) *ToolResultBlock {
	return &ToolResultBlock{ToolUseID: toolUseID, Content: []ContentBlock{Text(text)}}
}

// ToolError returns the result of a tool call that failed; text says why, for
// the model to read.
func ToolError(toolUseID, text string) *ToolResultBlock {
	result := ToolResult(toolUseID, text)
	result.IsError = new(true)
	return result
}

// ContainerUploadBlock puts a file into the container of the code execution
// tool, or tells of one that is there (wire type "container_upload").
//
//wire:member ContentBlock container_upload
type ContainerUploadBlock struct {
	// FileID is the ID of the file in the Files API.
	FileID string `json:"file_id"`
	// CacheControl makes this block the end of a cached prefix.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// ToolReferenceBlock names a deferred tool that the model may use from now on
// (wire type "tool_reference"). It stands in tool results and tool search results.
//
//wire:member ContentBlock tool_reference
type ToolReferenceBlock struct {
	// ToolName is the name of the tool.
	ToolName string `json:"tool_name"`
	// CacheControl makes this block the end of a cached prefix.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// UnknownBlock is a content block of a type that this version does not know.
// It can be sent back as it came.
//
//wire:unknown ContentBlock
type UnknownBlock struct {
	// Type is the wire type; empty where there is none.
	Type string
	// Raw is the whole block as it came; it is written again as it is.
	Raw json.RawMessage
}

// decodeContent reads content that may be a string, which stands for one text block.
func decodeContent(d *wire.Decoder, form *wire.Form, i int) []ContentBlock {
	if d.Next() == wire.String {
		form.SetAlt(i)
		block := new(TextBlock)
		block.Text = d.Str()
		return []ContentBlock{block}
	}
	return wire.List(d, decodeContentBlock)
}

// encodeContent writes content that came as a string as a string, unless it has become more than that.
func encodeContent(e *wire.Encoder, content []ContentBlock, asString bool) {
	if asString && len(content) == 1 {
		if text, ok := content[0].(*TextBlock); ok && text.isPlain() {
			e.Str(text.Text)
			return
		}
	}
	wire.EncodeList(e, content, encodeElement)
}
