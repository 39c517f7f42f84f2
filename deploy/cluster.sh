#!/usr/bin/env bash
# shellcheck disable=SC2317 # some functions are called by a trap or by wait_until only
#
# Runs a coordinator here and worker processes on other machines, by ssh, for as long as one run takes.
set -euo pipefail

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=deploy/cluster-functions.sh
. "$here/cluster-functions.sh"
# shellcheck source=deploy/cluster/machine.sh
. "$here/cluster/machine.sh"
# shellcheck source=deploy/cluster/hosts.sh
. "$here/cluster/hosts.sh"
# shellcheck source=deploy/cluster/sessions.sh
. "$here/cluster/sessions.sh"
# shellcheck source=deploy/cluster/distribution.sh
. "$here/cluster/distribution.sh"
# shellcheck source=deploy/cluster/run.sh
. "$here/cluster/run.sh"

usage() {
  cat <<'USAGE'
Usage: cluster.sh --hosts FILE [--workers-per-host N] [--listen HOST:PORT] [--address HOST]
                  [--remote-dir DIR] [--skip-unreachable] [--insecure] [training options]
       cluster.sh --resume RUN [--hosts FILE] [the same options] [options of tutti resume]

Trains on several machines: looks at all hosts, copies the distribution by ssh to those that do not have it,
starts the coordinator here and a worker process on each host, shows the progress, and ends the worker
processes when the run is over, or at Ctrl-C. Each host's log goes to the run's folder as it is written. The
hosts need a JDK 25 and nothing else: data comes from the coordinator. Each run has a CA of its own: every host
gets its certificate by ssh, connections are mutual TLS, and nothing of it stays.

  --hosts FILE            a host on each line; see below
  --resume RUN            goes on with a run of this script that was stopped or has failed; its hosts and the
                          options of this script are as before, where nothing else is said
  --workers-per-host N    workers of a host whose line does not say (default: 1)
  --listen HOST:PORT      where the coordinator listens (default: 0.0.0.0:0, all addresses, a free port)
  --address HOST          this machine as the hosts reach it (default: the HOST of --listen, or, where that
                          means all addresses, the address that each host's ssh connection comes from)
  --remote-dir DIR        where the distribution goes, below the remote home folder unless it starts with /
                          (default: .cache/tutti/distribution)
  --skip-unreachable      goes on without the hosts that cannot be used
  --insecure              plaintext, without certificates

Any other option goes to the coordinator: see tutti coordinator --help, or tutti resume --help.
TUTTI_SSH is the command to reach a host with (default: ssh -o BatchMode=yes -o ConnectTimeout=10).
The script ends with the coordinator's exit code, or with 7 if hosts cannot be used.

A line of the hosts file has a host as ssh takes it: name, user@name, ssh://user@name:port, an IPv6 address, or a
Host of ~/.ssh/config. Behind it may be workers=N, and java=PATH, the host's JDK 25. "#" starts a comment.

  # the lab
  lab1.example.org
  lab2.example.org   workers=8 java=/opt/jdk-25
  ada@lab3           workers=2

Examples:
  deploy/cluster.sh --hosts hosts.txt --data fashion-mnist --shards 8 --epochs 10
  deploy/cluster.sh --hosts hosts.txt --listen 10.0.0.5:4700 --workers-per-host 4 --shards 16
  deploy/cluster.sh --resume runs/fashion-mnist-20261122-101500
USAGE
}

# ---- the command line

hosts_file='' resumed='' workers_per_host='' listen='' address='' remote_folder='' insecure='' skip_unreachable=false
any_platform=false options=() command=(coordinator) workers=0

read_options() {
  while [ $# -gt 0 ]; do
    case $1 in
      --hosts | --resume | --workers-per-host | --listen | --address | --remote-dir | --kernel)
        [ $# -ge 2 ] || refuse "$1 needs a value"
        read_option "$1" "$2"
        shift 2
        ;;
      --hosts=* | --resume=* | --workers-per-host=* | --listen=* | --address=* | --remote-dir=* | --kernel=*)
        read_option "${1%%=*}" "${1#*=}"
        shift
        ;;
      --skip-unreachable) skip_unreachable=true && shift ;;
      --insecure) insecure=true && shift ;;
      --start-workers*) refuse "--start-workers is the number of all workers here: leave it out" ;;
      --certs*) refuse "the certificates of a run are made here: leave --certs out" ;;
      -h | --help) usage && exit 0 ;;
      *) options+=("$1") && shift ;;
    esac
  done
  if [ -n "$resumed" ]; then
    [ -d "$resumed" ] || refuse "--resume $resumed: there is no such folder"
    command=(resume "$resumed")
    recall
  fi
  workers_per_host=${workers_per_host:-1} listen=${listen:-0.0.0.0:0} insecure=${insecure:-false}
  remote_folder=${remote_folder:-.cache/tutti/distribution}
  [ -n "$hosts_file" ] || refuse "--hosts FILE is needed; see cluster.sh --help"
  require_count --workers-per-host "$workers_per_host"
  [[ $listen =~ ^.+:[0-9]{1,5}$ ]] ||
    refuse "--listen must be HOST:PORT such as 0.0.0.0:4700, was \"$listen\""
}

read_option() { # name, value
  [ -n "$2" ] || refuse "$1 must not be empty"
  case $1 in
    --hosts) hosts_file=$2 ;;
    --resume) resumed=${2%/} ;;
    --workers-per-host) workers_per_host=$2 ;;
    --listen) listen=$2 ;;
    --address) address=$2 ;;
    --remote-dir) remote_folder=$2 ;;
    --kernel)
      options+=(--kernel "$2")
      # The others have binaries for some platforms.
      [ "$2" != plain ] || any_platform=true
      ;;
  esac
}

count_workers() {
  local i
  workers=0
  for i in "$@"; do
    workers=$((workers + host_workers[i]))
  done
}

# How to reach a host. Copying notices by itself that a host has died; a session waits as long as TCP does, as workers
# come back after a link was cut.
read -ra ssh <<<"${TUTTI_SSH:-ssh -o BatchMode=yes -o ConnectTimeout=10}"
ssh_copy=("${ssh[@]}")
[ -n "${TUTTI_SSH:-}" ] || ssh_copy+=(-o ServerAliveInterval=10)

read_options "$@"
read_hosts "$hosts_file" "$workers_per_host"
count_workers "${!hosts[@]}"
prepare_distribution
digest=$(digest_of_distribution)
jvm_here=$(jvm_here)
kilobytes=$(kilobytes_needed)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/tutti-cluster.XXXXXX")
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
begin_check
begin_certificates
check_hosts
finish_check
finish_certificates
copy_distribution
count_workers "${usable[@]}"
start_coordinator
start_workers
watch_run
exit "$code"
