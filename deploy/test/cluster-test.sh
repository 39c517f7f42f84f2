#!/usr/bin/env bash
# Tests cluster.sh with an ssh that is none: each "host" is a home folder of its own on this machine.
set -euo pipefail
# shellcheck source=deploy/test/test-functions.sh
. "$(dirname "$0")/test-functions.sh"
# shellcheck source=deploy/cluster/machine.sh
. "$deploy/cluster/machine.sh"
# shellcheck source=deploy/cluster/hosts.sh
. "$deploy/cluster/hosts.sh"

cluster=''
end() {
  [ -z "$cluster" ] || kill "$cluster" 2>/dev/null || true
  rm -rf "$scratch"
}
trap end EXIT
cd "$scratch"

# "down" cannot be reached; "noisy" greets where nobody reads, without an end of line; the nfs hosts share a home folder; the
# hosts with the name of a shell have that login shell.
cat >ssh <<SSH
#!/bin/sh
host=\$1
shift
case \$host in
  down*) echo "ssh: connect to host \$host: No route to host" >&2; exit 255 ;;
  noisy) echo "Welcome!"; echo "tutti" >&2; printf "no end of line" ;;
esac
home=$scratch/hosts/\$host
case \$host in nfs*) home=$scratch/hosts/nfs ;; esac
mkdir -p "\$home" && cd "\$home" || exit 255
export HOME="\$PWD" XDG_CACHE_HOME="\$PWD/cache" SSH_CONNECTION="127.0.0.1 50000 127.0.0.1 22"
case \$host in csh | fish) exec \$host -c "\$*" ;; esac
exec sh -c "\$*"
SSH
chmod +x ssh
export TUTTI_SSH=$scratch/ssh TUTTI_DISTRIBUTION=$distribution
readonly kept=.cache/tutti/distribution

# Expects that a run has left nothing on the hosts but whole distributions.
expect_clean_hosts() {
  local left
  left=$(find hosts \( -name runs -o -name 'tls.key' -o -name token -o -name part -o -name lease \) | head -n 5)
  [ -z "$left" ] || fail "left behind on a host: $left"
}

echo "a run on two hosts has the weights of a run on this machine"
printf '\xef\xbb\xbf# the lab\r\n\r\nalpha workers=2\r\nada@beta # one\r\n' >hosts.txt
expect 0 "$deploy/cluster.sh" --hosts hosts.txt --epochs 1 --out far --remote-dir "it's \$HOME here"
expect_output '^alpha: copying the distribution'
expect_output 'trained +[0-9]+ steps'
expect 0 "$distribution/bin/tutti" train --epochs 1 --out near
expect_same_weights far near
echo "its connections were TLS, and no key is left on a host"
expect_clean_hosts
grep -q '^certs *=' far/run.conf || fail "the coordinator had no certificates"
for log in worker-0-alpha worker-1-ada_beta; do
  grep -q 'member of the run' "far/logs/$log.log" || fail "no log of $log"
done
grep -q 'on ada@beta, pid' far/logs/coordinator.log || fail "a host is not called what the user calls it"
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
eventually expect_clean_hosts

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
grep -q '^alpha: the worker process ended with 137' lost.out || fail "the lost host is not named"

expect_clean_hosts

echo "a run that was stopped goes on, on other hosts, and its advice says how"
expect 0 "$distribution/bin/tutti" train --steps 6000 --out straight
"$deploy/cluster.sh" --hosts one.txt --workers-per-host 2 --steps 900 --kernel plain --out "stopped run" >stopped.out 2>&1 &
cluster=$!
eventually test -s "stopped run/steps.jsonl"
kill "$cluster"
code=0
wait "$cluster" || code=$?
cluster=''
[ "$code" -eq 143 ] || fail "it ended with $code, expected 143"
if grep -q 'tutti resume' stopped.out; then
  fail "it advises what cannot work: $(grep 'tutti resume' stopped.out)"
fi
advice=$(sed -n 's/^cluster.sh: to go on: //p' stopped.out)
[ -n "$advice" ] || fail "it does not say how to go on: $(tail -n 3 stopped.out)"
expect_clean_hosts
printf 'gamma\nada@beta\n' >others.txt
expect 0 bash -c "$advice --hosts others.txt"
expect_output 'going on after'
expect 0 "$distribution/bin/tutti" train --steps 900 --kernel plain --out plain
expect_same_weights "stopped run" plain
grep -q '2 workers on gamma' "stopped run/logs/coordinator.log" || fail "the workers for each host are not remembered"
expect_clean_hosts
expect_empty "$TMPDIR"
expect 12 bash -c "$advice"
expect 2 "$deploy/cluster.sh" --resume nowhere
expect_output 'there is no such folder'
expect 2 "$deploy/cluster.sh" --resume straight
expect_output 'no run of cluster.sh'

echo "a token, a kernel and a precision reach the workers, from a file of options too"
printf 'kernel = plain\nsteps = 20\n' >options.conf
printf 'correct-horse-battery\n' >token
expect 0 "$deploy/cluster.sh" --hosts one.txt --config options.conf --token-file token --out options
grep -q 'kernel plain' options/logs/coordinator.log || fail "the worker has another kernel"
TUTTI_TOKEN=correct-horse-staple expect 0 "$deploy/cluster.sh" --hosts one.txt --steps 20 --out token-run
expect_clean_hosts

echo "login shells of all kinds, greetings, and a home folder that hosts share"
printf 'noisy\nnfs1\nnfs2\n' >kinds.txt
for shell in csh fish; do
  if command -v "$shell" >/dev/null; then echo "$shell" >>kinds.txt; else echo "  no $shell here: left out"; fi
done
expect 0 "$deploy/cluster.sh" --hosts kinds.txt --steps 20 --shards 8 --wait 600 --remote-dir "it's a! folder" --out kinds
[ "$(grep -c '^nfs.: copying' out)" -eq 1 ] || fail "it copied to hosts that share a folder more than once"
expect_clean_hosts

echo "two runs of different builds at once: neither removes the program of the other"
cp -R "$distribution" "$scratch/other-build"
echo >>"$scratch/other-build/bin/tutti"
printf 'nfs1\nalpha\n' >two.txt
"$deploy/cluster.sh" --hosts two.txt --steps 6000 --silence 300..600 --lease 300..600 --out first-build >first.out 2>&1 &
cluster=$!
eventually test -s first-build/steps.jsonl
# The first run stands still while the second comes and goes: so it cannot be over before.
first_workers=$(pids_of first-build)
# shellcheck disable=SC2086 # words
kill -STOP $first_workers
TUTTI_DISTRIBUTION=$scratch/other-build expect 0 "$deploy/cluster.sh" --hosts two.txt --steps 30 --out second-build
if kill -0 "$cluster" 2>/dev/null; then
  [ "$(find "hosts/alpha/$kept" -maxdepth 1 -name 'dist-*' | wc -l)" -eq 2 ] || fail "the first run's program is gone"
else
  fail "the first run ended before the second: nothing was shown"
fi
# shellcheck disable=SC2086 # words
kill -CONT $first_workers
wait "$cluster" || fail "the first run failed: $(tail -n 5 first.out)"
cluster=''
expect_same_weights first-build straight
echo "a later run removes builds that none uses, also one whose run left a lease behind"
mkdir -p "hosts/alpha/$kept/runs/dead/0" "hosts/alpha/$kept/dist-old/tutti"
printf 'dist-old\n%s\n%s\n%s\n' "$(machine)" $$ 1 >"hosts/alpha/$kept/runs/dead/0/lease"
echo >>"$scratch/other-build/bin/tutti"
TUTTI_DISTRIBUTION=$scratch/other-build expect 0 "$deploy/cluster.sh" --hosts one.txt --steps 20 --out third-build
[ "$(find "hosts/alpha/$kept" -maxdepth 1 -name 'dist-*' | wc -l)" -eq 1 ] || fail "old builds stay: $(ls "hosts/alpha/$kept")"
expect_clean_hosts

echo "what cannot work is refused in one line, before anything is copied"
printf 'alpha\ndown1\nada@beta java=/no/java\ndown2\n' >bad.txt
expect 7 "$deploy/cluster.sh" --hosts bad.txt
expect_output '^down1: cannot be used: ssh: connect to host down1: No route to host'
expect_output '^down2: cannot be used: ssh'
expect_output '^ada@beta: cannot be used: java=/no/java: there is no such program'
expect_output '3 of 4 host\(s\) cannot be used: see above; --skip-unreachable'
expect 0 "$deploy/cluster.sh" --hosts bad.txt --skip-unreachable --steps 20 --out skipped
expect_output 'left out: down1 ada@beta down2'
expect_output 'listening on .* for 1 worker'
printf 'down1\n' >bad.txt
expect 7 "$deploy/cluster.sh" --hosts bad.txt --skip-unreachable
expect_output 'no host can be used'
printf 'fresh java=%s\n' "$(dirname "$(dirname "$(readlink -f "$(find_java)")")")" >java.txt
expect 2 "$deploy/cluster.sh" --hosts java.txt --model "dense(-3)" --out wrong
expect_empty hosts/fresh
expect 0 "$deploy/cluster.sh" --hosts java.txt --steps 20 --out with-java
printf -- '-oProxyCommand=touch\\ owned\n' >bad.txt
expect 2 "$deploy/cluster.sh" --hosts bad.txt
expect_output 'line 1: "-oProxyCommand=touch.*" is no host name'
for bad in ssh://-oProxyCommand=x '[-oProxyCommand=x]' ada@-x lab1:port 'lab1:' a/b '(id)' @lab1 'lab1;id'; do
  printf '%s\n' "$bad" >bad.txt
  expect 2 "$deploy/cluster.sh" --hosts bad.txt
done
printf 'alpha workers=none\n' >bad.txt
expect 2 "$deploy/cluster.sh" --hosts bad.txt
printf 'alpha\nada@beta\nalpha workers=2\n' >bad.txt
expect 2 "$deploy/cluster.sh" --hosts bad.txt
expect_output 'line 3: alpha is in line 1 already'
expect 2 "$deploy/cluster.sh" --hosts hosts.txt --listen nowhere
expect 2 "$deploy/cluster.sh" --hosts hosts.txt --no-such-option
expect_clean_hosts
expect_empty "$TMPDIR"

echo "each way to write a host is what ssh takes"
while read -r host target; do
  [ "$(target_of "$host")" = "$target" ] || fail "$host is $(target_of "$host") for ssh, expected $target"
done <<'HOSTS'
lab1 lab1
ada@lab1 ada@lab1
ada@lab1:2222 -p 2222 ada@lab1
ssh://ada@lab1:2222 -p 2222 ada@lab1
ssh://lab1/ lab1
fd00::7 fd00::7
ada@[fd00::7] ada@fd00::7
[fd00::7]:2222 -p 2222 fd00::7
ssh://ada@[fd00::7]:2222 -p 2222 ada@fd00::7
fe80::1%eth0 fe80::1%eth0
HOSTS

echo "a JDK is looked for where bin/tutti looks"
places() { # file
  sed -n '/^find_java() {/,/^}/p' "$1" | grep -o '/[A-Za-z/.]*\*25\*[^ ;]*\|/\.sdkman[^ ;]*' | sort
}
[ "$(places "$deploy/src/main/bin/tutti")" = "$(places "$deploy/cluster/machine.sh")" ] ||
  fail "deploy/cluster/machine.sh and bin/tutti look in different places"
echo "passed"
