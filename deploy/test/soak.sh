#!/usr/bin/env bash
# Runs with faults without end, and measures what memory, threads and files do meanwhile.
set -euo pipefail
# shellcheck source=deploy/cluster-functions.sh
. "$(dirname "$0")/../cluster-functions.sh"

usage() {
  cat <<'USAGE'
Usage: soak.sh [--minutes M] [--seed N] [--csv FILE]

A run of about M minutes with 4 worker processes, which random faults strike about every 5 seconds. Every 5 seconds it
measures each process, writes that to a CSV file, and in the end prints of each figure the first, median, largest and
last value, the faults that struck, and whether the weights are those of an undisturbed run, which takes about half as
long again. Ends with 1 if they are not.

  --minutes M    of the run with faults (default: 10)
  --seed N       draws the faults (default: 1)
  --csv FILE     what was measured (default: soak.csv)

TUTTI_DISTRIBUTION is a distribution to measure instead of this checkout's.
USAGE
}

minutes=10 seed=1 csv=soak.csv
while [ $# -gt 0 ]; do
  case $1 in
    --minutes | --seed)
      require_count "$1" "${2:-}"
      if [ "$1" = --seed ]; then seed=$2; else minutes=$2; fi
      shift 2
      ;;
    --csv)
      [ -n "${2:-}" ] || refuse "--csv needs a file"
      csv=$2
      shift 2
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    *) refuse "unknown option $1; see --help" ;;
  esac
done
[ -d /proc/self/fd ] || refuse "it reads /proc, which this system does not have"
command -v jcmd >/dev/null || refuse "it needs the JDK's jcmd on the path"
csv=$(cd "$(dirname "$csv")" && pwd)/$(basename "$csv")

# shellcheck source=deploy/test/test-functions.sh
. "$(dirname "$0")/test-functions.sh"
# shellcheck source=deploy/test/chaos-functions.sh
. "$(dirname "$0")/chaos-functions.sh"
coordinator=''
end() {
  if [ -n "$coordinator" ]; then
    kill "$coordinator" 2>/dev/null || true
    wait "$coordinator" 2>/dev/null || true
  fi
  rm -rf "$scratch"
}
trap end EXIT
cd "$scratch"

readonly pause_seconds=5 calibration_steps=300
readonly -a figures=(heap_kib direct_kib resident_kib threads files)
printf 'GC.run\nGC.heap_info\nVM.native_memory summary\n' >jcmd.commands

# Prints the state of a process: T if it is stopped.
state_of() { # pid
  sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null
}

# Prints the heap in use and the memory outside it that the program allocated, in KiB; what is garbage does not count.
memory_of() { # pid
  timeout 5 jcmd "$1" -f jcmd.commands 2>/dev/null | awk '
    /used [0-9]+K/ && heap == "" { heap = $0; sub(/.*used /, "", heap); sub(/K.*/, "", heap) }
    / Other \(/ { direct = $0; sub(/.*committed=/, "", direct); sub(/KB.*/, "", direct) }
    END { print heap "," direct }'
}

# Adds a line for a process; what a stopped one uses cannot be asked for.
measure() { # second, role, pid
  local memory=, resident threads files
  [ "$(state_of "$3")" = T ] || memory=$(memory_of "$3" || true)
  resident=$(sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$3/status" 2>/dev/null || true)
  threads=$(sed -n 's/^Threads:[[:space:]]*//p' "/proc/$3/status" 2>/dev/null || true)
  files=$(find "/proc/$3/fd" -mindepth 1 2>/dev/null | wc -l || true)
  [ -z "$threads" ] || echo "$1,$2,$3,${memory:-,},$resident,$threads,$files" >>"$csv"
}

# Prints how many files of shared memory the coordinator maps, with a name or without one, and their KiB.
measure_shared() {
  local range inode bytes=0 files=' '
  while read -r range _ _ _ inode _; do
    bytes=$((bytes + 16#${range#*-} - 16#${range%-*}))
    [[ $files == *" $inode "* ]] || files+="$inode "
  done < <(grep ' /dev/shm/tutti-' "/proc/$coordinator/maps" 2>/dev/null)
  echo "$(wc -w <<<"$files") $((bytes / 1024))"
}

# Prints the first, median, largest and last value of a column of numbers.
describe() { # label
  awk 'NF' >column
  [ -s column ] || return 0
  printf '%-34s %10s %10s %10s %10s\n' "$1" "$(head -n 1 column)" "$(median <column)" "$(largest <column)" \
    "$(tail -n 1 column)"
}

require_distribution
train calibration --steps "$calibration_steps" --workers 4 --processes 4 ||
  { quote_tail calibration.out && fail "the first run failed"; }
millis=$(step_millis calibration 100 "$calibration_steps" | median)
faults=$((minutes * 60 / 5))
# Faults take about a third of the time.
steps=$(awk -v minutes="$minutes" -v millis="$millis" 'BEGIN { printf "%d", minutes * 60000 * 0.65 / millis }')
echo "a step takes $millis ms: $steps steps, $faults faults, seed $seed"

echo "second,role,pid,heap_kib,direct_kib,resident_kib,threads,files" >"$csv"
SECONDS=0
TUTTI_JVM_FLAGS="${TUTTI_JVM_FLAGS:-} -XX:NativeMemoryTracking=summary" "$tutti" train "${run_options[@]}" \
  --out soak --steps "$steps" --workers 4 --processes 4 --chaos "random(seed=$seed,faults=$faults)" \
  >soak.out 2>&1 </dev/null &
coordinator=$!
eventually test -s soak/steps.jsonl
while kill -0 "$coordinator" 2>/dev/null; do
  now=$SECONDS
  measure "$now" coordinator "$coordinator"
  for pid in $(pgrep -P "$coordinator" java || true); do
    measure "$now" worker "$pid"
  done
  measure_shared >>shared || true
  sleep "$pause_seconds"
done
code=0
wait "$coordinator" || code=$?
coordinator=''
[ "$code" -eq 0 ] || { quote_tail soak.out 30 && fail "the run with faults ended with $code"; }
took=$SECONDS
train reference --steps "$steps" --workers 2 || { quote_tail reference.out && fail "the undisturbed run failed"; }

printf '%-34s %10s %10s %10s %10s\n' "$took s, $steps steps" first median largest last
for role in coordinator worker; do
  column=4
  for figure in "${figures[@]}"; do
    # Of the workers, the one that has most of it.
    awk -F , -v role="$role" -v column="$column" '
      $2 != role || $column == "" { next }
      $1 != second && NR > 1 && second != "" { print most; most = 0 }
      { second = $1; if ($column > most + 0) most = $column }
      END { if (second != "") print most }' "$csv" | describe "$role $figure"
    column=$((column + 1))
  done
done
cut -d ' ' -f 1 shared | describe "shared memory files"
cut -d ' ' -f 2 shared | describe "shared memory KiB"
echo "faults that struck, by kind:"
sed 's/^step [0-9]*: \([a-z-]*\)(.*/  \1/' soak/faults.log | sort | uniq -c
grep -E '"(lostWorkers|reassignedShards|ledgerExact)"' soak/summary.json
if is_same soak reference; then
  echo "PASS: the weights are those of the undisturbed run, $(digest_of reference | cut -c 1-16)…"
else
  echo "FAIL: the weights are $(digest_of soak), of the undisturbed run $(digest_of reference)"
  exit 1
fi
