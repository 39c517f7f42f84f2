#!/usr/bin/env bash
# Measures how fast large tables are read, and the memory that takes, and prints a table.
set -euo pipefail
# shellcheck source=deploy/cluster-functions.sh
. "$(dirname "$0")/../cluster-functions.sh"

usage() {
  cat <<'USAGE'
Usage: reading.sh [--runs N]

Makes two tables of numbers, 5 million rows of 20 columns (1 GB) and 30 rows of 100,000 columns, and reads each in turn with
FastCSV alone, which finds all cells and does nothing with them, and with the built distribution: as it is, and with
--standardize. Every reading has a process of its own. Prints wall and processor seconds, the rate as a share of FastCSV's,
and memory as a multiple of the floats' own: what was outside the heap at most, and by how much the process grew. Figures
are medians.

  --runs N    of each kind (default: 5)

TUTTI_DISTRIBUTION is a distribution to measure instead of this checkout's, TUTTI_JAVA the launcher of a JDK 25.

Example:
  deploy/test/reading.sh --runs 3
USAGE
}

runs=5
read_count --runs runs "$@"

# shellcheck source=deploy/test/test-functions.sh
. "$(dirname "$0")/test-functions.sh"
trap 'rm -rf "$scratch"' EXIT

readonly java=${TUTTI_JAVA:-${JAVA_HOME:+$JAVA_HOME/bin/}java}
# The launcher's flags that concern memory; readings with others would say nothing of a run.
readonly flags="--enable-native-access=ALL-UNNAMED -XX:MaxNewSize=64m -XX:MaxDirectMemorySize=8g"

mkdir "$scratch/classes"
"${java%java}javac" -cp "$distribution/lib/*" -d "$scratch/classes" "$deploy/bench/ReadTable.java"

table() { # arguments of ReadTable
  # shellcheck disable=SC2086 # the flags are words
  "$java" $flags -Djava.io.tmpdir="$TMPDIR" -cp "$scratch/classes:$distribution/lib/*" ReadTable "$@"
}

# Prints the median of a column of figures.
median() { # file, column
  awk -v column="$2" '{ print $column }' "$1" | sort -g | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}

row() { # what, file of figures
  local seconds cpu first
  seconds=$(median "$2" 1) cpu=$(median "$2" 2) first=$(median "$scratch/fastcsv" 1)
  awk -v what="$1" -v s="$seconds" -v c="$cpu" -v f="$first" -v bytes="$(stat -c %s "$scratch/table.csv")" 'BEGIN {
    printf "  %-28s %7.2f s %7.2f s cpu %6.0f MB/s %5.2f", what, s, c, bytes / s / 1e6, f / s }'
  if [ "$(awk '{ print NF; exit }' "$2")" -gt 2 ]; then
    awk -v floats="$(median "$2" 3)" -v outside="$(median "$2" 4)" -v before="$(median "$2" 5)" -v most="$(median "$2" 6)" \
      'BEGIN { printf "   outside %.2f, grew %.2f of %.0f MB", outside / floats, (most - before) / floats, floats / 1e6 }'
  fi
  echo
}

measure() { # rows, columns
  table make "$scratch/table.csv" "$1" "$2"
  rm -f "$scratch"/{fastcsv,records,plain,standardized}
  for _ in $(seq "$runs"); do
    table fastcsv "$scratch/table.csv" >>"$scratch/fastcsv"
    table records "$scratch/table.csv" >>"$scratch/records"
    table read "$scratch/table.csv" no REFUSE >>"$scratch/plain"
    table read "$scratch/table.csv" yes REFUSE >>"$scratch/standardized"
  done
  printf '%s rows of %s columns, %s bytes\n' "$1" "$2" "$(stat -c %s "$scratch/table.csv")"
  row "FastCSV, cells" "$scratch/fastcsv"
  row "FastCSV, cells as strings" "$scratch/records"
  row "Tutti" "$scratch/plain"
  row "Tutti, --standardize" "$scratch/standardized"
}

printf '%s, %s cores, load %s\n' "$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)" \
  "$(cut -d ' ' -f 1 /proc/loadavg)"
measure 5000000 20
measure 30 100000
