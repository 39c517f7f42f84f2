#!/usr/bin/env bash
# Runs every pair of faults and compares the weights with those of an undisturbed run.
set -euo pipefail
# shellcheck source=deploy/cluster-functions.sh
. "$(dirname "$0")/../cluster-functions.sh"

usage() {
  cat <<'USAGE'
Usage: chaos-matrix.sh [--only FAULT] [--from FAULT] [--carrier NAME]

For each pair of faults of tutti train --chaos a run with 3 worker processes, the first fault in worker process 0, the
second in 1, both in one step; if the coordinator dies, the run is resumed. Prints a table with the seconds of each
pair, or FAIL unless it ends with the weights of one undisturbed worker and an exact ledger; a * says that a fault found
nothing to strike. Ends with 1 if any fails. Some minutes.

  --only FAULT      the pairs with this fault alone, such as kill
  --from FAULT      the rows from this fault on
  --carrier NAME    how tensors travel, as for tutti train (default: auto)

TUTTI_DISTRIBUTION is a distribution to measure instead of this checkout's.
USAGE
}

faults=(kill pause slow drop-link duplicate corrupt nan leave join kill-coordinator)
only='' from=kill carrier=auto

require_fault() { # option, name
  [[ " ${faults[*]} " == *" $2 "* ]] || refuse "$1 must be one of: ${faults[*]}; was \"$2\""
}

while [ $# -gt 0 ]; do
  case $1 in
    --only | --from)
      require_fault "$1" "${2:-}"
      if [ "$1" = --only ]; then only=$2; else from=$2; fi
      shift 2
      ;;
    --carrier)
      carrier=${2:-}
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
# shellcheck source=deploy/test/chaos-functions.sh
. "$(dirname "$0")/chaos-functions.sh"
cd "$scratch"

readonly steps=40 step=10
failures=()

# Prints a fault as --chaos takes it.
fault() { # name, worker, step
  case $1 in
    join | kill-coordinator) echo "$1(step=$3)" ;;
    pause) echo "pause(worker=$2,step=$3,seconds=1)" ;;
    slow) echo "slow(worker=$2,step=$3,times=20,steps=5)" ;;
    *) echo "$1(worker=$2,step=$3)" ;;
  esac
}

# Runs a pair and prints its cell.
pair() { # first fault, second fault
  local name=$1+$2 begun second_step=$step code=0 lives=1 mark
  # A coordinator that dies takes the other fault's step with it unless that came before.
  [ "$2" != kill-coordinator ] || second_step=$((step + 1))
  begun=$(date +%s%N)
  train "$name" --steps "$steps" --workers 3 --processes 3 --carrier "$carrier" --checkpoint-every 7 \
    --chaos "$(fault "$1" 0 "$step"),$(fault "$2" 1 "$second_step")" || code=$?
  while [ "$code" -eq 137 ] && [ "$lives" -le 2 ]; do
    code=0
    resume "$name" || code=$?
    lives=$((lives + 1))
  done
  if is_same "$name" reference; then
    mark=' '
    [ "$(awk 'END { print NR }' "$name/faults.log" 2>/dev/null)" = 2 ] || mark='*'
    printf ' %5.1f%s' "$(($(date +%s%N) - begun))e-9" "$mark"
    rm -rf "$name" "$name.out"
  else
    printf '   FAIL'
    failures+=("$name")
  fi
}

require_distribution
train reference --steps "$steps" --workers 1 || { quote_tail reference.out && fail "the undisturbed run failed"; }
printf '%-17s' "seconds"
printf ' %6.6s' "${faults[@]}"
echo
count=0 begun=''
for ((row = 0; row < ${#faults[@]}; row++)); do
  [ "${faults[row]}" != "$from" ] || begun=yes
  [ -n "$begun" ] || continue
  printf '%-17s' "${faults[row]}"
  for ((column = 0; column < ${#faults[@]}; column++)); do
    if [ "$column" -lt "$row" ] ||
      { [ -n "$only" ] && [ "${faults[row]}" != "$only" ] && [ "${faults[column]}" != "$only" ]; }; then
      printf '      ·'
    else
      pair "${faults[row]}" "${faults[column]}"
      count=$((count + 1))
    fi
  done
  echo
done
echo "$count pairs in $SECONDS s, ${#failures[@]} failed: the others have the weights $(digest_of reference | cut -c 1-16)…"
for name in "${failures[@]}"; do
  echo "$name:" >&2
  quote_tail "$name.out"
done
[ "${#failures[@]}" -eq 0 ]
