package portkey

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/portkey-go/portkey/internal/wire"
)

// WithAPIKey sets Portkey's API key (x-portkey-api-key). The hosted gateway
// wants one; the open-source gateway does not look at it. The default is
// PORTKEY_API_KEY.
func WithAPIKey(key string) Option {
	return headerOption("WithAPIKey", headerAPIKey, key)
}

// WithProvider sets the provider: "anthropic", "bedrock", "vertex-ai" or
// "azure-ai" for example, in lower case, or with the hosted gateway "@slug"
// (x-portkey-provider). The default is PORTKEY_PROVIDER.
func WithProvider(provider string) Option {
	return headerOption("WithProvider", headerProvider, provider)
}

// WithProviderKey sets the provider's API key (Authorization: Bearer). Where
// the call's config has a provider or targets, the gateway takes the keys of
// the config instead.
func WithProviderKey(key string) Option {
	key = strings.TrimPrefix(key, "Bearer ")
	if key != "" {
		key = "Bearer " + key
	}
	return headerOption("WithProviderKey", "Authorization", key)
}

// WithVirtualKey names a provider's key that Portkey keeps
// (x-portkey-virtual-key). Hosted only.
func WithVirtualKey(key string) Option {
	return headerOption("WithVirtualKey", "X-Portkey-Virtual-Key", key)
}

const headerAPIKey = "X-Portkey-Api-Key"

// WithConfig sends the gateway a config with the call (x-portkey-config). It
// replaces a config or a config ID that the client has. A config that
// [Config.Validate] finds fault with is not sent.
func WithConfig(config Config) Option {
	err := config.Validate()
	var sent *Config
	if err == nil {
		sent, err = config.clone()
	}
	if err == nil {
		err = sent.Validate() // again, because members of Extra have become fields
	}
	var text string
	if err == nil {
		sent.fitForSending("", "")
		text, err = sent.header()
	}
	return option(func(s *settings) error {
		if err != nil {
			return fmt.Errorf("WithConfig: %w", err)
		}
		return s.setConfig("WithConfig", text, sent)
	})
}

// WithConfigID names a config that Portkey keeps, "pc-…" (x-portkey-config).
// It replaces a config or a config ID that the client has. Hosted only: the
// open-source gateway answers 400.
func WithConfigID(id string) Option {
	return option(func(s *settings) error {
		if err := checkASCII(id); err != nil {
			return fmt.Errorf("WithConfigID: %w", err)
		}
		return s.setConfig("WithConfigID", id, nil)
	})
}

const headerConfig = "X-Portkey-Config"

func (s *settings) setConfig(from, value string, config *Config) error {
	if value != "" && s.configFrom != "" && s.configFrom != from {
		return fmt.Errorf("%s: a config and a config ID at once", from)
	}
	if value != "" {
		s.configFrom = from
	}
	if !slices.Contains(s.customHeaders, headerConfig) { // else another one is sent
		s.config = config
	}
	return s.setHeader(from, headerConfig, value)
}

// WithTraceID sets the trace id (x-portkey-trace-id). Without it each call has
// a fresh one, which is the same in all its attempts.
func WithTraceID(id string) Option {
	return headerOption("WithTraceID", headerTraceID, id)
}

// WithSpanID sets the id of the call within its trace (x-portkey-span-id). Hosted only.
func WithSpanID(id string) Option {
	return headerOption("WithSpanID", "X-Portkey-Span-Id", id)
}

// WithParentSpanID sets the id of the span that the call is part of
// (x-portkey-parent-span-id). Hosted only.
func WithParentSpanID(id string) Option {
	return headerOption("WithParentSpanID", "X-Portkey-Parent-Span-Id", id)
}

// WithSpanName sets the name of the call within its trace
// (x-portkey-span-name). Hosted only.
func WithSpanName(name string) Option {
	return headerOption("WithSpanName", "X-Portkey-Span-Name", name)
}

// maxMetadataValue is how long the gateway lets a metadata value be.
const maxMetadataValue = 128

// WithMetadata attaches metadata to the call, for logs, budgets and the
// conditions of a config (x-portkey-metadata). A value has at most 128
// characters; "_user" is the user. It replaces the metadata of the client.
func WithMetadata(metadata map[string]string) Option {
	metadata = maps.Clone(metadata)
	return option(func(s *settings) error {
		var errs []error
		for _, k := range slices.Sorted(maps.Keys(metadata)) {
			if n := len([]rune(metadata[k])); n > maxMetadataValue {
				errs = append(errs, fmt.Errorf("WithMetadata: %q has %d characters, more than %d", k, n, maxMetadataValue))
			}
		}
		if len(errs) > 0 {
			return errors.Join(errs...)
		}
		if len(metadata) == 0 {
			return s.setHeader("WithMetadata", "X-Portkey-Metadata", "")
		}
		text, err := metadataHeader(metadata)
		if err != nil {
			return fmt.Errorf("WithMetadata: %w", err)
		}
		return s.setHeader("WithMetadata", "X-Portkey-Metadata", text)
	})
}

func metadataHeader(metadata map[string]string) (string, error) {
	data, err := wire.Encode(wire.Plain, func(e *wire.Encoder) {
		wire.EncodeMap(e, metadata, (*wire.Encoder).Str)
	})
	if err != nil {
		return "", err
	}
	return headerJSON(data), nil
}

// WithCacheForceRefresh makes the gateway ask the provider even where it has
// an answer in its cache, and keep the new one (x-portkey-cache-force-refresh).
func WithCacheForceRefresh(refresh bool) Option {
	value := ""
	if refresh {
		value = "true" // the open-source gateway takes any value for true
	}
	return headerOption("WithCacheForceRefresh", "X-Portkey-Cache-Force-Refresh", value)
}

// WithCacheNamespace keeps the call's cached answers apart from others'
// (x-portkey-cache-namespace). Hosted only.
func WithCacheNamespace(namespace string) Option {
	return headerOption("WithCacheNamespace", "X-Portkey-Cache-Namespace", namespace)
}

// WithCustomHost makes the gateway call this address instead of the
// provider's, with "/v1" (x-portkey-custom-host). A slash at the end is cut
// off: the gateway would double it. The open-source gateway refuses private
// addresses other than localhost and 127.0.0.1.
func WithCustomHost(host string) Option {
	return option(func(s *settings) error {
		if host != "" {
			u, err := url.Parse(host)
			if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
				return errors.New("WithCustomHost: is not an http or https URL")
			}
			if u.User != nil {
				return errors.New("WithCustomHost: has a user name, which the gateway refuses")
			}
			if u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
				return errors.New("WithCustomHost: has a query or a fragment, which would corrupt the path")
			}
			if err := checkASCII(host); err != nil {
				return fmt.Errorf("WithCustomHost: %w", err)
			}
		}
		return s.setHeader("WithCustomHost", "X-Portkey-Custom-Host", strings.TrimRight(host, "/"))
	})
}

// WithForwardHeaders names headers of the call that the gateway hands on to
// the provider, such as one set by [WithHeader] (x-portkey-forward-headers).
// All others it drops.
func WithForwardHeaders(names ...string) Option {
	const header = "X-Portkey-Forward-Headers"
	for _, name := range names {
		if strings.EqualFold(name, header) {
			return option(func(*settings) error { return errors.New("WithForwardHeaders: must not name " + header) })
		}
	}
	return headerListOption("WithForwardHeaders", header, names)
}

// WithSensitiveHeaders names headers that Portkey's logs mask
// (x-portkey-sensitive-headers). Hosted only.
func WithSensitiveHeaders(names ...string) Option {
	return headerListOption("WithSensitiveHeaders", "X-Portkey-Sensitive-Headers", names)
}

// WithGatewayTimeout is how long the gateway waits for the provider to begin
// its answer, in whole milliseconds; then it answers 408, which is
// [ErrTimeout] (x-portkey-request-timeout). 0 is no limit. [WithTimeout] is
// this client's own.
func WithGatewayTimeout(d time.Duration) Option {
	return option(func(s *settings) error {
		if d < 0 {
			return fmt.Errorf("WithGatewayTimeout: %v is negative", d)
		}
		if d > 0 && d < time.Millisecond {
			return fmt.Errorf("WithGatewayTimeout: %v is less than a millisecond", d)
		}
		value := ""
		if d > 0 {
			value = strconv.FormatInt(d.Milliseconds(), 10)
		}
		return s.setHeader("WithGatewayTimeout", "X-Portkey-Request-Timeout", value)
	})
}

// WithDefaultInputGuardrails sets guardrails for the request, which are run
// besides those of the config (x-portkey-default-input-guardrails).
func WithDefaultInputGuardrails(guardrails ...*Guardrail) Option {
	return guardrailsOption("WithDefaultInputGuardrails", "X-Portkey-Default-Input-Guardrails", guardrails)
}

// WithDefaultOutputGuardrails sets guardrails for the answer, which are run
// besides those of the config (x-portkey-default-output-guardrails).
func WithDefaultOutputGuardrails(guardrails ...*Guardrail) Option {
	return guardrailsOption("WithDefaultOutputGuardrails", "X-Portkey-Default-Output-Guardrails", guardrails)
}

func guardrailsOption(opt, name string, guardrails []*Guardrail) Option {
	text := ""
	var err error
	if len(guardrails) > 0 {
		var data []byte
		data, err = wire.Encode(wire.Reveal, func(e *wire.Encoder) { encodeGuardrails(e, guardrails, false) })
		text = headerJSON(data)
	}
	return option(func(s *settings) error {
		if err != nil {
			return fmt.Errorf("%s: %w", opt, err)
		}
		return s.setHeader(opt, name, text)
	})
}

// WithStrictOpenAICompliance says whether the gateway leaves out what OpenAI's
// API does not have (x-portkey-strict-open-ai-compliance). It is off by
// default, as in Portkey's own SDKs, so that guardrail verdicts reach streams.
func WithStrictOpenAICompliance(strict bool) Option {
	return headerOption("WithStrictOpenAICompliance", headerStrict, strconv.FormatBool(strict))
}

const headerStrict = "X-Portkey-Strict-Open-Ai-Compliance"

// WithDebug says whether Portkey's logs keep the bodies of the call, which
// they do by default (x-portkey-debug). Hosted only.
func WithDebug(debug bool) Option {
	return headerOption("WithDebug", "X-Portkey-Debug", strconv.FormatBool(debug))
}

// WithPortkeyBeta turns on beta features of the gateway, such as
// "server-side-mcp-2026-06-01" (x-portkey-beta). Hosted only.
func WithPortkeyBeta(features ...string) Option {
	return headerListOption("WithPortkeyBeta", "X-Portkey-Beta", features)
}

// WithAnthropicVersion sets the version of Anthropic's API. The gateway's
// default is 2023-06-01.
//
// It is sent as x-portkey-anthropic-version, which the gateway reads first,
// and as anthropic-version, which a config's forward_headers can name. Where
// the call's config has a provider or targets, the gateway reads neither: then
// it is also put into each target without an AnthropicVersion of its own.
func WithAnthropicVersion(version string) Option {
	return anthropicOption("WithAnthropicVersion", "Anthropic-Version", version)
}

// WithAnthropicBeta turns on beta features of Anthropic's API, such as
// "context-management-2025-06-27". It replaces the betas of the client.
//
// They are sent as x-portkey-anthropic-beta, which the gateway reads first,
// and as anthropic-beta, which a config's forward_headers can name. Where the
// call's config has a provider or targets, the gateway reads neither: then
// they are also put into each target without an AnthropicBeta of its own.
func WithAnthropicBeta(betas ...string) Option {
	names := headerListOption("WithAnthropicBeta", "Anthropic-Beta", betas)
	header := anthropicOption("WithAnthropicBeta", "Anthropic-Beta", strings.Join(betas, ","))
	return option(func(s *settings) error {
		if err := names.applyRequest(s); err != nil {
			return err
		}
		return header.applyRequest(s)
	})
}

func anthropicOption(opt, name, value string) Option {
	return option(func(s *settings) error {
		return errors.Join(
			headerOption(opt, name, value).applyRequest(s),
			s.setHeader(opt, "X-Portkey-"+name, value),
		)
	})
}

// WithHeader sets any header; an empty value removes it. It wins over the
// options that it is given with, in whichever order they come; like any
// default, one of the client gives way to an option of the call. Content-Type
// and Content-Length cannot be set.
func WithHeader(name, value string) Option {
	return option(func(s *settings) error {
		canonical := http.CanonicalHeaderKey(name)
		switch {
		case !isToken(name):
			return fmt.Errorf("WithHeader: %q is not a header name", name)
		case canonical == "Content-Type" || canonical == "Content-Length":
			return fmt.Errorf("WithHeader: %s is set by the client", canonical)
		}
		s.customHeaders = slices.DeleteFunc(s.customHeaders, func(h string) bool { return h == canonical })
		if err := s.setHeader("WithHeader("+canonical+")", canonical, value); err != nil {
			return err
		}
		s.customHeaders = append(s.customHeaders, canonical)
		if canonical == headerConfig {
			s.config = nil // another one is sent
		}
		if value == "" {
			s.removed = append(s.removed, canonical)
		}
		if strings.HasPrefix(canonical, "Anthropic-") {
			// The gateway would prefer its own spelling, which a typed option sets.
			if double := "X-Portkey-" + canonical; !slices.Contains(s.customHeaders, double) {
				s.header.Del(double)
				s.customHeaders = append(s.customHeaders, double)
			}
		}
		return nil
	})
}

// isToken reports whether s can be the name of a header (RFC 9110, 5.6.2).
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		alnum := 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9'
		if !alnum && !strings.ContainsRune("!#$%&'*+-.^_`|~", rune(c)) {
			return false
		}
	}
	return s != ""
}
