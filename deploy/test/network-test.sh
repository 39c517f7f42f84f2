#!/usr/bin/env bash
# shellcheck disable=SC2317 # some functions are called by a trap or by eventually only
#
# Tests runs across "hosts", which are network namespaces of this machine on one bridge: a plain run, one over slow and
# lossy links, one over narrow ones, one whose worker is cut off without a FIN, comes back, and is cut off for good, and one
# whose relay is cut off and comes back.
# Each must end with the weights of an undisturbed run in one process. Needs what "ip netns add" needs (root), and a
# distribution (mvn -DskipTests package). Everything it makes has its process id in the name, and goes at its end.
set -euo pipefail
# shellcheck source=deploy/test/test-functions.sh
. "$(dirname "$0")/test-functions.sh"
# shellcheck source=deploy/cluster-functions.sh
. "$deploy/cluster-functions.sh"

usage() {
  cat <<'USAGE'
Usage: network-test.sh [--full] [--cut SECONDS]

  --full          longer runs, a cut of 30 s,
  --cut SECONDS   how long the cut link stays cut (default: 8, with --full 30)

The link's delay and loss are the kernel's (tc netem) or, where it has none, those of link.py between two TUN devices;
its rate is that of tc tbf or of the same. What can be had neither way is left out, and said.
USAGE
}

full=false cut_seconds=''
while [ $# -gt 0 ]; do
  case $1 in
    --full) full=true ;;
    --cut)
      [ $# -ge 2 ] || refuse "--cut needs a value"
      require_count --cut "$2"
      cut_seconds=$2
      shift
      ;;
    -h | --help) usage && exit 0 ;;
    *) refuse "unknown option $1; see network-test.sh --help" ;;
  esac
  shift
done
[ -n "$cut_seconds" ] || cut_seconds=$([ "$full" = true ] && echo 30 || echo 8)

readonly tutti=$distribution/bin/tutti
coordinator_address=10.77.0.1:4700
readonly delay_millis=50 loss_percent=1 narrow_mbit=10
# A process that says nothing is named after the first number of seconds, and lost after the second at the latest; what
# comes on top is for a machine that is busy.
readonly named_max=$((2 + 2)) lost_max=$((10 + 2))

# ---- hosts

hub=tutti-$$-hub
processes=() namespaces=()

end() {
  local name
  trap '' INT TERM HUP
  for name in ${processes[@]+"${processes[@]}"}; do
    kill "$name" 2>/dev/null || true
  done
  wait_until 50 none_runs || for name in "${processes[@]}"; do
    kill -KILL "$name" 2>/dev/null || true
  done
  for name in ${namespaces[@]+"${namespaces[@]}"}; do
    ip netns delete "$name" || true
  done
  rm -rf "$scratch"
}
trap end EXIT

none_runs() {
  local process
  for process in ${processes[@]+"${processes[@]}"}; do
    ! kill -0 "$process" 2>/dev/null || return 1
  done
}

make_namespace() { # name
  ip netns add "$1"
  namespaces+=("$1")
  ip -n "$1" link set lo up
}

make_hub() {
  make_namespace "$hub"
  ip -n "$hub" link add bridge type bridge
  ip -n "$hub" link set bridge up
}

# Makes a host with an address; the bridge's end of its link has the host's name.
make_host() { # host, last number of its address
  make_namespace "$(netns "$1")"
  plug "$1" "$2"
}

netns() { # host
  printf 'tutti-%s-%s\n' "$$" "$1"
}

plug() { # host, last number of its address
  ip -n "$hub" link add "$1" type veth peer name eth0 netns "$(netns "$1")"
  connect "$1" "$2"
}

connect() { # host, last number of its address
  ip -n "$hub" link set "$1" master bridge up
  ip -n "$(netns "$1")" address add "10.77.0.$2/24" dev eth0
  ip -n "$(netns "$1")" link set eth0 up
}

# Frames vanish from here on, in both directions, and neither side is told.
cut() { # host
  ip -n "$hub" link set "$1" nomaster
}

heal() { # host
  ip -n "$hub" link set "$1" master bridge
}

on() { # host, command
  local host=$1
  shift
  exec ip netns exec "$(netns "$host")" "$@"
}

# ---- links that are slow, lossy or narrow

# The process of link.py, for each host that has it.
declare -A links=()

has_qdisc() { # qdisc and its parameters
  local code=0
  ip -n "$hub" link add probe type veth peer name probe-peer
  # shellcheck disable=SC2086 # words
  tc -n "$hub" qdisc add dev probe root $1 2>/dev/null || code=$?
  ip -n "$hub" link delete probe
  return $code
}

has_tun() {
  [ -c /dev/net/tun ] && command -v python3 >/dev/null &&
    ip -n "$hub" tuntap add dev probe mode tap 2>/dev/null && ip -n "$hub" link delete probe
}

find_means() {
  narrow_by='' slow_by=''
  if has_qdisc "netem delay 1ms loss 1%"; then
    slow_by=netem
  elif has_tun; then
    slow_by=link.py
    echo "this kernel has no netem: delay and loss are those of link.py, between two TUN devices"
  else
    echo "this kernel has neither netem nor TUN devices: no delay, no loss"
  fi
  if has_qdisc "tbf rate 10mbit burst 32kb latency 400ms"; then
    narrow_by=tbf
  elif [ -n "$slow_by" ]; then
    narrow_by=$slow_by
    echo "this kernel has no tbf: the rate is that of $slow_by"
  else
    echo "this kernel has no tbf either: no narrow links"
  fi
}

# Gives a host's link a delay and a loss, in each direction.
slow_down() { # host, last number of its address
  case $slow_by in
    netem) both_ends "$1" "netem delay ${delay_millis}ms loss $loss_percent%" ;;
    *) through_link "$1" "$2" "$delay_millis" "$loss_percent" 0 ;;
  esac
}

# Gives a host's link a rate, in each direction.
narrow_down() { # host, last number of its address
  case $narrow_by in
    tbf) both_ends "$1" "tbf rate ${narrow_mbit}mbit burst 32kb latency 400ms" ;;
    netem) both_ends "$1" "netem rate ${narrow_mbit}mbit" ;;
    *) through_link "$1" "$2" 0 0 "$narrow_mbit" ;;
  esac
}

both_ends() { # host, qdisc and its parameters
  # shellcheck disable=SC2086 # words
  tc -n "$hub" qdisc replace dev "$1" root $2
  # shellcheck disable=SC2086 # words
  tc -n "$(netns "$1")" qdisc replace dev eth0 root $2
}

# Puts link.py in place of a host's cable.
through_link() { # host, last number of its address, milliseconds, percent, Mbit/s
  ip -n "$hub" link delete "$1"
  ip netns exec "$hub" python3 "$deploy/test/link.py" "$1" "far-$1" "$3" "$4" "$5" \
    >"$scratch/link-$1.out" 2>&1 &
  processes+=($!)
  links[$1]=$!
  eventually grep -q ready "$scratch/link-$1.out"
  ip -n "$hub" link set "far-$1" netns "$(netns "$1")" name eth0
  connect "$1" "$2"
}

# Takes all limits off a host's link; the connections over it go on.
open_up() { # host
  if [ -n "${links[$1]:-}" ]; then
    kill -USR1 "${links[$1]}"
  else
    tc -n "$hub" qdisc delete dev "$1" root 2>/dev/null || true
    tc -n "$(netns "$1")" qdisc delete dev eth0 root 2>/dev/null || true
  fi
}

# Takes link.py away again, if it is there, and puts a plain cable in its place.
replug() { # host, last number of its address
  if [ -z "${links[$1]:-}" ]; then
    open_up "$1"
    return
  fi
  kill "${links[$1]}"
  wait "${links[$1]}" || true
  sed -n "s/^passed/  link of $1: frames passed/p" "$scratch/link-$1.out"
  unset "links[$1]"
  plug "$1" "$2"
}

# ---- runs

coordinator='' workers=()

# Starts a coordinator that waits for a number of worker processes.
start_coordinator() { # run folder, processes, steps, options
  local run=$1 count=$2 steps=$3
  shift 3
  coordinator_output=$scratch/$run.out
  (on lead "$tutti" coordinator --listen "$coordinator_address" --certs "$scratch/certs/lead" --carrier inline \
    --start-workers "$count" --steps "$steps" --out "$run" "$@") >"$coordinator_output" 2>&1 </dev/null &
  coordinator=$!
  processes+=("$coordinator")
  eventually port_in "$coordinator_output"
  workers=()
}

start_worker() { # run folder, host, options
  local run=$1 host=$2
  shift 2
  (XDG_CACHE_HOME=$scratch/cache-$host on "$host" "$tutti" worker --coordinator "$coordinator_address" \
    --certs "$scratch/certs/$host" --carrier inline --log "$run-$host.log" "$@") \
    >"$scratch/$run-$host.out" 2>&1 </dev/null &
  workers+=($!)
  processes+=($!)
}

# Waits for the coordinator and compares with one process.
finish_run() { # run folder, steps
  local code=0
  wait "$coordinator" || code=$?
  [ "$code" -eq 0 ] || {
    tail -n 20 "$coordinator_output" >&2
    fail "the coordinator of $1 ended with $code"
  }
  expect_same_weights "$1" "$(reference "$2")"
}

finish_workers() { # expected exit code
  local worker code
  for worker in "${workers[@]}"; do
    code=0
    wait "$worker" || code=$?
    [ "$code" -eq "$1" ] || fail "a worker process ended with $code, expected $1"
  done
}

# Prints the folder of an undisturbed run in one process with so many steps; runs it if it has not been run.
reference() { # steps
  [ -d "reference-$1" ] || expect 0 "$tutti" train --workers 1 --steps "$1" --out "reference-$1"
  echo "reference-$1"
}

expect_on_the_wire() { # run folder, hosts
  local run=$1 host
  shift
  for host in "$@"; do
    grep -q 'gradients through the stream' "$run-$host.log" || fail "$run: $host is not on the wire"
  done
}

figure() { # run folder, name
  sed -n "s/^ *\"$2\" : \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" "$1/summary.json"
}

report() { # run folder
  printf '  %s: %s steps in %.1f s, step p50 %.1f ms, %.1f MB sent, %.1f MB received, lost %s; same digest %.12s\n' \
    "$1" "$(figure "$1" steps)" "$(figure "$1" seconds)" "$(figure "$1" stepMillisP50)" \
    "$(megabytes "$1" bytesSent)" "$(megabytes "$1" bytesReceived)" "$(figure "$1" lostWorkers)" "$(digest_of "$1")"
}

megabytes() { # run folder, name
  awk -v bytes="$(figure "$1" "$2")" 'BEGIN { print bytes / 1e6 }'
}

# How often the coordinator's host has sent a TCP segment again.
segments_sent_again() {
  local names values i
  {
    read -ra names
    read -ra values
  } < <(ip netns exec "$(netns lead)" grep '^Tcp:' /proc/net/snmp)
  for i in "${!names[@]}"; do
    [ "${names[i]}" != RetransSegs ] || echo "${values[i]}"
  done
}

holds() { # awk expression
  awk "BEGIN { exit !($1) }"
}

# ---- what the coordinator says, and when

now_millis() {
  date +%s%3N
}

# Prints when the coordinator first logged a line that matches, behind the first $3 lines; fails if it has not.
logged_millis() { # run folder, pattern, lines to pass over
  local line
  line=$(tail -n "+$(($3 + 1))" "$1/logs/coordinator.log" | grep -m 1 -E -- "$2") || return 1
  date -d "${line:0:23}" +%s%3N
}

lines_logged() { # run folder
  wc -l <"$1/logs/coordinator.log"
}

# Prints the seconds from a time to the first line that matches, for which it waits.
seconds_until() { # run folder, pattern, lines to pass over, time in milliseconds
  eventually logged_millis "$1" "$2" "$3"
  awk -v at="$(logged_millis "$1" "$2" "$3")" -v from="$4" 'BEGIN { printf "%.1f\n", (at - from) / 1000 }'
}

steps_done() { # run folder
  wc -l <"$1/steps.jsonl"
}

has_done() { # run folder, steps
  [ -f "$1/steps.jsonl" ] && [ "$(steps_done "$1")" -ge "$2" ]
}

# Waits until a link has been cut for as long as it is to be.
sit_out_cut() { # when it was cut, in milliseconds
  sleep "$(awk -v until="$(($1 + cut_seconds * 1000))" -v now="$(now_millis)" \
    'BEGIN { print now < until ? (until - now) / 1000 : 0 }')"
}

# ---- the tests

plain() {
  local host steps=400
  [ "$full" = false ] || steps=1800
  echo "three hosts train the weights of one process"
  start_coordinator plain 3 "$steps"
  for host in one two three; do start_worker plain "$host"; done
  finish_run plain "$steps"
  finish_workers 0
  expect_on_the_wire plain one two three
  report plain
}

slow_and_lossy() {
  local host before again steps=25
  [ "$full" = false ] || steps=200
  echo "$loss_percent % of loss and ${delay_millis} ms of delay, each way, cost time and no bit ($slow_by)"
  slow_down one 2
  slow_down two 3
  before=$(segments_sent_again)
  start_coordinator slow 2 "$steps"
  for host in one two; do start_worker slow "$host"; done
  finish_run slow "$steps"
  finish_workers 0
  expect_on_the_wire slow one two
  holds "$(figure slow stepMillisP50) >= 2 * $delay_millis" || fail "the delay was not in force"
  again=$(($(segments_sent_again) - before))
  [ "$again" -gt 0 ] || fail "no segment was lost"
  report slow
  echo "  the coordinator's host sent $again segments again"
  replug one 2
  replug two 3
}

narrow() {
  local host steps=60
  [ "$full" = false ] || steps=300
  echo "$narrow_mbit Mbit/s to each host cost time and no bit ($narrow_by)"
  narrow_down one 2
  narrow_down two 3
  start_coordinator narrow 2 "$steps"
  for host in one two; do start_worker narrow "$host"; done
  finish_run narrow "$steps"
  finish_workers 0
  expect_on_the_wire narrow one two
  # Two links; a tenth more for what TCP and the bucket's first content do to so short a time.
  holds "$(figure narrow bytesSent) * 8 / $(figure narrow seconds) <= 2 * $narrow_mbit * 1.1e6" ||
    fail "the limit was not in force"
  report narrow
  replug one 2
  replug two 3
}

# Narrow links set the pace, so that there is something to disturb; at the end they are opened.
cut_off() {
  local cut_at healed_at logged named lost back before steps=$((800 + 30 * cut_seconds))
  echo "a host that is cut off without a FIN is named, the run goes on, and it is back without a restart"
  narrow_down one 2
  narrow_down two 3
  start_coordinator cut 2 "$steps"
  start_worker cut one
  start_worker cut two --patience $((cut_seconds + 60))
  eventually has_done cut 10

  logged=$(lines_logged cut)
  cut_at=$(now_millis)
  cut two
  named=$(seconds_until cut ': (silent|lost): worker' "$logged" "$cut_at")
  lost=$(seconds_until cut ': lost: worker' "$logged" "$cut_at")
  before=$(steps_done cut)
  eventually has_done cut $((before + 5))
  sit_out_cut "$cut_at"
  logged=$(lines_logged cut)
  healed_at=$(now_millis)
  heal two
  back=$(seconds_until cut ': joined: process' "$logged" "$healed_at")
  echo "  cut for $cut_seconds s: named after $named s, lost after $lost s, back $back s after the link was"
  holds "$named <= $named_max" || fail "named after $named s, at most $named_max were promised"
  holds "$lost <= $lost_max" || fail "lost after $lost s, at most $lost_max were promised"
  kill -0 "${workers[1]}" || fail "the worker process has ended"

  before=$(steps_done cut)
  eventually has_done cut $((before + 10))
  echo "a host that is cut off for good is named, and the run ends without it"
  logged=$(lines_logged cut)
  cut_at=$(now_millis)
  cut two
  named=$(seconds_until cut ': (silent|lost): worker' "$logged" "$cut_at")
  lost=$(seconds_until cut ': lost: worker' "$logged" "$cut_at")
  echo "  cut for good: named after $named s, lost after $lost s"
  holds "$named <= $named_max && $lost <= $lost_max" || fail "named after $named s and lost after $lost s, at most $named_max and $lost_max were promised"
  open_up one
  finish_run cut "$steps"
  report cut
}

# What a relay sends on its way back must not stay on the connection of before.
relay_cut_off() {
  local cut_at healed_at logged lost back steps=$((2500 + 30 * cut_seconds)) relay=10.77.0.2:4701
  echo "a relay that is cut off without a FIN is lost, back with its workers, and stays"
  narrow_down one 2
  narrow_down two 3
  start_coordinator relayed 2 "$steps"
  start_worker relayed two
  (on one "$tutti" relay --coordinator "$coordinator_address" --listen "$relay" --certs "$scratch/certs/one" \
    --log relayed-relay.log --patience $((cut_seconds + 60))) >"$scratch/relayed-relay.out" 2>&1 </dev/null &
  workers+=($!)
  processes+=($!)
  coordinator_address=$relay start_worker relayed one --patience $((cut_seconds + 60))
  eventually has_done relayed 10

  logged=$(lines_logged relayed)
  cut_at=$(now_millis)
  cut one
  lost=$(seconds_until relayed ': lost: worker' "$logged" "$cut_at")
  holds "$lost <= $lost_max" || fail "lost after $lost s, at most $lost_max were promised"
  sit_out_cut "$cut_at"
  logged=$(lines_logged relayed)
  healed_at=$(now_millis)
  heal one
  back=$(seconds_until relayed ': joined: process' "$logged" "$healed_at")
  # Longer than a member may be silent.
  sleep "$lost_max"
  [ -z "$(logged_millis relayed ': lost: worker' "$logged" || true)" ] || fail "the relay was lost a second time"
  [ ! -f relayed/summary.json ] || fail "the run was over before the relay had to stay: give it more steps"
  echo "  cut for $cut_seconds s: lost after $lost s, back $back s after the link was, and stayed"
  open_up one
  open_up two
  finish_run relayed "$steps"
  finish_workers 0
  expect_on_the_wire relayed one two
  report relayed
  replug one 2
  replug two 3
}

make_hub
find_means
make_host lead 1
make_host one 2
make_host two 3
make_host three 4
cd "$scratch"
expect 0 "$tutti" certs --dir certs "lead=10.77.0.1" "one=10.77.0.2" two three
started=$(now_millis)
plain
if [ -n "$slow_by" ]; then slow_and_lossy; else echo "left out: delay and loss"; fi
if [ -n "$narrow_by" ]; then
  narrow
  relay_cut_off
  cut_off
else
  echo "left out: narrow links, and the cuts, which need them to set the pace"
fi
awk -v from="$started" -v to="$(now_millis)" 'BEGIN { printf "passed, in %.0f s\n", (to - from) / 1000 }'
