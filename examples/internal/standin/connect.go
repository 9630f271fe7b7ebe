// Package standin lets the examples run anywhere: against the gateway that the
// environment names, or else against a stand-in in the same process.
//
// The stand-in is not the gateway, and there is no model behind it. It knows as
// much of the protocol as the examples need, and its answers are canned.
package standin

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/portkey-go/portkey"
)

// Gateway is what an example talks to.
type Gateway struct {
	// Options are what [portkey.NewClient] needs to reach it.
	Options []portkey.ClientOption
	// Model is the model to ask for: PORTKEY_MODEL, or Claude Sonnet 5.5.
	Model string
	// Provider and ProviderKey are for examples that write a config:
	// PORTKEY_PROVIDER, or "anthropic", and PORTKEY_PROVIDER_KEY.
	Provider    string
	ProviderKey string

	server *http.Server
}

// Connect finds the gateway, and says on stdout which one it is. With
// PORTKEY_BASE_URL or PORTKEY_API_KEY in the environment it is the real one;
// portkey.NewClient reads these two and PORTKEY_PROVIDER by itself.
func Connect() (*Gateway, error) {
	g := &Gateway{
		Model:       cmp.Or(os.Getenv("PORTKEY_MODEL"), portkey.ModelClaudeSonnet5_5),
		Provider:    cmp.Or(os.Getenv("PORTKEY_PROVIDER"), "anthropic"),
		ProviderKey: os.Getenv("PORTKEY_PROVIDER_KEY"),
	}
	g.Options = []portkey.ClientOption{portkey.WithProviderKey(g.ProviderKey)}
	if os.Getenv("PORTKEY_BASE_URL") != "" || os.Getenv("PORTKEY_API_KEY") != "" {
		return g, g.announce()
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting the stand-in gateway: %w", err)
	}
	g.ProviderKey = cmp.Or(g.ProviderKey, "any-key") // a target needs one
	g.server = &http.Server{Handler: Handler()}
	go func() { _ = g.server.Serve(listener) }()
	g.Options = append(g.Options,
		portkey.WithBaseURL("http://"+listener.Addr().String()),
		portkey.WithProvider(g.Provider),
	)
	fmt.Println("[stand-in gateway in this process: its answers are canned, no model is asked.")
	fmt.Println(" Set PORTKEY_BASE_URL or PORTKEY_API_KEY to use a real one.]")
	fmt.Println()
	return g, nil
}

// announce says which gateway the environment names.
func (g *Gateway) announce() error {
	if os.Getenv("PORTKEY_PROVIDER") == "" && os.Getenv("PORTKEY_API_KEY") == "" {
		// The hosted gateway may know the provider by the key or the model.
		g.Options = append(g.Options, portkey.WithProvider(g.Provider))
	}
	client, err := portkey.NewClient(g.Options...)
	if err != nil {
		return err
	}
	fmt.Printf("[gateway %s, model %s]\n\n", client.BaseURL(), g.Model)
	return nil
}

// Close ends the stand-in, if there is one.
func (g *Gateway) Close() {
	if g.server != nil {
		_ = g.server.Close()
	}
}
