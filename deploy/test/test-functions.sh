# shellcheck shell=bash
# What the tests of the scripts share. To be sourced: it makes a scratch folder, and removes it at the end.

deploy=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck disable=SC2034 # for those who source this
distribution=${TUTTI_DISTRIBUTION:-$deploy/target/tutti}
scratch=$(mktemp -d)
# What the scripts leave behind shows here.
export TMPDIR=$scratch/tmp XDG_STATE_HOME=$scratch/state XDG_CACHE_HOME=$scratch/cache
mkdir "$TMPDIR" "$XDG_STATE_HOME"

fail() {
  printf 'FAILED: %s\n' "$1" >&2
  exit 1
}

# Runs a command with its output in $scratch/out and expects an exit code.
expect() { # code, command
  local code=0 expected=$1
  shift
  "$@" >"$scratch/out" 2>&1 </dev/null || code=$?
  [ "$code" -eq "$expected" ] || {
    cat "$scratch/out" >&2
    fail "$* ended with $code, expected $expected"
  }
}

# Expects the output of the last command to match.
expect_output() { # pattern
  grep -qE -- "$1" "$scratch/out" || {
    cat "$scratch/out" >&2
    fail "expected \"$1\" in the output above"
  }
}

# Prints the process ids of all worker processes that ever joined a run.
pids_of() { # run folder
  sed -n 's/.* joined: .*, pid \([0-9]*\), .*/\1/p' "$1/logs/coordinator.log"
}

expect_ended() { # pids
  local pid
  for pid in "$@"; do
    # A process that ended but was not waited for counts as ended.
    case $(ps -o stat= -p "$pid" || true) in
      '' | Z*) ;;
      *) fail "process $pid still runs: $(ps -o args= -p "$pid" | cut -c 1-200)" ;;
    esac
  done
}

# Waits for at most a minute, or eventually_tenths, until a command succeeds; an expectation of this file may be the command.
eventually() {
  local tenths=${eventually_tenths:-600}
  until ("$@") >"$scratch/out" 2>&1; do
    tenths=$((tenths - 1))
    [ "$tenths" -gt 0 ] || {
      cat "$scratch/out" >&2
      fail "$* did not succeed in time"
    }
    sleep 0.1
  done
}

expect_empty() { # folder
  [ -z "$(ls -A "$1")" ] || fail "left behind: $(find "$1" | head -n 20 | tr '\n' ' ')"
}

digest_of() { # run folder
  sed -n 's/.*"weightsDigest" : "\([0-9a-f]*\)".*/\1/p' "$1/summary.json"
}

expect_same_weights() { # run folder, run folder
  [ -n "$(digest_of "$1")" ] || fail "$1 has no digest"
  [ "$(digest_of "$1")" = "$(digest_of "$2")" ] || fail "$1 and $2 trained different weights"
}
