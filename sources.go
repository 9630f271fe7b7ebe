package portkey

import (
	"encoding/json"

	"github.com/portkey-go/portkey/internal/wire"
)

// Source is where an image or a document comes from. An [*ImageBlock] takes
//
//   - [*Base64Source]: a JPEG, PNG, GIF or WebP file in the request
//   - [*URLSource]: an image on the web
//   - [*FileSource]: an uploaded file
//
// and a [*DocumentBlock] takes
//
//   - [*Base64Source]: a PDF file in the request
//   - [*URLSource]: a PDF on the web
//   - [*FileSource]: an uploaded file
//   - [*TextSource]: plain text
//   - [*ContentSource]: chunks cut by the caller
//
// A source that this version does not know is an [*UnknownSource]. [Image],
// [ImageURL], [PDF] and [PDFURL] are short forms for the common cases.
type Source interface {
	wireValue
	source()
}

// Base64Source holds the file itself (wire type "base64").
//
//wire:member Source base64
type Base64Source struct {
	// MediaType is "image/jpeg", "image/png", "image/gif" or "image/webp" in an
	// image, and "application/pdf" in a document.
	MediaType string `json:"media_type"`
	// Data is the file as raw bytes; base64 is applied on the wire.
	Data []byte `json:"data"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// URLSource names a public URL that the provider fetches: an image, or the PDF
// of a document (wire type "url").
//
//wire:member Source url
type URLSource struct {
	// URL is the address of the file.
	URL string `json:"url"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// FileSource names a file that was uploaded to the provider with its Files API
// (wire type "file").
//
//wire:member Source file
type FileSource struct {
	// FileID is the id that the upload returned.
	FileID string `json:"file_id"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// TextSource is a plain-text document (wire type "text"). The model may cite
// any range of it, see [*CharLocation].
//
//wire:member Source text
type TextSource struct {
	// MediaType is "text/plain", the only one that the API takes. It is written
	// when the field is empty, so there is no need to set it.
	MediaType string `json:"media_type" wire:"zero=text/plain"`
	// Data is the text as it is, not base64.
	Data string `json:"data"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// ContentSource is a document that the caller has cut into chunks (wire type
// "content"). The model cites whole chunks, see [*ContentBlockLocation]: use it
// where the caller, not the provider, shall decide what the smallest citable
// piece is.
//
//wire:member Source content
type ContentSource struct {
	// Content is the list of chunks, each a [*TextBlock] or an [*ImageBlock]. A
	// plain string on the wire is read as one text block.
	Content []ContentBlock `json:"content" wire:"via=Content"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// UnknownSource is a source of a kind that this version does not know.
//
//wire:unknown Source
type UnknownSource struct {
	// Type is the wire type, "" if the value has none.
	Type string
	// Raw is the whole JSON value as it came; it is written again as it is.
	Raw json.RawMessage
}

// Image is an image that travels inside the request. The media type is
// "image/jpeg", "image/png", "image/gif" or "image/webp"; data is the file as
// raw bytes, which are kept and not copied.
func Image(mediaType string, data []byte) *ImageBlock {
	return &ImageBlock{Source: &Base64Source{MediaType: mediaType, Data: data}}
}

// ImageURL is an image that the provider fetches from a public URL.
func ImageURL(url string) *ImageBlock {
	return &ImageBlock{Source: &URLSource{URL: url}}
}

// PDF is a PDF document that travels inside the request; data is the file as
// raw bytes, which are kept and not copied. Give it a title or enable citations
// by setting the fields of the returned block.
func PDF(data []byte) *DocumentBlock {
	return &DocumentBlock{Source: &Base64Source{MediaType: "application/pdf", Data: data}}
}

// PDFURL is a PDF document that the provider fetches from a public URL.
func PDFURL(url string) *DocumentBlock {
	return &DocumentBlock{Source: &URLSource{URL: url}}
}
