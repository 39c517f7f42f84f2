#!/usr/bin/env bash
# Tests that reports work in a browser: of one run, of several, and of a study. Needs chromium, chromedriver and python3.
# Screenshots go to SCREENSHOTS, or to deploy/target/screenshots.
#
# Usage: browser-test.sh [SCREENSHOTS]
set -euo pipefail
# shellcheck source=deploy/test/test-functions.sh
. "$(dirname "$0")/test-functions.sh"
tutti=$distribution/bin/tutti
shots=$(realpath -m "${1:-$deploy/target/screenshots}")
browser=$(realpath "$(dirname "$0")/browser.py")
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

for program in chromedriver python3; do
  command -v "$program" >/dev/null || fail "browser-test.sh needs $program (Debian: chromium-driver, python3)"
done

small=(--data digits --model "dense(16),relu,dense" --batch 64 --shards 4)
expect 0 "$tutti" train "${small[@]}" --epochs 3 --observe every=5 --shadow median --out one
expect 0 "$tutti" train "${small[@]}" --epochs 3 --sync 'asynchronous(2)' --out two
expect 0 "$tutti" report one two --out both.html
cat >modes.conf <<'END'
base { data = digits, model = "dense(16),relu,dense", epochs = 2, batch = 64, shards = 4 }
vary { sync = [synchronous, "stale(1)"], optimizer = ["sgd(rate=0.05)", "adam(rate=0.001)"] }
seeds = 2
END
expect 0 "$tutti" study modes.conf
python3 "$browser" "$shots" one/report.html two/report.html both.html studies/modes/report.html
echo "browser-test.sh: passed"
