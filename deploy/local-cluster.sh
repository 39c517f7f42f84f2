#!/usr/bin/env bash
# Runs a coordinator process and worker processes on this machine, in the background, and ends them again.
set -euo pipefail

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
tutti=${TUTTI_COMMAND:-$here/../tutti}
# shellcheck source=deploy/cluster-functions.sh
. "$here/cluster-functions.sh"

usage() {
  cat <<'USAGE'
Usage: local-cluster.sh start [--workers N] [--processes P] [--relays R] [--name NAME] [training options]
       local-cluster.sh status [--name NAME]
       local-cluster.sh logs [--follow] [--name NAME]
       local-cluster.sh stop [--name NAME]

A coordinator process and worker processes on this machine, in the background.

  start    builds tutti if need be, starts the processes, and waits until all workers have joined
  status   who runs, the last step, and the summary once the run is complete;
           ends with 0 if it runs or is complete, with 1 if it failed, with 3 if there is none
  logs     what the processes logged
  stop     ends the processes that start has started, and removes what it made but for the run's folder

  --workers N      workers in all, one thread each (default: 4)
  --processes P    worker processes to spread them over (default: one for each worker)
  --relays R       relay processes between the coordinator and the worker processes (default: 0)
  --name NAME      tells clusters apart that run at the same time (default: default)

Any other option of start goes to the coordinator: see tutti coordinator --help.

Examples:
  deploy/local-cluster.sh start --workers 4 --data digits
  deploy/local-cluster.sh status
  deploy/local-cluster.sh stop
  deploy/local-cluster.sh start --name big --workers 8 --processes 2 --shards 8 --data fashion-mnist \
    --model "dense(256),relu,dense(128),relu,dense" --epochs 10

What it must remember between calls is in ${XDG_STATE_HOME:-~/.local/state}/tutti/NAME until stop.
USAGE
}

# ---- what is remembered: a line for each process, "role pid identity", and a few files

remember_process() { # role pid
  printf '%s %s %s\n' "$1" "$2" "$(identity_of "$2" || echo gone)" >>"$state/processes"
}

# Prints "role pid" of the remembered processes that still run.
running() {
  local role pid identity
  [ -f "$state/processes" ] || return 0
  while read -r role pid identity; do
    if is_alive "$pid" "$identity"; then
      echo "$role $pid"
    fi
  done <"$state/processes"
}

runs_nothing() {
  [ -z "$(running)" ]
}

signal_all() { # signal
  local role pid
  running | while read -r role pid; do
    kill "-$1" "$pid" 2>/dev/null || true
  done
}

# Ends the processes: asks first, and then does not ask. A process that is stopped hears it when it goes on. The
# coordinator may need its time: it writes a checkpoint.
end_processes() {
  signal_all TERM
  signal_all CONT
  if ! wait_until 100 runs_nothing && ! { coordinator_runs && echo "waiting for the coordinator's checkpoint" &&
    wait_until 600 runs_nothing; }; then
    signal_all KILL
    wait_until 50 runs_nothing || echo "local-cluster.sh: still running: $(running | tr '\n' ';')" >&2
  fi
}

coordinator_runs() {
  running | grep -q '^coordinator '
}

# Removes the shared memory that a coordinator of ours left when it was killed: its log names the folder.
remove_shared_memory() { # run folder
  local folder
  folder=$(sed -n 's|^.* shared memory in \(/dev/shm/tutti-[0-9a-f]\{32\}\)$|\1|p' "$1/logs/coordinator.log" \
    2>/dev/null | tail -n 1)
  [ -z "$folder" ] || [ ! -d "$folder" ] || rm -rf "$folder"
}

# Removes the state; what the coordinator printed goes to the run's other logs.
forget() {
  local run
  run=$(cat "$state/run" 2>/dev/null || true)
  if [ -n "$run" ] && [ -d "$run/logs" ]; then
    cat "$state/coordinator.err" "$state/coordinator.out" >"$run/logs/coordinator.out" || true
    remove_shared_memory "$run"
  fi
  rm -rf "$state"
  rmdir "$(dirname "$state")" 2>/dev/null || true
}

# ---- start

give_up() { # what failed, a file that may say why, exit code
  echo "local-cluster.sh: $1; the end of its output:" >&2
  quote_tail "$2"
  end_processes
  forget
  exit "$3"
}

# Ends also a child that was started a moment ago and is not remembered yet.
interrupted() {
  local pid
  trap '' INT TERM HUP
  for pid in $(jobs -p); do
    kill "$pid" 2>/dev/null || true
  done
  end_processes
  forget
  exit 130
}

# Says that a child ended that should not have, and gives up with its exit code.
child_ended() { # name, pid, a file that may say why
  local code=0
  wait "$2" || code=$?
  give_up "$1 ended" "$3" $((code == 0 ? 1 : code))
}

start() {
  local workers=4 processes='' relays=0 options=() worker_options=()
  while [ $# -gt 0 ]; do
    case $1 in
      --workers | --processes | --relays | --name | --kernel) [ $# -ge 2 ] || refuse "$1 needs a value" ;;
    esac
    case $1 in
      --workers) workers=$2 && shift 2 ;;
      --workers=*) workers=${1#*=} && shift ;;
      --processes) processes=$2 && shift 2 ;;
      --processes=*) processes=${1#*=} && shift ;;
      --relays) relays=$2 && shift 2 ;;
      --relays=*) relays=${1#*=} && shift ;;
      --name) name=$2 && shift 2 ;;
      --name=*) name=${1#*=} && shift ;;
      --kernel) options+=("$1" "$2") && worker_options+=("$1" "$2") && shift 2 ;;
      --kernel=*) options+=("$1") && worker_options+=("$1") && shift ;;
      --listen* | --start-workers*) refuse "${1%%=*} is set by this script: leave it out" ;;
      -h | --help) usage && exit 0 ;;
      *) options+=("$1") && shift ;;
    esac
  done
  require_count --workers "$workers"
  processes=${processes:-$workers}
  require_count --processes "$processes"
  [ "$processes" -le "$workers" ] || refuse "--processes must be at most the $workers workers, was $processes"
  [ "$relays" = 0 ] || require_count --relays "$relays"
  [ "$relays" -le "$processes" ] || refuse "--relays must be at most the $processes worker processes, was $relays"
  use_name
  "$tutti" --version >/dev/null # builds on first use, or says what is missing
  claim_state
  printf '%s\n' "$workers" >"$state/workers"
  # From here on nothing may stay behind.
  trap interrupted INT TERM HUP
  start_coordinator "$workers" ${options[@]+"${options[@]}"}
  start_relays "$relays"
  start_workers "$workers" "$processes" ${worker_options[@]+"${worker_options[@]}"}
  trap - INT TERM HUP
  local through=''
  [ "$relays" = 0 ] || through=" through $relays relay(s)"
  echo "$workers worker(s) in $processes process(es) work for 127.0.0.1:$port$through; the run is in $run"
}

claim_state() {
  mkdir -p "$(dirname "$state")"
  if ! mkdir "$state" 2>/dev/null; then
    [ -d "$state" ] || refuse "cannot make the folder $state"
    if runs_nothing; then
      refuse "the last run of cluster \"$name\" has ended: clear it with local-cluster.sh stop${flag}"
    fi
    refuse "cluster \"$name\" runs already: end it with local-cluster.sh stop${flag}, or start another with --name"
  fi
}

# Starts the coordinator and waits until it listens; sets port and run.
start_coordinator() { # workers, options
  local workers=$1
  shift
  : >"$state/coordinator.err"
  nohup "$tutti" coordinator --listen 127.0.0.1:0 --start-workers "$workers" "$@" \
    </dev/null >"$state/coordinator.out" 2>"$state/coordinator.err" &
  coordinator=$!
  remember_process coordinator "$coordinator"
  listens_or_ended() { port_in "$state/coordinator.err" >"$state/port" || runs_nothing; }
  # Reading a large dataset comes first, and takes as long as it takes.
  if ! wait_until 6000 listens_or_ended; then
    give_up "the coordinator does not listen after 10 minutes" "$state/coordinator.err" 1
  fi
  if [ ! -s "$state/port" ]; then
    child_ended "the coordinator" "$coordinator" "$state/coordinator.err"
  fi
  port=$(cat "$state/port")
  run=$(run_folder_in "$state/coordinator.err")
  printf '%s\n' "$run" >"$state/run"
}

# Starts the relay processes and waits until all listen; sets ports, where the workers are to join.
start_relays() { # relays
  local i pid
  ports=("$port")
  for ((i = 0; i < $1; i++)); do
    : >"$state/relay-$i.err"
    nohup "$tutti" relay --coordinator "127.0.0.1:$port" --listen 127.0.0.1:0 --log "$run/logs/relay-$i.log" \
      </dev/null >/dev/null 2>"$state/relay-$i.err" &
    pid=$!
    remember_process "relay-$i" "$pid"
    relay_listens_or_ended() {
      sed -n 's/^listening on .*:\([0-9][0-9]*\), for .*/\1/p' "$state/relay-$i.err" | grep . >"$state/relay-port" ||
        ! identity_of "$pid" >/dev/null
    }
    if ! wait_until 600 relay_listens_or_ended; then
      give_up "relay $i does not listen after a minute" "$state/relay-$i.err" 1
    elif [ ! -s "$state/relay-port" ]; then
      child_ended "relay $i" "$pid" "$state/relay-$i.err"
    fi
    ports[i]=$(cat "$state/relay-port")
  done
}

# Starts the worker processes and waits until all have joined.
start_workers() { # workers, processes, options
  local workers=$1 processes=$2 pids=() i share
  shift 2
  for ((i = 0; i < processes; i++)); do
    share=$((workers * (i + 1) / processes - workers * i / processes))
    # shellcheck disable=SC2094 # both append
    nohup "$tutti" worker --coordinator "127.0.0.1:${ports[i % ${#ports[@]}]}" --workers "$share" \
      --log "$run/logs/worker-$i.log" "$@" </dev/null >>"$run/logs/worker-$i.log" 2>&1 &
    pids+=($!)
    remember_process "worker-$i" $!
  done
  for ((i = 0; i < processes; i++)); do
    joined_or_ended() {
      has_joined "$i" || ! identity_of "${pids[i]}" >/dev/null || ! identity_of "$coordinator" >/dev/null
    }
    if ! wait_until 600 joined_or_ended; then
      give_up "worker process $i has not joined after a minute" "$run/logs/worker-$i.log" 1
    elif ! has_joined "$i"; then
      if identity_of "$coordinator" >/dev/null; then
        child_ended "worker process $i" "${pids[i]}" "$run/logs/worker-$i.log"
      fi
      child_ended "the coordinator" "$coordinator" "$state/coordinator.err"
    fi
  done
}

has_joined() {
  grep -q 'member of the run as' "$run/logs/worker-$1.log" 2>/dev/null
}

# ---- status, logs, stop

status() {
  local run coordinator='' workers relays alive
  [ -d "$state" ] || { echo "no cluster \"$name\"" && exit 3; }
  run=$(cat "$state/run" 2>/dev/null || true)
  alive=$(running)
  coordinator=$(sed -n 's/^coordinator //p' <<<"$alive")
  workers=$(grep -c '^worker-' <<<"$alive" || true)
  if [ -n "$coordinator" ] && [ ! -s "$state/port" ]; then
    echo "coordinator   starting, pid $coordinator"
  elif [ -n "$coordinator" ]; then
    echo "coordinator   running, pid $coordinator, 127.0.0.1:$(cat "$state/port")"
  else
    echo "coordinator   ended"
  fi
  relays=$(grep -c '^relay-' "$state/processes" || true)
  [ "$relays" = 0 ] || echo "relays        $(grep -c '^relay-' <<<"$alive" || true) of $relays processes running"
  echo "workers       $workers of $(grep -c '^worker-' "$state/processes" || true) processes running"
  echo "run           ${run:-none}"
  last_step "$run"
  if [ -n "$run" ] && [ -f "$run/summary.json" ]; then
    echo "complete"
    cat "$state/coordinator.out"
  elif [ -z "$coordinator" ]; then
    failed "$run"
  fi
}

# Says how a run ended whose coordinator is gone, and how to go on.
failed() { # run folder
  local cause="the coordinator was killed"
  ! grep -q '^stopped after step' "$state/coordinator.err" || cause="the coordinator was stopped"
  ! grep -q '^tutti: ' "$state/coordinator.err" || cause="the coordinator gave up"
  echo "the run failed: $cause; the end of its output:"
  quote_tail "$state/coordinator.err"
  [ -n "$1" ] || exit 1
  remove_shared_memory "$1"
  if ls "$1"/checkpoints/step-*.safetensors >/dev/null 2>&1; then
    echo "to go on, on this machine and with as many workers:"
    printf '  local-cluster.sh stop%s && tutti resume %q --workers %s --processes %s\n' "$flag" "$1" \
      "$(cat "$state/workers")" "$(grep -c '^worker-' "$state/processes")"
  else
    echo "there is no checkpoint to go on with: local-cluster.sh stop$flag, and start again"
  fi
  exit 1
}

# Prints step and loss of the last whole line of the step log.
last_step() {
  local line
  if [ ! -s "$1/steps.jsonl" ]; then
    echo "step          none yet"
    return
  fi
  line=$(tail -n 2 "$1/steps.jsonl" | grep '}$' | tail -n 1)
  sed -n 's/^{"step":\([0-9]*\),"epoch":\([0-9]*\),"loss":\([^,]*\),.*/\1 \2 \3/p' <<<"$line" |
    while read -r step epoch loss; do
      echo "step          $step, in epoch $((epoch + 1)), loss $loss"
    done
}

logs() {
  local run files=() file
  [ -d "$state" ] || refuse "no cluster \"$name\""
  run=$(cat "$state/run" 2>/dev/null || true)
  for file in "$state"/coordinator.err "$state"/coordinator.out ${run:+"$run"/logs/*}; do
    [ ! -f "$file" ] || files+=("$file")
  done
  if [ "$follow" = true ]; then
    exec tail -n +1 -F "${files[@]}"
  fi
  tail -n +1 "${files[@]}"
}

stop() {
  local count
  [ -d "$state" ] || { echo "no cluster \"$name\": nothing to stop" && return; }
  count=$(running | grep -c . || true)
  end_processes
  echo "stopped $count process(es); the run stays in $(cat "$state/run" 2>/dev/null || echo "no folder")"
  forget
}

# ---- the command line

# Sets where the state of the cluster is, and what names it on a command line.
use_name() {
  case $name in
    '' | .* | -* | *[!A-Za-z0-9._-]*) refuse "--name takes letters, digits, '.', '_' and '-', was \"$name\"" ;;
  esac
  state=${XDG_STATE_HOME:-${HOME:?is not set, nor is XDG_STATE_HOME}/.local/state}/tutti/$name
  flag=
  [ "$name" = default ] || flag=" --name $name"
}

name=default
command=${1:-}
[ $# -eq 0 ] || shift
case $command in
  start) start "$@" ;;
  status | logs | stop)
    follow=false
    while [ $# -gt 0 ]; do
      case $1 in
        --name) [ $# -ge 2 ] || refuse "$1 needs a value" && name=$2 && shift 2 ;;
        --name=*) name=${1#*=} && shift ;;
        -f | --follow) [ "$command" = logs ] || refuse "$command has no option $1" && follow=true && shift ;;
        -h | --help) usage && exit 0 ;;
        *) refuse "unknown option \"$1\"; see local-cluster.sh --help" ;;
      esac
    done
    use_name
    "$command"
    ;;
  -h | --help | help) usage ;;
  '') usage >&2 && exit 2 ;;
  *) refuse "unknown command \"$command\": expected start, status, logs or stop" ;;
esac
