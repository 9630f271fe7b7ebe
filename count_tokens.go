package portkey

import (
	"context"
	"encoding/json"

	"github.com/portkey-go/portkey/internal/wire"
)

// TokenCount is the size of a request.
type TokenCount struct {
	// InputTokens counts messages, system and tools.
	InputTokens int `json:"input_tokens"`

	// Gateway says what the gateway did with the call. It comes from the
	// response's headers, and is not part of the JSON.
	Gateway GatewayInfo `json:"-"`
	// Extra holds members that this version does not know; see "Unknown members" in the package documentation.
	Extra map[string]json.RawMessage `json:"-"`
	form  wire.Form
}

// CountTokens returns how many input tokens the request has, without running
// it (POST /v1/messages/count_tokens). Only the members that count_tokens
// takes are sent, so that the request of a Create can be used as it is; of
// Extra, all but what is known to be refused there.
func (s *MessagesService) CountTokens(ctx context.Context, req MessageRequest, opts ...RequestOption) (*TokenCount, error) {
	req.Stream = false
	return do(ctx, s.client, pathCountTokens, wire.CountTokens, &req, opts, decodeTokenCount)
}

// notCounted are the members without a field that create takes and count_tokens
// does not. Those with a field are marked there.
var notCounted = []string{"thread", "fallbacks", "fallback_credit_token"}

func decodeTokenCount(x *exchange) (*TokenCount, error) {
	count := &TokenCount{Gateway: x.info}
	err := x.readAll(x.body, func(data []byte) error {
		has := false
		err := wire.Decode(data, func(d *wire.Decoder) {
			has = d.Has("input_tokens")
			count.decode(d)
		})
		if err != nil || !has {
			return x.unexpected(data, "not a token count", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return count, nil
}
