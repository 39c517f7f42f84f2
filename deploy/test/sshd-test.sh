#!/usr/bin/env bash
# shellcheck disable=SC2317 # some functions are called by a trap or by eventually only
#
# Tests cluster.sh with a real sshd on three "hosts", which share nothing but the kernel and /usr: each has its network,
# mounts (home folder, /tmp, /dev/shm, /run), processes, host name and host key of its own. They are on one bridge with this
# machine's side, "lead". Needs root, sshd (Debian: openssh-server), iproute2, and a distribution (mvn -DskipTests
# package). Everything it makes has its process id in the name, and goes at its end. Arguments choose some of its parts:
# first_steps two_builds interrupted crashed bad_hosts.
set -euo pipefail
# shellcheck source=deploy/test/test-functions.sh
. "$(dirname "$0")/test-functions.sh"
# shellcheck source=deploy/cluster-functions.sh
. "$deploy/cluster-functions.sh"

readonly cluster=$deploy/cluster.sh kept=.cache/tutti/distribution
# Three hosts may take so much longer to the first step than one; on a machine that is busy, as much as one takes and half.
readonly more_seconds_max=15

hub=tutti-$$-hub
# Starts of a JVM that other programs keep waiting are not what this is about.
eventually_tenths=1800
parts=("$@")
[ $# -gt 0 ] || parts=(first_steps two_builds interrupted crashed bad_hosts)
namespaces=() running='' clusters=() disks=()
declare -A host_process=()

end() {
  local name process
  trap '' INT TERM HUP
  for process in ${clusters[@]+"${clusters[@]}"}; do
    kill "$process" 2>/dev/null || true
  done
  for process in ${clusters[@]+"${clusters[@]}"}; do
    wait_until 150 ended "$process" || kill -KILL "$process" || true
  done
  # The first process of a host takes all others with it.
  for process in ${host_process[@]+"${host_process[@]}"}; do
    kill -KILL "$process" 2>/dev/null || true
    wait "$process" 2>/dev/null || true
  done
  for name in ${disks[@]+"${disks[@]}"}; do
    umount -l "$name" || true
  done
  for name in ${namespaces[@]+"${namespaces[@]}"}; do
    ip netns delete "$name" || true
  done
  rm -rf "$scratch"
}
trap end EXIT

ended() { # process
  ! identity_of "$1" >/dev/null
}

# ---- hosts

make_namespace() { # name
  ip netns add "$1"
  namespaces+=("$1")
  ip -n "$1" link set lo up
}

netns() { # host
  printf 'tutti-%s-%s\n' "$$" "$1"
}

make_hub() {
  make_namespace "$hub"
  ip -n "$hub" link add bridge type bridge
  ip -n "$hub" link set bridge up
}

plug() { # host, last number of its address
  make_namespace "$(netns "$1")"
  ip -n "$hub" link add "$1" type veth peer name eth0 netns "$(netns "$1")"
  ip -n "$hub" link set "$1" master bridge up
  ip -n "$(netns "$1")" address add "10.78.0.$2/24" dev eth0
  ip -n "$(netns "$1")" link set eth0 up
  [ "$ipv6" = false ] || ip -n "$(netns "$1")" address add "fd78::$2/64" dev eth0 nodad
}

# Makes a machine with a home folder of its own; a size in MB makes that a disk of its own.
make_host() { # host, last number of its address, size of its home folder
  local folder=$scratch/hosts/$1
  plug "$1" "$2"
  mkdir -p "$folder/root" "$folder/tmp"
  [ -z "${3:-}" ] || mount -t tmpfs -o "size=$3m,mode=700" "home-$1" "$folder/root"
  [ -z "${3:-}" ] || disks+=("$folder/root")
  mkdir -m 700 "$folder/root/.ssh"
  ssh-keygen -q -t ed25519 -N '' -f "$folder/root/.ssh/host_key"
  cp "$scratch/key.pub" "$folder/root/.ssh/authorized_keys"
  printf '%s %s\n' "10.78.0.$2" "$(cut -d ' ' -f 1,2 "$folder/root/.ssh/host_key.pub")" >>"$scratch/known_hosts"
  printf '%s %s\n' "[fd78::$2]:2222" "$(cut -d ' ' -f 1,2 "$folder/root/.ssh/host_key.pub")" >>"$scratch/known_hosts"
  printf 'Host %s\n  HostName 10.78.0.%s\n' "$1" "$2" >>"$scratch/ssh_config"
  cat >"$folder/root/.ssh/sshd_config" <<'CONFIG'
Port 22
Port 2222
HostKey /root/.ssh/host_key
PermitRootLogin prohibit-password
UsePAM no
PidFile none
CONFIG
  start_host "$1"
}

start_host() { # host
  # shellcheck disable=SC2016 # expands in the host
  ip netns exec "$(netns "$1")" unshare --mount --uts --pid --ipc --fork --kill-child sh -ec '
    hostname "$1"
    mount --make-rprivate /
    mount --bind "$2/root" /root
    mount -t proc proc /proc
    mount -t tmpfs shm /dev/shm
    mount -t tmpfs run /run
    mkdir -m 755 /run/sshd
    mount --bind "$2/tmp" /tmp
    exec env -i PATH="$PATH" /usr/sbin/sshd -D -e -f /root/.ssh/sshd_config' host "$1" "$scratch/hosts/$1" \
    </dev/null >>"$scratch/sshd-$1.log" 2>&1 &
  host_process[$1]=$!
  eventually reachable "$1"
}

reachable() { # host
  on_lead ssh -F "$scratch/ssh_config" "$1" true
}

# As a power cut would, but for the packet that tells of it.
stop_host() { # host
  kill -KILL "${host_process[$1]}"
  wait "${host_process[$1]}" 2>/dev/null || true
  unset "host_process[$1]"
}

forget_start() { # host
  local lease
  for lease in "$scratch/hosts/$1"/root/.cache/tutti/distribution/runs/*/*/lease; do
    sed -i "s/$(cat /proc/sys/kernel/random/boot_id)/an-earlier-start/" "$lease"
  done
}

on_lead() {
  ip netns exec "$(netns lead)" "$@"
}

# Prints what runs on a host besides its sshd.
processes_on() { # host
  local process
  for process in $(ip netns pids "$(netns "$1")"); do
    case $(tr '\0' ' ' <"/proc/$process/cmdline" 2>/dev/null) in
      '' | unshare* | */sshd* | sshd:*) ;;
      *) tr '\0' ' ' <"/proc/$process/cmdline" 2>/dev/null | cut -c 1-120 || true ;;
    esac
  done
}

# Expects that nothing runs on a host and that nothing is left there but caches: data, native code, whole distributions.
expect_clean_host() { # host
  local folder=$scratch/hosts/$1 left
  left=$(processes_on "$1")
  [ -z "$left" ] || fail "still running on $1: $left"
  left=$(find "$folder" \( -name runs -o -name tls.key -o -name part -o -name lease -o -name 'tutti-*' \) -print |
    grep -v '/dist-[^/]*/tutti/lib/\|/cache/' || true)
  [ -z "$left" ] || fail "left behind on $1: $left"
  left=$(find "$folder/tmp" -mindepth 1 ! -path '*/hsperfdata_*' -print)
  [ -z "$left" ] || fail "left behind in /tmp of $1: $left"
}

expect_all_clean() {
  local host
  for host in one two three; do
    eventually expect_clean_host "$host"
  done
  eventually expect_empty "$TMPDIR"
}

# Takes all that runs have left on the hosts, so that the next one finds them new.
renew_hosts() {
  local host
  for host in one two three; do
    rm -rf "$scratch/hosts/$host/root/.cache"
  done
}

# ---- runs

now_millis() {
  date +%s%3N
}

seconds_since() { # time in milliseconds
  awk -v from="$1" -v to="$(now_millis)" 'BEGIN { printf "%.1f\n", (to - from) / 1000 }'
}

holds() { # awk expression
  awk "BEGIN { exit !($1) }"
}

# Starts cluster.sh on the lead; its SIGINT is that of a terminal, which the shell would take from what it starts behind it.
start_cluster() { # name of its output, arguments
  local output=$scratch/$1.out
  shift
  ip netns exec "$(netns lead)" env --default-signal=INT "$cluster" "$@" >"$output" 2>&1 </dev/null &
  running=$!
  clusters+=("$running")
}

# Waits until the cluster has ended with a code.
finish_cluster() { # name of its output, code
  local code=0
  wait "$running" || code=$?
  drop_cluster "$running"
  running=''
  [ "$code" -eq "$2" ] || {
    cat "$scratch/$1.out" >&2
    fail "the run $1 ended with $code, expected $2"
  }
}

# Forgets a process that has been waited for: its number may be another's.
drop_cluster() { # process
  local process others=()
  for process in "${clusters[@]}"; do
    [ "$process" = "$1" ] || others+=("$process")
  done
  clusters=(${others[@]+"${others[@]}"})
}

cluster_ends() { # name of its output, code, arguments
  local name=$1 code=$2
  shift 2
  start_cluster "$name" "$@"
  finish_cluster "$name" "$code"
}

# Expects the weights of one process that nothing disturbs.
expect_undisturbed() { # run folder, steps
  [ -d "straight-$2" ] || expect 0 "$distribution/bin/tutti" train --steps "$2" --out "straight-$2"
  expect_same_weights "$1" "straight-$2"
}

expect_told() { # name of the output, pattern
  grep -qE -- "$2" "$scratch/$1.out" || {
    cat "$scratch/$1.out" >&2
    fail "expected \"$2\" in the output above"
  }
}

# Prints the seconds to the first step of a run that begins now; waits for its end.
first_step() { # name, arguments
  local from name=$1 seconds
  from=$(now_millis)
  shift
  start_cluster "$name" "$@" --out "$name"
  eventually test -s "$name/steps.jsonl"
  seconds=$(seconds_since "$from")
  finish_cluster "$name" 0
  printf '%s\n' "$seconds" >"$scratch/seconds-$name"
}

# ---- the tests

first_steps() {
  local host one again three
  echo "three hosts that have nothing begin nearly as soon as one"
  first_step new-one --hosts one.txt --steps 100
  one=$(cat seconds-new-one)
  rm -rf "$scratch/hosts/one/root/.cache"
  first_step new-three --hosts three.txt --steps 100
  three=$(cat seconds-new-three)
  first_step known-three --hosts three.txt --steps 100
  again=$(cat seconds-known-three)
  printf '  first step after: one new host %s s, three new hosts %s s, three that have the distribution %s s\n' \
    "$one" "$three" "$again"
  printf '  on each: %s\n' "$(du -sh "$scratch/hosts/two/root/$kept" | cut -f 1)"
  holds "$three - $one <= $more_seconds_max || $three - $one <= 1.5 * $one" ||
    fail "three hosts took $three s, one $one s: at most $more_seconds_max s more were promised"
  expect_undisturbed new-three 100
  expect_undisturbed new-one 100
  for host in one two three; do
    [ -z "$(find "$scratch/hosts/$host" -name '*arm64*' -print)" ] || fail "$host has libraries of another platform"
  done
  grep -q 'on one, pid' new-three/logs/coordinator.log || fail "host one has another name"
  expect_all_clean
}

two_builds() {
  echo "two builds at once on the same hosts both finish"
  cp -a "$distribution" other-build
  echo >>other-build/NOTICE
  start_cluster first --hosts three.txt --steps 4000 --out first
  local first=$running
  eventually test -s first/steps.jsonl
  TUTTI_DISTRIBUTION=$scratch/other-build cluster_ends second 0 --hosts three.txt --steps 30 --out second
  if ended "$first"; then
    echo "  THE FIRST RUN ENDED BEFORE THE SECOND: this machine is too busy to show that both run at once"
  else
    [ "$(find "$scratch/hosts/two/root/$kept" -maxdepth 1 -name 'dist-*' | wc -l)" -eq 2 ] ||
      fail "the first run's program is gone"
  fi
  running=$first
  finish_cluster first 0
  expect_undisturbed first 4000
  expect_all_clean
}

interrupted() {
  local advice
  echo "Ctrl-C while hosts are looked at, and while they are copied to, leaves nothing behind"
  renew_hosts
  start_cluster looked --hosts three.txt --out looked
  eventually grep -q 'looking at 3 host' looked.out
  kill -INT "$running"
  finish_cluster looked 130
  expect_all_clean
  start_cluster copied --hosts three.txt --out copied
  eventually grep -q 'two: copying' copied.out
  kill -INT "$running"
  finish_cluster copied 130
  expect_all_clean
  if [ -e looked ] || [ -e copied ]; then fail "a run that never began has a folder"; fi

  echo "Ctrl-C, then --resume: the weights of an undisturbed run"
  start_cluster stopped --hosts three.txt --steps 1500 --out stopped
  eventually test -s stopped/steps.jsonl
  kill -INT "$running"
  finish_cluster stopped 130
  expect_all_clean
  advice=$(sed -n 's/^cluster.sh: to go on: //p' stopped.out)
  echo "  $advice"
  [ "$advice" = "$cluster --resume stopped" ] || fail "the advice is \"$advice\""
  if grep 'tutti resume' stopped.out; then fail "it advises what cannot work"; fi
  cluster_ends resumed 0 --resume stopped
  expect_told resumed 'going on after'
  expect_undisturbed stopped 1500
  expect_all_clean
}

coordinator_of() { # process of cluster.sh
  local process
  for process in $(pgrep -P "$1"); do
    if tr '\0' ' ' <"/proc/$process/cmdline" | grep -q 'dev.tutti.deploy.Main coordinator '; then
      echo "$process"
      return
    fi
  done
  fail "there is no coordinator"
}

# Kills the coordinator, whose last line then says nothing.
crashed() {
  echo "the coordinator is killed; the other hosts go on with its run"
  start_cluster crashed --hosts three.txt --steps 1500 --out crashed
  eventually test -s crashed/steps.jsonl
  kill -KILL "$(coordinator_of "$running")"
  finish_cluster crashed 137
  expect_told crashed 'to go on: .*/cluster.sh --resume crashed'
  expect_all_clean
  cluster_ends gone-on 0 --resume crashed --hosts one.txt
  expect_undisturbed crashed 1500
}

bad_hosts() {
  echo "hosts that cannot be used are all named, and those that can go on without them"
  make_host small 6 40
  make_host closed 7
  make_host false-key 8
  : >"$scratch/hosts/closed/root/.ssh/authorized_keys"
  sed -i '/^10.78.0.8 /s/AAAA[^ ]*$/AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/' known_hosts
  printf 'one\nsmall\nclosed\nfalse-key\nnowhere\n' >bad.txt
  cluster_ends bad 7 --hosts bad.txt --steps 20 --out bad
  expect_told bad '^small: cannot be used: .* MB are free in /root/.*, .* are needed'
  expect_told bad '^closed: cannot be used: .*Permission denied'
  expect_told bad '^false-key: cannot be used: Host key verification failed'
  expect_told bad '^nowhere: cannot be used: ssh: '
  expect_told bad '4 of 5 host'
  grep '^[a-z-]*: ' bad.out | sed 's/^/  | /'
  cluster_ends skipped 0 --hosts bad.txt --skip-unreachable --steps 20 --out skipped
  expect_clean_host small

  echo "a host that dies while it is copied to is named, and the others go on"
  renew_hosts
  start_cluster dies --hosts three.txt --skip-unreachable --steps 20 --out dies
  eventually grep -q 'two: copying' dies.out
  stop_host two
  # The kernel goes on, where that of a real host would have another number after the power cut.
  forget_start two
  finish_cluster dies 0
  expect_told dies '^root@two: cannot be used: '
  grep '^root@two: cannot' dies.out | sed 's/^/  | /'
  start_host two
  cluster_ends back 0 --hosts three.txt --steps 20 --out back
  expect_all_clean
}

cd "$scratch"
mkdir hosts
ssh-keygen -q -t ed25519 -N '' -f key
cat >ssh_config <<CONFIG
IdentityFile $scratch/key
IdentitiesOnly yes
UserKnownHostsFile $scratch/known_hosts
StrictHostKeyChecking yes
BatchMode yes
ConnectTimeout 10
CONFIG
export TUTTI_SSH="ssh -F $scratch/ssh_config" TUTTI_DISTRIBUTION=$distribution
ipv6=false
[ ! -d /proc/sys/net/ipv6 ] || ipv6=true
make_hub
plug lead 1
make_host one 2
make_host two 3
make_host three 4
# A login shell that talks.
printf 'echo "Welcome to one"\nprintf "no end of line"\n' >hosts/one/root/.bashrc
echo one >one.txt
if [ "$ipv6" = true ]; then
  printf 'one\nroot@two workers=2\n[fd78::4]:2222\n' >three.txt
else
  echo "this kernel has no IPv6: left out"
  printf 'one\nroot@two workers=2\nthree\n' >three.txt
fi
# The launcher's cache is made once for all.
expect 0 "$distribution/bin/tutti" --version
started=$(now_millis)
for part in "${parts[@]}"; do
  "$part"
done
echo "passed, in $(seconds_since "$started") s"
