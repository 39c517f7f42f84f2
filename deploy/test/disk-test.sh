#!/usr/bin/env bash
# Tests that a full disk loses no trained weights, on a file system of 1 MB. Needs the right to mount one: root, or
# user namespaces. Without, it says so and ends with 3.
set -euo pipefail

if [ "${1:-}" != inside ]; then
  if ! why=$(unshare --mount --map-root-user true 2>&1) && ! why=$(unshare --mount true 2>&1); then
    echo "disk-test.sh: NOT RUN: no file system can be mounted here: $why" >&2
    exit 3
  fi
  if [ "$(id -u)" -eq 0 ]; then
    exec unshare --mount "$0" inside
  fi
  exec unshare --mount --map-root-user "$0" inside
fi

# shellcheck source=deploy/test/test-functions.sh
. "$(dirname "$0")/test-functions.sh"
tutti=$distribution/bin/tutti
# Its weights alone take 1.07 MB.
large=(--model "dense(512),relu,dense(450),relu,dense" --steps 8 --workers 1)
full=$scratch/full
end() {
  umount "$full" 2>/dev/null || true
  rm -rf "$scratch"
}
trap end EXIT
cd "$scratch"
mkdir "$full"
mount -t tmpfs -o size=1m tutti-disk-test "$full"

fill() {
  dd if=/dev/zero of="$full/filler" bs=1k 2>/dev/null || true
}

expect 0 "$tutti" train "${large[@]}" --out reference

echo "a disk without room for weights: they are on the disk that the user names"
expect 0 "$tutti" train "${large[@]}" --out "$full/run" --rescue rescue
expect_output 'cannot write the results: No space left on device; written to .*/rescue/run instead'
expect_same_weights rescue/run reference
rm -rf "$full/run" rescue

echo "a disk that is full from the first byte on: the run goes to the disk that the user names"
fill
expect 11 "$tutti" train "${large[@]}" --out "$full/run"
expect_output 'cannot write to .*No space left on device; make room, give another --out, or name another disk'
[ ! -e "$full/run" ] || fail "the refused run left its folder"
expect 0 "$tutti" train "${large[@]}" --out "$full/run" --rescue rescue
expect_same_weights rescue/run reference
rm -rf rescue "$full/filler"

echo "a disk that has room again is written to"
"$tutti" train "${large[@]}" --out "$full/run" --disk-wait 120 >waiting 2>&1 &
training=$!
eventually grep -q 'trying again for 120 s' waiting
mount -o remount,size=8m "$full"
wait "$training" || fail "it ended with $?: $(cat waiting)"
grep -q 'there is room again' waiting || fail "it did not say that there is room: $(cat waiting)"
expect_same_weights "$full/run" reference
rm -rf "${full:?}/run"
mount -o remount,size=1m "$full"

echo "a disk that stays full: the run ends after the stated time, and says what is lost"
expect 11 "$tutti" train "${large[@]}" --out "$full/run" --disk-wait 1
expect_output 'its results cannot be written: No space left on device; no checkpoint is on the disk either'
rm -rf "${full:?}/run"

echo "a signal ends the wait"
"$tutti" train "${large[@]}" --out "$full/run" --disk-wait 3600 >waiting 2>&1 &
training=$!
eventually grep -q 'trying again for 3600 s' waiting
kill -TERM "$training"
eventually expect_ended "$training"
wait "$training" && fail "it ended with 0"
grep -q 'its results cannot be written' waiting || fail "it did not say what is lost: $(cat waiting)"
rm -rf "${full:?}/run"

echo "a run that is stopped goes on from the disk that the user names"
"$tutti" train "${large[@]:0:2}" --steps 300 --workers 1 --out "$full/run" --rescue rescue >waiting 2>&1 &
training=$!
eventually test -s "$full/run/steps.jsonl"
kill -TERM "$training"
wait "$training" && fail "it ended with 0"
grep -q 'to go on: tutti resume .*/rescue/run$' waiting || fail "no word on how to go on: $(cat waiting)"
expect 0 "$tutti" resume rescue/run --workers 2
expect 0 "$tutti" train "${large[@]:0:2}" --steps 300 --workers 1 --out whole
expect_same_weights rescue/run whole
rm -rf "${full:?}/run" rescue

echo "a folder that is deleted during the run is made again"
"$tutti" train "${large[@]:0:2}" --steps 300 --workers 1 --out gone >waiting 2>&1 &
training=$!
eventually test -s gone/steps.jsonl
rm -rf gone
wait "$training" || fail "it ended with $?: $(cat waiting)"
expect_same_weights gone whole
expect_empty "$TMPDIR"
echo "passed"
