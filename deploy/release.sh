#!/bin/sh
# Builds what a release consists of, out of the commit that is checked out and nothing else: `deploy/release.sh [FOLDER]`.
#
#   news_pipeline-VERSION-py3-none-any.whl    the wheel, built twice, the same both times
#   news-pipeline-VERSION-requirements.txt    what it was tried with, locked by hash
#   news-pipeline-VERSION.cdx.json            the same as a bill of materials (CycloneDX, JSON)
#   news-pipeline-VERSION-image.json          the image's name, id and commit; the image itself stays in the engine
#   news-pipeline-VERSION-image.cdx.json      what is in it, Debian's packages and Python's
#   SHA256SUMS                                of all of them
#   SHA256SUMS.sig                            signed with the releaser's key
#
# Needs git and Python ($PYTHON, else python3); the tools are fetched, locked by hash. FOLDER is var/release unless named.
# The image is built where a Docker engine answers, with $PYTHON_IMAGE and $PIPELINE_BUILD_NETWORK as docker-compose.yml
# has them. $RELEASE_KEY is an SSH key's file (its private half, or the public one with the other in an agent).
# Exit 2: the checkout has changes, the version has no place in the CHANGELOG, the key is not there, or the folder is not
# empty.
set -eu
umask 022
root=$(cd "$(dirname "$0")/.." && pwd)
folder=${1:-$root/var/release}
python=${PYTHON:-python3}

refuse() {
  echo "error: $1" >&2
  exit 2
}

changes=$(git -C "$root" status --porcelain) || refuse "$root is no checkout"
[ -z "$changes" ] || refuse "the checkout has changes that no commit has: commit them, or take them away (git status)"
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$root/pyproject.toml")
grep -q "^## $version - " "$root/CHANGELOG.md" || refuse "CHANGELOG.md has no '## $version - DATE'"
[ -z "$(ls -A "$folder" 2>/dev/null)" ] || refuse "$folder is not empty: name another folder, or empty it"
key=${RELEASE_KEY:-}
[ -z "$key" ] || [ -f "$key" ] || refuse "RELEASE_KEY=$key is no file"
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct) # a wheel's files have the commit's time
export SOURCE_DATE_EPOCH

tools() { # NAME LOCK: an environment with what the lock names
  "$python" -m venv "$work/$1"
  "$work/$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$2"
}
wheel() { # NAME: build from a copy of the commit
  mkdir "$work/$1"
  git -C "$root" archive HEAD | tar -x -C "$work/$1"
  (cd "$work/$1" && "$work/build/bin/hatchling" build -t wheel -d "$work/$1.out" >/dev/null)
}

echo "building $version of $(git -C "$root" rev-parse --short=10 HEAD)"
tools build "$root/deploy/build-requirements.txt"
wheel first
wheel second
built=$(cd "$work/first.out" && echo *.whl)
cmp "$work/first.out/$built" "$work/second.out/$built" || {
  echo "error: the wheel is another one each time: something in it is not the commit's" >&2
  exit 1
}

tools describe "$root/requirements/release.txt"
name=news-pipeline-$version
cp "$root/requirements/run.txt" "$folder/$name-requirements.txt"
PYTHONWARNINGS=ignore "$work/describe/bin/cyclonedx-py" requirements "$root/requirements/run.txt" --pyproject "$root/pyproject.toml" \
  --mc-type application --output-reproducible --of JSON -o "$folder/$name.cdx.json"
cp "$work/first.out/$built" "$folder/"

image=news-pipeline:$version
if engine=$(docker version --format '{{.Server.Version}}' 2>/dev/null); then
  mkdir "$work/context"
  git -C "$root" archive HEAD | tar -x -C "$work/context"
  commit=$(git -C "$root" rev-parse HEAD)
  docker build --quiet --network "${PIPELINE_BUILD_NETWORK:-default}" --file "$work/context/deploy/Dockerfile" --tag "$image" \
    --build-arg "PYTHON_IMAGE=${PYTHON_IMAGE:-python:3.11-slim}" --build-arg "VERSION=$version" --build-arg "REVISION=$commit" \
    --build-arg "CREATED=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)" "$work/context" >/dev/null
  id=$(docker image inspect --format '{{.Id}}' "$image")
  printf '{"image": "%s", "id": "%s", "revision": "%s"}\n' "$image" "$id" "$commit" >"$folder/$name-image.json"
  docker run --rm --interactive --network none --read-only --entrypoint python "$id" - "$image" "$id" \
    <"$root/deploy/image_parts.py" >"$folder/$name-image.cdx.json"
  echo "built the image $image, $id, with Docker $engine"
else
  echo "no image: no Docker engine answers (docker version)"
fi

(
  cd "$folder"
  sha256sum -- *.whl "$name"* >SHA256SUMS
  sha256sum --quiet -c SHA256SUMS
)
if [ -n "$key" ]; then
  ssh-keygen -q -Y sign -f "$key" -n news-pipeline-release "$folder/SHA256SUMS"
  ssh-keygen -q -Y check-novalidate -n news-pipeline-release -s "$folder/SHA256SUMS.sig" <"$folder/SHA256SUMS"
else
  echo "not signed: no key is named in RELEASE_KEY"
fi
ls -l "$folder"
