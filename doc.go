// Package portkey calls Anthropic's Messages API through the Portkey AI
// Gateway: typed requests, typed answers, typed streams.
//
//	client, err := portkey.NewClient(
//		portkey.WithBaseURL("http://localhost:8787"),
//		portkey.WithProvider("anthropic"),
//		portkey.WithProviderKey(os.Getenv("MY_ANTHROPIC_KEY")),
//	)
//	msg, err := client.Messages.Create(ctx, portkey.MessageRequest{
//		Model:     portkey.ModelClaudeSonnet5_5,
//		MaxTokens: 1024,
//		Messages:  []portkey.MessageParam{portkey.UserText("What is a gateway?")},
//	})
//	fmt.Println(msg.Text())
//
// # Calls
//
// A [Client] has one service, Messages, with three calls:
// [MessagesService.Create] returns the whole answer, [MessagesService.Stream]
// the answer event by event as a [MessageStream], and
// [MessagesService.CountTokens] the size of a request. All take a
// [MessageRequest] and any number of options.
//
// # Messages and blocks
//
// The content of a message is a list of blocks. [ContentBlock] is a sealed
// union: a type switch over its pointer types tells text from tool calls, and
// one type serves both directions, so that what the model said is sent back as
// it is: append(req.Messages, msg.Param()). Citations, sources, tools, results
// of server tools, stream events and their deltas are unions of the same make.
//
// # Unknown members
//
// The API grows. An object keeps the members that this version has no field
// for in its Extra, by name, and writes them again; in a request it is the way
// to send a member that has no field, and wins over a field of the same name.
// A block, tool or event of an unknown type becomes an [UnknownBlock],
// [UnknownTool] or [UnknownEvent] with its whole JSON. Enumerations are open:
// an unknown value passes through. Decoding and encoding again loses nothing,
// explicit nulls included.
//
// # Optional members
//
// Optional scalars are pointers, so that 0, false and "" can be sent:
// Temperature: new(0.0). Optional enumerations are left out where they are
// empty, lists where they are nil.
//
// # Options
//
// An [Option] is a default where it is given to [NewClient] or [Client.With],
// and overrides it where it is given to a call. There is one for each header
// of the gateway; [WithHeader] sets any other.
//
// # Errors
//
// Whatever shape the gateway or a provider reports an error in, a call returns
// an [*Error]. Ask what it is with errors.Is and a class such as
// [ErrRateLimit], and whose it is with its Source. A stream that ends before
// its message is whole ends with [ErrIncompleteStream].
//
// # What the gateway did
//
// Messages, token counts, streams and errors say which provider served the
// call, after how many retries, from which target of the config, and what the
// guardrails found: see [GatewayInfo].
package portkey
