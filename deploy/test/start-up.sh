#!/usr/bin/env bash
# Measures how long a user waits for the first step, and prints a table.
set -euo pipefail
# shellcheck source=deploy/cluster-functions.sh
. "$(dirname "$0")/../cluster-functions.sh"

usage() {
  cat <<'USAGE'
Usage: start-up.sh [--runs N]

Starts short runs of the built distribution, and prints how long it took from the command to the first step on the disk:
within one process, with two worker processes, and without the cache of loaded classes. Times are the median, the
shortest and the longest of all runs but one before, which makes the cache.

  --runs N    of each kind (default: 9)

TUTTI_DISTRIBUTION is a distribution to measure instead of this checkout's.

Example:
  deploy/test/start-up.sh --runs 3
USAGE
}

runs=9
read_count --runs runs "$@"

# shellcheck source=deploy/test/test-functions.sh
. "$(dirname "$0")/test-functions.sh"
trap 'rm -rf "$scratch"' EXIT

# Prints the milliseconds from the command to its first line of steps.jsonl, which is its only one.
first_step() { # options of train
  local began
  rm -rf "$scratch/run"
  began=$(date +%s%N)
  expect 0 "$distribution/bin/tutti" train --steps 1 --out "$scratch/run" "$@"
  stat -c %.9Y "$scratch/run/steps.jsonl" | awk -v began="$began" '{ printf "%.0f\n", $1 * 1000 - began / 1e6 }'
}

measure() { # what, options of train
  local what=$1
  shift
  for _ in $(seq "$runs"); do
    first_step "$@"
  done | sort -n | awk -v what="$what" '{ t[NR] = $1 } END {
    printf "%-38s %5.2f s (%.2f…%.2f)\n", what, t[int((NR + 1) / 2)] / 1000, t[1] / 1000, t[NR] / 1000 }'
}

first_step >"$scratch/out"
measure "tutti train"
measure "tutti train --processes 2" --processes 2
TUTTI_AOT=off measure "the first, without the cache"
