package standin

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"sync/atomic"
)

// Statuses of guardrails that were not passed.
const (
	statusWarned = 246
	statusDenied = 446
)

// gateway is what the stand-in remembers.
type gateway struct {
	balanced atomic.Int64 // calls that were load balanced
}

// config is what the stand-in reads of x-portkey-config: it knows targets that
// are providers, conditions with $eq, and guardrails with default.contains.
type config struct {
	Strategy struct {
		Mode       string `json:"mode"`
		Conditions []struct {
			Query map[string]operators `json:"query"`
			Then  string               `json:"then"`
		} `json:"conditions"`
		Default string `json:"default"`
	} `json:"strategy"`
	Targets []struct {
		Name     string   `json:"name"`
		Provider string   `json:"provider"`
		APIKey   string   `json:"api_key"`
		Weight   *float64 `json:"weight"`
	} `json:"targets"`
	InputGuardrails []struct {
		ID       string `json:"id"`
		Deny     bool   `json:"deny"`
		Contains struct {
			Words []string `json:"words"` // none of which may be there
		} `json:"default.contains"`
	} `json:"input_guardrails"`
}

type operators struct {
	Eq string `json:"$eq"`
}

// choose returns which target serves a call.
func (g *gateway) choose(c *config, metadata string) int {
	switch c.Strategy.Mode {
	case "fallback":
		// Status 401 is what the provider would say to this key: on to the next.
		for i, t := range c.Targets {
			if t.APIKey != "invalid" {
				return i
			}
		}
	case "loadbalance":
		sum := 0.0
		for _, t := range c.Targets {
			sum += *cmp.Or(t.Weight, new(1.0))
		}
		// Fractions of the golden ratio are spread evenly, and are the same
		// in each run, unlike random numbers.
		_, point := math.Modf(float64(g.balanced.Add(1)) * math.Phi)
		point *= sum
		for i, t := range c.Targets {
			if point -= *cmp.Or(t.Weight, new(1.0)); point < 0 {
				return i
			}
		}
	case "conditional":
		name := c.Strategy.Default
		for _, condition := range slices.Backward(c.Strategy.Conditions) {
			if holds(condition.Query, metadata) {
				name = condition.Then
			}
		}
		for i, t := range c.Targets {
			if t.Name == name {
				return i
			}
		}
	}
	return 0
}

// holds reports whether a call's metadata fits a query.
func holds(query map[string]operators, metadata string) bool {
	var values map[string]string
	_ = json.Unmarshal([]byte(metadata), &values) // as the gateway does: what it cannot read is not there
	for variable, want := range query {
		key, ok := strings.CutPrefix(variable, "metadata.")
		if !ok || values[key] != want.Eq {
			return false
		}
	}
	return true
}

// verdicts are hook_results.
type verdicts struct {
	Before []object `json:"before_request_hooks"`
	After  []object `json:"after_request_hooks"`

	passed, denied bool
}

// verdicts runs the guardrails on the last message; nil where there are none.
func (c *config) verdicts(req *request) *verdicts {
	if len(c.InputGuardrails) == 0 {
		return nil
	}
	v := &verdicts{After: []object{}, passed: true}
	var last turn
	if n := len(req.Messages); n > 0 {
		last = req.Messages[n-1]
	}
	for _, guardrail := range c.InputGuardrails {
		var found []string
		for _, word := range guardrail.Contains.Words {
			if strings.Contains(last.text(), word) {
				found = append(found, word)
			}
		}
		verdict := len(found) == 0
		v.passed = v.passed && verdict
		v.denied = v.denied || !verdict && guardrail.Deny
		v.Before = append(v.Before, object{
			"id": guardrail.ID, "type": "guardrail", "verdict": verdict, "deny": !verdict && guardrail.Deny,
			"checks": []object{{"id": "default.contains", "verdict": verdict, "data": object{"foundWords": found}}},
		})
	}
	return v
}
