#!/usr/bin/env bash
# Measures the coordinator's memory with many workers, and prints a table.
set -euo pipefail
# shellcheck source=deploy/cluster-functions.sh
. "$(dirname "$0")/../cluster-functions.sh"

usage() {
  cat <<'USAGE'
Usage: memory.sh [--workers N] [--steps N] [--carrier NAME] [--model LAYERS]

Trains with many workers in four processes, and prints what the coordinator keeps resident while it does, in MiB and as a
multiple of the weights' own bytes. What workers have put into shared memory is theirs, and stands beside it. Ends with 1
if the coordinator's own is 40 times the weights or more, or grows by a tenth between a quarter of the run and its end.

  --workers N       and shards, and samples of a batch (default: 64)
  --steps N         (default: 100)
  --carrier NAME    shared, or inline, as between hosts (default: inline)
  --model LAYERS    (default: dense(2048),relu,dense(2048),relu,dense: 5.8 million weights on Fashion-MNIST)

TUTTI_DISTRIBUTION is a distribution to measure instead of this checkout's.

Example:
  deploy/test/memory.sh --carrier shared --steps 1000
USAGE
}

workers=64 steps=100 carrier=inline model="dense(2048),relu,dense(2048),relu,dense"
while [ $# -gt 0 ]; do
  case $1 in
    --workers | --steps)
      require_count "$1" "${2:-}"
      declare "${1#--}=$2"
      shift 2
      ;;
    --carrier | --model)
      [ $# -gt 1 ] || refuse "$1 needs a value; see --help"
      declare "${1#--}=$2"
      shift 2
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    *) refuse "unknown option $1; see --help" ;;
  esac
done

# shellcheck source=deploy/test/test-functions.sh
. "$(dirname "$0")/test-functions.sh"
trap 'rm -rf "$scratch"' EXIT
readonly samples=20

# Prints a figure of /proc/PID/status, in KiB.
kib() { # name
  awk -v name="$1:" '$1 == name { print $2 }' "/proc/$pid/status" 2>/dev/null || true
}

steps_taken() {
  wc -l 2>/dev/null <"$scratch/run/steps.jsonl" || echo 0
}

"$distribution/bin/tutti" train --data "synthetic(4096,784,10)" --model "$model" --optimizer "sgd(0.01)" \
  --validation 0 --workers "$workers" --processes 4 --shards "$workers" --batch "$workers" --steps "$steps" \
  --carrier "$carrier" --checkpoint-every never --out "$scratch/run" >"$scratch/out" 2>&1 </dev/null &
pid=$!
printf '%s workers, %s steps, carrier %s\n\n%8s %14s %20s\n' "$workers" "$steps" "$carrier" step "resident MiB" \
  "shared beside it MiB"
due=1
while kill -0 "$pid" 2>/dev/null; do
  taken=$(steps_taken)
  if [ "$taken" -ge "$due" ]; then
    resident=$(kib VmRSS) shared=$(kib RssShmem)
    if [ -n "$resident" ] && [ -n "$shared" ]; then
      awk -v taken="$taken" -v resident="$resident" -v shared="$shared" \
        'BEGIN { printf "%8d %14.0f %20.0f\n", taken, (resident - shared) / 1024, shared / 1024 }' |
        tee -a "$scratch/table"
    fi
    due=$((taken + (steps + samples - 1) / samples))
  fi
  sleep 0.2
done
wait "$pid" || {
  cat "$scratch/out" >&2
  fail "the run ended with another code than 0"
}

weights=$(sed -n 's/.*"parameters" : \([0-9]*\).*/\1/p' "$scratch/run/summary.json")
awk -v floats="$weights" -v steps="$steps" '
  $1 >= steps / 4 && !early { early = $2 }
  { last = $2; most = $2 > most ? $2 : most }
  END {
    unit = floats * 4 / 1048576
    printf "\n%d weights, %.1f MiB; the coordinator had at most %.1f times that, and at the end %.2f of what it had " \
      "after a quarter\n", floats, unit, most / unit, last / early
    exit !(unit > 0 && most < 40 * unit && last < 1.1 * early)
  }' "$scratch/table"
