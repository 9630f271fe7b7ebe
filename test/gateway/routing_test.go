package gateway_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portkey-go/portkey"
)

func named(name string, t *portkey.Config) portkey.Config {
	t.Name = name
	return *t
}

func TestLoadBalance(t *testing.T) {
	t.Parallel()
	t.Run("weight of 0", func(t *testing.T) {
		t.Parallel()
		eachCall(t, func(t *testing.T, call string, do caller) {
			one, two := upstream.on(t, good(call, "never")), upstream.on(t, good(call, "always"))
			client := newConfigClient(t, portkey.LoadBalance(*weighted(0, target(one, "key-1")), *target(two, "key-2")))
			for range 8 {
				info, err := do(t, client, ask("hello"))
				require.NoError(t, err)
				requireServedBy(t, info, "", 1)
			}
			require.Empty(t, upstream.requests(one), "a weight of 0 is sent, and is not no weight")
		})
	})

	t.Run("shares", func(t *testing.T) {
		t.Parallel()
		hosts := map[string]string{"most": upstream.on(t, answerMessage("hi")), "few": upstream.on(t, answerMessage("hi"))}
		client := newConfigClient(t, portkey.LoadBalance(
			named("most", weighted(0.75, target(hosts["most"], "key-1"))),
			named("few", weighted(0.25, target(hosts["few"], "key-2")))))
		served := map[string]int{}
		for range 200 {
			msg, err := client.Messages.Create(t.Context(), ask("hello"))
			require.NoError(t, err)
			served[msg.Gateway.TargetConfig.Name]++
		}
		for name, host := range hosts {
			require.Len(t, upstream.requests(host), served[name], "who served is who was called")
		}
		// 50 with a standard deviation of 6: this fails once in some hundred million times.
		require.InDelta(t, 50, served["few"], 36)
	})
}

// The gateway chooses by metadata. It reads headers as Latin-1, so that only what is escaped on both
// sides comes to be equal; and it could not read unescaped JSON that has broken apart.
func TestConditional(t *testing.T) {
	t.Parallel()
	const tenant = "Zoë \"日本\" 🎉 \\ <&>\n\u2028\x7f"
	eachCall(t, func(t *testing.T, call string, do caller) {
		other, own := upstream.on(t, good(call, "other")), upstream.on(t, good(call, "own"))
		client := newConfigClient(t, portkey.Conditional(named("übrige", target(other, "key-1")),
			portkey.When(portkey.MetadataKey("tenant").Eq(tenant)).Then(named("Zoë 🎉", target(own, "clé-2")))))

		info, err := do(t, client, ask("hello"), portkey.WithMetadata(map[string]string{"tenant": tenant, "_user": "élan"}))
		require.NoError(t, err)
		requireServedBy(t, info, "Zoë 🎉", 0)

		for _, opts := range [][]portkey.RequestOption{nil, {portkey.WithMetadata(map[string]string{"tenant": "Zoe"})}} {
			info, err = do(t, client, ask("hello"), opts...)
			require.NoError(t, err)
			requireServedBy(t, info, "übrige", 1)
		}
		require.Len(t, upstream.requests(own), 1)
	})
}

// The first condition that holds counts; targets without a name have been given one.
func TestConditionalByModel(t *testing.T) {
	t.Parallel()
	eachCall(t, func(t *testing.T, call string, do caller) {
		host := upstream.on(t, good(call, "hi"))
		model := portkey.Param("model")
		client := newConfigClient(t, portkey.Conditional(*target(host, "key-1"),
			portkey.When(model.In("claude-a", "claude-b")).Then(*target(host, "key-2")),
			portkey.When(model.Matches("^claude-[abc]$")).Then(*target(host, "key-3")),
		))
		for model, want := range map[string]int{"claude-a": 0, "claude-c": 1, "claude-d": 2} {
			req := ask("hello")
			req.Model = model

			info, err := do(t, client, req)
			require.NoError(t, err)

			requireServedBy(t, info, []string{"target-1", "target-2", "default"}[want], want)
		}
	})
}

// What each operator says of a call, as its documentation has it.
func TestQueries(t *testing.T) {
	t.Parallel()
	tenant, tier, missing := portkey.MetadataKey("tenant"), portkey.MetadataKey("tier"), portkey.MetadataKey("missing")
	tokens := portkey.Param("max_tokens")
	yes, no := tenant.Eq("acme"), tenant.Eq("other")
	for name, tt := range map[string]struct {
		query portkey.Query
		holds bool
	}{
		"eq":                  {tenant.Eq("acme"), true},
		"eq, other":           {tenant.Eq("Acme"), false},
		"eq, type":            {tier.Eq(5), false},
		"eq, number":          {tokens.Eq(64), true},
		"eq, missing":         {missing.Eq(""), false},
		"value":               {portkey.Query{"metadata.tenant": "acme"}, true},
		"value, null":         {portkey.Query{"metadata.tenant": nil}, false},
		"ne":                  {tenant.Ne("acme"), false},
		"ne, other":           {tenant.Ne("other"), true},
		"ne, missing":         {missing.Ne("acme"), true},
		"gt":                  {tokens.Gt(63), true},
		"gt, equal":           {tokens.Gt(64), false},
		"gt, of text":         {tier.Gt(4.5), true},
		"gt, as numbers":      {tier.Gt("10"), false},
		"gt, no number":       {tenant.Gt(0), false},
		"gte":                 {tokens.Gte(64), true},
		"gte, less":           {tokens.Gte(65), false},
		"lt":                  {tokens.Lt(65), true},
		"lt, equal":           {tokens.Lt(64), false},
		"lte":                 {tokens.Lte(64), true},
		"lte, more":           {tokens.Lte(63), false},
		"in":                  {tenant.In("other", "acme"), true},
		"in, none":            {portkey.Query{"metadata.tenant": map[string]any{"$in": []any{}}}, false},
		"nin":                 {tenant.NotIn("other"), true},
		"nin, listed":         {tenant.NotIn("other", "acme"), false},
		"regex":               {tenant.Matches("^ac.e$"), true},
		"regex, other":        {tenant.Matches("^b"), false},
		"regex, broken":       {tenant.Matches("("), false},
		"path":                {portkey.Path.Eq("/v1/messages"), true},
		"path, other":         {portkey.Path.Eq("/v1/messages/count_tokens"), false},
		"and":                 {portkey.And(yes, tokens.Gt(1)), true},
		"and, one":            {portkey.And(yes, no), false},
		"or":                  {portkey.Or(no, yes), true},
		"or, none":            {portkey.Or(no, no), false},
		"nested":              {portkey.Or(no, portkey.And(yes, portkey.Or(no, tier.In("5")))), true},
		"two variables":       {portkey.Query{"metadata.tenant": "acme", "params.max_tokens": map[string]any{"$lt": 5}}, false},
		"two operators":       {portkey.Query{"params.max_tokens": map[string]any{"$gt": 1, "$lt": 65}}, true},
		"two operators, one":  {portkey.Query{"params.max_tokens": map[string]any{"$gt": 1, "$lt": 5}}, false},
		"raw":                 {portkey.Query{"params.max_tokens": json.RawMessage(`{"$gt":1}`)}, true},
		"beside $or":          {portkey.Query{"$or": []portkey.Query{yes}, "metadata.tenant": "other"}, true},
		"params are the body": {portkey.Param("messages").Ne(nil), true},
		"empty":               {portkey.Query{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := upstream.on(t, answerMessage("hi"))
			config := portkey.Conditional(named("no", target(host, "key-1")),
				portkey.When(tt.query).Then(named("yes", target(host, "key-2"))))
			require.NoError(t, config.Validate())

			msg, err := newConfigClient(t, config).Messages.Create(t.Context(), ask("hello"), portkey.WithMetadata(acme))
			require.NoError(t, err)

			require.Equal(t, map[bool]string{true: "yes", false: "no"}[tt.holds], msg.Gateway.TargetConfig.Name)
		})
	}
}

// Strategies in strategies: who served is found at any depth.
func TestNestedTargets(t *testing.T) {
	t.Parallel()
	eachCall(t, func(t *testing.T, call string, do caller) {
		bad, ok := upstream.on(t, failing(529, "overloaded_error")), upstream.on(t, good(call, "hi"))
		client := newConfigClient(t, portkey.Fallback(
			portkey.LoadBalance(*target(bad, "key-1"), *weighted(0, target(bad, "key-2"))),
			portkey.Conditional(*target(bad, "key-3"),
				portkey.When(portkey.Param("model").Eq("claude-x")).Then(portkey.Fallback(
					*target(bad, "key-4"),
					named("deep", target(ok, "key-5")),
				)),
			),
		))

		info, err := do(t, client, ask("hello"))
		require.NoError(t, err)

		requireServedBy(t, info, "deep", 1, 0, 1)
		require.Equal(t, "config.targets[1].targets[0].targets[1]", info.Target)
		require.Equal(t, "key-5", upstream.only(t, ok).Header.Get("X-Api-Key"))
		require.Len(t, upstream.requests(bad), 2)
	})
}

// A config without targets is itself what served.
func TestConfigItselfServes(t *testing.T) {
	t.Parallel()
	eachCall(t, func(t *testing.T, call string, do caller) {
		config := named("only", target(upstream.on(t, good(call, "hi")), "key-1"))

		info, err := do(t, newConfigClient(t, config), ask("hello"))
		require.NoError(t, err)

		require.Equal(t, "config", info.Target)
		require.Nil(t, info.TargetPath)
		require.Equal(t, "only", info.TargetConfig.Name)

		// Without a config, or with one that only the header knows, there is nothing to find it in.
		info, err = do(t, newClient(t, config.CustomHost), ask("hello"))
		require.NoError(t, err)
		require.Nil(t, info.TargetConfig)
	})
}
