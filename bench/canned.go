package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
)

// canned is a transport that answers every request with the same body. It
// reads the request's body to its end, as a connection would.
type canned struct {
	contentType string
	body        []byte
	chunk       int // the most that one read of the body returns; 0 for no limit

	sent    atomic.Int64 // bytes of request bodies
	capture func(body []byte)
}

func newCanned(contentType string, body []byte) *canned {
	return &canned{contentType: contentType, body: body}
}

func (c *canned) client() *http.Client { return &http.Client{Transport: c} }

// RoundTrip implements [http.RoundTripper].
func (c *canned) RoundTrip(req *http.Request) (*http.Response, error) {
	n, err := c.drain(req.Body)
	if err != nil {
		return nil, err
	}
	if n != req.ContentLength {
		return nil, fmt.Errorf("a body of %d bytes was announced as %d", n, req.ContentLength)
	}
	c.sent.Add(n)
	var body io.Reader = bytes.NewReader(c.body)
	if c.chunk > 0 {
		body = &chunked{body, c.chunk}
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {c.contentType}},
		Body:          io.NopCloser(body),
		ContentLength: -1,
		Request:       req,
	}, nil
}

func (c *canned) drain(body io.ReadCloser) (int64, error) {
	defer body.Close()
	if c.capture == nil {
		return io.Copy(io.Discard, body)
	}
	data, err := io.ReadAll(body)
	c.capture(data)
	return int64(len(data)), err
}

// chunked hands out a body in pieces, as a connection does.
type chunked struct {
	r   io.Reader
	max int
}

func (c *chunked) Read(p []byte) (int, error) { return c.r.Read(p[:min(len(p), c.max)]) }
