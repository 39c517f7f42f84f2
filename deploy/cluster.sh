#!/usr/bin/env bash
# shellcheck disable=SC2317 # some functions are called by a trap or by wait_until only
#
# Runs a coordinator here and worker processes on other machines, by ssh, for as long as one run takes.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
distribution=${TUTTI_DISTRIBUTION:-$here/target/tutti}
# shellcheck source=deploy/cluster-functions.sh
. "$here/cluster-functions.sh"

usage() {
  cat <<'USAGE'
Usage: cluster.sh --hosts FILE [--workers-per-host N] [--listen HOST:PORT] [--address HOST]
                  [--remote-dir DIR] [--insecure] [training options]

Trains on several machines: copies the distribution to each host by ssh (once: a host that has it is left
alone), starts the coordinator here and a worker process on each host, shows the progress, and ends the
worker processes when the run is over, or at Ctrl-C. Each host's log goes to the run's folder as it is
written. The hosts need a JDK 25 and nothing else: data comes from the coordinator. Each run has a CA of its
own: every host gets its certificate by ssh, connections are mutual TLS, and nothing of it stays.

  --hosts FILE            a host on each line, as ssh takes it: name, user@name, or a Host of ~/.ssh/config;
                          "workers=N" behind it says how many workers it gets; "#" starts a comment
  --workers-per-host N    workers of a host whose line does not say (default: 1)
  --listen HOST:PORT      where the coordinator listens (default: 0.0.0.0:0, all addresses, a free port)
  --address HOST          this machine as the hosts reach it (default: the HOST of --listen, or, where that
                          means all addresses, the address that each host's ssh connection comes from)
  --remote-dir DIR        where the distribution goes, below the remote home folder unless it starts with /
                          (default: .cache/tutti/distribution)
  --insecure              plaintext, without certificates

Any other option goes to the coordinator: see tutti coordinator --help.
TUTTI_SSH is the command to reach a host with (default: ssh -o BatchMode=yes -o ConnectTimeout=10).
The script ends with the coordinator's exit code.

Example of a hosts file:
  # the lab
  lab1.example.org
  lab2.example.org   workers=8
  ada@lab3           workers=2

Examples:
  deploy/cluster.sh --hosts hosts.txt --data fashion-mnist --shards 8 --epochs 10
  deploy/cluster.sh --hosts hosts.txt --listen 10.0.0.5:4700 --workers-per-host 4 --shards 16
USAGE
}

# ---- the command line

hosts_file='' workers_per_host=1 listen=0.0.0.0:0 address='' remote_folder=.cache/tutti/distribution
insecure=false
options=() kernel=()

read_options() {
  while [ $# -gt 0 ]; do
    case $1 in
      --hosts | --workers-per-host | --listen | --address | --remote-dir | --kernel)
        [ $# -ge 2 ] || refuse "$1 needs a value"
        read_option "$1" "$2"
        shift 2
        ;;
      --hosts=* | --workers-per-host=* | --listen=* | --address=* | --remote-dir=* | --kernel=*)
        read_option "${1%%=*}" "${1#*=}"
        shift
        ;;
      --start-workers*) refuse "--start-workers is the number of all workers here: leave it out" ;;
      --insecure) insecure=true && shift ;;
      --certs*) refuse "the certificates of a run are made here: leave --certs out" ;;
      -h | --help) usage && exit 0 ;;
      *) options+=("$1") && shift ;;
    esac
  done
  [ -n "$hosts_file" ] || refuse "--hosts FILE is needed; see cluster.sh --help"
  require_count --workers-per-host "$workers_per_host"
  [[ $listen =~ ^.+:[0-9]{1,5}$ ]] ||
    refuse "--listen must be HOST:PORT such as 0.0.0.0:4700, was \"$listen\""
  [ -n "$remote_folder" ] || refuse "--remote-dir must not be empty"
}

read_option() { # name, value
  case $1 in
    --hosts) hosts_file=$2 ;;
    --workers-per-host) workers_per_host=$2 ;;
    --listen) listen=$2 ;;
    --address) address=$2 ;;
    --remote-dir) remote_folder=$2 ;;
    --kernel) kernel=(--kernel "$2") ;; # for the workers, and checked by the coordinator too
  esac
}

hosts=() host_workers=() workers=0

read_hosts() {
  local line number=0 words word count
  [ -f "$hosts_file" ] || refuse "no file $hosts_file"
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    line=${line%$'\r'}
    read -ra words <<<"${line%%#*}"
    [ ${#words[@]} -gt 0 ] || continue
    case ${words[0]} in
      # A name that starts with a dash would be an option of ssh.
      -* | *[!A-Za-z0-9._:@%-]*) refuse "$hosts_file, line $number: \"${words[0]}\" is no host name" ;;
    esac
    count=$workers_per_host
    for word in "${words[@]:1}"; do
      case $word in
        workers=*) count=${word#workers=} && require_count "$hosts_file, line $number: workers" "$count" ;;
        *) refuse "$hosts_file, line $number: expected workers=N behind the host, found \"$word\"" ;;
      esac
    done
    hosts+=("${words[0]}")
    host_workers+=("$count")
    workers=$((workers + count))
  done <"$hosts_file"
  [ ${#hosts[@]} -gt 0 ] || refuse "$hosts_file names no host"
}

# ---- what happens on a host

read -ra ssh <<<"${TUTTI_SSH:-ssh -o BatchMode=yes -o ConnectTimeout=10}"

# Prints a word so that any shell reads it back as it is.
quoted() {
  printf "'%s'" "${1//\'/\'\\\'\'}"
}

# Prints the command by which a host runs a script of the POSIX shell, whatever shell its user has.
command_for() { # script, arguments
  local word
  printf 'sh -c %s tutti' "$(quoted "$1")"
  shift
  for word in "$@"; do
    printf ' %s' "$(quoted "$word")"
  done
}

# Runs a script on a host and waits for it; standard input goes along.
on_host() { # host, script, arguments
  local host=$1
  shift
  "${ssh[@]}" "$host" "$(command_for "$@")"
}

# Has the host this distribution? Then its Java says so. $1 folder, $2 digest of the distribution.
# shellcheck disable=SC2016 # expands on the host
readonly look='
  cd "$1/dist-$2" 2>/dev/null || { echo absent; exit 0; }
  bin/tutti --version >/dev/null && echo present'

# Takes the distribution from standard input; it appears whole or not at all, and earlier ones go.
# shellcheck disable=SC2016 # expands on the host
readonly receive='
  set -e
  mkdir -p "$1" && cd "$1"
  part=$(mktemp -d "part-XXXXXX")
  trap "rm -rf \"$part\"" EXIT
  tar -xf - -C "$part"
  [ -d "dist-$2" ] || mv "$part" "dist-$2"
  for other in dist-*; do
    [ "$other" = "dist-$2" ] || rm -rf "$other"
  done
  "dist-$2/bin/tutti" --version >/dev/null'

# Takes a certificate from standard input, into a folder that is the user's alone.
# shellcheck disable=SC2016 # expands on the host
readonly receive_certificate='
  set -e
  umask 077
  rm -rf "$1/$2"
  mkdir -p "$1/$2" && cd "$1/$2"
  tar -xf -'

# Runs a worker process until it ends, or until standard input does: then whoever started it is gone.
# The log passes through cat, since standard output may be a socket, which cannot be opened by name; the
# worker's exit code takes the way around it.
# shellcheck disable=SC2016 # expands on the host
readonly work='
  command=$1/dist-$2/bin/tutti; address=$3; port=$4; certificate=$1/$5; shift 5
  if [ "$address" = - ]; then
    address=${SSH_CONNECTION%% *}
    [ -n "$address" ] || { echo "tutti: ssh does not tell where it comes from: use --address"; exit 2; }
  fi
  exec 3<&0 4>&1
  code=$({ {
    "$command" worker --coordinator "$address:$port" --log /dev/stdout "$@" \
      </dev/null 2>&1 3<&- 4>&- 5>&- &
    worker=$!
    {
      while read -r _; do :; done <&3
      kill "$worker"
      sleep 5
      kill -9 "$worker"
    } >/dev/null 2>&1 4>&- 5>&- &
    watcher=$!
    code=0
    wait "$worker" || code=$?
    kill "$watcher" 2>/dev/null
    echo "$code" >&5
  } | cat >&4; } 5>&1)
  rm -rf "$certificate"
  exit "$code"'

# Makes a CA and certificates in the scratch folder, and brings each host its own.
make_certificates() {
  local i names=''
  [ "$insecure" = false ] || return 0
  for i in "${!hosts[@]}"; do
    names="$names worker-$i"
  done
  # shellcheck disable=SC2086 # words
  "$distribution/bin/tutti" certs --dir "$scratch/certs" "coordinator=$(names_of_this_machine)" $names \
    >"$scratch/certs.out" || die 11 "cannot make certificates: see above"
  for i in "${!hosts[@]}"; do
    tar -C "$scratch/certs/worker-$i" -cf - . |
      on_host "${hosts[i]}" "$receive_certificate" "$remote_folder" "$(certificate_of "$i")" ||
      die 7 "cannot copy a certificate to ${hosts[i]}: see above"
  done
}

# Prints what the folder of a host's certificate is called there; several hosts may share a home folder.
certificate_of() { # index of the host
  printf 'certs-%s-%s\n' "${scratch##*.}" "$1"
}

# Prints all names and addresses by which hosts may reach this machine, with commas.
names_of_this_machine() {
  local host=${listen%:*} name
  {
    hostname
    hostname -f
    hostname -I | tr ' ' '\n'
    printf '%s\n' "$address" "${host//[\[\]]/}"
  } 2>/dev/null | sort -u | while IFS= read -r name; do
    case $name in
      '' | 0.0.0.0 | :: | localhost | 127.0.0.1 | *[!A-Za-z0-9._:-]*) ;;
      *) printf '%s,' "$name" ;;
    esac
  done
  echo localhost
}

copy_distribution() {
  local host found
  for host in "${hosts[@]}"; do
    if ! found=$(on_host "$host" "$look" "$remote_folder" "$digest" </dev/null); then
      die 7 "host $host cannot be used: see above"
    fi
    if [ "$found" != present ]; then
      echo "cluster.sh: copying the distribution to $host" >&2
      tar -C "$distribution" -cf - . | on_host "$host" "$receive" "$remote_folder" "$digest" ||
        die 7 "cannot copy the distribution to $host, or run it there: see above"
    fi
  done
}

# Prints what names this very distribution: a hash of all names and contents.
digest_of_distribution() {
  (cd "$distribution" && find . -type f ! -name .built -print | LC_ALL=C sort |
    while IFS= read -r file; do
      printf '%s ' "$file"
      cksum <"$file"
    done | cksum | tr ' ' '-')
}

# ---- the run

coordinator='' echo='' sessions=() told=()

# Starts the coordinator and waits until it listens; sets port and run.
start_coordinator() {
  mkfifo "$scratch/progress"
  tee "$scratch/coordinator.err" <"$scratch/progress" >&2 9>&- &
  echo=$!
  local access=(--insecure)
  [ "$insecure" = true ] || access=(--certs "$scratch/certs/coordinator")
  "$distribution/bin/tutti" coordinator --listen "$listen" --start-workers "$workers" "${access[@]}" \
    ${kernel[@]+"${kernel[@]}"} ${options[@]+"${options[@]}"} \
    </dev/null 2>"$scratch/progress" 9>&- &
  coordinator=$!
  : >>"$scratch/coordinator.err"
  # Reading a large dataset comes first, and takes as long as it takes.
  wait_until 6000 listens_or_ended || die 1 "the coordinator does not listen after 10 minutes"
  if [ ! -s "$scratch/port" ]; then
    end_of_coordinator
    exit $((code == 0 ? 1 : code))
  fi
  port=$(cat "$scratch/port")
  run=$(run_folder_in "$scratch/coordinator.err")
}

listens_or_ended() {
  port_in "$scratch/coordinator.err" >"$scratch/port" || has_ended "$coordinator"
}

has_ended() { # process
  ! identity_of "$1" >/dev/null
}

# Takes the exit code of the coordinator, which has ended, and lets its last lines through; sets code.
end_of_coordinator() {
  code=0
  wait "$coordinator" || code=$?
  coordinator=''
  wait_until 20 has_ended "$echo" || true
}

start_workers() {
  local i access
  for i in "${!hosts[@]}"; do
    access=(--insecure)
    [ "$insecure" = true ] || access=(--certs "$remote_folder/$(certificate_of "$i")")
    "${ssh[@]}" "${hosts[i]}" "$(command_for "$work" "$remote_folder" "$digest" "$(address_for_hosts)" "$port" \
      "$(certificate_of "$i")" "${access[@]}" --workers "${host_workers[i]}" ${kernel[@]+"${kernel[@]}"})" \
      <"$scratch/hold" >"$(log_of "$i")" 2>&1 9>&- &
    sessions+=($!)
    told+=(false)
  done
}

# Prints where the hosts find the coordinator; "-" if each host's own ssh connection tells.
address_for_hosts() {
  local host=${listen%:*}
  case $address,$host in
    ,0.0.0.0 | ,:: | ,'[::]') echo - ;;
    ,*) printf '%s\n' "$host" ;;
    *) printf '%s\n' "$address" ;;
  esac
}

log_of() {
  printf '%s/logs/worker-%s-%s.log\n' "$run" "$1" "${hosts[$1]//[^A-Za-z0-9._-]/_}"
}

# Waits for the coordinator, telling of hosts that are lost on the way; sets code.
watch_run() {
  local i alive abandoned=false
  until has_ended "$coordinator"; do
    alive=0
    for i in "${!sessions[@]}"; do
      if ! has_ended "${sessions[i]}"; then
        alive=$((alive + 1))
      elif [ "${told[i]}" = false ]; then
        told[i]=true
        tell_of_end "$i"
      fi
    done
    if [ "$alive" -eq 0 ] && ! wait_until 100 has_ended "$coordinator"; then
      echo "cluster.sh: no host works any more: ending the coordinator" >&2
      end_all TERM "$coordinator"
      abandoned=true
    fi
    sleep 0.2
  done
  end_of_coordinator
  [ "$abandoned" = false ] || code=4
  # The workers have been told; they end by themselves.
  wait_until 50 sessions_ended || true
}

tell_of_end() { # index of the host
  local code=0
  wait "${sessions[$1]}" || code=$?
  if [ "$code" -ne 0 ]; then
    echo "cluster.sh: the worker process on ${hosts[$1]} ended with $code; the end of its log:" >&2
    quote_tail "$(log_of "$1")" 5
  fi
}

# Ends whatever still runs, here and on the hosts, and removes the scratch folder.
finish() {
  trap '' INT TERM HUP
  end_all TERM "$coordinator"
  # The sessions' standard input ends: each host ends its worker process and then its session.
  exec 9>&-
  if ! wait_until 100 sessions_ended; then
    end_all TERM ${sessions[@]+"${sessions[@]}"}
    wait_until 50 sessions_ended || echo "cluster.sh: some ssh sessions do not end" >&2
  fi
  if [ -n "$coordinator" ] && ! wait_until 100 has_ended "$coordinator"; then
    end_all KILL "$coordinator"
  fi
  if [ -n "${run:-}" ] && [ -d "$run/logs" ]; then
    cp "$scratch/coordinator.err" "$run/logs/coordinator.out" || true
  fi
  rm -rf "$scratch"
}

end_all() { # signal, processes
  local process signal=$1
  shift
  for process in "$@"; do
    [ -z "$process" ] || kill "-$signal" "$process" 2>/dev/null || true
  done
}

sessions_ended() {
  local session
  for session in ${sessions[@]+"${sessions[@]}"}; do
    has_ended "$session" || return 1
  done
}

read_options "$@"
read_hosts
if [ -z "${TUTTI_DISTRIBUTION:-}" ]; then
  "$here/../tutti" --version >/dev/null # builds on first use, or says what is missing
fi
digest=$(digest_of_distribution)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/tutti-cluster.XXXXXX")
# The sessions read from this pipe. Nobody writes; it ends when this script does, however that happens.
mkfifo "$scratch/hold"
exec 9<>"$scratch/hold"
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
copy_distribution
make_certificates
start_coordinator
start_workers
watch_run
exit "$code"
