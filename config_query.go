package portkey

import (
	"fmt"

	"github.com/portkey-go/portkey/internal/wire"
)

// Fallback is a config that tries its targets one after the other until one
// succeeds. Set OnStatusCodes of its Strategy to go on only after some statuses.
//
// A provider refuses the thinking of another one that is sent back in the
// history: see [StripThinking] and [WithoutThinkingOnError].
func Fallback(targets ...Config) Config {
	return Config{Strategy: &Strategy{Mode: StrategyFallback}, Targets: pointers(targets)}
}

// LoadBalance is a config that spreads calls over its targets by their Weight.
func LoadBalance(targets ...Config) Config {
	return Config{Strategy: &Strategy{Mode: StrategyLoadBalance}, Targets: pointers(targets)}
}

// Conditional is a config that sends a call to the target of the first branch
// whose query holds, and else to fallback:
//
//	portkey.Conditional(cheap,
//		portkey.When(portkey.MetadataKey("plan").Eq("pro")).Then(best),
//	)
//
// Targets without a name are given one.
func Conditional(fallback Config, branches ...Branch) Config {
	c := Config{Strategy: &Strategy{Mode: StrategyConditional}}
	add := func(target Config, name string) string {
		if target.Name == "" {
			target.Name = name
		}
		c.Targets = append(c.Targets, &target)
		return target.Name
	}
	for i, b := range branches {
		name := add(b.target, fmt.Sprintf("target-%d", i+1))
		c.Strategy.Conditions = append(c.Strategy.Conditions, &Condition{Query: b.query, Then: name})
	}
	c.Strategy.Default = add(fallback, "default")
	return c
}

func pointers(targets []Config) []*Config {
	list := make([]*Config, len(targets))
	for i := range targets {
		list[i] = new(targets[i])
	}
	return list
}

// Branch is a query with its target, for [Conditional].
type Branch struct {
	query  Query
	target Config
}

// Whenever is a query that waits for its target.
type Whenever struct{ query Query }

// When begins a [Branch] of a conditional config.
func When(query Query) Whenever { return Whenever{query} }

// Then is the target for the calls that the query matches.
func (w Whenever) Then(target Config) Branch { return Branch{query: w.query, target: target} }

// Query is a condition on a call: variables with what must hold of them.
// [MetadataKey], [Param] and [Path] are the variables; [And] and [Or] combine.
// Values that were read from JSON are a json.RawMessage.
type Query map[string]any

// Variable is something of a call that a query can look at.
type Variable string

// MetadataKey is a value of the call's metadata: see [WithMetadata].
func MetadataKey(key string) Variable { return Variable("metadata." + key) }

// Param is a member of the request's body at its top level, "model" for example.
func Param(name string) Variable { return Variable("params." + name) }

// Path is the path of the call: "/v1/messages" or "/v1/messages/count_tokens".
const Path Variable = "url.pathname"

// Operators of queries.
const (
	opEq, opNe           = "$eq", "$ne"
	opGt, opGte          = "$gt", "$gte"
	opLt, opLte          = "$lt", "$lte"
	opIn, opNotIn        = "$in", "$nin"
	opRegex, opAnd, opOr = "$regex", "$and", "$or"
)

func (v Variable) is(operator string, value any) Query {
	return Query{string(v): map[string]any{operator: value}}
}

// Eq holds where v equals value, in type too: "1" is not 1.
func (v Variable) Eq(value any) Query { return v.is(opEq, value) }

// Ne holds where v does not equal value, or is missing.
func (v Variable) Ne(value any) Query { return v.is(opNe, value) }

// Gt holds where v, as a number, is greater than value.
func (v Variable) Gt(value any) Query { return v.is(opGt, value) }

// Gte holds where v, as a number, is greater than value or equals it.
func (v Variable) Gte(value any) Query { return v.is(opGte, value) }

// Lt holds where v, as a number, is less than value.
func (v Variable) Lt(value any) Query { return v.is(opLt, value) }

// Lte holds where v, as a number, is less than value or equals it.
func (v Variable) Lte(value any) Query { return v.is(opLte, value) }

// In holds where v equals one of the values.
func (v Variable) In(values ...any) Query { return v.is(opIn, append([]any{}, values...)) }

// NotIn holds where v equals none of the values.
func (v Variable) NotIn(values ...any) Query { return v.is(opNotIn, append([]any{}, values...)) }

// Matches holds where v matches a regular expression of JavaScript.
func (v Variable) Matches(regex string) Query { return v.is(opRegex, regex) }

// And holds where all queries do.
func And(queries ...Query) Query { return Query{opAnd: append([]Query{}, queries...)} }

// Or holds where one of the queries does.
func Or(queries ...Query) Query { return Query{opOr: append([]Query{}, queries...)} }

func decodeQuery(d *wire.Decoder, _ *wire.Form, _ int) Query {
	return wire.Map(d, decodeAny)
}

func encodeQuery(e *wire.Encoder, q Query, _ bool) {
	wire.EncodeMap(e, q, encodeAny)
}
