#!/usr/bin/env bash
# Builds the base images of docker-compose.yml from Debian's packages and Maven's artifacts, for where no image
# registry is reachable. Writes deploy/offline/images.env with the names made, for `docker compose --env-file`.
#
# Needs: root, a Docker engine, debootstrap, java and mvn. DEBIAN_MIRROR and DEBIAN_SUITE choose the packages.
# Images that are already there are kept; `docker rmi` one to have it built anew.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
compose=$here/../../docker-compose.yml
scratch=$(mktemp -d)
trap 'rm -rf --one-file-system "$scratch"' EXIT

suite=${DEBIAN_SUITE:-bookworm}
base=offline/debian:$suite

# The name that docker-compose.yml asks for: the default behind a variable.
asked() { sed -n "s/.*\${$1:-\([^}]*\)}.*/\1/p" "$compose" | head -n 1; }

have() { docker image inspect "$1" >/dev/null 2>&1; }

build() { # NAME CONTEXT [BUILD-ARG...]
  local name=$1 context=$2
  shift 2
  have "$name" && { echo "kept $name"; return; }
  # The containers of a build use the host's network: a build machine's mirrors may be reachable only so.
  docker build --network host --tag "$name" --build-arg "BASE=$base" "$@" "$context" >"$scratch/log" 2>&1 ||
    { tail -n 20 "$scratch/log" >&2; exit 1; }
  echo "built $name"
}

# What Debian has of a package, without epoch and revision.
version() {
  docker run --rm --network none "$base" apt-cache policy "$1" |
    sed -n 's/ *Candidate: \([0-9]*:\)\{0,1\}\([0-9.]*\).*/\2/p'
}

if ! have "$base"; then
  debootstrap --variant=minbase --include=ca-certificates "$suite" "$scratch/tree" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} >"$scratch/log" 2>&1 ||
    { tail -n 20 "$scratch/log" >&2; exit 1; }
  cp "$here/debian/slim.conf" "$scratch/tree/etc/dpkg/dpkg.cfg.d/slim"
  # The build machine's own sources (mirrors, security updates) and certificate authorities serve its images too.
  if [ -f /etc/apt/sources.list.d/debian.sources ] && [ -z "${DEBIAN_MIRROR:-}" ]; then
    cp /etc/apt/sources.list.d/debian.sources "$scratch/tree/etc/apt/sources.list.d/"
    : >"$scratch/tree/etc/apt/sources.list"
  fi
  {
    chroot "$scratch/tree" apt-get update -qq
    chroot "$scratch/tree" env DEBIAN_FRONTEND=noninteractive apt-get upgrade -qq -y
  } >>"$scratch/log" 2>&1 || { tail -n 20 "$scratch/log" >&2; exit 1; }
  cp --dereference /etc/ssl/certs/ca-certificates.crt "$scratch/tree/etc/ssl/certs/ca-certificates.crt"
  # Files, not folders: packages count on the folders of manual pages.
  find "$scratch"/tree/usr/share/{doc,man,info,locale} "$scratch"/tree/var/cache/apt -type f -delete
  tar -C "$scratch/tree" --numeric-owner -c . | docker import --change 'CMD ["bash"]' - "$base" >/dev/null
  echo "built $base"
fi

python=$(asked PYTHON_IMAGE)
kafka=$(asked KAFKA_IMAGE)
postgres_version=$(version postgresql)
postgres=postgres:${postgres_version%%+*}
prometheus=prom/prometheus:v$(version prometheus)

build "$python" "$here/python" --build-arg "VERSION=$(sed 's/.*:\([0-9.]*\).*/\1/' <<<"$python")"
if ! have "$kafka"; then
  cp -r "$here/kafka" "$scratch/kafka"
  mvn --quiet --batch-mode -f "$here/kafka/pom.xml" -Dkafka.version="${kafka##*:}" \
    dependency:copy-dependencies -DoutputDirectory="$scratch/kafka/libs" -DincludeScope=runtime
fi
build "$kafka" "$scratch/kafka"
build "$postgres" "$here/postgres" --build-arg "MAJOR=${postgres#*:}"
build "$prometheus" "$here/prometheus"

cat >"$here/images.env" <<ENV
PYTHON_IMAGE=$python
KAFKA_IMAGE=$kafka
POSTGRES_IMAGE=$postgres
PROMETHEUS_IMAGE=$prometheus
PIPELINE_BUILD_NETWORK=host
COMPOSE_PROFILES=
ENV
echo "wrote deploy/offline/images.env"
