package portkey

import (
	"slices"

	"github.com/portkey-go/portkey/internal/wire"
)

// keptFields are the members of a request that the open-source gateway hands
// on. It makes headers of the last two.
var keptFields = []string{
	"model", "messages", "max_tokens", "container", "mcp_servers", "metadata",
	"service_tier", "stop_sequences", "stream", "system", "temperature", "thinking",
	"tool_choice", "tools", "top_k", "top_p", "anthropic_beta", "anthropic_version",
}

// DroppedFields names the members of a request, as they are called in JSON,
// that the open-source gateway drops on its normal route: output_config,
// cache_control at the top, speed, inference_geo, diagnostics, and whatever
// else it does not know. No error tells of it. [WithPassthrough] sends them.
// The hosted gateway hands more of them on.
func DroppedFields(req MessageRequest) ([]string, error) {
	data, err := wire.Encode(wire.Plain, req.encode)
	if err != nil {
		return nil, invalidRequest("%w", err)
	}
	var dropped []string
	err = wire.Decode(data, func(d *wire.Decoder) {
		var o wire.ObjectDecoder
		for o.Begin(d, nil, nil); o.Next(); d.Skip() {
			if name := string(o.Key()); !slices.Contains(keptFields, name) {
				dropped = append(dropped, name)
			}
		}
	})
	return dropped, err
}
