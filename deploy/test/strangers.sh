#!/usr/bin/env bash
# shellcheck disable=SC2317,SC2329 # some functions are called by a trap only
#
# Has strangers try to get into a run that goes on beside, over mutual TLS and with a token, and prints a table.
set -euo pipefail
# shellcheck source=deploy/cluster-functions.sh
. "$(dirname "$0")/../cluster-functions.sh"

usage() {
  cat <<'USAGE'
Usage: strangers.sh [--steps N]

Starts a coordinator and two worker processes on this machine, and while they train, one stranger after another: without
a certificate, with an expired one, with one of a foreign CA, in plaintext, with a wrong token. Each must be refused
within a second, with the line that both sides are to say, and the run must end with the weights of the same run in one
process. One to two minutes; needs openssl. Ends with 1 if anything is not as it must be.

  --steps N    steps of the run, which must last longer than the strangers take (default: 2000)

The seconds of a stranger count from "connecting to" in its own log until both sides have said their line: without the
start of its JVM, which comes before the attempt, but with what its JVM does for the first time in it. Without a
certificate comes openssl, for "tutti worker" does not start without one; its seconds count from its start. The run's
workers have a lower priority, as they would have machines of their own. A stranger that was refused too late comes up to
twice more, and the fastest counts: a JVM starts slowly on a machine that is busy with other things.

Example: strangers.sh --steps 4000

TUTTI_DISTRIBUTION is a distribution to test instead of this checkout's.
USAGE
}

steps=2000
read_count --steps steps "$@"
command -v openssl >/dev/null || refuse "openssl is missing: install it (Debian: apt-get install openssl)"

# shellcheck source=deploy/test/test-functions.sh
. "$(dirname "$0")/test-functions.sh"
processes=()
end() {
  local process
  for process in ${processes[@]+"${processes[@]}"}; do
    kill -KILL "$process" 2>/dev/null || true
  done
  rm -rf "$scratch"
}
trap end EXIT
# shellcheck source=deploy/test/chaos-functions.sh
. "$(dirname "$0")/chaos-functions.sh"
cd "$scratch"

readonly refused_millis_max=1000 refused_code=8 openssl_code=1
readonly run_options=(--data digits --model "dense(512),relu,dense(512),relu,dense" --batch 256 --steps "$steps")
readonly coordinator_log=run/logs/coordinator.log
failed=0

make_members() {
  "$tutti" certs --dir ours coordinator=127.0.0.1 one two expired >certs.out
  "$tutti" certs --dir theirs foreign >>certs.out
  # No option of ours makes a certificate that is of no use: this one expires as it is made.
  { openssl req -new -key ours/expired/tls.key -subj /CN=expired |
    openssl x509 -req -CA ours/ca.crt -CAkey ours/ca.key -days 0 -out ours/expired/tls.crt \
      -extfile <(printf 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n'); } >>certs.out 2>&1
  echo "the-token-of-the-run" >token
  echo "the-token-of-another" >wrong-token
}

start_run() {
  "$tutti" coordinator --listen 127.0.0.1:0 --certs ours/coordinator --token-file token --start-workers 2 \
    --out run "${run_options[@]}" >coordinator.out 2>&1 </dev/null &
  coordinator=$!
  processes+=("$coordinator")
  wait_until 300 port_in coordinator.out >port || {
    quote_tail coordinator.out
    fail "the coordinator does not listen"
  }
  address=127.0.0.1:$(cat port)
  local host
  for host in one two; do
    nice -n 10 "$tutti" worker --coordinator "$address" --certs "ours/$host" --token-file token >"$host.out" 2>&1 </dev/null &
    processes+=("$!")
  done
  eventually trains
}

trains() {
  [ -s run/steps.jsonl ]
}

now_millis() {
  printf '%s\n' $((${EPOCHREALTIME/[.,]/} / 1000))
}

# Puts the milliseconds before each line as it comes.
stamped() {
  local line
  while IFS= read -r line; do
    printf '%s %s\n' "$(now_millis)" "$line"
  done
}

# Prints the milliseconds of the first line of a log that matches.
millis_of() { # log, pattern
  local day time
  read -r day time _ < <(grep -E -m 1 -- "$2" "$1") && date -d "$day $time" +%s%3N
}

# Has a stranger come, up to three times, and judges what is said.
stranger() { # what it is, code, the line it says, the line the coordinator says, command
  local name=$1 code=$2 here=$3 there="refused: 127\.0\.0\.1: $4" result=FAIL fastest=unknown attempt took
  shift 4
  for attempt in 1 2 3; do
    rm -f stranger.log
    took=$(refusal_millis "$code" "$here" "$there" "$@") || break
    [ "$attempt" -gt 1 ] && [ "$took" -ge "$fastest" ] || fastest=$took
    [ "$fastest" -ge "$refused_millis_max" ] || {
      result=PASS
      break
    }
  done
  [ "$result" = PASS ] || failed=1
  printf '%-4s  %-27s %s ms\n' "$result" "$name" "$fastest"
  printf '      it says:          %s\n' "$(shown "$here" stranger.out)"
  printf '      coordinator says: %s\n' "$(shown "$there" "$coordinator_log")"
}

# Runs a stranger and prints how long its refusal took; fails if it was not refused as it should. "connecting to" stands
# in its log, or it has none. The coordinator says its line to the first of a kind.
refusal_millis() { # code, the line it says, the line the coordinator says, command
  local code=0 expected=$1 here=$2 there=$3 begun heard said
  shift 3
  begun=$(now_millis)
  "$@" 2>&1 </dev/null | stamped >stranger.out || code=$?
  [ ! -f stranger.log ] || begun=$(millis_of stranger.log 'connecting to') || return 1
  heard=$(grep -E -m 1 -- "$here" stranger.out) && [ "$code" -eq "$expected" ] || return 1
  wait_until 20 grep -qE "$there" "$coordinator_log" || return 1
  heard=${heard%% *} said=$(millis_of "$coordinator_log" "$there")
  printf '%s\n' $(((heard > said ? heard : said) - begun))
}

# Prints the line that matches, without what changes from run to run.
shown() { # pattern, file
  { grep -E -m 1 -- "$1" "$2" || { printf 'nothing of the kind: ' && tail -n 1 "$2"; }; } |
    sed -E 's/^[0-9]+ (tutti: |[0-9A-F]+:)?//; s/^.* WARN +[A-Za-z]+: //; s/'"$address"'/127.0.0.1:PORT/g'
}

worker() { # options
  "$tutti" worker --coordinator "$address" --log stranger.log "$@"
}

# The coordinator says each line once for a host, so there is one stranger of each kind.
strangers() {
  stranger "without a certificate" "$openssl_code" "alert certificate required" "it shows no certificate of the CA in" \
    openssl s_client -connect "$address" -CAfile ours/ca.crt -alpn h2 -quiet -verify_quiet -ign_eof
  stranger "an expired certificate" "$refused_code" "refuses this worker's certificate, which expired at" \
    "its certificate has expired" worker --certs ours/expired --token-file token
  stranger "a foreign CA's certificate" "$refused_code" "is not of the CA in" \
    "it refuses this coordinator's certificate, which is not of its CA" worker --certs theirs/foreign --token-file token
  stranger "plaintext" "$refused_code" "speaks TLS, this worker plaintext" \
    "it speaks plaintext, this address TLS" worker --token-file token
  stranger "a wrong token" "$refused_code" "this worker brings a wrong run token" "it brings a wrong run token" \
    worker --certs ours/one --token-file wrong-token
}

# The run must have gone on all the while, and end as if nobody had been there.
judge_run() {
  local code=0 result=PASS lost
  [ ! -f run/summary.json ] || fail "the run ended before the last stranger came: give it more --steps"
  wait "$coordinator" || code=$?
  [ "$code" -eq 0 ] || quote_tail coordinator.out
  "$tutti" train "${run_options[@]}" --processes 0 --out alone >alone.out 2>&1 </dev/null || {
    quote_tail alone.out
    fail "the run in one process failed"
  }
  lost=$(sed -n 's/.*"lostWorkers" : \([0-9]*\).*/\1/p' run/summary.json)
  if ! is_same run alone; then
    result=FAIL failed=1
  fi
  printf '%-4s  the run beside: %d steps, lost workers %s, weights %s…; in one process %s…\n' "$result" "$steps" \
    "${lost:-unknown}" "$(digest_of run | cut -c 1-16)" "$(digest_of alone | cut -c 1-16)"
}

require_distribution
make_members
start_run
strangers
judge_run
exit "$failed"
