package portkey

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"
)

// safeHeaders are the headers that hold neither keys nor what users said.
var safeHeaders = []string{
	"Accept", "Content-Type", "User-Agent", "Retry-After", "Retry-After-Ms", "X-Should-Retry",
	"Anthropic-Beta", "Anthropic-Version", headerProvider, headerTraceID, headerStrict,
	headerCacheStatus, headerRetryAttempts, headerTarget, headerException, headerRequestID,
	"X-Portkey-Cache-Force-Refresh", "X-Portkey-Cache-Namespace", "X-Portkey-Request-Timeout", "X-Portkey-Beta",
}

// headerAttr is the group of safe headers in h.
func headerAttr(h http.Header) slog.Attr {
	var attrs []any
	for _, name := range slices.Sorted(slices.Values(safeHeaders)) {
		if v := h.Get(name); v != "" {
			attrs = append(attrs, slog.String(name, v))
		}
	}
	return slog.Group("headers", attrs...)
}

func (s *settings) logRequest(ctx context.Context, req *http.Request, attempt int) {
	if s.logger == nil || !s.logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	s.logger.LogAttrs(ctx, slog.LevelDebug, "portkey: request",
		slog.String("host", req.URL.Host), slog.String("path", req.URL.Path),
		slog.Int("attempt", attempt), slog.Int64("bytes", req.ContentLength), headerAttr(req.Header))
}

func (s *settings) logResponse(ctx context.Context, x *exchange, took time.Duration) {
	if s.logger == nil || !s.logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	s.logger.LogAttrs(ctx, slog.LevelDebug, "portkey: response",
		slog.Int("status", x.info.StatusCode), slog.Int("attempt", x.info.Attempts),
		slog.Duration("took", took), headerAttr(x.info.Header))
}

func (s *settings) logFailure(ctx context.Context, attempt int, took time.Duration, err error) {
	if s.logger != nil {
		s.logger.LogAttrs(ctx, slog.LevelDebug, "portkey: no response",
			slog.Int("attempt", attempt), slog.Duration("took", took), slog.String("error", withoutURL(err).Error()))
	}
}

// logRetry names an error without its message, which quotes the answer.
func (s *settings) logRetry(ctx context.Context, attempt int, wait time.Duration, err error) {
	if s.logger == nil {
		return
	}
	attrs := []slog.Attr{slog.Int("attempt", attempt), slog.Duration("wait", wait)}
	var e *Error
	if errors.As(err, &e) && e.StatusCode != 0 {
		attrs = append(attrs, slog.Int("status", e.StatusCode), slog.String("type", e.Type), slog.String("code", e.Code),
			slog.String("request_id", e.RequestID), slog.String("trace_id", e.TraceID))
	} else {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	s.logger.LogAttrs(ctx, slog.LevelWarn, "portkey: will retry", attrs...)
}
