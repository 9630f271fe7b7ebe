#!/usr/bin/env bash
# Installs what the end-to-end tests run against, pinned by package-lock.json: the Portkey gateway
# and the mock provider aimock. Does nothing when all of it is there already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

fail() {
	echo "test/gateway/install.sh: $*" >&2
	exit 1
}

node_hint="install Node.js 20.15 or newer (https://nodejs.org), which brings npm"
command -v node >/dev/null || fail "node not found: $node_hint"
command -v npm >/dev/null || fail "npm not found: $node_hint"
node -e 'const [major, minor] = process.versions.node.split(".").map(Number)
process.exit(major > 20 || (major === 20 && minor >= 15) ? 0 : 1)' ||
	fail "node $(node --version) is too old: $node_hint"

# The stamp says which lock file and which version of this script node_modules was made from.
# npm ci deletes node_modules, and with it the stamp. harness_test.go checks the stamp too.
stamp=node_modules/.portkey-stamp
want=$(cat package-lock.json install.sh |
	node -e 'const hash = require("crypto").createHash("sha256")
process.stdin.pipe(hash).on("finish", () => console.log(hash.digest("hex")))')

if [[ ! -f $stamp || $(<"$stamp") != "$want" ]]; then
	npm ci --no-audit --no-fund
fi

# The gateway's use_retry_after_header needs one more argument from async-retry. The gateway's
# repository and Docker image patch it in; its npm package, which we run, does not.
node - <<'JS'
const fs = require('fs')
const file = 'node_modules/async-retry/lib/index.js'
const before = 'val = fn(bail, num);'
const after = 'val = fn(bail, num, op);'
const code = fs.readFileSync(file, 'utf8')
if (!code.includes(after)) {
	if (!code.includes(before)) {
		console.error(`test/gateway/install.sh: cannot patch ${file}: it has no "${before}"`)
		process.exit(1)
	}
	fs.writeFileSync(file, code.replace(before, after))
}
JS

echo "$want" >"$stamp"
