package portkey

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Problem is something that is wrong with a config, and where.
type Problem struct {
	// Path is the place in the config's JSON: "targets[1].retry.attempts".
	Path string
	// Message says what is wrong.
	Message string
}

// Error returns the problem as text, so that it can be an error.
func (p Problem) Error() string {
	if p.Path == "" {
		return p.Message
	}
	return p.Path + ": " + p.Message
}

// Validate reports what the gateway would refuse with 400, and what it would
// never answer at all: an empty list of targets or weights without a sum make
// the open-source gateway hang. All problems are in the error, each a
// [Problem]. [WithConfig] calls it.
//
// A provider that this version does not know is not among them, because newer
// gateways know more: see Warnings.
func (x *Config) Validate() error {
	v := validator{}
	v.config("", x)
	errs := make([]error, len(v.problems))
	for i, p := range v.problems {
		errs[i] = p
	}
	return errors.Join(errs...)
}

// Warnings reports what is legal, but has no effect or surely not the one that
// was meant on the open-source gateway: references to what only Portkey's
// hosted gateway keeps, members that it ignores, a provider that it does not know.
func (x *Config) Warnings() []Problem {
	v := validator{}
	v.config("", x)
	return v.warnings
}

type validator struct {
	problems, warnings []Problem
}

func (v *validator) problem(path, format string, args ...any) {
	v.problems = append(v.problems, Problem{path, fmt.Sprintf(format, args...)})
}

func (v *validator) warn(path, format string, args ...any) {
	v.warnings = append(v.warnings, Problem{path, fmt.Sprintf(format, args...)})
}

// in is the path of a member of what is at path.
func in(path, member string) string {
	if path == "" {
		return member
	}
	return path + "." + member
}

func (v *validator) config(path string, c *Config) {
	if c == nil {
		v.problem(path, "is nil")
		return
	}
	if !c.isUsable() {
		v.problem(path, "says nothing that the gateway acts on: it wants a provider and an api_key, a strategy and targets, a cache, a retry, a request_timeout, or a guardrail")
	} else if path != "" && c.Provider == "" && c.Strategy == nil && !c.isHosted() && len(c.Extra) == 0 {
		v.problem(in(path, "provider"), "is missing: a target does not take the one of its config or of the call")
	}
	v.provider(path, c)
	v.strategy(path, c)
	v.limits(path, c)
	v.guardrails(in(path, "input_guardrails"), c.InputGuardrails)
	v.guardrails(in(path, "output_guardrails"), c.OutputGuardrails)
	v.hooks(in(path, "before_request_hooks"), c.BeforeRequestHooks)
	v.hooks(in(path, "after_request_hooks"), c.AfterRequestHooks)
	if _, ok := c.Extra["options"]; ok && path == "" {
		v.problem(in(path, "options"), "is of an old kind of config that the gateway refuses")
	}
	v.ignored(path, c)
	for i, t := range c.Targets {
		v.config(fmt.Sprintf("%s[%d]", in(path, "targets"), i), t)
	}
}

// isUsable is the open-source gateway's rule, and lets pass what only the
// hosted gateway understands.
func (c *Config) isUsable() bool {
	vertex := c.Provider == "vertex-ai" && c.VertexRegion != "" && (c.VertexProjectID != "" || c.VertexServiceAccountJSON != "")
	hooks := c.InputGuardrails != nil || c.OutputGuardrails != nil || c.BeforeRequestHooks != nil || c.AfterRequestHooks != nil
	return c.Provider != "" && c.APIKey != "" || c.Strategy != nil && c.Targets != nil || c.Cache != nil || c.Retry != nil ||
		c.RequestTimeout != nil && *c.RequestTimeout != 0 || c.Provider == "ollama" || c.Provider == "triton" || c.AWSAccessKeyID != "" && c.AWSSecretAccessKey != "" ||
		vertex || c.Provider == "azure-openai" && c.AzureAuthMode != "" || hooks || c.isHosted() || len(c.Extra) > 0
}

// isHosted reports whether the config names something that Portkey keeps.
func (c *Config) isHosted() bool { return c.VirtualKey != "" || strings.HasPrefix(c.Provider, "@") }

// messagesProviders are the providers whose Messages route the open-source gateway has.
var messagesProviders = []string{"anthropic", "bedrock", "vertex-ai", "azure-ai"}

func (v *validator) provider(path string, c *Config) {
	at := in(path, "provider")
	switch {
	case c.Provider == "":
	case strings.HasPrefix(c.Provider, "@"):
		v.warn(at, "%q is known to the hosted gateway only", c.Provider)
	case c.Provider != strings.ToLower(c.Provider) || strings.TrimSpace(c.Provider) != c.Provider:
		v.problem(at, "%q is not in lower case, as all providers are", c.Provider)
	case !slices.Contains(messagesProviders, c.Provider):
		v.warn(at, "%q has no Messages route in the open-source gateway; these have: %s", c.Provider, strings.Join(messagesProviders, ", "))
	}
	if c.VirtualKey != "" {
		v.warn(in(path, "virtual_key"), "is known to the hosted gateway only")
	}
	if c.Provider == "vertex-ai" && (c.VertexRegion == "" || c.VertexProjectID == "" && c.VertexServiceAccountJSON == "") {
		v.problem(at, "vertex-ai wants vertex_region, and vertex_project_id or vertex_service_account_json")
	}
	if c.VertexServiceAccountJSON != "" {
		var account map[string]*string
		if json.Unmarshal([]byte(c.VertexServiceAccountJSON), &account) != nil || account == nil || slices.Contains(slices.Collect(maps.Values(account)), nil) {
			v.problem(in(path, "vertex_service_account_json"), "is not a JSON object of strings")
		}
	}
	v.customHost(in(path, "custom_host"), c.CustomHost)
	for _, s := range c.secrets() {
		if strings.Contains(string(*s), redacted) {
			v.problem(path, "has %s for a secret: JSON of a config does not hold its secrets", redacted)
			break
		}
	}
}

func (v *validator) customHost(at, host string) {
	if host == "" {
		return
	}
	u, err := url.Parse(host)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		v.problem(at, "is not an http or https URL")
	case u.User != nil:
		v.problem(at, "has a user name")
	case strings.Contains(u.Hostname(), ":"):
		v.problem(at, "is an IPv6 address, which the gateway does not know")
	case strings.HasPrefix(strings.ToLower(u.Hostname()), "api.portkey"):
		v.problem(at, "is Portkey's own address")
	case u.Port() != "" && !isPort(u.Port()):
		v.problem(at, "has a port that is none")
	case strings.ContainsAny(host, "?#"):
		v.problem(at, "has a query or a fragment, which would corrupt the path")
	case strings.HasSuffix(host, "/"):
		v.problem(at, "ends in a slash, which the gateway would double")
	}
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

func (v *validator) strategy(path string, c *Config) {
	s := c.Strategy
	if s == nil {
		if c.Targets != nil {
			v.problem(in(path, "targets"), "have no strategy")
		}
		return
	}
	at := in(path, "strategy")
	if len(c.Targets) == 0 {
		v.problem(in(path, "targets"), "is empty: the gateway would not answer")
	}
	switch s.Mode {
	case StrategySingle, StrategyFallback:
	case StrategyLoadBalance:
		v.weights(path, c.Targets)
	case StrategyConditional:
		v.conditional(path, c)
	default:
		v.problem(in(at, "mode"), "%q is not one of single, fallback, loadbalance, conditional", s.Mode)
	}
	if s.OnStatusCodes != nil && s.Mode != StrategyFallback {
		v.warn(in(at, "on_status_codes"), "is for fallback only")
	}
	if s.Sticky != nil {
		v.warn(in(at, "sticky"), "is known to the hosted gateway only")
	}
	if s.CircuitBreaker != nil {
		v.warn(in(at, "cb_config"), "is known to the hosted gateway only")
	}
}

func (v *validator) weights(path string, targets []*Config) {
	sum := 0.0
	for i, t := range targets {
		switch {
		case t == nil:
		case t.Weight == nil:
			sum++
		default:
			sum += *t.Weight
			if *t.Weight < 0 {
				v.warn(fmt.Sprintf("%s[%d].weight", in(path, "targets"), i), "%v is negative", *t.Weight)
			}
		}
	}
	if len(targets) > 0 && !(sum > 0) {
		v.problem(in(path, "targets"), "have weights that sum to %v: the gateway would not answer", sum)
	}
}

func (v *validator) conditional(path string, c *Config) {
	at := in(path, "strategy")
	names := map[string]bool{}
	for i, t := range c.Targets {
		if t != nil && t.Name != "" {
			if names[t.Name] {
				v.warn(fmt.Sprintf("%s[%d].name", in(path, "targets"), i), "%q stands twice: the first one is meant", t.Name)
			}
			names[t.Name] = true
		}
	}
	known := func(at, name string) {
		if !names[name] {
			v.problem(at, "%q is not the name of a target", name)
		}
	}
	if len(c.Strategy.Conditions) == 0 {
		v.problem(in(at, "conditions"), "is empty")
	}
	for i, cond := range c.Strategy.Conditions {
		at := fmt.Sprintf("%s[%d]", in(at, "conditions"), i)
		if cond == nil {
			v.problem(at, "is nil")
			continue
		}
		if cond.Query == nil {
			v.problem(in(at, "query"), "is missing")
		} else if len(cond.Query) == 0 {
			v.warn(in(at, "query"), "is empty, and so always holds")
		}
		v.query(in(at, "query"), cond.Query)
		known(in(at, "then"), cond.Then)
	}
	if c.Strategy.Default == "" {
		v.problem(in(at, "default"), "is missing: a call that no condition fits would be refused")
	} else {
		known(in(at, "default"), c.Strategy.Default)
	}
}

// plain turns what a query may hold into what encoding/json decodes it to.
func plain(value any) (any, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	return v, d.Decode(&v)
}

func (v *validator) query(at string, q Query) {
	value, err := plain(map[string]any(q))
	if err != nil {
		v.problem(at, "%v", err)
		return
	}
	if members, ok := value.(map[string]any); ok {
		v.queryMembers(at, members)
	}
}

func (v *validator) queryMembers(at string, q map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(q)) {
		at := in(at, key)
		switch key {
		case opAnd, opOr:
			list, ok := q[key].([]any)
			if !ok {
				v.problem(at, "is not a list of queries")
			}
			for i, part := range list {
				at := fmt.Sprintf("%s[%d]", at, i)
				if members, ok := part.(map[string]any); ok {
					v.queryMembers(at, members)
				} else {
					v.problem(at, "is not a query")
				}
			}
			if len(q) > 1 {
				v.warn(at, "stands beside other members, which are not looked at")
			}
		default:
			if !v.variable(at, key) {
				continue
			}
			switch value := q[key].(type) {
			case map[string]any:
				v.operators(at, value)
			case []any:
				v.problem(at, "is a list; %s compares with one", opIn)
			}
		}
	}
}

// variable reports whether there is such a variable.
func (v *validator) variable(at, name string) bool {
	kind, rest, _ := strings.Cut(name, ".")
	switch {
	case kind != "metadata" && kind != "params" && name != string(Path):
		v.problem(at, "%q is not metadata.KEY, params.KEY or %s", name, Path)
		return false
	case rest == "" || strings.Contains(rest, "."):
		v.problem(at, "%q does not have exactly two parts; the gateway would look at the first two only", name)
	}
	return true
}

var queryOperators = []string{opEq, opNe, opGt, opGte, opLt, opLte, opIn, opNotIn, opRegex}

func (v *validator) operators(at string, operators map[string]any) {
	for _, op := range slices.Sorted(maps.Keys(operators)) {
		switch value := operators[op]; op {
		case opIn, opNotIn:
			if _, ok := value.([]any); !ok {
				v.problem(in(at, op), "is not a list")
			}
		case opRegex:
			if _, ok := value.(string); !ok {
				v.problem(in(at, op), "is not a string")
			}
		default:
			if !slices.Contains(queryOperators, op) {
				v.problem(in(at, op), "is not an operator; there are %s", strings.Join(queryOperators, " "))
			}
		}
	}
}

func (v *validator) limits(path string, c *Config) {
	if r := c.Retry; r != nil {
		if r.Attempts > 5 {
			v.warn(in(path, "retry.attempts"), "%d is more than the 5 that the hosted gateway allows", r.Attempts)
		} else if r.Attempts < 0 {
			v.warn(in(path, "retry.attempts"), "%d is negative", r.Attempts)
		}
	}
	if c.Cache != nil && c.Cache.Mode != CacheSimple && c.Cache.Mode != CacheSemantic {
		v.problem(in(path, "cache.mode"), "%q is not simple or semantic", c.Cache.Mode)
	}
	if t := c.RequestTimeout; t != nil && *t < 0 {
		v.problem(in(path, "request_timeout"), "%d is negative: each call would end at once with 408", *t)
	} else if t != nil && *t == 0 {
		v.warn(in(path, "request_timeout"), "0 is no limit")
	}
}

func (v *validator) guardrails(at string, list []*Guardrail) {
	refs := 0
	for i, g := range list {
		at := fmt.Sprintf("%s[%d]", at, i)
		switch {
		case g == nil:
			v.problem(at, "is nil")
		case g.Ref != "":
			refs++
			v.warn(at, "%q is known to the hosted gateway only; the open-source gateway enforces nothing", g.Ref)
		case len(g.Checks) == 0:
			v.warn(at, "has no checks")
		}
		if g != nil {
			for _, name := range slices.Sorted(maps.Keys(g.Checks)) {
				if value, err := plain(g.Checks[name]); err != nil || value == nil {
					v.problem(in(at, name), "has no parameters")
				}
			}
		}
		if g != nil && string(g.Extra["async"]) == "true" {
			v.warn(in(at, "async"), "is not run by the open-source gateway")
		}
	}
	if refs > 0 && refs < len(list) {
		v.problem(at, "mixes references and inline guardrails")
	}
}

func (v *validator) hooks(at string, list []*Hook) {
	for i, h := range list {
		at := fmt.Sprintf("%s[%d]", at, i)
		if h == nil {
			v.problem(at, "is nil")
			continue
		}
		for i, check := range h.Checks {
			if check == nil {
				v.problem(fmt.Sprintf("%s[%d]", in(at, "checks"), i), "is nil")
			}
		}
		if h.Async {
			v.warn(in(at, "async"), "is not run by the open-source gateway")
		}
	}
}

// ignored warns of members that the open-source gateway takes without effect.
func (v *validator) ignored(path string, c *Config) {
	check := func(set bool, member string) {
		if set {
			v.warn(in(path, member), "has no effect in the open-source gateway")
		}
	}
	check(c.Cache != nil, "cache")
	check(c.CircuitBreaker != nil, "cb_config")
	check(c.DefaultParams != nil, "default_params")
	check(c.DropParams != nil, "drop_params")
	for _, name := range slices.Sorted(maps.Keys(c.OverrideParams)) {
		if !slices.Contains(keptFields, name) {
			v.warn(in(path, "override_params."+name), "is dropped by the open-source gateway")
		}
	}
}
