# shellcheck shell=bash disable=SC2154 # cluster.sh has what is not assigned here
# What a host needs of the distribution, and bringing it there. To be sourced by cluster.sh.

# Finds the distribution: this script is in a checkout, which builds one, or in the distribution itself. Two commands begin
# at once after this, so a first one has the launcher make its cache of classes.
prepare_distribution() {
  distribution=${TUTTI_DISTRIBUTION:-}
  if [ -n "$distribution" ]; then
    :
  elif [ -x "$here/../bin/tutti" ]; then
    distribution=$(cd "$here/.." && pwd)
  else
    distribution=$here/target/tutti
    "$here/../tutti" --version >/dev/null # builds on first use, or says what is missing
  fi
  [ ! -d "$distribution/lib" ] || [ -e "$distribution/lib/tutti.aot" ] || "$distribution/bin/tutti" --version >/dev/null
}

# Prints the files that hosts may need: not the benchmarks, not these scripts, not what this machine has made.
distribution_files() {
  (cd "$distribution" && find . -type f ! -name .built ! -path './lib/tutti.aot*' ! -path './bench/*' ! -path './deploy/*' -print) |
    LC_ALL=C sort
}

# Prints what names this very distribution: a hash of all names and contents.
digest_of_distribution() {
  local file files=()
  while IFS= read -r file; do
    files+=("$file")
  done < <(distribution_files)
  (cd "$distribution" && cksum "${files[@]}" | cksum | tr ' ' -)
}

# Prints the files for a platform: no native libraries of others.
files_for() { # platform
  distribution_files | while IFS= read -r file; do
    case $file,$1 in
      *-linux-x86_64.jar,Linux-x86_64 | *-linux-arm64.jar,Linux-aarch64 | *-linux-aarch_64.jar,Linux-aarch64 | \
        *-macosx-arm64.jar,Darwin-arm64) ;;
      *-linux-*.jar,* | *-macosx-*.jar,* | *-osx-*.jar,* | *-windows-*.jar,*) continue ;;
    esac
    printf '%s\n' "$file"
  done
}

# Prints how much room a host needs for what it is sent, in KiB, with some for what it unpacks.
kilobytes_needed() {
  echo $(($(du -sk "$distribution" | cut -f 1) + 65536))
}

# Prints what names the JVM whose cache of classes goes along; "-" if there is none.
jvm_here() {
  local java
  if [ "${TUTTI_AOT:-on}" = on ] && [ -d "$distribution/lib" ] && java=$(find_java); then
    jvm_of "$java"
  else
    echo -
  fi
}

# Packs the cache of classes, if this machine has one: once for all hosts.
pack_cache() {
  mkdir -p "$scratch/packed/lib"
  if [ -s "$distribution/lib/tutti.aot" ]; then
    gzip -1 -c "$distribution/lib/tutti.aot" >"$scratch/packed/lib/tutti.aot.gz"
  fi
}

copies=()

# Sends the distribution to each host that has claimed it, all at once; those that fail are left out, or end the script.
copy_distribution() {
  local i copied=()
  for i in "${usable[@]}"; do
    [ "$(status_of "$i" ready 2)" = absent ] || continue
    [ ${#copied[@]} -gt 0 ] || pack_cache
    copy_to "$i" &
    copies+=($!)
    copied+=("$i")
  done
  for i in ${copied[@]+"${!copied[@]}"}; do
    wait "${copies[i]}" || unusable "${copied[i]}" "$(reason_in "$scratch/copied-${copied[i]}" \
      "the distribution could not be copied, or does not run there")"
  done
  copies=()
  share_failures
  require_usable
}

# A host whose distribution was to come by another one fails with it.
share_failures() {
  local i j key
  for i in ${usable[@]+"${usable[@]}"}; do
    [ "$(status_of "$i" ready 2)" = shared ] || continue
    key=$(status_of "$i" ready 3)
    for j in "${!hosts[@]}"; do
      if [ "$(status_of "$j" ready 2)" = absent ] && [ "$(status_of "$j" ready 3)" = "$key" ] && ! is_usable "$j"; then
        unusable "$i" "it shares its folder with ${hosts[j]}, which could not be copied to"
      fi
    done
  done
}

copy_to() { # index of the host
  local key platform file files=() cache=() packing sending
  close_controls
  key=$(status_of "$1" ready 3)
  platform=$(printf '%s\n' "$key" | cut -d - -f 3,4)
  while IFS= read -r file; do
    files+=("$file")
  done < <(files_for "$platform")
  # The JVM of this machine's cache is named behind the platform.
  case $key in
    *-*-*-*-*) [ ! -f "$scratch/packed/lib/tutti.aot.gz" ] || cache=(-C "$scratch/packed" lib/tutti.aot.gz) ;;
  esac
  echo "${hosts[$1]}: copying the distribution" >&2
  mkfifo "$scratch/packed-$1"
  {
    script_and receive "$1" "$key" "${host_java[$1]}"
    # That the far end has gone is told by ssh.
    exec tar -cf - -C "$distribution" "${files[@]}" ${cache[@]+"${cache[@]}"} 2>/dev/null
  } >"$scratch/packed-$1" &
  packing=$!
  # shellcheck disable=SC2086 # words
  "${ssh_copy[@]}" ${targets[$1]} "$bootstrap" <"$scratch/packed-$1" >"$scratch/copied-$1" 2>&1 &
  sending=$!
  trap 'kill "$sending" "$packing" 2>/dev/null; exit 143' TERM
  wait "$sending" || return 1
  grep -q '^tutti-host: received$' "$scratch/copied-$1"
}
