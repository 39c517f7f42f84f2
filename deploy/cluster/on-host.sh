#!/bin/sh
# shellcheck disable=SC2154 # "next" assigns what is not assigned otherwise
#
# What runs on a host, in any POSIX shell. cluster.sh sends machine.sh and this text through ssh's standard input, then a
# line for each argument. So nothing of it passes through the login shell, which may be csh or fish.
#
# The folder for distributions on the host holds
#
#   dist-KEY/tutti/       a distribution: KEY names its contents, the platform, and the JVM that its cache is for
#   runs/RUN/INDEX/       what a run of cluster.sh has on this host: a certificate, what arrives, and the lease, which says
#                         which distribution is in use and by which process. It goes with the session.
#   runs/RUN/claim-KEY/   made by the host that the distribution is sent to, of those that share this folder
#
# Lines for cluster.sh begin with "tutti-host: "; all others are those of the login shell, or of what failed.
set -u
umask 077
unset CDPATH

# A lease of another machine, whose processes cannot be seen from here, counts for so long.
lease_days_max=30

say() {
  printf '\ntutti-host: %s\n' "$1"
}

refuse() { # reason
  say "refused $1"
  exit 7
}

next() { # variable
  IFS= read -r "$1" || exit 0
}

# ---- leases

# Tells whether the process that holds a lease may still be there.
is_held() { # lease
  {
    read -r _
    read -r lease_machine
    read -r lease_process
    read -r lease_start
  } <"$1" 2>/dev/null || return 1
  if [ "$lease_machine" = "$(machine)" ]; then
    [ "$(start_of "$lease_process")" = "$lease_start" ]
  elif is_earlier_start "$lease_machine"; then
    return 1
  else
    [ -z "$(find "$1" -mtime "+$lease_days_max")" ]
  fi
}

# Removes what runs have left whose processes are gone without having cleaned up.
sweep() {
  for lease in "$folder"/runs/*/*/lease; do
    [ -f "$lease" ] || continue
    is_held "$lease" || {
      rm -rf "${lease%/lease}"
      rmdir "$(dirname "${lease%/lease}")"/claim-* "$(dirname "${lease%/lease}")"
    } 2>/dev/null
  done
}

is_leased() { # distribution
  for lease in "$folder"/runs/*/*/lease; do
    [ -f "$lease" ] || continue
    { read -r leased <"$lease"; } 2>/dev/null || continue
    [ "$leased" != "$1" ] || ! is_held "$lease" || return 0
  done
  return 1
}

# Removes the distributions that no run uses. A run takes its lease before it looks whether its distribution is there; so
# one that is not there any more, and still without a lease, is not missed.
remove_unused() {
  for other in "$folder"/dist-*; do
    name=${other##*/}
    if [ "$name" = "dist-$key" ] || is_leased "$name"; then continue; fi
    mv "$other" "$mine/unused" 2>/dev/null || continue
    if is_leased "$name"; then
      mv "$mine/unused" "$other"
    else
      rm -rf "$mine/unused"
    fi
  done
}

# ---- the session of a run: looks at the host, keeps the lease, runs the worker, and cleans up

hold() {
  next any_platform
  next here_platform
  next here_jvm
  next digest
  next kilobytes
  next java
  made_below=$folder
  until [ -e "$made_below" ] || [ -z "$made_below" ]; do
    case $made_below in
      */*) made_below=${made_below%/*} ;;
      *) made_below=. ;;
    esac
  done
  trap clean EXIT
  trap 'exit 143' HUP INT TERM
  find_jdk
  find_platform
  take_lease
  look
  say "ready $state $key"
  obey
}

find_jdk() {
  if [ "$java" = - ]; then
    java=$(find_java) ||
      refuse "no JDK 25 found: install one, or name it in the hosts file: java=/path/to/jdk-25"
  else
    [ ! -d "$java" ] || java=${java%/}/bin/java
    [ -x "$java" ] || refuse "java=$java: there is no such program"
    is_25 "$java" || refuse "java=$java is no JDK 25"
  fi
}

find_platform() {
  platform=$(platform)
  case $platform,$any_platform in
    Linux-x86_64,* | Linux-aarch64,* | Darwin-arm64,* | *,true) ;;
    *) refuse "no kernel for $platform: expected Linux on x86_64 or aarch64, or macOS on arm64; --kernel plain runs anywhere" ;;
  esac
  key=$digest-$platform
  if [ "$platform" = "$here_platform" ] && [ "$(jvm_of "$java")" = "$here_jvm" ]; then
    key=$key-$here_jvm
  fi
}

take_lease() {
  # Another run may just remove the empty folders.
  mkdir -p "$mine" 2>/dev/null || mkdir -p "$mine" ||
    refuse "cannot make the folder $folder: give another --remote-dir, or make room"
  sweep
  { printf '%s\n' "dist-$key" "$(machine)" "$$" "$(start_of $$)" >"$mine/lease.new"; } 2>/dev/null ||
    refuse "cannot write to $folder: give another --remote-dir, or make room"
  mv "$mine/lease.new" "$mine/lease"
}

# Finds out whether the distribution is here, is to be sent, or comes by another host that shares the folder.
look() {
  if [ -x "$folder/dist-$key/tutti/bin/tutti" ]; then
    state=present
  elif mkdir "$claim-$key" 2>/dev/null; then
    claimed=$claim-$key
    state=absent
    free=$(df -Pk "$folder" | {
      read -r _
      read -r _ _ _ free _
      echo "$free"
    })
    case $free in
      '' | *[!0-9]*) ;;
      *) [ "$free" -ge "$kilobytes" ] ||
        refuse "$((free / 1024)) MB are free in $folder, $((kilobytes / 1024)) MB are needed: make room, or give another --remote-dir" ;;
    esac
  else
    state=shared
  fi
}

obey() {
  while IFS= read -r order; do
    case $order in
      file) take_file ;;
      work) work ;;
    esac
  done
}

# Takes a file of text: its name, its lines, a line with a dot.
take_file() {
  next name
  : >"$mine/$name"
  while IFS= read -r line && [ "$line" != . ]; do
    printf '%s\n' "$line"
  done >>"$mine/$name"
}

# Runs a worker process until it ends, or until standard input does: then cluster.sh is gone. The log passes through cat,
# since standard output may be a socket, which cannot be opened by name; the worker's exit code takes the way around it.
work() {
  next address
  next port
  set --
  while IFS= read -r option && [ "$option" != . ]; do
    set -- "$@" "$option"
  done
  if [ "$address" = - ]; then
    address=${SSH_CONNECTION:-}
    address=${address%% *}
    [ -n "$address" ] || refuse "ssh does not tell where it comes from: use --address"
  fi
  case $address in
    \[*) ;;
    *:*) address="[$address]" ;; # IPv6
  esac
  # A folder that machines share may show a new file late.
  tries=60
  until [ -x "$folder/dist-$key/tutti/bin/tutti" ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || refuse "the distribution is not in $folder"
    sleep 1
  done
  export TUTTI_JAVA="$java"
  [ -s "$folder/dist-$key/tutti/lib/tutti.aot" ] || export TUTTI_AOT=off
  [ ! -f "$mine/tls.key" ] || set -- --certs "$mine" "$@"
  [ ! -f "$mine/token" ] || set -- --token-file "$mine/token" "$@"
  say working
  exec 3<&0 4>&1
  code=$({ {
    "$folder/dist-$key/tutti/bin/tutti" worker --coordinator "$address:$port" --log /dev/stdout "$@" \
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
  exit "$code"
}

# Removes what the run has here, and folders that it made for nothing.
clean() {
  code=$?
  trap '' HUP INT TERM
  tries=10
  # What arrives may still be written to for a moment.
  until rm -rf "$mine" 2>/dev/null || [ "$tries" -eq 0 ]; do
    tries=$((tries - 1))
    sleep 1
  done
  {
    [ -z "$claimed" ] || rmdir "$claimed"
    rmdir "${claim%/*}" "$folder/runs"
    made=$folder
    while [ "$made" != "$made_below" ] && rmdir "$made"; do
      case $made in
        */*) made=${made%/*} ;;
        *) made=. ;;
      esac
    done
  } 2>/dev/null
  exit "$code"
}
claimed=

# ---- takes a distribution from standard input, which appears whole or not at all, and removes those that none uses

receive() {
  next key
  next java
  mkdir "$mine/part" || exit 7
  tar -xof - -C "$mine/part" || exit 7
  [ "$java" != - ] || java=$(find_java) || exit 7
  [ ! -d "$java" ] || java=${java%/}/bin/java
  export TUTTI_JAVA="$java"
  cache=$mine/part/lib/tutti.aot
  if [ ! -f "$cache.gz" ] || ! gzip -d "$cache.gz" || ! touch "$cache" ||
    ! TUTTI_JVM_FLAGS=-XX:AOTMode=on "$mine/part/bin/tutti" --version >/dev/null 2>&1; then
    # An empty cache is none: the launcher does not make one then.
    [ ! -d "$mine/part/lib" ] || : >"$cache"
    "$mine/part/bin/tutti" --version >/dev/null || exit 7
  fi
  mv "$mine/part" "$mine/tutti" || exit 7
  mkdir -p "$folder/dist-$key" || exit 7
  # Another run may have brought the same one in the meantime.
  if ! mv "$mine/tutti" "$folder/dist-$key/" 2>/dev/null && [ ! -x "$folder/dist-$key/tutti/bin/tutti" ]; then
    rmdir "$folder/dist-$key" 2>/dev/null
    echo "cannot put the distribution into $folder"
    exit 7
  fi
  remove_unused
  say received
}

next part
next folder
next run
next index
case $folder in
  /*) ;;
  *) folder=$(pwd)/$folder ;;
esac
claim=$folder/runs/$run/claim
mine=$folder/runs/$run/$index
"$part"
