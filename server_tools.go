package portkey

import (
	"encoding/json"
	"strings"

	"github.com/portkey-go/portkey/internal/wire"
)

// Versions of [WebSearchTool].
const (
	ToolTypeWebSearch20250305 ToolType = "web_search_20250305"
	ToolTypeWebSearch20260209 ToolType = "web_search_20260209" // adds filtering by code
	ToolTypeWebSearch20260318 ToolType = "web_search_20260318" // adds ResponseInclusion
)

// WebSearchTool lets the model search the web (wire types "web_search_…"). The
// provider runs it, and charges for each search beside the tokens.
//
// A search is a [*ServerToolUseBlock] followed by a [*WebSearchToolResultBlock];
// text that rests on a result cites it with a [*WebSearchResultLocation]. A
// search that fails is a result block with an error, not a Go error.
//
// From version 20260209 on, the model may filter results with code of its own
// before it reads them. The provider supplies what that takes; a
// [*CodeExecutionTool] beside it must be of version 20260120 or later. See
// AllowedCallers to switch it off.
//
//wire:member Tool web_search_20250305 web_search_20260209 web_search_20260318
type WebSearchTool struct {
	// Type is the version of the tool, such as [ToolTypeWebSearch20260318].
	// It is required: to encode a tool without one is an error.
	Type ToolType `json:"type"`
	// Name is fixed: "web_search", which is also what is written where it is empty.
	Name string `json:"name" wire:"zero=web_search"`
	// MaxUses is the most searches that one request may make; further ones fail
	// with error code "max_uses_exceeded". Nil sets no limit.
	MaxUses *int `json:"max_uses,omitzero"`
	// AllowedDomains restricts results to these domains. An entry has no scheme
	// and covers its subdomains ("example.com"); it may have a path
	// ("example.com/blog"), and "*" in the path but not in the domain. Not
	// together with BlockedDomains.
	AllowedDomains []string `json:"allowed_domains,omitzero"`
	// BlockedDomains keeps these domains out of the results. Entries are as in
	// AllowedDomains. Not together with AllowedDomains.
	BlockedDomains []string `json:"blocked_domains,omitzero"`
	// UserLocation makes results fit a place. Nil is no place in particular.
	UserLocation *UserLocation `json:"user_location,omitzero"`
	// ResponseInclusion says whether results that only code has read come back
	// to you. Empty is [ResponseInclusionFull]. From version 20260318 on.
	ResponseInclusion ResponseInclusion `json:"response_inclusion,omitzero"`
	// Strict guarantees that calls match the tool's schema. Off where it is nil.
	Strict *bool `json:"strict,omitzero"`
	// DeferLoading keeps the tool out of the prompt until a tool search finds
	// it. Off where it is nil.
	DeferLoading *bool `json:"defer_loading,omitzero"`
	// AllowedCallers says who may call the tool. Nil is [CallerDirect] only in
	// version 20250305, and code only since. Set [CallerDirect] there to switch
	// filtering by code off, as models that cannot run code require.
	AllowedCallers []CallerType `json:"allowed_callers,omitzero"`
	// CacheControl makes this tool the end of a cached prefix.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// UserLocation says where the user is, roughly. All but Type is optional.
type UserLocation struct {
	// Type is fixed: "approximate", which is also what is written where it is empty.
	Type string `json:"type" wire:"zero=approximate"`
	// City is the name of a city, such as "Husum".
	City *string `json:"city,omitzero"`
	// Region is the name of a state or region, such as "Schleswig-Holstein".
	Region *string `json:"region,omitzero"`
	// Country is a two-letter code of ISO 3166-1, such as "DE".
	Country *string `json:"country,omitzero"`
	// Timezone is the IANA name of a time zone, such as "Europe/Berlin".
	Timezone *string `json:"timezone,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// ResponseInclusion says whether the reply holds those calls of a web tool that
// were made by code and whose results the code has used up. Results of calls by
// the model, and of calls by code that has not ended, always come back.
type ResponseInclusion string

// Values of [ResponseInclusion].
const (
	ResponseInclusionFull     ResponseInclusion = "full"     // all calls, with their results
	ResponseInclusionExcluded ResponseInclusion = "excluded" // without those that ended code has used up
)

// Versions of [WebFetchTool].
const (
	ToolTypeWebFetch20250910 ToolType = "web_fetch_20250910"
	ToolTypeWebFetch20260209 ToolType = "web_fetch_20260209" // adds filtering by code
	ToolTypeWebFetch20260309 ToolType = "web_fetch_20260309" // adds UseCache
	ToolTypeWebFetch20260318 ToolType = "web_fetch_20260318" // adds ResponseInclusion
)

// WebFetchTool lets the model read web pages and PDF files (wire types
// "web_fetch_…"). The provider fetches them, and runs no JavaScript. Only URLs
// that the conversation already holds can be fetched: see URLSources.
//
// A fetch is a [*ServerToolUseBlock] followed by a [*WebFetchToolResultBlock]
// with the page as a document. A fetch that fails is a result block with an
// error, not a Go error.
//
// What the model has read can end up in a URL that it asks for next. Where it
// sees both secrets and text by strangers, set AllowedDomains or URLSources.
//
// From version 20260209 on, the model may filter pages with code of its own
// before it reads them. The provider supplies what that takes; a
// [*CodeExecutionTool] beside it must be of version 20260120 or later. See
// AllowedCallers to switch it off.
//
//wire:member Tool web_fetch_20250910 web_fetch_20260209 web_fetch_20260309 web_fetch_20260318
type WebFetchTool struct {
	// Type is the version of the tool, such as [ToolTypeWebFetch20260318].
	// It is required: to encode a tool without one is an error.
	Type ToolType `json:"type"`
	// Name is fixed: "web_fetch", which is also what is written where it is empty.
	Name string `json:"name" wire:"zero=web_fetch"`
	// MaxUses is the most fetches that one request may make; further ones fail
	// with error code "max_uses_exceeded". Nil sets no limit.
	MaxUses *int `json:"max_uses,omitzero"`
	// AllowedDomains restricts fetches to these domains. An entry has no scheme
	// and covers its subdomains ("example.com"); one with a path matches
	// nothing. Not together with BlockedDomains.
	AllowedDomains []string `json:"allowed_domains,omitzero"`
	// BlockedDomains forbids these domains. Entries are as in AllowedDomains.
	// Not together with AllowedDomains.
	BlockedDomains []string `json:"blocked_domains,omitzero"`
	// Citations makes the model cite what it fetched. Nil is no citations.
	Citations *CitationsConfig `json:"citations,omitzero"`
	// MaxContentTokens is about how many tokens of a page the model gets to
	// see; the rest is cut off. It does not apply to PDF files. Nil sets no
	// limit.
	MaxContentTokens *int `json:"max_content_tokens,omitzero"`
	// URLSources says where URLs may come from that the model fetches. Nil is
	// everywhere: what the user wrote, and what tools returned.
	URLSources *URLSources `json:"url_sources,omitzero"`
	// UseCache says whether a copy that the provider has kept will do. False
	// fetches the page afresh. Nil is true. From version 20260309 on.
	UseCache *bool `json:"use_cache,omitzero"`
	// ResponseInclusion says whether results that only code has read come back
	// to you. Empty is [ResponseInclusionFull]. From version 20260318 on.
	ResponseInclusion ResponseInclusion `json:"response_inclusion,omitzero"`
	// Strict guarantees that calls match the tool's schema. Off where it is nil.
	Strict *bool `json:"strict,omitzero"`
	// DeferLoading keeps the tool out of the prompt until a tool search finds
	// it. Off where it is nil.
	DeferLoading *bool `json:"defer_loading,omitzero"`
	// AllowedCallers says who may call the tool. Nil is [CallerDirect] only in
	// version 20250910, and code only since. Set [CallerDirect] there to switch
	// filtering by code off, as models that cannot run code require.
	AllowedCallers []CallerType `json:"allowed_callers,omitzero"`
	// CacheControl makes this tool the end of a cached prefix.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// URLSources says which parts of a conversation may supply the URLs that a
// [WebFetchTool] fetches. A nil rule is one of type [URLSourceAll].
type URLSources struct {
	// UserInput is the rule for user messages: all or none.
	UserInput *URLSourceRule `json:"user_input,omitzero"`
	// ClientToolResults is the rule for results of tools that you run.
	ClientToolResults *URLSourceRule `json:"client_tool_results,omitzero"`
	// ServerToolResults is the rule for results of tools that the provider
	// runs. Of those, only web search and web fetch supply URLs.
	ServerToolResults *URLSourceRule `json:"server_tool_results,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// URLSourceRule says how much of one source counts. See [URLSources].
type URLSourceRule struct {
	// Type is the kind of rule. It is required.
	Type URLSourceRuleType `json:"type"`
	// Tools are the tools that [URLSourceOnly] and [URLSourceExcept] are about.
	// These two require it; the others do not have it.
	Tools []*URLSourceTool `json:"tools,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// URLSourceRuleType is the kind of a [URLSourceRule].
type URLSourceRuleType string

// Kinds of URL source rules. User input knows only the first two.
const (
	URLSourceAll    URLSourceRuleType = "all"    // all of it
	URLSourceNone   URLSourceRuleType = "none"   // nothing of it
	URLSourceOnly   URLSourceRuleType = "only"   // results of the tools that are named
	URLSourceExcept URLSourceRuleType = "except" // results of all tools but those that are named
)

// URLSourceTool names a tool in a [URLSourceRule].
type URLSourceTool struct {
	// Type is fixed: "tool_reference", which is also what is written where it is empty.
	Type string `json:"type" wire:"zero=tool_reference"`
	// Name is the name of a tool that is in the same request.
	Name string `json:"name"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// Versions of [CodeExecutionTool].
const (
	ToolTypeCodeExecution20250522 ToolType = "code_execution_20250522" // Python only
	ToolTypeCodeExecution20250825 ToolType = "code_execution_20250825" // adds shell commands and file editing
	ToolTypeCodeExecution20260120 ToolType = "code_execution_20260120" // adds an interpreter that keeps its state
	ToolTypeCodeExecution20260521 ToolType = "code_execution_20260521" // tells the model the time limit
)

// CodeExecutionTool lets the model run code in a container without access to
// the internet (wire types "code_execution_…"). The provider runs it.
//
// A run is a [*ServerToolUseBlock] followed by the result: a
// [*CodeExecutionToolResultBlock] for Python, and from version 20250825 on also
// a [*BashCodeExecutionToolResultBlock] for shell commands and a
// [*TextEditorCodeExecutionToolResultBlock] for files. A run that fails is a
// result block with an error, not a Go error.
//
// A [*ContainerUploadBlock] in a user message puts a file into the container.
// Files that the code writes come back as file IDs in the results. The reply
// names its container; name it in the next request to find files, and from
// version 20260120 on Python's variables, as they were left.
//
// The code can call those of your tools whose AllowedCallers has the caller of
// this version, such as [CallerCodeExecution20260120]. Such a call is a
// [*ToolUseBlock] with a Caller that names the run; answer it like any other.
//
//wire:member Tool code_execution_20250522 code_execution_20250825 code_execution_20260120 code_execution_20260521
type CodeExecutionTool struct {
	// Type is the version of the tool, such as [ToolTypeCodeExecution20260521].
	// It is required: to encode a tool without one is an error.
	Type ToolType `json:"type"`
	// Name is fixed: "code_execution", which is also what is written where it is empty.
	Name string `json:"name" wire:"zero=code_execution"`
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

// Variants of [ToolSearchTool], and their versions. The types without a date
// stand for the newest version.
const (
	ToolTypeToolSearchBM25           ToolType = "tool_search_tool_bm25"
	ToolTypeToolSearchBM25_20251119  ToolType = "tool_search_tool_bm25_20251119"
	ToolTypeToolSearchRegex          ToolType = "tool_search_tool_regex"
	ToolTypeToolSearchRegex_20251119 ToolType = "tool_search_tool_regex_20251119"
)

// ToolSearchTool lets the model find tools that are not in its prompt (wire
// types "tool_search_tool_…"), so that a request can have hundreds of them.
// Set DeferLoading on the tools to be found, and leave it unset on this one and
// on the few that are always of use. The provider runs the search.
//
// There are two variants: with BM25 the model asks in plain words, with Regex
// it writes a regular expression in Python's syntax. Both search the names and
// descriptions of tools and of their arguments.
//
// A search is a [*ServerToolUseBlock] followed by a [*ToolSearchToolResultBlock]
// with the names of the tools that were found. The model can call these from
// then on, as long as the blocks stay in the history and the tools in the
// request.
//
//wire:member Tool tool_search_tool_bm25_20251119 tool_search_tool_bm25 tool_search_tool_regex_20251119 tool_search_tool_regex
type ToolSearchTool struct {
	// Type is the variant of the tool and its version, such as
	// [ToolTypeToolSearchBM25_20251119]. It is required: to encode a tool
	// without one is an error.
	Type ToolType `json:"type"`
	// Name is fixed: "tool_search_tool_bm25" or "tool_search_tool_regex". Where
	// it is empty, the one that belongs to Type is written.
	Name string `json:"name" wire:"zero()=defaultName"`
	// Strict guarantees that calls match the tool's schema. Off where it is nil.
	Strict *bool `json:"strict,omitzero"`
	// DeferLoading is here because the wire has it; leave it nil. A search tool
	// that is deferred cannot be found.
	DeferLoading *bool `json:"defer_loading,omitzero"`
	// AllowedCallers says who may call the tool. Nil is [CallerDirect] only.
	AllowedCallers []CallerType `json:"allowed_callers,omitzero"`
	// CacheControl makes this tool the end of a cached prefix.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// defaultName is the name that goes with the variant.
func (x *ToolSearchTool) defaultName() string {
	if strings.HasPrefix(string(x.Type), string(ToolTypeToolSearchRegex)) {
		return string(ToolTypeToolSearchRegex)
	}
	return string(ToolTypeToolSearchBM25)
}
