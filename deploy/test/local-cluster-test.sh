#!/usr/bin/env bash
# Tests local-cluster.sh by running it.
set -euo pipefail
# shellcheck source=deploy/test/test-functions.sh
. "$(dirname "$0")/test-functions.sh"

export TUTTI_COMMAND=$distribution/bin/tutti
state=$XDG_STATE_HOME/tutti/default
bystander=''
end() {
  "$deploy/local-cluster.sh" stop >/dev/null 2>&1 || true
  [ -z "$bystander" ] || kill "$bystander" 2>/dev/null || true
  rm -rf "$scratch"
}
trap end EXIT
cd "$scratch"

echo "a run that ends by itself has the weights of one process, and leaves nothing but its folder"
expect 3 "$deploy/local-cluster.sh" status
expect 0 "$deploy/local-cluster.sh" start --workers 3 --processes 2 --epochs 1 --out "near by"
status_says() { "$deploy/local-cluster.sh" status >"$scratch/status" || true; grep -q "$1" "$scratch/status"; }
eventually status_says '^complete'
expect 0 "$deploy/local-cluster.sh" logs
expect_output 'member of the run'
expect 2 "$deploy/local-cluster.sh" start
expect_output 'has ended: clear it with'
expect 0 "$deploy/local-cluster.sh" stop
expect 0 "$TUTTI_COMMAND" train --epochs 1 --out reference
expect_same_weights "near by" reference
[ -s "near by/logs/worker-1.log" ] || fail "no log of the second process"
expect_empty "$XDG_STATE_HOME"

echo "relays do not change the weights, and end with the run"
expect 0 "$deploy/local-cluster.sh" start --workers 4 --relays 2 --epochs 1 --out relayed
expect_output 'work for .* through 2 relay\(s\)'
pids=$(cut -d ' ' -f 2 "$state/processes")
eventually status_says '^complete'
# shellcheck disable=SC2086 # words
eventually expect_ended $pids
expect_same_weights relayed reference
[ -s relayed/logs/relay-1.log ] || fail "no log of the second relay"
expect 0 "$deploy/local-cluster.sh" stop
expect 2 "$deploy/local-cluster.sh" start --workers 2 --relays 3
expect_empty "$XDG_STATE_HOME"

echo "stop ends what start has started, and nothing else"
expect 0 "$deploy/local-cluster.sh" start --workers 2 --epochs 100000 --out long
eventually test -s long/steps.jsonl
expect 0 "$deploy/local-cluster.sh" status
expect_output 'coordinator +running, pid [0-9]+'
expect_output 'workers +2 of 2 processes running'
expect_output 'step +[0-9]+, in epoch [0-9]+, loss [0-9.]+'
expect 2 "$deploy/local-cluster.sh" start
expect_output 'runs already'
pids=$(cut -d ' ' -f 2 "$state/processes")
# The number of a process that ended may be another's by now.
sleep 600 &
bystander=$!
printf 'worker-9 %s of-another-boot\n' "$bystander" >>"$state/processes"
expect 0 "$deploy/local-cluster.sh" stop
expect_output 'stopped 3 process'
# shellcheck disable=SC2086 # words
expect_ended $pids
kill -0 "$bystander" || fail "stop ended a process that is not its own"
expect_empty "$XDG_STATE_HOME"

echo "a run whose coordinator is killed is reported as failed"
expect 0 "$deploy/local-cluster.sh" start --workers 1 --epochs 100000 --out killed
eventually test -s killed/checkpoints/step-0.safetensors
shared=$(sed -n 's/^.* shared memory in //p' killed/logs/coordinator.log)
[ -d "$shared" ] || fail "the coordinator's log names no shared memory"
kill -KILL "$(sed -n 's/^coordinator \([0-9]*\) .*/\1/p' "$state/processes")"
eventually status_says 'the run failed: the coordinator was killed'
expect 1 "$deploy/local-cluster.sh" status
expect_output 'local-cluster.sh stop && tutti resume .*/killed --workers 1 --processes 1'
[ ! -e "$shared" ] || fail "status left $shared"
expect 0 "$deploy/local-cluster.sh" stop

echo "a coordinator that hangs is ended by stop, in order"
expect 0 "$deploy/local-cluster.sh" start --workers 1 --epochs 100000 --out "hanging one"
hanging=$(sed -n 's/^coordinator \([0-9]*\) .*/\1/p' "$state/processes")
kill -STOP "$hanging"
expect 0 "$deploy/local-cluster.sh" stop
expect_ended "$hanging"
grep -q '^stopped after step' "hanging one/logs/coordinator.out" || fail "it was not stopped in order"
expect_empty "$XDG_STATE_HOME"

echo "a start that fails says why, and leaves nothing"
expect 2 "$deploy/local-cluster.sh" start --no-such-option
expect_output "no-such-option"
expect 3 "$deploy/local-cluster.sh" start --data no-such-file.csv
expect_output "no-such-file.csv"
expect 2 "$deploy/local-cluster.sh" start --workers none
expect 2 "$deploy/local-cluster.sh" start --name ../up
expect_empty "$XDG_STATE_HOME"
expect_empty "$TMPDIR"
echo "passed"
