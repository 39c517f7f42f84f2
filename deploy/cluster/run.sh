# shellcheck shell=bash disable=SC2154 # cluster.sh has what is not assigned here
# The coordinator here, the workers there, and the end of both. To be sourced by cluster.sh.

coordinator='' shower='' checking='' certifying='' told=() run='' folder_told=''

# Begins to look whether a run could begin, while the hosts are looked at: a wrong option costs no copying.
begin_check() {
  "$distribution/bin/tutti" "${command[@]}" --check --listen "$listen" --insecure --start-workers "$workers" \
    ${options[@]+"${options[@]}"} </dev/null >"$scratch/check.out" 2>&1 &
  checking=$!
}

finish_check() {
  local code=0
  wait "$checking" || code=$?
  checking=''
  if [ "$code" -ne 0 ]; then
    grep -v '^warning: --insecure' "$scratch/check.out" >&2 || true
    exit "$code"
  fi
}

# Begins to make a CA and certificates in the scratch folder, for this machine and each host.
begin_certificates() {
  local i names=''
  [ "$insecure" = false ] || return 0
  for i in "${!hosts[@]}"; do
    names="$names worker-$i"
  done
  # shellcheck disable=SC2086 # words
  "$distribution/bin/tutti" certs --dir "$scratch/certs" "coordinator=$(names_of_this_machine)" $names \
    >"$scratch/certs.out" 2>&1 &
  certifying=$!
}

finish_certificates() {
  [ -n "$certifying" ] || return 0
  wait "$certifying" || {
    quote_tail "$scratch/certs.out" 5
    die 11 "cannot make certificates: see above"
  }
  certifying=''
}

# Prints all names and addresses by which hosts may reach this machine, with commas.
names_of_this_machine() {
  local host=${listen%:*} name
  {
    hostname
    hostname -f
    hostname -I | tr ' ' '\n'
    printf '%s\n' "${address//[\[\]]/}" "${host//[\[\]]/}"
  } 2>/dev/null | sort -u | while IFS= read -r name; do
    case $name in
      '' | 0.0.0.0 | :: | localhost | 127.0.0.1 | *[!A-Za-z0-9._:-]*) ;;
      *) printf '%s,' "$name" ;;
    esac
  done
  echo localhost
}

# ---- the coordinator

# Starts the coordinator and waits until it listens; sets port and run.
start_coordinator() {
  local access=(--insecure)
  [ "$insecure" = true ] || access=(--certs "$scratch/certs/coordinator")
  mkfifo "$scratch/progress"
  : >"$scratch/coordinator.err"
  (
    close_controls
    show_progress
  ) <"$scratch/progress" &
  shower=$!
  (
    close_controls
    exec "$distribution/bin/tutti" "${command[@]}" --listen "$listen" --start-workers "$workers" "${access[@]}" \
      ${options[@]+"${options[@]}"}
  ) </dev/null 2>"$scratch/progress" &
  coordinator=$!
  # Reading a large dataset comes first, and takes as long as it takes.
  wait_until 6000 listens_or_ended || die 1 "the coordinator does not listen after 10 minutes"
  if [ ! -s "$scratch/port" ]; then
    end_of_coordinator
    exit $((code == 0 ? 1 : code))
  fi
  port=$(cat "$scratch/port")
  run=$(run_folder_in "$scratch/coordinator.err")
  folder_told=$(folder_in "$scratch/coordinator.err")
  remember
}

# Shows the coordinator's lines. Its advice to go on is for a coordinator without hosts: this script has its own.
show_progress() {
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line%%; to go on: tutti resume *}
    line=${line//tutti resume /$0 --resume }
    printf '%s\n' "$line" >&2
    printf '%s\n' "$line" >>"$scratch/coordinator.err"
  done
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
  wait_until 20 has_ended "$shower" || true
}

# ---- what a run remembers, to go on with it

# Writes down, in the run's folder, what this script was told.
remember() {
  {
    printf 'workers-per-host=%s\nlisten=%s\naddress=%s\nremote-dir=%s\ninsecure=%s\n' \
      "$workers_per_host" "$listen" "$address" "$remote_folder" "$insecure"
  } >"$run/cluster.conf"
  cat "$hosts_file" >"$scratch/hosts.txt"
  cat "$scratch/hosts.txt" >"$run/hosts.txt"
}

# Takes what the run remembers, where the user says nothing else.
recall() {
  local name value
  [ -f "$resumed/cluster.conf" ] || [ -n "$hosts_file" ] ||
    refuse "$resumed is no run of cluster.sh: name its hosts with --hosts FILE"
  [ -n "$hosts_file" ] || hosts_file=$resumed/hosts.txt
  [ -f "$resumed/cluster.conf" ] || return 0
  while IFS='=' read -r name value; do
    case $name in
      workers-per-host) workers_per_host=${workers_per_host:-$value} ;;
      listen) listen=${listen:-$value} ;;
      address) address=${address:-$value} ;;
      remote-dir) remote_folder=${remote_folder:-$value} ;;
      insecure) insecure=${insecure:-$value} ;;
    esac
  done <"$resumed/cluster.conf"
}

# Prints an option of the run, as the coordinator has resolved it; nothing if it has none.
option_of_run() { # name
  sed -n "s/^$1 *= *\"\{0,1\}\([^\"]*\)\"\{0,1\}\$/\1/p" "$run/run.conf"
}

# Says how to go on with a run that has a checkpoint and is not over. One that has diverged would do so again.
advise() { # exit code
  local checkpoint
  [ "$1" -ne 0 ] && [ "$1" -ne 5 ] && [ -n "$run" ] && [ ! -f "$run/summary.json" ] || return 0
  for checkpoint in "$run"/checkpoints/*.safetensors; do
    [ -f "$checkpoint" ] || return 0
    printf 'cluster.sh: to go on: %q --resume %q\n' "$0" "$folder_told" >&2
    return 0
  done
}

# ---- the workers

# What is computed, and who gets in, must be the same at both ends, whether a file or the command line says it.
start_workers() {
  local i name value common=(--insecure)
  [ "$insecure" = true ] || common=()
  for name in kernel precision; do
    value=$(option_of_run "$name")
    [ -z "$value" ] || common+=("--$name" "$value")
  done
  for i in "${usable[@]}"; do
    log_of "$i" >"$scratch/log-$i"
    [ "$insecure" = true ] || send_certificate "$i"
    send_token "$i"
    order "$i" work "$(address_for_hosts)" "$port" --workers "${host_workers[i]}" --name "${hosts[i]}" \
      ${common[@]+"${common[@]}"} .
  done
  for i in "${!hosts[@]}"; do
    told+=(false)
  done
}

send_certificate() { # index of the host
  local file
  for file in ca.crt tls.crt tls.key; do
    order "$1" file "$file" "$(cat "$scratch/certs/worker-$1/$file")" .
  done
}

send_token() { # index of the host
  local file
  file=$(option_of_run token-file)
  if [ -n "$file" ]; then
    order "$1" file token "$(cat "$file")" .
  elif [ -n "${TUTTI_TOKEN:-}" ]; then
    order "$1" file token "$TUTTI_TOKEN" .
  fi
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

log_of() { # index of the host
  printf '%s/logs/worker-%s-%s.log\n' "$run" "$1" "${hosts[$1]//[^A-Za-z0-9._-]/_}"
}

# ---- the run, and its end

# Waits for the coordinator, telling of hosts that are lost on the way; sets code.
watch_run() {
  local i alive abandoned=false
  until has_ended "$coordinator"; do
    alive=0
    for i in "${usable[@]}"; do
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
  [ "$code" -le 128 ] || [ "$abandoned" = true ] || echo "cluster.sh: the coordinator ended with $code" >&2
  [ "$abandoned" = false ] || code=4
  # The workers have been told; they end by themselves.
  wait_until 50 sessions_ended || true
}

tell_of_end() { # index of the host
  local code=0 log
  wait "${sessions[$1]}" || code=$?
  [ "$code" -ne 0 ] || return 0
  if grep -q '^refused ' "$scratch/status-$1"; then
    echo "${hosts[$1]}: $(sed -n 's/^refused //p' "$scratch/status-$1")" >&2
    return
  fi
  echo "${hosts[$1]}: the worker process ended with $code; the end of its log:" >&2
  log=$(log_of "$1")
  [ -s "$log" ] || log=$scratch/said-$1
  quote_tail "$log" 5
}

# Ends everything that still runs, here and on the hosts, and removes the scratch folder.
finish() {
  local code=$?
  trap '' INT TERM HUP
  end_all TERM "$coordinator" "$checking" "$certifying" ${copies[@]+"${copies[@]}"}
  end_sessions
  if [ -n "$coordinator" ]; then
    end_coordinator
  fi
  if [ -n "$run" ] && [ -d "$run/logs" ]; then
    cat "$scratch/coordinator.err" >>"$run/logs/coordinator.out" || true
  fi
  advise "$code"
  rm -rf "$scratch"
}

# The last checkpoint of a large model may take a while.
end_coordinator() {
  wait_until 100 has_ended "$coordinator" || echo "cluster.sh: the coordinator still writes its checkpoint" >&2
  wait_until 1200 has_ended "$coordinator" || end_all KILL "$coordinator"
  wait_until 20 has_ended "$shower" || true
}

end_all() { # signal, processes
  local process signal=$1
  shift
  for process in "$@"; do
    [ -z "$process" ] || kill "-$signal" "$process" 2>/dev/null || true
  done
}
