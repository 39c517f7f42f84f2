# shellcheck shell=bash
# What the scripts that measure faults share: their run, and how its files are read. To be sourced, after
# test-functions.sh and cluster-functions.sh.

# A run of some milliseconds a step, so that processes come and go while it lasts.
# shellcheck disable=SC2034 # for those who source this
run_options=(--data "synthetic(2048,1x28x28,10)" --model "dense(512),relu,dense(256),relu,dense" --batch 256)

# Builds the distribution, unless one was given.
# shellcheck disable=SC2154 # test-functions.sh sets deploy and distribution
require_distribution() {
  [ -n "${TUTTI_DISTRIBUTION:-}" ] || "$deploy/../tutti" --version >&2
  tutti=$distribution/bin/tutti
  # Made by the first command: not while something is measured.
  "$tutti" --version >/dev/null
}

# Trains into a folder; what it says goes beside it. Prints nothing, and returns the exit code.
train() { # run folder, options
  local folder=$1
  shift
  # The shell itself says so if it was killed, on an error output of its own.
  { "$tutti" train "${run_options[@]}" --out "$folder" "$@" >"$folder.out" 2>&1 </dev/null; } 2>/dev/null
}

# Goes on with a run whose coordinator has died, until it is complete.
resume() { # run folder
  { "$tutti" resume "$1" >>"$1.out" 2>&1 </dev/null; } 2>/dev/null
}

# Tells whether a run is complete, has the weights of another, and an exact ledger.
is_same() { # run folder, run folder
  [ -f "$1/summary.json" ] && [ -n "$(digest_of "$1")" ] && [ "$(digest_of "$1")" = "$(digest_of "$2")" ] &&
    grep -q '"ledgerExact" : true' "$1/summary.json"
}

# Prints the milliseconds of the steps from $2 to $3 of a run, one a line.
step_millis() { # run folder, first step, last step
  sed -n 's/^{"step":\([0-9]*\),.*"millis":{"total":\([0-9.E+-]*\),.*/\1 \2/p' "$1/steps.jsonl" |
    awk -v from="$2" -v to="$3" '$1 >= from && $1 <= to { print $2 }'
}

median() {
  sort -g | awk '{ value[NR] = $1 } END { if (NR) print value[int((NR + 1) / 2)] }'
}

largest() {
  sort -g | tail -n 1
}

# Prints the milliseconds since midnight of the first line of a coordinator's log that matches.
log_millis() { # run folder, pattern
  grep -E -m 1 -- "$2" "$1/logs/coordinator.log" |
    awk '{ split($2, t, "[:.]"); print ((t[1] * 60 + t[2]) * 60 + t[3]) * 1000 + t[4] }'
}
