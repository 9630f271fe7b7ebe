# CI runs check, test, bench-test and weight; see CONTRIBUTING.md.

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: test check generate fuzz

# test installs the pinned npm parts (the real gateway and a mock provider)
# where they are missing, and runs all tests, the end-to-end ones with them.
test:
	bash test/gateway/install.sh
	PORTKEY_E2E=1 go test -race -shuffle=on -count=1 ./...

# check is what is not a test: format, vet, staticcheck, tidy and generated files.
check:
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); \
	if [ -n "$$unformatted" ]; then echo "gofmt would change: $$unformatted"; exit 1; fi
	go vet ./...
	go run $(STATICCHECK) ./...
	go mod tidy -diff
	go run ./internal/gen -check

generate:
	go generate ./...

# fuzz runs each fuzz target for a while: make fuzz FUZZTIME=5m
FUZZTIME ?= 30s
fuzz:
	@set -e; for file in $$(git grep -lE '^func Fuzz' -- '*_test.go'); do \
		for target in $$(sed -nE 's/^func (Fuzz[A-Za-z0-9_]+)\(.*/\1/p' $$file); do \
			echo "$$target ($$(dirname $$file))"; \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) ./$$(dirname $$file); \
		done; \
	done

# bench measures side by side with the reference and prints tables of ratios;
# it takes a few minutes. bench-doc writes docs/performance.md and its plots
# as well. The module bench has tests of its own, so that it cannot rot.
.PHONY: bench bench-quick bench-doc bench-test weight
bench:
	cd bench && go run .
bench-quick:
	cd bench && go run . -quick
bench-doc:
	cd bench && go run . -doc ../docs
bench-test:
	cd bench && go vet ./... && go run $(STATICCHECK) ./... && go test ./...

# weight builds a hello world, and fails where it is over its limits.
weight:
	cd bench && go run ./weight
