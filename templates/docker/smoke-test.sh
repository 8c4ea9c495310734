#!/usr/bin/env bash
# Start a serving image, wait until it is ready, send it one real request, and print the answer.
#
#   mlops/docker/smoke-test.sh IMAGE [OPTION OF docker run...]
#
# Exits 1, with the log of the container, when it does not become ready or does not answer.
set -euo pipefail
image=${1:?usage: smoke-test.sh IMAGE [OPTION...]}
shift

container=$(docker run --detach --read-only --tmpfs /tmp --volume /var/lib/mlops --publish 127.0.0.1::8080 "$@" "$image")
trap 'docker rm --force --volumes "$container" >/dev/null' EXIT

give_up() {
  echo "the image $image $1; its log:" >&2
  docker logs "$container" >&2
  exit 1
}

address=http://$(docker port "$container" 8080/tcp | head -n 1) || give_up "does not listen"
for _ in $(seq 60); do
  if curl --silent --fail --max-time 5 "$address/ready" >/dev/null; then
    ready=yes
    break
  fi
  [[ $(docker inspect --format '{{.State.Running}}' "$container") == true ]] || give_up "stopped"
  sleep 1
done
[[ ${ready:-no} == yes ]] || give_up "did not become ready"

docker exec "$container" cat /app/package/sample_request.json |
  curl --silent --show-error --fail-with-body --max-time 10 \
    --header 'Content-Type: application/json' --data-binary @- "$address/predict" || give_up "did not answer"
echo
