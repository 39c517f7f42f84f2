# shellcheck shell=sh
# What a machine is: its platform, its JDK, its processes. To be sourced, here, and sent to the hosts with on-host.sh:
# POSIX shell alone.

# Tells whether a Java launcher is of version 25; its JDK says so in a file, which is read sooner than a JVM starts.
is_25() {
  real=$(readlink -f "$1" 2>/dev/null || echo "$1")
  if [ -r "${real%/bin/java}/release" ]; then
    grep -q '^JAVA_VERSION="25' "${real%/bin/java}/release"
  else
    "$1" -version 2>&1 | grep -q 'version "25'
  fi
}

# Prints the Java launcher to use, as bin/tutti finds it: cluster-test.sh compares the places.
find_java() {
  for candidate in "${TUTTI_JAVA:-}" "${JAVA_HOME:+$JAVA_HOME/bin/java}" "$(command -v java || true)" \
    /usr/lib/jvm/*25*/bin/java /opt/*25*/bin/java "${HOME:-}"/.sdkman/candidates/java/25*/bin/java \
    /Library/Java/JavaVirtualMachines/*25*/Contents/Home/bin/java; do
    [ -x "$candidate" ] || continue
    if is_25 "$candidate"; then
      printf '%s\n' "$candidate"
      return
    fi
  done
  return 1
}

# Prints what names a build of the JVM: a cache of classes is good for the very build that made it.
jvm_of() { # Java launcher
  "$1" -Xinternalversion 2>/dev/null | cksum | tr ' ' -
}

platform() {
  uname -sm | tr ' ' -
}

# Prints what names this machine, among those that share a home folder: its name and number, its start, and the container
# that this is, since containers have processes of their own.
machine() {
  printf '%s:%s %s %s\n' "$(uname -n)" "$(cat /etc/machine-id 2>/dev/null)" \
    "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)" "$(readlink /proc/self/ns/pid 2>/dev/null)"
}

# Tells whether what the function machine printed before a start of this machine is of this machine.
is_earlier_start() { # what it printed
  here=$(machine)
  [ "${1%% *}" = "${here%% *}" ] || return 1
  case $here in
    *:\ *) return 1 ;; # A machine without a number: others may have its name.
  esac
  before=${1#* } now=${here#* }
  [ "${before%% *}" != "${now%% *}" ]
}

# Prints what tells a process apart from any later one with its number; nothing if there is none.
start_of() { # process
  if [ -r /proc/self/stat ]; then
    line=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
    # The name in parentheses may hold anything; behind it the start time is the 20th field.
    # shellcheck disable=SC2086 # words
    set -- ${line##*) }
    [ "$1" = Z ] || printf '%s\n' "${20}"
  else
    ps -o lstart= -p "$1" | tr -s ' ' -
  fi
}
