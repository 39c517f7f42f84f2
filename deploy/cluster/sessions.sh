# shellcheck shell=bash disable=SC2154 # cluster.sh has what is not assigned here
# One session of ssh with each host, from the first look at it to the end of the run. To be sourced by cluster.sh.
#
# A session runs on-host.sh, which takes orders from its standard input, a named pipe that this script alone holds open:
# when the script is gone, however that happens, each host ends its worker and removes what the run has there.

# Reads a script up to a line of its own and runs it. Login shells of all kinds read this as it is: it has no
# exclamation mark, no newline, no quote and no doubled backslash inside of its quotes.
# shellcheck disable=SC2016 # expands on the host
readonly bootstrap='exec sh -c '\''n=$(printf "\nx"); n=${n%x}; s=; while IFS= read -r l; do case $l in "#end") break;; esac; s=$s$l$n; done; eval "$s"'\'''

# How long a host may take to answer, in tenths of a second.
readonly answer_tenths_max=600

# The first of the descriptors that hold the sessions' pipes open.
readonly first_control=30

sessions=() ears=() usable=() left_out=()

# Prints what a session is sent first: the script, and a line for each argument.
script_and() { # part, index of the host, arguments
  local part=$1 index=$2
  shift 2
  grep -hv '^ *#' "$here/cluster/machine.sh" "$here/cluster/on-host.sh"
  printf '%s\n' '#end' "$part" "$remote_folder" "${scratch##*.}" "$index" "$@"
}

# Prints a word of the last line of a kind that a host has told; nothing if it told none.
status_of() { # index of the host, kind, number of the word
  [ ! -f "$scratch/status-$1" ] || sed -n "s/^$2 //p" "$scratch/status-$1" | tail -n 1 | cut -d ' ' -f "$(($3 - 1))"
}

is_usable() { # index of the host
  local i
  for i in ${usable[@]+"${usable[@]}"}; do
    [ "$i" != "$1" ] || return 0
  done
  return 1
}

# Closes what holds the sessions open, in a child that may outlive this script.
close_controls() {
  local i
  for i in ${hosts[@]+"${!hosts[@]}"}; do
    eval "exec $((first_control + i))>&-"
  done
}

# Sends lines to a host's session.
order() { # index of the host, lines
  local control=$((first_control + $1))
  shift
  printf '%s\n' "$@" >&"$control"
}

open_session() { # index of the host
  mkfifo "$scratch/orders-$1" "$scratch/told-$1"
  eval "exec $((first_control + $1))<>\"\$scratch/orders-$1\""
  (
    close_controls
    # shellcheck disable=SC2086 # words
    exec "${ssh[@]}" ${targets[$1]} "$bootstrap"
  ) <"$scratch/orders-$1" >"$scratch/told-$1" 2>&1 &
  sessions[$1]=$!
  (
    close_controls
    hear "$1"
  ) <"$scratch/told-$1" &
  ears[$1]=$!
  script_and hold "$1" "$any_platform" "$(platform)" "$jvm_here" "$digest" "$kilobytes" "${host_java[$1]}" \
    >&$((first_control + $1))
}

# Sorts what a session prints: the host's own lines, the worker's log, and all else that may say what is wrong.
hear() { # index of the host
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      'tutti-host: working') exec cat >>"$(cat "$scratch/log-$1")" ;;
      'tutti-host: '*) printf '%s\n' "${line#tutti-host: }" >>"$scratch/status-$1" ;;
      ?*) printf '%s\n' "$line" >>"$scratch/said-$1" ;;
    esac
  done
}

# Looks at all hosts at once, and names each that cannot be used.
check_hosts() {
  local i
  echo "cluster.sh: looking at ${#hosts[@]} host(s)" >&2
  for i in "${!hosts[@]}"; do
    open_session "$i"
  done
  wait_until "$answer_tenths_max" all_answered || true
  for i in "${!hosts[@]}"; do
    usable+=("$i")
  done
  for i in "${!hosts[@]}"; do
    require_ready "$i"
  done
  require_usable
}

all_answered() {
  local i
  for i in "${!hosts[@]}"; do
    [ -s "$scratch/status-$i" ] || has_ended "${sessions[i]}" || return 1
  done
}

require_ready() { # index of the host
  local code=0
  [ -z "$(status_of "$1" ready 2)" ] || return 0
  if ! has_ended "${sessions[$1]}" && [ ! -s "$scratch/status-$1" ]; then
    unusable "$1" "no answer within $((answer_tenths_max / 10)) s"
    return
  fi
  wait "${sessions[$1]}" || code=$?
  wait_until 20 has_ended "${ears[$1]}" || true
  if grep -q '^refused ' "$scratch/status-$1" 2>/dev/null; then
    unusable "$1" "$(sed -n 's/^refused //p' "$scratch/status-$1")"
  else
    unusable "$1" "$(reason_in "$scratch/said-$1" "its session ended with $code")"
  fi
}

# Prints the last line of what a session said, but for the one in which tar only refers to those before.
reason_in() { # file, reason if there is none
  local reason=''
  [ ! -f "$1" ] || reason=$(grep -v -e '^tutti-host: ' -e '^$' -e 'Exiting with failure status' "$1" | tail -n 1)
  printf '%s\n' "${reason:-$2}"
}

# Takes a host out of those that the run can use, and tells.
unusable() { # index of the host, reason
  local i kept=()
  for i in ${usable[@]+"${usable[@]}"}; do
    [ "$i" = "$1" ] || kept+=("$i")
  done
  usable=(${kept[@]+"${kept[@]}"})
  left_out+=("${hosts[$1]}")
  eval "exec $((first_control + $1))>&-"
  echo "${hosts[$1]}: cannot be used: $2" >&2
}

# Ends the script if a host cannot be used, unless the user goes on without.
require_usable() {
  [ ${#left_out[@]} -gt 0 ] || return 0
  if [ ${#usable[@]} -eq 0 ]; then
    die 7 "no host can be used: see above"
  elif [ "$skip_unreachable" = false ]; then
    die 7 "${#left_out[@]} of ${#hosts[@]} host(s) cannot be used: see above; --skip-unreachable goes on without them"
  fi
  echo "cluster.sh: left out: ${left_out[*]}" >&2
}

# Ends the sessions, and lets each host clean up; a session that has told nothing has nothing to clean up.
end_sessions() {
  local i
  for i in ${sessions[@]+"${!sessions[@]}"}; do
    eval "exec $((first_control + i))>&-"
    [ -f "$scratch/status-$i" ] || end_all TERM "${sessions[i]}"
  done
  if ! wait_until 100 sessions_ended; then
    end_all TERM ${sessions[@]+"${sessions[@]}"}
    wait_until 50 sessions_ended || echo "cluster.sh: some ssh sessions do not end" >&2
  fi
}

sessions_ended() {
  local session
  for session in ${sessions[@]+"${sessions[@]}"}; do
    has_ended "$session" || return 1
  done
}
