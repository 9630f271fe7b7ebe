package portkey

import (
	"bytes"
	"strings"
)

// secretHeaders are the headers of a request that hold keys.
var secretHeaders = []string{
	"Authorization", "X-Api-Key", headerAPIKey, "X-Portkey-Virtual-Key",
	"X-Portkey-Aws-Secret-Access-Key", "X-Portkey-Aws-Session-Token", "X-Portkey-Vertex-Service-Account-Json",
	"X-Portkey-Azure-Ad-Token", "X-Portkey-Azure-Entra-Client-Secret",
}

// minSecret is how long a secret has to be for it to be looked for: a dummy
// key such as "x" stands in many a text.
const minSecret = 8

// redact takes the keys of the call out of an error: some providers quote the
// key that they refuse.
func (s *settings) redact(e *Error) *Error {
	hide := func(secret string) {
		if len(secret) >= minSecret {
			e.Message = strings.ReplaceAll(e.Message, secret, redacted)
			e.Raw = bytes.ReplaceAll(e.Raw, []byte(secret), []byte(redacted))
		}
	}
	for _, name := range secretHeaders {
		hide(strings.TrimPrefix(s.header.Get(name), "Bearer "))
	}
	if s.config != nil {
		s.config.all(func(c *Config) {
			for _, secret := range c.secrets() {
				hide(string(*secret))
			}
		})
	}
	return e
}

// secrets are the secrets of the config itself, without those of its targets.
func (x *Config) secrets() []*Secret {
	return []*Secret{
		&x.APIKey, &x.VirtualKey, &x.AWSSecretAccessKey, &x.AWSSessionToken,
		&x.VertexServiceAccountJSON, &x.AzureADToken, &x.AzureEntraClientSecret,
	}
}
