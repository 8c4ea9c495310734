#!/usr/bin/env bash
# Start a serving image, wait until it is ready, send it one real request, and print the answer.
#
#   mlops/docker/smoke-test.sh IMAGE
#
# Exits 1, with the log of the container, when it does not become ready or does not answer.
set -euo pipefail
image=${1:?usage: smoke-test.sh IMAGE}

container=$(docker run --detach --read-only --tmpfs /tmp --tmpfs /var/lib/mlops:mode=1777 --publish 127.0.0.1::8080 "$image")
finish() {
  status=$?
  if [[ $status != 0 ]]; then
    echo "the image $image did not answer; its log:" >&2
    docker logs "$container" >&2
  fi
  docker rm --force "$container" >/dev/null
  exit "$status"
}
trap finish EXIT

address=http://$(docker port "$container" 8080/tcp | head -n 1)
curl --silent --show-error --fail --retry 60 --retry-delay 1 --retry-all-errors --max-time 5 "$address/ready" >/dev/null
docker exec "$container" cat /app/package/sample_request.json |
  curl --silent --show-error --fail-with-body --max-time 10 \
    --header 'Content-Type: application/json' --data-binary @- "$address/predict"
echo
