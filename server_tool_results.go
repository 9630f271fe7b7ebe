package portkey

import (
	"encoding/json"

	"github.com/portkey-go/portkey/internal/wire"
)

// ServerToolUseBlock is a call of a tool that the provider runs itself, such as
// web search (wire type "server_tool_use"). There is nothing for the caller to
// run: the result block that answers it, whose ToolUseID is this block's ID,
// normally follows in the same message. When the message stops with stop reason
// "pause_turn" first, send it back as it is and the provider goes on.
//
//wire:member ContentBlock server_tool_use
type ServerToolUseBlock struct {
	// ID identifies the call, "srvtoolu_…".
	ID string `json:"id"`
	// Name is the tool that is called.
	Name ServerToolName `json:"name"`
	// Input is the JSON object that the model passes to the tool. Send it back
	// byte for byte; nil is written as {}.
	Input json.RawMessage `json:"input" wire:"via=ToolInput"`
	// Caller says whether the model or code that it runs made the call; nil if
	// the provider does not say.
	Caller *Caller `json:"caller,omitzero"`
	// CacheControl makes this block the end of a cached prefix.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// ServerToolName is the name of a tool that the provider runs. Unknown names
// pass through.
type ServerToolName string

// The server tools. One code execution tool shows up under three names,
// depending on what the model does with it. The result block of a call has the
// tool's name in its own: a [*WebSearchToolResultBlock] answers web_search, and
// so on; a [*ToolSearchToolResultBlock] answers both tool searches.
const (
	ServerToolNameWebSearch               ServerToolName = "web_search"
	ServerToolNameWebFetch                ServerToolName = "web_fetch"
	ServerToolNameCodeExecution           ServerToolName = "code_execution"
	ServerToolNameBashCodeExecution       ServerToolName = "bash_code_execution"        // a shell command
	ServerToolNameTextEditorCodeExecution ServerToolName = "text_editor_code_execution" // viewing or editing a file
	ServerToolNameToolSearchRegex         ServerToolName = "tool_search_tool_regex"
	ServerToolNameToolSearchBM25          ServerToolName = "tool_search_tool_bm25"
)

// WebSearchToolResultBlock is the outcome of a web search (wire type
// "web_search_tool_result").
//
//wire:member ContentBlock web_search_tool_result
type WebSearchToolResultBlock struct {
	// ToolUseID is the ID of the [*ServerToolUseBlock] that this answers.
	ToolUseID string `json:"tool_use_id"`
	// Content is a [*WebSearchResults], or a [*ServerToolResultError] if the
	// search failed. See Results and Failure.
	Content ServerToolResult `json:"content" wire:"via=WebSearchContent"`
	// Caller says whether the model or code that it runs made the call; nil if
	// the provider does not say.
	Caller *Caller `json:"caller,omitzero"`
	// CacheControl makes this block the end of a cached prefix.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// Results returns the hits. It is empty if nothing was found or the search
// failed.
func (x *WebSearchToolResultBlock) Results() []*WebSearchResult {
	if results, ok := x.Content.(*WebSearchResults); ok && results != nil {
		return results.Results
	}
	return nil
}

// Failure returns why the search failed, nil if it did not.
func (x *WebSearchToolResultBlock) Failure() *ServerToolResultError {
	return serverToolFailure(x.Content)
}

// WebFetchToolResultBlock is the outcome of fetching a web page or PDF (wire
// type "web_fetch_tool_result").
//
//wire:member ContentBlock web_fetch_tool_result
type WebFetchToolResultBlock struct {
	// ToolUseID is the ID of the [*ServerToolUseBlock] that this answers.
	ToolUseID string `json:"tool_use_id"`
	// Content is a [*WebFetchResult], or a [*ServerToolResultError] if the
	// fetch failed.
	Content ServerToolResult `json:"content"`
	// Caller says whether the model or code that it runs made the call; nil if
	// the provider does not say.
	Caller *Caller `json:"caller,omitzero"`
	// CacheControl makes this block the end of a cached prefix.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// Failure returns why the fetch failed, nil if it did not.
func (x *WebFetchToolResultBlock) Failure() *ServerToolResultError {
	return serverToolFailure(x.Content)
}

// CodeExecutionToolResultBlock is the outcome of code that ran in the
// provider's container (wire type "code_execution_tool_result").
//
//wire:member ContentBlock code_execution_tool_result
type CodeExecutionToolResultBlock struct {
	// ToolUseID is the ID of the [*ServerToolUseBlock] that this answers.
	ToolUseID string `json:"tool_use_id"`
	// Content is a [*CodeExecutionResult] or an
	// [*EncryptedCodeExecutionResult], or a [*ServerToolResultError] if the
	// code did not run to its end. Code that exits with an error has a result,
	// with a ReturnCode other than 0.
	Content ServerToolResult `json:"content"`
	// CacheControl makes this block the end of a cached prefix.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// Failure returns why the code did not run to its end, nil if it did.
func (x *CodeExecutionToolResultBlock) Failure() *ServerToolResultError {
	return serverToolFailure(x.Content)
}

// BashCodeExecutionToolResultBlock is the outcome of a shell command that ran
// in the provider's container (wire type "bash_code_execution_tool_result").
//
//wire:member ContentBlock bash_code_execution_tool_result
type BashCodeExecutionToolResultBlock struct {
	// ToolUseID is the ID of the [*ServerToolUseBlock] that this answers.
	ToolUseID string `json:"tool_use_id"`
	// Content is a [*BashCodeExecutionResult], or a [*ServerToolResultError] if
	// the command did not run to its end. A command that exits with an error
	// has a result, with a ReturnCode other than 0.
	Content ServerToolResult `json:"content"`
	// CacheControl makes this block the end of a cached prefix.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// Failure returns why the command did not run to its end, nil if it did.
func (x *BashCodeExecutionToolResultBlock) Failure() *ServerToolResultError {
	return serverToolFailure(x.Content)
}

// TextEditorCodeExecutionToolResultBlock is the outcome of viewing or editing a
// file in the provider's container (wire type
// "text_editor_code_execution_tool_result").
//
//wire:member ContentBlock text_editor_code_execution_tool_result
type TextEditorCodeExecutionToolResultBlock struct {
	// ToolUseID is the ID of the [*ServerToolUseBlock] that this answers.
	ToolUseID string `json:"tool_use_id"`
	// Content is a [*TextEditorViewResult], [*TextEditorCreateResult] or
	// [*TextEditorStrReplaceResult], depending on the command, or a
	// [*ServerToolResultError] if it failed.
	Content ServerToolResult `json:"content"`
	// CacheControl makes this block the end of a cached prefix.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// Failure returns why the command failed, nil if it did not.
func (x *TextEditorCodeExecutionToolResultBlock) Failure() *ServerToolResultError {
	return serverToolFailure(x.Content)
}

// ToolSearchToolResultBlock is the outcome of a search among the tools whose
// loading was deferred (wire type "tool_search_tool_result").
//
//wire:member ContentBlock tool_search_tool_result
type ToolSearchToolResultBlock struct {
	// ToolUseID is the ID of the [*ServerToolUseBlock] that this answers.
	ToolUseID string `json:"tool_use_id"`
	// Content is a [*ToolSearchResult], or a [*ServerToolResultError] if the
	// search failed.
	Content ServerToolResult `json:"content"`
	// CacheControl makes this block the end of a cached prefix.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// Failure returns why the search failed, nil if it did not.
func (x *ToolSearchToolResultBlock) Failure() *ServerToolResultError {
	return serverToolFailure(x.Content)
}

func serverToolFailure(content ServerToolResult) *ServerToolResultError {
	f, _ := content.(*ServerToolResultError)
	return f
}

// ServerToolResult is the Content of a server tool's result block: what the
// tool returned, or a [*ServerToolResultError]. What it can be depends on the
// block:
//
//   - [WebSearchToolResultBlock]: [*WebSearchResults]
//   - [WebFetchToolResultBlock]: [*WebFetchResult]
//   - [CodeExecutionToolResultBlock]: [*CodeExecutionResult], [*EncryptedCodeExecutionResult]
//   - [BashCodeExecutionToolResultBlock]: [*BashCodeExecutionResult]
//   - [TextEditorCodeExecutionToolResultBlock]: [*TextEditorViewResult],
//     [*TextEditorCreateResult], [*TextEditorStrReplaceResult]
//   - [ToolSearchToolResultBlock]: [*ToolSearchResult]
//
// A result that this version does not know is an [*UnknownServerToolResult].
// Results are sent back with the assistant turn that they came in, unchanged.
type ServerToolResult interface {
	wireValue
	serverToolResult()
}

// WebSearchResults is the list of hits of a web search. On the wire it is a
// JSON array, without a type of its own.
type WebSearchResults struct {
	// Results are the hits; nil is written as [].
	Results []*WebSearchResult
}

// WebSearchResult is one hit of a web search (wire type "web_search_result").
//
//wire:literal web_search_result
type WebSearchResult struct {
	// URL is the address of the page.
	URL string `json:"url"`
	// Title is the title of the page.
	Title string `json:"title"`
	// EncryptedContent is the page's text in a form that only the provider can
	// read. Send it back unchanged: without it, the model cannot cite the page
	// in later turns.
	EncryptedContent string `json:"encrypted_content"`
	// PageAge says in words when the page was last updated, such as "April 30,
	// 2025"; nil if that is not known.
	PageAge *string `json:"page_age"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// WebFetchResult is a web page or PDF that was fetched (wire type
// "web_fetch_result").
//
//wire:member ServerToolResult web_fetch_result
type WebFetchResult struct {
	// URL is the address that was fetched.
	URL string `json:"url"`
	// RetrievedAt is when the content was fetched, in ISO 8601; nil if that is
	// not known.
	RetrievedAt *string `json:"retrieved_at"`
	// Content is what was fetched. Its source is a [*TextSource], or a
	// [*Base64Source] for a PDF.
	Content *DocumentBlock `json:"content"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// CodeExecutionResult is what a piece of code left behind (wire type
// "code_execution_result").
//
//wire:member ServerToolResult code_execution_result
type CodeExecutionResult struct {
	// Stdout is what the code wrote to standard output.
	Stdout string `json:"stdout"`
	// Stderr is what the code wrote to standard error.
	Stderr string `json:"stderr"`
	// ReturnCode is the exit status, 0 for success.
	ReturnCode int `json:"return_code"`
	// Content lists the files that the code produced; nil is written as [].
	Content []*CodeExecutionOutput `json:"content"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// EncryptedCodeExecutionResult takes the place of a [CodeExecutionResult] when
// the code called web search: its standard output can be read by the provider
// only (wire type "encrypted_code_execution_result").
//
//wire:member ServerToolResult encrypted_code_execution_result
type EncryptedCodeExecutionResult struct {
	// EncryptedStdout is the standard output in opaque form. Send it back
	// unchanged.
	EncryptedStdout string `json:"encrypted_stdout"`
	// Stderr is what the code wrote to standard error, in the clear.
	Stderr string `json:"stderr"`
	// ReturnCode is the exit status, 0 for success.
	ReturnCode int `json:"return_code"`
	// Content lists the files that the code produced; nil is written as [].
	Content []*CodeExecutionOutput `json:"content"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// BashCodeExecutionResult is what a shell command left behind (wire type
// "bash_code_execution_result").
//
//wire:member ServerToolResult bash_code_execution_result
type BashCodeExecutionResult struct {
	// Stdout is what the command wrote to standard output.
	Stdout string `json:"stdout"`
	// Stderr is what the command wrote to standard error.
	Stderr string `json:"stderr"`
	// ReturnCode is the exit status, 0 for success.
	ReturnCode int `json:"return_code"`
	// Content lists the files that the command produced; nil is written as [].
	Content []*CodeExecutionOutput `json:"content"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// CodeExecutionOutput is a file that code or a command produced in the
// provider's container.
type CodeExecutionOutput struct {
	// Type says what produced the file. It must match the result that the file
	// is listed in.
	Type CodeExecutionOutputType `json:"type"`
	// FileID is the id with which the file can be downloaded from the
	// provider's Files API.
	FileID string `json:"file_id"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// CodeExecutionOutputType is the wire type of a [CodeExecutionOutput]. Unknown
// values pass through.
type CodeExecutionOutputType string

// The kinds of output files.
const (
	CodeExecutionOutputTypeCode CodeExecutionOutputType = "code_execution_output" // also in encrypted results
	CodeExecutionOutputTypeBash CodeExecutionOutputType = "bash_code_execution_output"
)

// TextEditorViewResult is a file, or a part of one, that the model looked at
// (wire type "text_editor_code_execution_view_result").
//
//wire:member ServerToolResult text_editor_code_execution_view_result
type TextEditorViewResult struct {
	// FileType says what kind of file it is.
	FileType TextEditorFileType `json:"file_type"`
	// Content is what was viewed.
	Content string `json:"content"`
	// NumLines is the number of lines in Content; nil where lines do not apply.
	NumLines *int `json:"num_lines"`
	// StartLine is the line of the file that Content begins with, counted from
	// 1; nil where lines do not apply.
	StartLine *int `json:"start_line"`
	// TotalLines is the number of lines in the file; nil where lines do not
	// apply.
	TotalLines *int `json:"total_lines"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// TextEditorFileType is the kind of a file in a [TextEditorViewResult]. Unknown
// values pass through.
type TextEditorFileType string

// The kinds of files that the text editor can view.
const (
	TextEditorFileTypeText  TextEditorFileType = "text"
	TextEditorFileTypeImage TextEditorFileType = "image"
	TextEditorFileTypePDF   TextEditorFileType = "pdf"
)

// TextEditorCreateResult says that a file was written (wire type
// "text_editor_code_execution_create_result").
//
//wire:member ServerToolResult text_editor_code_execution_create_result
type TextEditorCreateResult struct {
	// IsFileUpdate is true if the file existed and was overwritten, false if it
	// is new.
	IsFileUpdate bool `json:"is_file_update"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// TextEditorStrReplaceResult describes an edit of a file like a hunk of a
// unified diff (wire type "text_editor_code_execution_str_replace_result").
// Line numbers count from 1.
//
//wire:member ServerToolResult text_editor_code_execution_str_replace_result
type TextEditorStrReplaceResult struct {
	// Lines is the text of the hunk, one diff line each: removed lines begin
	// with "-", added ones with "+".
	Lines []string `json:"lines,omitzero"`
	// OldStart is the first line of the hunk in the file before the edit, nil
	// if not given.
	OldStart *int `json:"old_start"`
	// OldLines is the number of lines that the hunk covers before the edit, nil
	// if not given.
	OldLines *int `json:"old_lines"`
	// NewStart is the first line of the hunk in the file after the edit, nil if
	// not given.
	NewStart *int `json:"new_start"`
	// NewLines is the number of lines that the hunk covers after the edit, nil
	// if not given.
	NewLines *int `json:"new_lines"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// ToolSearchResult lists the tools that a tool search found (wire type
// "tool_search_tool_search_result"). The model can call them from then on.
//
//wire:member ServerToolResult tool_search_tool_search_result
type ToolSearchResult struct {
	// ToolReferences name the tools that were found; nil is written as [].
	ToolReferences []*ToolReferenceBlock `json:"tool_references"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// ServerToolResultError says that a server tool failed. It is part of a
// successful reply and not a Go error: the model has seen it as well and goes
// on, perhaps with another try. One struct stands for the error objects of all
// server tools, which differ in their wire type only.
//
//wire:member ServerToolResult web_search_tool_result_error web_fetch_tool_result_error code_execution_tool_result_error bash_code_execution_tool_result_error text_editor_code_execution_tool_result_error tool_search_tool_result_error
type ServerToolResultError struct {
	// Type says which tool failed. It must match the block that the error is
	// in.
	Type ServerToolErrorType `json:"type"`
	// ErrorCode says what went wrong.
	ErrorCode ServerToolErrorCode `json:"error_code"`
	// ErrorMessage explains the failure in words. Only the text editor and tool
	// search have one, and not always.
	ErrorMessage *string `json:"error_message,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// ServerToolErrorType is the wire type of a [ServerToolResultError].
type ServerToolErrorType string

// The wire types of server tool errors.
const (
	ServerToolErrorTypeWebSearch               ServerToolErrorType = "web_search_tool_result_error"
	ServerToolErrorTypeWebFetch                ServerToolErrorType = "web_fetch_tool_result_error"
	ServerToolErrorTypeCodeExecution           ServerToolErrorType = "code_execution_tool_result_error"
	ServerToolErrorTypeBashCodeExecution       ServerToolErrorType = "bash_code_execution_tool_result_error"
	ServerToolErrorTypeTextEditorCodeExecution ServerToolErrorType = "text_editor_code_execution_tool_result_error"
	ServerToolErrorTypeToolSearch              ServerToolErrorType = "tool_search_tool_result_error"
)

// ServerToolErrorCode says why a server tool failed. Unknown values pass
// through.
type ServerToolErrorCode string

// Error codes of all server tools.
const (
	ServerToolErrorCodeInvalidToolInput ServerToolErrorCode = "invalid_tool_input" // the model passed bad input
	ServerToolErrorCodeTooManyRequests  ServerToolErrorCode = "too_many_requests"  // the tool's own rate limit
	ServerToolErrorCodeUnavailable      ServerToolErrorCode = "unavailable"        // the tool is down
)

// Error codes of web search and web fetch.
const (
	ServerToolErrorCodeMaxUsesExceeded ServerToolErrorCode = "max_uses_exceeded" // the request's max_uses is used up

	ServerToolErrorCodeQueryTooLong    ServerToolErrorCode = "query_too_long"    // search only
	ServerToolErrorCodeRequestTooLarge ServerToolErrorCode = "request_too_large" // search only

	ServerToolErrorCodeURLTooLong             ServerToolErrorCode = "url_too_long"             // fetch only
	ServerToolErrorCodeURLNotAllowed          ServerToolErrorCode = "url_not_allowed"          // fetch only: a domain rule forbids it
	ServerToolErrorCodeURLNotInPriorContext   ServerToolErrorCode = "url_not_in_prior_context" // fetch only: not mentioned so far
	ServerToolErrorCodeURLNotAccessible       ServerToolErrorCode = "url_not_accessible"       // fetch only: the page did not load
	ServerToolErrorCodeUnsupportedContentType ServerToolErrorCode = "unsupported_content_type" // fetch only: neither text nor PDF
	ServerToolErrorCodeContentTooLarge        ServerToolErrorCode = "content_too_large"        // fetch only
)

// Error codes of code execution, and of tool search where said.
const (
	ServerToolErrorCodeExecutionTimeExceeded ServerToolErrorCode = "execution_time_exceeded" // tool search too
	ServerToolErrorCodeOutputFileTooLarge    ServerToolErrorCode = "output_file_too_large"   // bash only
	ServerToolErrorCodeFileNotFound          ServerToolErrorCode = "file_not_found"          // text editor only
)

// UnknownServerToolResult is a result of a kind that this version does not
// know.
//
//wire:unknown ServerToolResult
type UnknownServerToolResult struct {
	// Type is the wire type, "" if the value has none.
	Type string
	// Raw is the whole JSON value as it came; it is written again as it is.
	Raw json.RawMessage
}

// The content of a web search result block is an array when the search
// succeeded and an object otherwise, which no generated code knows: the rest of
// this file is its codec.

func decodeWebSearchContent(d *wire.Decoder, _ *wire.Form, _ int) ServerToolResult {
	if d.Next() != wire.Array {
		return decodeServerToolResult(d)
	}
	return decodeNew[WebSearchResults](d)
}

func encodeWebSearchContent(e *wire.Encoder, v ServerToolResult, _ bool) {
	encodeElement(e, v)
}

func (*WebSearchResults) serverToolResult() {}

func (x *WebSearchResults) decode(d *wire.Decoder) {
	x.Results = wire.List(d, decodeNew[WebSearchResult])
}

func (x *WebSearchResults) encode(e *wire.Encoder) {
	if x == nil {
		e.Fail("is nil")
		return
	}
	wire.EncodeList(e, x.Results, encodeElement)
}

// MarshalJSON implements [json.Marshaler].
func (x WebSearchResults) MarshalJSON() ([]byte, error) { return marshal(&x) }

// UnmarshalJSON implements [json.Unmarshaler].
func (x *WebSearchResults) UnmarshalJSON(data []byte) error {
	return unmarshal(data, x)
}
