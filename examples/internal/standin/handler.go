package standin

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// object is a JSON object to write.
type object = map[string]any

// Handler returns the stand-in. It does not use the portkey package: a mistake
// there must not be able to make up for itself here.
func Handler() http.Handler {
	mux := http.NewServeMux()
	g := new(gateway)
	messages := g.handle(func(w http.ResponseWriter, req *request) {
		message := answer(req)
		message.HookResults = req.verdicts
		if req.Stream {
			writeStream(w, message)
		} else {
			status := http.StatusOK
			if message.HookResults != nil && !message.HookResults.passed {
				status = statusWarned
			}
			writeJSON(w, status, message)
		}
	})
	mux.HandleFunc("POST /v1/messages", messages)
	mux.HandleFunc("POST /v1/proxy/messages", messages)
	mux.HandleFunc("POST /v1/messages/count_tokens", g.handle(func(w http.ResponseWriter, req *request) {
		writeJSON(w, http.StatusOK, object{"input_tokens": req.words()})
	}))
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusNotFound, object{"message": "Not Found", "ok": false})
	})
	return mux
}

// handle does what all routes have in common.
func (g *gateway) handle(next func(http.ResponseWriter, *request)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var c config
		provider, target := r.Header.Get("x-portkey-provider"), "config"
		if text := r.Header.Get("x-portkey-config"); text != "" {
			if json.Unmarshal([]byte(text), &c) != nil {
				fail(w, http.StatusBadRequest, "Invalid config passed. You need to pass a valid json")
				return
			}
			if len(c.Targets) > 0 {
				i := g.choose(&c, r.Header.Get("x-portkey-metadata"))
				provider, target = c.Targets[i].Provider, fmt.Sprintf("config.targets[%d]", i)
			}
		}
		if provider == "" {
			fail(w, http.StatusBadRequest, "Either x-portkey-config or x-portkey-provider header is required")
			return
		}
		var req request
		body, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(body, &req) != nil {
			fail(w, http.StatusInternalServerError, "Something went wrong")
			return
		}
		if !strings.HasPrefix(r.URL.Path, "/v1/proxy/") {
			req.verdicts = c.verdicts(&req)
		}
		h := w.Header()
		h.Set("request-id", "req_standin")
		h.Set("x-portkey-trace-id", r.Header.Get("x-portkey-trace-id"))
		h.Set("x-portkey-provider", provider)
		h.Set("x-portkey-last-used-option-index", target)
		h.Set("x-portkey-retry-attempt-count", "0")
		h.Set("x-portkey-cache-status", "DISABLED")
		if v := req.verdicts; v != nil && v.denied {
			writeJSON(w, statusDenied, object{
				"error":        object{"message": "The guardrail checks defined in the config failed.", "type": "hooks_failed"},
				"hook_results": v,
			})
			return
		}
		next(w, &req)
	}
}

func fail(w http.ResponseWriter, status int, message string) {
	writeJSON(w, status, object{"status": "failure", "message": message})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("content-type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// writeStream writes the message as the events that it would come in.
func writeStream(w http.ResponseWriter, m *message) {
	w.Header().Set("content-type", "text/event-stream; charset=utf-8")
	send := func(event string, data object) {
		data["type"] = event
		text, _ := json.Marshal(data) // nothing in it can fail
		fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, text)
		_ = http.NewResponseController(w).Flush()
	}
	start := *m
	start.HookResults = nil // the gateway has an event of its own for them; no example looks at it
	start.Content, start.StopReason, start.Usage.OutputTokens = []object{}, nil, 1
	send("message_start", object{"message": start})
	send("ping", object{})
	for i, block := range m.Content {
		first, deltas := split(block)
		send("content_block_start", object{"index": i, "content_block": first})
		for _, delta := range deltas {
			time.Sleep(10 * time.Millisecond) // a model takes its time, too
			send("content_block_delta", object{"index": i, "delta": delta})
		}
		send("content_block_stop", object{"index": i})
	}
	send("message_delta", object{
		"delta": object{"stop_reason": m.StopReason, "stop_sequence": nil},
		"usage": object{"output_tokens": m.Usage.OutputTokens},
	})
	send("message_stop", object{})
}

// split cuts a block into how it begins and what is added to it, word by word.
func split(block object) (first object, deltas []object) {
	switch block["type"] {
	case "text":
		for _, word := range strings.SplitAfter(block["text"].(string), " ") {
			deltas = append(deltas, object{"type": "text_delta", "text": word})
		}
		return object{"type": "text", "text": ""}, deltas
	case "thinking":
		for _, word := range strings.SplitAfter(block["thinking"].(string), " ") {
			deltas = append(deltas, object{"type": "thinking_delta", "thinking": word})
		}
		deltas = append(deltas, object{"type": "signature_delta", "signature": block["signature"]})
		return object{"type": "thinking", "thinking": "", "signature": ""}, deltas
	case "tool_use":
		input, _ := json.Marshal(block["input"]) // nothing in it can fail
		half := len(input) / 2
		for _, part := range []string{"", string(input[:half]), string(input[half:])} {
			deltas = append(deltas, object{"type": "input_json_delta", "partial_json": part})
		}
		return object{"type": "tool_use", "id": block["id"], "name": block["name"], "input": object{}}, deltas
	}
	return block, nil
}
