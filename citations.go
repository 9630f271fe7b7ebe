package portkey

import (
	"encoding/json"

	"github.com/portkey-go/portkey/internal/wire"
)

// Citation says which passage of its material the model relied on for a piece
// of text. They stand in [TextBlock.Citations]; in a stream each one arrives in
// a [*CitationsDelta] of its own.
//
// The kind of the citation follows from what was cited:
//
//   - [*CharLocation]: a document with a [*TextSource]
//   - [*PageLocation]: a PDF
//   - [*ContentBlockLocation]: a document with a [*ContentSource]
//   - [*SearchResultLocation]: a [*SearchResultBlock]
//   - [*WebSearchResultLocation]: a hit of the web search tool
//   - [*UnknownCitation]: something that this version does not know
//
// Documents and search results are cited only when their Citations member
// enables it; web search hits always are.
//
// Every kind has CitedText, the quotation itself. It costs no output tokens,
// nor input tokens when it is sent back. Ranges are half-open: Start is the
// first element that is cited, End the first one after it.
//
// Keep the citations when an assistant turn is sent back.
// [MessageRequest.Messages] leaves out what the API does not take there, such
// as a citation's FileID. From API version 2026-10-21 only assistant messages
// may carry citations.
type Citation interface {
	wireValue
	citation()
}

// CharLocation cites a range of characters of a plain-text document (wire type
// "char_location").
//
//wire:member Citation char_location
type CharLocation struct {
	// CitedText is the quoted passage.
	CitedText string `json:"cited_text"`
	// DocumentIndex is the 0-based position of the document among the document
	// blocks of the request, counted over all messages.
	DocumentIndex int `json:"document_index"`
	// DocumentTitle is the title that the request gave the document, nil if it
	// gave none.
	DocumentTitle *string `json:"document_title"`
	// StartCharIndex is the 0-based index of the first cited character. Indexes
	// count characters, not bytes: prefer CitedText to slicing the document
	// with them.
	StartCharIndex int `json:"start_char_index"`
	// EndCharIndex is the index after the last cited character.
	EndCharIndex int `json:"end_char_index"`
	// FileID is the Files API id of the document if it was sent with a
	// [*FileSource]. It is part of responses only, and left out when the
	// citation is sent back.
	FileID *string `json:"file_id,omitzero" wire:"response"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// PageLocation cites a range of pages of a PDF document (wire type
// "page_location").
//
//wire:member Citation page_location
type PageLocation struct {
	// CitedText is the quoted passage.
	CitedText string `json:"cited_text"`
	// DocumentIndex is the 0-based position of the document among the document
	// blocks of the request, counted over all messages.
	DocumentIndex int `json:"document_index"`
	// DocumentTitle is the title that the request gave the document, nil if it
	// gave none.
	DocumentTitle *string `json:"document_title"`
	// StartPageNumber is the first cited page. Unlike every index in citations,
	// page numbers start at 1.
	StartPageNumber int `json:"start_page_number"`
	// EndPageNumber is the page after the last cited one: 2 when only page 1 is
	// cited.
	EndPageNumber int `json:"end_page_number"`
	// FileID is the Files API id of the document if it was sent with a
	// [*FileSource]. It is part of responses only, and left out when the
	// citation is sent back.
	FileID *string `json:"file_id,omitzero" wire:"response"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// ContentBlockLocation cites a range of the blocks that a document was cut into
// by the caller, with a [*ContentSource] (wire type "content_block_location").
//
//wire:member Citation content_block_location
type ContentBlockLocation struct {
	// CitedText is the text of all cited blocks, joined. A block is cited
	// whole, never in part.
	CitedText string `json:"cited_text"`
	// DocumentIndex is the 0-based position of the document among the document
	// blocks of the request, counted over all messages.
	DocumentIndex int `json:"document_index"`
	// DocumentTitle is the title that the request gave the document, nil if it
	// gave none.
	DocumentTitle *string `json:"document_title"`
	// StartBlockIndex is the 0-based index in [ContentSource.Content] of the
	// first cited block.
	StartBlockIndex int `json:"start_block_index"`
	// EndBlockIndex is the index after the last cited block. It is always
	// greater than StartBlockIndex.
	EndBlockIndex int `json:"end_block_index"`
	// FileID is the Files API id of the document if it has one. It is part of
	// responses only, and left out when the citation is sent back.
	FileID *string `json:"file_id,omitzero" wire:"response"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// SearchResultLocation cites a range of blocks of a search result that the
// caller supplied, as a [*SearchResultBlock] in a message or in a tool result
// (wire type "search_result_location").
//
//wire:member Citation search_result_location
type SearchResultLocation struct {
	// CitedText is the text of all cited blocks, joined. A block is cited
	// whole, never in part.
	CitedText string `json:"cited_text"`
	// Source is the search result's own Source, such as a URL.
	Source string `json:"source"`
	// Title is the search result's title, nil if it has none.
	Title *string `json:"title"`
	// SearchResultIndex is the 0-based position of the search result among the
	// search result blocks of the request, counted over all messages and their
	// tool results. Documents and web search hits do not count.
	SearchResultIndex int `json:"search_result_index"`
	// StartBlockIndex is the 0-based index in the search result's content of
	// the first cited block.
	StartBlockIndex int `json:"start_block_index"`
	// EndBlockIndex is the index after the last cited block. It is always
	// greater than StartBlockIndex.
	EndBlockIndex int `json:"end_block_index"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// WebSearchResultLocation cites a hit of the web search tool (wire type
// "web_search_result_location").
//
//wire:member Citation web_search_result_location
type WebSearchResultLocation struct {
	// CitedText is the quoted passage, which may be shortened.
	CitedText string `json:"cited_text"`
	// URL is the address of the cited page.
	URL string `json:"url"`
	// Title is the title of the cited page, nil if it has none.
	Title *string `json:"title"`
	// EncryptedIndex is an opaque reference to the hit. Send it back unchanged.
	EncryptedIndex string `json:"encrypted_index"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// UnknownCitation is a citation of a kind that this version does not know.
//
//wire:unknown Citation
type UnknownCitation struct {
	// Type is the wire type, "" if the value has none.
	Type string
	// Raw is the whole JSON value as it came; it is written again as it is.
	Raw json.RawMessage
}
