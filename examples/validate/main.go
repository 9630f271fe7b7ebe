// Validate reads a config as Portkey's UI exports it, and says what is wrong
// with it before any call does.
package main

import (
	"encoding/json"
	"fmt"
	"log"

	"github.com/portkey-go/portkey"
)

const exported = `{
	"strategy": {"mode": "conditional", "conditions": [
		{"query": {"metadata.plan": {"$is": "pro"}}, "then": "large"}
	], "default": "small"},
	"targets": [
		{"name": "small", "provider": "anthropic", "api_key": "sk-ant-1"},
		{"name": "big", "virtual_key": "anthropic-prod", "retry": {"attempts": 9}}
	]
}`

func main() {
	var config portkey.Config
	if err := json.Unmarshal([]byte(exported), &config); err != nil {
		log.Fatal(err)
	}
	if err := config.Validate(); err != nil {
		fmt.Println(err) // one line for each problem
	}
	for _, warning := range config.Warnings() {
		fmt.Println("warning:", warning)
	}
}
