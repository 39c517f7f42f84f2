#!/usr/bin/env bash
# Measures runs whose workers sit behind links of 100 Mbit/s, with and without compressors: bytes on the coordinator's
# links both ways together, and steps a second. Each host is a network namespace; the rate is that of the kernel (tc tbf),
# in both directions of each worker's link. Needs root, a distribution (mvn -DskipTests package), and the data of Debian's
# package dataset-fashion-mnist. Everything it makes has its process id in the name, and goes at its end.
#
# The first weights go down whole in every run, so those with compressors take ten times as many steps.
#
# Usage: narrow-links.sh [WORKERS [STEPS [MBIT]]]     (default: 2 workers, 30 steps without a compressor, 100 Mbit/s)
set -euo pipefail
# shellcheck source=deploy/test/test-functions.sh
. "$(dirname "$0")/../test/test-functions.sh"
# shellcheck source=deploy/cluster-functions.sh
. "$deploy/cluster-functions.sh"

readonly count=${1:-2} steps=${2:-30} mbit=${3:-100}
readonly tutti=$distribution/bin/tutti
readonly model='flatten,dense(1024),relu,dense(1024),relu,dense(10)' address=10.78.0.1:4700
readonly hub=tutti-$$-hub
namespaces=() processes=()

end() {
  local name
  for name in ${processes[@]+"${processes[@]}"}; do
    kill "$name" 2>/dev/null || true
  done
  for name in ${namespaces[@]+"${namespaces[@]}"}; do
    ip netns delete "$name" || true
  done
  rm -rf "$scratch"
}
trap end EXIT

make_namespace() { # name
  ip netns add "$1"
  namespaces+=("$1")
  ip -n "$1" link set lo up
}

make_host() { # name, last number of its address
  make_namespace "tutti-$$-$1"
  ip -n "$hub" link add "$1" type veth peer name eth0 netns "tutti-$$-$1"
  ip -n "$hub" link set "$1" master bridge up
  ip -n "tutti-$$-$1" address add "10.78.0.$2/24" dev eth0
  ip -n "tutti-$$-$1" link set eth0 up
}

figure() { # run folder, name
  sed -n "s/^ *\"$2\" : \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" "$1/summary.json"
}

measure() { # name, steps, options
  local run=$scratch/$1 name=$1 taken=$2 host worker code=0
  shift 2
  processes=()
  ip netns exec "tutti-$$-lead" "$tutti" coordinator --listen "$address" --insecure --carrier inline \
    --start-workers "$count" --data fashion-mnist --model "$model" --batch $((128 * count)) --shards "$count" --steps "$taken" \
    --out "$run" "$@" >"$run.out" 2>&1 </dev/null &
  local coordinator=$!
  processes+=("$coordinator")
  eventually port_in "$run.out"
  for ((host = 1; host <= count; host++)); do
    ip netns exec "tutti-$$-w$host" "$tutti" worker --coordinator "$address" --insecure --carrier inline \
      --data fashion-mnist --log "$run-$host.log" >"$run-$host.out" 2>&1 </dev/null &
    processes+=($!)
  done
  wait "$coordinator" || code=$?
  for worker in "${processes[@]:1}"; do
    wait "$worker" || true
  done
  [ "$code" -eq 0 ] || {
    tail -n 20 "$run.out" "$run"-*.out >&2
    fail "the coordinator ended with $code"
  }
  awk -v name="$name" -v sent="$(figure "$run" bytesSent)" -v received="$(figure "$run" bytesReceived)" \
    -v millis="$(figure "$run" stepMillisP50)" -v steps="$taken" -v digest="$(digest_of "$run")" 'BEGIN {
      printf "| %s | %d | %.3f | %.3f | %.2f | %.12s |\n",
        name, steps, sent / steps / 1e6, received / steps / 1e6, 1000 / millis, digest
    }'
}

make_namespace "$hub"
ip -n "$hub" link add bridge type bridge
ip -n "$hub" link set bridge up
make_host lead 1
for ((i = 1; i <= count; i++)); do
  make_host "w$i" $((i + 1))
  tc -n "$hub" qdisc replace dev "w$i" root tbf rate "${mbit}mbit" burst 64kb latency 400ms
  tc -n "tutti-$$-w$i" qdisc replace dev eth0 root tbf rate "${mbit}mbit" burst 64kb latency 400ms
done

echo "| $count workers, $mbit Mbit/s | steps | MB down per step | MB up per step | steps/s (median) | digest |"
echo '|---|---|---|---|---|---|'
measure fp32 "$steps"
measure top-k "$((10 * steps))" --compress 'error-feedback(top-k(0.01))' --compress-down 'error-feedback(top-k(0.01))'
measure power-sgd "$((10 * steps))" --compress 'error-feedback(power-sgd(2))' --compress-down 'error-feedback(power-sgd(2))'
