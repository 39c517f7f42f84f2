# shellcheck shell=bash disable=SC2154 # cluster.sh has what is not assigned here
# The file of hosts. To be sourced by cluster.sh.

# What each line says: the host as the user wrote it, the arguments by which ssh reaches it, its workers, its JDK ("-" if it is to be found).
hosts=() targets=() host_workers=() host_java=() host_line=()

read_hosts() { # file, workers of a host whose line does not say
  local line number=0 words
  [ -f "$1" ] || refuse "no file $1"
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    # As editors of other systems leave it.
    line=${line#$'\xef\xbb\xbf'}
    line=${line%$'\r'}
    read -ra words <<<"${line%%#*}"
    [ ${#words[@]} -eq 0 ] || read_host "$1, line $number" "$number" "$2" "${words[@]}"
  done <"$1"
  [ ${#hosts[@]} -gt 0 ] || refuse "$1 names no host"
}

read_host() { # where, line number, workers, words
  local where=$1 number=$2 count=$3 host=$4 java=- word i
  shift 4
  # A name that starts with a dash would be an option of ssh.
  case $host in
    -* | @* | ssh://-* | *@-* | *[!:]: | *[!][A-Za-z0-9._:@%/-]*) refuse "$where: \"$host\" is no host name" ;;
    ssh://*) ;;
    */*) refuse "$where: \"$host\" is no host name" ;;
  esac
  [[ $(target_of "$host") =~ ^(-p [0-9]{1,5} )?[^-][^]/[]*$ ]] || refuse "$where: \"$host\" is no host name"
  for word in "$@"; do
    case $word in
      workers=*) count=${word#workers=} && require_count "$where: workers" "$count" ;;
      java=?*) java=${word#java=} ;;
      *) refuse "$where: expected workers=N or java=PATH behind the host, found \"$word\"" ;;
    esac
  done
  for i in ${hosts[@]+"${!hosts[@]}"}; do
    [ "${hosts[i]}" != "$host" ] ||
      refuse "$where: $host is in line ${host_line[i]} already: name it once, with workers=N for more workers"
  done
  hosts+=("$host")
  targets+=("$(target_of "$host")")
  host_workers+=("$count")
  host_java+=("$java")
  host_line+=("$number")
}

# Prints the arguments of ssh for a host. URIs are taken apart: ssh itself knows none with an IPv6 address.
target_of() { # host
  local text=${1#ssh://} user='' port=''
  text=${text%/}
  case $text in *@*) user=${text%@*}@ ;; esac
  text=${text##*@}
  case $text in
    \[*\]:*) port=${text##*:} text=${text%:*} ;;
    \[*\] | *:*:*) ;;
    *:*) port=${text##*:} text=${text%:*} ;;
  esac
  text=${text#[}
  printf '%s\n' "${port:+-p $port }$user${text%]}"
}
