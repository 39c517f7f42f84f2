#!/usr/bin/env bash
# Measures what single faults of real processes cost a run, and prints a table.
set -euo pipefail
# shellcheck source=deploy/cluster-functions.sh
. "$(dirname "$0")/../cluster-functions.sh"

usage() {
  cat <<'USAGE'
Usage: faults.sh [--seed N]

Runs 200 steps with 4 worker processes on this machine again and again, each time with other faults, and prints for each
what it cost, and whether the weights are those of one undisturbed worker. About three minutes. Ends with 1 if any is not.

  --seed N    draws the step in which the coordinator dies (default: 1)

TUTTI_DISTRIBUTION is a distribution to measure instead of this checkout's.
USAGE
}

seed=1
read_count --seed seed "$@"

# shellcheck source=deploy/test/test-functions.sh
. "$(dirname "$0")/test-functions.sh"
trap 'rm -rf "$scratch"' EXIT
# shellcheck source=deploy/test/chaos-functions.sh
. "$(dirname "$0")/chaos-functions.sh"
cd "$scratch"

# Steps so long that a process started in step 60 still finds some.
# shellcheck disable=SC2034 # for the sourced functions
run_options=(--data "synthetic(4096,1x28x28,10)" --model "dense(1024),relu,dense(1024),relu,dense" --batch 512)
readonly steps=200 loss_millis_max=2000 named_millis_max=3000 checkpoint_every=20
failed=0

# Prints a line of the table.
report() { # PASS or FAIL, what happened, figures
  [ "$1" = PASS ] || failed=1
  printf '%-4s  %-46s  %s\n' "$1" "$2" "$3"
}

faulty() { # name, faults, options
  local name=$1 faults=$2
  shift 2
  train "$name" --steps "$steps" --workers 4 --processes 4 --chaos "$faults" "$@"
}

# Kills the first $1 worker processes in step 50, and starts as many in step 60.
killed() { # count
  local count=$1 name=killed-$1 faults='' i typical worst result=FAIL came
  for ((i = 0; i < count; i++)); do
    faults+="kill(worker=$i,step=50),join(step=60),"
  done
  faulty "$name" "${faults%,}" || { quote_tail "$name.out"; }
  typical=$(step_millis "$name" 1 "$steps" | median)
  worst=$(step_millis "$name" 50 52 | largest)
  came=$(grep -c 'joined: process' "$name/logs/coordinator.log" || true)
  if is_same "$name" reference && is_less "$worst" "$typical" "$loss_millis_max"; then
    result=PASS
  fi
  report "$result" "SIGKILL of $count of 4 workers, as many join" \
    "$(printf 'step of the loss %.0f ms, median %.1f ms; %d of %d joined in time' \
      "$worst" "$typical" "$((came - 4))" "$count")"
}

is_less() { # found, typical, most that it may be above
  awk -v found="$1" -v typical="$2" -v most="$3" 'BEGIN { exit !(found - typical < most) }'
}

stopped() {
  local result=FAIL stopped named
  faulty stopped "pause(worker=2,step=100,seconds=forever)" || quote_tail stopped.out
  stopped=$(log_millis stopped 'fault in step 100: pause' || fail "the fault is not in the log")
  named=$(log_millis stopped ' lost: worker ' || fail "the stopped worker is not in the log")
  named=$((named - stopped))
  if is_same stopped reference && [ "$named" -le "$named_millis_max" ]; then
    result=PASS
  fi
  report "$result" "SIGSTOP of 1 of 4 workers, for ever" "named in the log after $named ms"
}

crashed() {
  local result=FAIL step code=0 checkpoint repeated
  step=$((2 + (seed * 7919 + 104729) % (steps - 1)))
  faulty crashed "kill-coordinator(step=$step)" --checkpoint-every "$checkpoint_every" || code=$?
  [ "$code" -eq 137 ] || fail "the coordinator ended with $code, expected 137"
  resume crashed || quote_tail crashed.out
  checkpoint=$(sed -n 's/^going on after .*step-\([0-9]*\)\.safetensors$/\1/p' crashed.out)
  repeated=$((step - 1 - checkpoint))
  # A checkpoint that was being written as the coordinator died does not count.
  if is_same crashed reference && [ "$repeated" -lt $((2 * checkpoint_every)) ]; then
    result=PASS
  fi
  report "$result" "SIGKILL of the coordinator in step $step, resume" \
    "went on after step $checkpoint, $repeated steps repeated; a checkpoint every $checkpoint_every steps"
}

require_distribution
train reference --steps "$steps" --workers 1 || { quote_tail reference.out && fail "the undisturbed run failed"; }
echo "$steps steps, 4 worker processes, $(nproc) cores; PASS: the weights are $(digest_of reference | cut -c 1-16)…"
killed 1
killed 2
killed 3
stopped
crashed
exit "$failed"
