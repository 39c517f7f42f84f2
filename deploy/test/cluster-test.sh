#!/usr/bin/env bash
# Tests cluster.sh with an ssh that is none: each "host" is a home folder of its own on this machine.
set -euo pipefail
# shellcheck source=deploy/test/test-functions.sh
. "$(dirname "$0")/test-functions.sh"

cluster=''
end() {
  [ -z "$cluster" ] || kill "$cluster" 2>/dev/null || true
  rm -rf "$scratch"
}
trap end EXIT
cd "$scratch"

cat >ssh <<SSH
#!/bin/sh
host=\$1
shift
[ "\$host" != down ] || { echo "ssh: connect to host down: No route to host" >&2; exit 255; }
mkdir -p "$scratch/hosts/\$host" && cd "$scratch/hosts/\$host" || exit 255
export HOME="\$PWD" XDG_CACHE_HOME="\$PWD/cache" SSH_CONNECTION="127.0.0.1 50000 127.0.0.1 22"
exec sh -c "\$*"
SSH
chmod +x ssh
export TUTTI_SSH=$scratch/ssh TUTTI_DISTRIBUTION=$distribution

echo "a run on two hosts has the weights of a run on this machine"
printf '# the lab\n\nalpha workers=2\nada@beta # one\n' >hosts.txt
expect 0 "$deploy/cluster.sh" --hosts hosts.txt --epochs 1 --out far --remote-dir "it's \$HOME here"
expect_output 'copying the distribution to alpha'
expect_output 'trained +[0-9]+ steps'
expect 0 "$distribution/bin/tutti" train --epochs 1 --out near
expect_same_weights far near
echo "its connections were TLS, and no key is left on a host"
expect_no_keys() {
  [ -z "$(find hosts -name 'tls.key')" ] || fail "left behind: $(find hosts -name 'tls.key')"
}
expect_no_keys
grep -q '^certs *=' far/run.conf || fail "the coordinator had no certificates"
for log in worker-0-alpha worker-1-ada_beta; do
  grep -q 'member of the run' "far/logs/$log.log" || fail "no log of $log"
done
[ -d "hosts/alpha/it's \$HOME here" ] || fail "the distribution is not in the folder asked for"
# shellcheck disable=SC2046 # words
expect_ended $(pids_of far)
expect_empty "$TMPDIR"

echo "a second run copies nothing, and ending the script ends the coordinator and the hosts' workers"
"$deploy/cluster.sh" --hosts hosts.txt --epochs 100000 --out ended \
  --remote-dir "it's \$HOME here" >ended.out 2>&1 &
cluster=$!
eventually test -s ended/steps.jsonl
workers=$(pids_of ended)
kill "$cluster"
code=0
wait "$cluster" || code=$?
cluster=''
[ "$code" -eq 143 ] || fail "it ended with $code, expected 143"
if grep -q 'copying' ended.out; then
  fail "it copied the distribution again"
fi
# shellcheck disable=SC2086 # words
expect_ended $workers
expect_empty "$TMPDIR"
eventually expect_no_keys

echo "a host that is lost is named, and if it was the last one, the run is given up"
echo alpha >one.txt
"$deploy/cluster.sh" --hosts one.txt --epochs 100000 --out lost >lost.out 2>&1 &
cluster=$!
eventually test -s lost/steps.jsonl
# shellcheck disable=SC2046 # words
kill -KILL $(pids_of lost)
code=0
wait "$cluster" || code=$?
cluster=''
[ "$code" -eq 4 ] || fail "it ended with $code, expected 4"
grep -q 'worker process on alpha ended with 137' lost.out || fail "the lost host is not named"

echo "what cannot work is refused in one line"
printf 'alpha\ndown\n' >bad.txt
expect 7 "$deploy/cluster.sh" --hosts bad.txt
expect_output 'host down cannot be used'
printf -- '-oProxyCommand=touch\\ owned\n' >bad.txt
expect 2 "$deploy/cluster.sh" --hosts bad.txt
expect_output 'line 1: "-oProxyCommand=touch.*" is no host name'
printf 'alpha workers=none\n' >bad.txt
expect 2 "$deploy/cluster.sh" --hosts bad.txt
expect 2 "$deploy/cluster.sh" --hosts hosts.txt --listen nowhere
expect 2 "$deploy/cluster.sh" --hosts hosts.txt --no-such-option
expect_empty "$TMPDIR"
echo "passed"
