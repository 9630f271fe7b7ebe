// Command nethttp is the same program with the standard library alone.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
)

type message struct {
	Role    string  `json:"role"`
	Content []block `json:"content"`
}

type block struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

func main() {
	body, err := json.Marshal(map[string]any{
		"model":      "claude-opus-4-5",
		"max_tokens": 1024,
		"messages":   []message{{"user", []block{{"text", "Hello!"}}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://localhost:8787/v1/messages", bytes.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("x-portkey-provider", "anthropic")
	req.Header.Set("Authorization", "Bearer "+os.Getenv("KEY"))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	var answer message
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		log.Fatal(err)
	}
	for _, b := range answer.Content {
		fmt.Print(b.Text)
	}
	fmt.Println()
}
