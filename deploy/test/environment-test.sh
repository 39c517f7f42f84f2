#!/usr/bin/env bash
# Starts the distribution in environments as people have them, and compares the weights' digest with that of an
# undisturbed run: homes, users, locales, names, shared memory, memory, processor time, files, and two starts at once.
# As root it makes the environments that only root can make. One that cannot be made here is named at the end, loudly.
set -euo pipefail

# shellcheck source=deploy/test/test-functions.sh
. "$(dirname "$0")/test-functions.sh"
tutti=$distribution/bin/tutti
group=tutti-test-$$
groups=()
unmade=()
trap 'clean_up' EXIT

clean_up() {
  local folder
  for folder in ${groups[@]+"${groups[@]}"}; do
    rmdir "$folder" 2>/dev/null || true
  done
  rm -rf "$scratch"
}

say() {
  printf -- '-- %s\n' "$1"
}

# Notes that an environment is not tested here.
cannot() { # environment, reason
  printf 'NOT TESTED HERE: %s: %s\n' "$1" "$2" >&2
  unmade+=("$1")
}

as_root() {
  [ "$(id -u)" -eq 0 ]
}

# Patient: the machine may be busy, and nothing here is about time.
options=(--steps 40 --validation 0.2 --workers 2 --silence 60..120)
# Larger vectors, for what memory is asked for; the same digest again within each kind.
large=(--data "synthetic(256,1x28x28,10)" --model "dense(2000),relu,dense(2000),relu,dense" --batch 64 --steps 6
  --validation 0 --optimizer "sgd(0.01)" --silence 60..120)

# Trains in an environment and compares with the undisturbed run of the same kind.
same() { # name, undisturbed run, command that stands before, options
  local name=$1 like=$2 out
  shift 2
  out=$scratch/runs/$(printf '%s' "$name" | tr -c 'a-zA-Z0-9' '-')
  say "$name"
  expect 0 "$@" --out "$out"
  expect_same_weights "$like" "$out"
  ! grep -qE "a defect of tutti|^warning: kernel|Exception" "$scratch/out" || {
    cat "$scratch/out" >&2
    fail "$name: the output above has a line that it should not have"
  }
}

mkdir -p "$scratch/runs" "$XDG_CACHE_HOME"
usual=$scratch/runs/usual
apart=$scratch/runs/apart
say "undisturbed"
expect 0 "$tutti" train "${options[@]}" --out "$usual"
expect_output '^kernel (onednn|openblas)'
expect 0 "$tutti" train "${large[@]}" --workers 2 --processes 2 --out "$apart"

# ---- home and user

same "no home" "$usual" env -u HOME -u XDG_CACHE_HOME -u XDG_STATE_HOME "$tutti" train "${options[@]}"
mkdir "$scratch/home"
same "a home that HOME names" "$usual" env -u XDG_CACHE_HOME HOME="$scratch/home" "$tutti" train "${options[@]}"
[ -d "$scratch/home/.cache/tutti" ] || fail "HOME was not heeded"
# For root a folder that cannot be written is one below a file.
: >"$scratch/file"
same "read-only home" "$usual" env -u XDG_CACHE_HOME HOME="$scratch/file" "$tutti" train "${options[@]}"
same "read-only home, with processes" "$usual" env -u XDG_CACHE_HOME HOME="$scratch/file" \
  "$tutti" train "${options[@]}" --processes 2
expect_output '^warning: .*(XDG_CACHE_HOME|get the data from the coordinator)'
same "relative and empty cache folders" "$usual" env XDG_CACHE_HOME=relative HOME="$scratch/home" \
  "$tutti" train "${options[@]}"
[ ! -e relative ] || fail "a relative XDG_CACHE_HOME was taken"
same "no folder for temporary files" "$usual" env TMPDIR="$scratch/none" "$tutti" train "${options[@]}"
expect_empty "$TMPDIR"
if as_root && command -v setpriv >/dev/null; then
  chmod 711 "$scratch"
  mkdir "$scratch/nobodys"
  chown 65534:65534 "$scratch/nobodys"
  say "another user, without a home"
  expect 0 env -u HOME -u XDG_CACHE_HOME -u XDG_STATE_HOME TMPDIR=/tmp \
    setpriv --reuid=65534 --regid=65534 --clear-groups "$tutti" train "${options[@]}" --processes 2 \
    --out "$scratch/nobodys/run"
  expect_same_weights "$usual" "$scratch/nobodys/run"
else
  cannot "another user" "only root can become one"
fi

# ---- locales and names

for locale in "ar EG" "de DE" "tr TR"; do
  read -r language country <<<"$locale"
  same "locale $locale" "$usual" env TUTTI_JVM_FLAGS="-Duser.language=$language -Duser.country=$country" \
    "$tutti" train "${options[@]}" --processes 2
  ! grep -qE '[0-9],[0-9]{2,}' "$scratch/out" || fail "locale $locale: numbers with a comma"
done
accents="$scratch/Übung – é ß"
mkdir "$accents"
"$tutti" info >"$scratch/out" # what is printed is not of interest, only that the cache of classes is there
printf 'a,b,class\n' >"$accents/données.csv"
for i in {1..60}; do
  printf '%d,%d,%s\n' "$i" "$((i * i % 7))" "$([ $((i % 2)) -eq 0 ] && echo gerade || echo ungerade)"
done >>"$accents/données.csv"
csv=(--targets class --epochs 2 --model "dense(8),relu,dense" --standardize --workers 2 --batch 16 --silence 60..120)
say "a path with accents"
expect 0 env LC_ALL=C.UTF-8 "$tutti" train --data "$accents/données.csv" "${csv[@]}" --out "$accents/run 1"
for locale in C POSIX xx_YY.UTF-8; do
  say "LC_ALL=$locale, a path with accents"
  expect 0 env LC_ALL="$locale" "$tutti" train --data "$accents/données.csv" "${csv[@]}" --processes 2 \
    --out "$accents/run $locale"
  expect_same_weights "$accents/run 1" "$accents/run $locale"
  expect_output "the run is in .*Übung – é ß/run $locale"
  expect 0 env LC_ALL="$locale" "$tutti" predict --model-dir "$accents/run $locale" --data "$accents/données.csv"
done
cp -R "$distribution" "$accents/tutti é"
same "a distribution below a path with accents" "$usual" env LC_ALL=C TUTTI_AOT=off "$accents/tutti é/bin/tutti" \
  train "${options[@]}" --processes 2
ln -s "$distribution/bin/tutti" "$scratch/linked"
same "through a link, with CDPATH" "$usual" env CDPATH=/usr:/tmp "$scratch/linked" train "${options[@]}"

# ---- shared memory, memory, processor time

if as_root && unshare -m true 2>/dev/null; then
  # shellcheck disable=SC2016 # the inner shell expands
  same "64 MB of /dev/shm" "$apart" unshare -m sh -c 'mount -t tmpfs -o size=64m tmpfs /dev/shm && exec "$@"' sh \
    "$tutti" train "${large[@]}" --workers 2 --processes 2
  expect_output '^warning: the run can use .* of shared memory, there is room for'
  expect_output '^workers +2, 0 lost'
  # Room for the weights, and for the gradient of one of the two processes.
  # shellcheck disable=SC2016 # the inner shell expands
  same "room for some gradients in /dev/shm" "$apart" \
    unshare -m sh -c 'mount -t tmpfs -o size=72m tmpfs /dev/shm && exec "$@"' sh \
    "$tutti" train "${large[@]}" --workers 2 --processes 2
  expect_output '^workers +2, 0 lost'
  # shellcheck disable=SC2016 # the inner shell expands
  same "read-only /tmp, nothing executable in the home" "$usual" unshare -m sh -c \
    'mount -t tmpfs -o noexec tmpfs "$0" && mount -t tmpfs -o ro tmpfs "$1" && shift && exec "$@"' \
    "$XDG_CACHE_HOME" "$TMPDIR" "$tutti" train "${options[@]}" --processes 2
else
  cannot "64 MB of /dev/shm" "no mount can be made"
fi

# Runs a command in a control group with a limit; a third kind of machine manages none of that.
limited() { # controller of version 1, its file, file of version 2, value, value of version 2, command
  local controller=$1 file=$2 unified=$3 value=$4 value2=$5 folder
  shift 5
  if [ -w "/sys/fs/cgroup/$controller/cgroup.procs" ]; then
    folder=/sys/fs/cgroup/$controller/$group
  else
    folder=/sys/fs/cgroup/$group
    file=$unified value=$value2
  fi
  [ -d "$folder" ] || { mkdir "$folder" && groups+=("$folder"); }
  echo "$value" >"$folder/$file"
  # shellcheck disable=SC2016 # the inner shell expands
  sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$folder" "$@"
}

if as_root && limited memory memory.limit_in_bytes memory.max 536870912 536870912 true 2>"$scratch/why"; then
  say "512 MB of memory"
  expect 0 limited memory memory.limit_in_bytes memory.max 536870912 536870912 \
    "$tutti" train "${options[@]}" --out "$scratch/runs/small"
  expect_same_weights "$usual" "$scratch/runs/small"
  say "a model that is too large for 512 MB"
  expect 13 limited memory memory.limit_in_bytes memory.max 536870912 536870912 \
    "$tutti" train --data "synthetic(256,1x28x28,10)" --model "dense(8000),relu,dense(8000),relu,dense" --steps 6 \
    --out "$scratch/runs/too-large"
  expect_output '^tutti: the run needs [0-9.]+ [GM]B .* [0-9.]+ [GM]B'
  [ ! -e "$scratch/runs/too-large" ] || fail "a refused run left a folder"
else
  cannot "512 MB of memory" "$(tail -n 1 "$scratch/why" 2>/dev/null)"
fi
if as_root && limited cpu cpu.cfs_quota_us cpu.max 50000 "50000 100000" true 2>"$scratch/why"; then
  say "half a core"
  expect 0 limited cpu cpu.cfs_quota_us cpu.max 50000 "50000 100000" \
    "$tutti" train "${options[@]}" --out "$scratch/runs/half"
  expect_same_weights "$usual" "$scratch/runs/half"
else
  cannot "half a core" "$(tail -n 1 "$scratch/why" 2>/dev/null)"
fi

# ---- output, files, starts

if [ -w /dev/full ]; then
  say "a standard output that is full"
  code=0
  "$tutti" train "${options[@]}" --out "$scratch/runs/full" >/dev/full 2>"$scratch/out" </dev/null || code=$?
  [ "$code" -ne 0 ] || fail "a summary that could not be printed ended with 0"
  expect_same_weights "$usual" "$scratch/runs/full"
else
  cannot "a standard output that is full" "there is no /dev/full"
fi

say "64 open files"
# shellcheck disable=SC2016 # the inner shell expands
expect 13 bash -c 'ulimit -n 64 && exec "$@"' bash "$tutti" train "${options[@]}" --out "$scratch/runs/files"
expect_output '^tutti: .*64 .*open files.*ulimit -n'

say "two starts in one second, the first ever"
cp -R "$distribution" "$scratch/fresh"
rm -f "$scratch/fresh/lib/tutti.aot"
(cd "$scratch" && "$scratch/fresh/bin/tutti" train "${options[@]}" --out "$scratch/runs/first") \
  >"$scratch/first" 2>&1 </dev/null &
first=$!
expect 0 "$scratch/fresh/bin/tutti" train "${options[@]}" --out "$scratch/runs/second"
wait "$first" || {
  cat "$scratch/first" >&2
  fail "the first of two starts failed"
}
expect_same_weights "$usual" "$scratch/runs/first"
expect_same_weights "$usual" "$scratch/runs/second"
[ ! -e "$scratch/fresh/lib/tutti.aot.making" ] || fail "the making of the cache left its folder"

if [ "${#unmade[@]}" -gt 0 ]; then
  printf 'NOT TESTED HERE: %s\n' "${unmade[@]}" >&2
fi
printf 'passed: the same weights in every environment\n'
