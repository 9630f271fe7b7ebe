package portkey

import (
	"encoding/json"
	"errors"
)

// BedrockCredentials are what the gateway needs for the provider "bedrock".
// Set the keys, or a role that the gateway may assume.
type BedrockCredentials struct {
	Region          string // x-portkey-aws-region, "us-east-1" for example
	AccessKeyID     string // x-portkey-aws-access-key-id
	SecretAccessKey Secret // x-portkey-aws-secret-access-key
	SessionToken    Secret // x-portkey-aws-session-token, of temporary keys
	RoleARN         string // x-portkey-aws-role-arn: assume this role (x-portkey-aws-auth-type: assumedRole)
	ExternalID      string // x-portkey-aws-external-id, of the role
}

// WithBedrock sets the credentials for Amazon Bedrock. Use it with
// WithProvider("bedrock").
func WithBedrock(c BedrockCredentials) Option {
	authType := ""
	if c.RoleARN != "" {
		authType = "assumedRole"
	}
	return headersOption("WithBedrock", [][2]string{
		{"X-Portkey-Aws-Region", c.Region},
		{"X-Portkey-Aws-Access-Key-Id", c.AccessKeyID},
		{"X-Portkey-Aws-Secret-Access-Key", string(c.SecretAccessKey)},
		{"X-Portkey-Aws-Session-Token", string(c.SessionToken)},
		{"X-Portkey-Aws-Role-Arn", c.RoleARN},
		{"X-Portkey-Aws-External-Id", c.ExternalID},
		{"X-Portkey-Aws-Auth-Type", authType},
	})
}

// VertexCredentials are what the gateway needs for the provider "vertex-ai".
// Models of Anthropic are called "anthropic.MODEL" there. Besides the region it
// takes a project and an access token ([WithProviderKey]), or a service account.
type VertexCredentials struct {
	Region             string // x-portkey-vertex-region, "us-east5" for example
	ProjectID          string // x-portkey-vertex-project-id
	ServiceAccountJSON Secret // x-portkey-vertex-service-account-json, the key file's text
}

// WithVertex sets the credentials for Google's Vertex AI. Use it with
// WithProvider("vertex-ai").
func WithVertex(c VertexCredentials) Option {
	account := ""
	if c.ServiceAccountJSON != "" {
		if !json.Valid([]byte(c.ServiceAccountJSON)) {
			return option(func(*settings) error { return errors.New("WithVertex: ServiceAccountJSON is not JSON") })
		}
		account = headerJSON([]byte(c.ServiceAccountJSON))
	}
	return headersOption("WithVertex", [][2]string{
		{"X-Portkey-Vertex-Region", c.Region},
		{"X-Portkey-Vertex-Project-Id", c.ProjectID},
		{"X-Portkey-Vertex-Service-Account-Json", account},
	})
}

// AzureFoundryCredentials are what the gateway needs for the provider
// "azure-ai" (Azure AI Foundry); [WithProviderKey] has the key, unless a token
// or an Entra application is used. The gateway does not hand anthropic-beta on to Azure.
type AzureFoundryCredentials struct {
	URL               string // x-portkey-azure-foundry-url, up to "/anthropic"
	APIVersion        string // x-portkey-azure-api-version
	EndpointName      string // x-portkey-azure-endpoint-name
	ADToken           Secret // x-portkey-azure-ad-token
	AuthMode          string // x-portkey-azure-auth-mode: "entra", "managed" or empty
	EntraClientID     string // x-portkey-azure-entra-client-id
	EntraClientSecret Secret // x-portkey-azure-entra-client-secret
	EntraTenantID     string // x-portkey-azure-entra-tenant-id
	EntraScope        string // x-portkey-azure-entra-scope
	ManagedClientID   string // x-portkey-azure-managed-client-id
}

// WithAzureFoundry sets the credentials for Azure AI Foundry. Use it with
// WithProvider("azure-ai").
func WithAzureFoundry(c AzureFoundryCredentials) Option {
	return headersOption("WithAzureFoundry", [][2]string{
		{"X-Portkey-Azure-Foundry-Url", c.URL},
		{"X-Portkey-Azure-Api-Version", c.APIVersion},
		{"X-Portkey-Azure-Endpoint-Name", c.EndpointName},
		{"X-Portkey-Azure-Ad-Token", string(c.ADToken)},
		{"X-Portkey-Azure-Auth-Mode", c.AuthMode},
		{"X-Portkey-Azure-Entra-Client-Id", c.EntraClientID},
		{"X-Portkey-Azure-Entra-Client-Secret", string(c.EntraClientSecret)},
		{"X-Portkey-Azure-Entra-Tenant-Id", c.EntraTenantID},
		{"X-Portkey-Azure-Entra-Scope", c.EntraScope},
		{"X-Portkey-Azure-Managed-Client-Id", c.ManagedClientID},
	})
}

// headersOption is an option that is several headers; empty ones are not sent.
func headersOption(opt string, headers [][2]string) Option {
	return option(func(s *settings) error {
		var errs []error
		for _, h := range headers {
			errs = append(errs, headerOption(opt+": "+h[0], h[0], h[1]).applyRequest(s))
		}
		return errors.Join(errs...)
	})
}
