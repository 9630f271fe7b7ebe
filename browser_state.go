package portkey

import (
	"encoding/json"

	"github.com/portkey-go/portkey/internal/wire"
)

// BrowserStateBlock tells the model what the browser looks like after a call
// of a member of [*BrowserToolset] (wire type "browser_state"). At most one
// stands in a [*ToolResultBlock], and none where that is an error.
//
//wire:member ContentBlock browser_state
type BrowserStateBlock struct {
	// Tabs are all open tabs. Exactly one is active, unless there is none.
	Tabs []*BrowserTab `json:"tabs"`
	// StateChanges are what the call changed besides. Leave it nil where that
	// is nothing: the API refuses an empty list.
	StateChanges []*BrowserStateChange `json:"state_changes,omitzero"`
	// CacheControl makes this block the end of a cached prefix.
	CacheControl *CacheControl `json:"cache_control,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// BrowserTab is an open tab of a browser.
type BrowserTab struct {
	// TabID names the tab in later calls.
	TabID string `json:"tab_id"`
	// Title is the title of the page; it may be empty.
	Title string `json:"title"`
	// URL is the address of the page; it may be empty.
	URL string `json:"url"`
	// Active marks the tab in front.
	Active *bool `json:"active,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// BrowserStateChange is something that happened in the browser: a tab was
// opened, or a download began, ended or failed. Type says which, and so which
// of the other fields are set.
type BrowserStateChange struct {
	// Type is the kind of change.
	Type BrowserStateChangeType `json:"type"`
	// TabID is the tab that was opened.
	TabID string `json:"tab_id,omitzero"`
	// DownloadID names the download.
	DownloadID string `json:"download_id,omitzero"`
	// URL is the address that the download came from.
	URL *string `json:"url,omitzero"`
	// Path is where the file was stored.
	Path *string `json:"path,omitzero"`
	// SizeBytes is the size of the file in bytes.
	SizeBytes *int `json:"size_bytes,omitzero"`
	// Error says why the download failed.
	Error *string `json:"error,omitzero"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// BrowserStateChangeType is a kind of change of a browser's state.
type BrowserStateChangeType string

// The kinds of changes.
const (
	BrowserTabOpened         BrowserStateChangeType = "tab_opened"         // TabID
	BrowserDownloadStarted   BrowserStateChangeType = "download_started"   // DownloadID, URL
	BrowserDownloadCompleted BrowserStateChangeType = "download_completed" // DownloadID, URL, Path, SizeBytes
	BrowserDownloadFailed    BrowserStateChangeType = "download_failed"    // DownloadID, URL, Error
)
