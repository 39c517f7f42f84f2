# shellcheck shell=bash
# What local-cluster.sh and cluster.sh share: messages, ending processes, waiting for a coordinator. To be sourced.

# Says what is wrong and ends the script; the codes are those of tutti (see ExitCode).
die() { # code, message
  printf '%s: %s\n' "$(basename "$0")" "$2" >&2
  exit "$1"
}

# Ends the script as wrong usage does.
refuse() { # message
  die 2 "$1"
}

# Prints what tells a process apart from any later one with its number: the boot and the time it was started at.
# Fails if there is no such process, or only what is left of it until its parent looks.
identity_of() {
  local line fields
  if [ -r /proc/self/stat ]; then
    line=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    # The name in parentheses may hold anything; behind it the state is the first field, the start time the 20th.
    read -ra fields <<<"${line##*) }"
    [ "${fields[0]}" != Z ] || return 1
    printf '%s-%s\n' "$(cat /proc/sys/kernel/random/boot_id)" "${fields[19]}"
  else
    line=$(ps -o stat= -o lstart= -p "$1") || return 1
    case $line in
      Z*) return 1 ;;
      *) printf '%s\n' "${line#* }" | tr -s ' ' '-' ;;
    esac
  fi
}

# Tells whether process $1 is still the one that had identity $2.
is_alive() {
  [ "$(identity_of "$1" || true)" = "$2" ]
}

# Waits for at most $1 tenths of a second until the command behind it succeeds.
wait_until() {
  local tenths=$1
  shift
  until "$@"; do
    [ "$tenths" -gt 0 ] || return 1
    tenths=$((tenths - 1))
    sleep 0.1
  done
}

# Prints the port that a coordinator, whose standard error is in file $1, listens on; fails if it does not yet.
port_in() {
  sed -n 's/^listening on .*:\([0-9][0-9]*\) for [0-9]* worker.*/\1/p' "$1" | grep . | head -n 1
}

# Prints the run folder as a coordinator has told it, from the same file.
folder_in() {
  sed -n 's/^.*; the run is in \(.*\)$/\1/p' "$1" | head -n 1
}

# Prints the absolute run folder of a coordinator that was started in this folder, from the same file.
run_folder_in() {
  local folder
  folder=$(folder_in "$1")
  case $folder in
    '') return 1 ;;
    /*) printf '%s\n' "$folder" ;;
    *) printf '%s/%s\n' "$PWD" "$folder" ;;
  esac
}

# Shows the last lines of a file, as a quotation; says so if there are none.
quote_tail() {
  if [ -s "$1" ]; then
    tail -n "${2:-10}" "$1" | sed 's/^/  | /' >&2
  else
    echo "  | (it printed nothing)" >&2
  fi
}

# Refuses what is no whole number of at least 1; $1 names it.
require_count() {
  case $2 in
    '' | *[!0-9]* | 0*) refuse "$1 must be a whole number of at least 1, was \"$2\"" ;;
  esac
}

# Reads the arguments of a script whose only option is a count, or prints its usage.
read_count() { # option, variable, arguments
  local option=$1 variable=$2
  shift 2
  while [ $# -gt 0 ]; do
    case $1 in
      "$option")
        require_count "$option" "${2:-}"
        printf -v "$variable" %s "$2"
        shift 2
        ;;
      -h | --help)
        usage
        exit 0
        ;;
      *) refuse "unknown option $1; see --help" ;;
    esac
  done
}
