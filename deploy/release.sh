#!/bin/sh
# Builds what a release consists of, out of the commit that is checked out and nothing else: `deploy/release.sh [FOLDER]`.
#
#   news_pipeline-VERSION-py3-none-any.whl    the wheel, built twice, the same both times
#   news-pipeline-VERSION-requirements.txt    what it was tried with, locked by hash
#   news-pipeline-VERSION.cdx.json            the same as a bill of materials (CycloneDX, JSON)
#   SHA256SUMS                                of all three
#
# Needs git and Python ($PYTHON, else python3); the tools are fetched, locked by hash. FOLDER is var/release unless named.
# Exit 2: the checkout has changes, the version has no place in the CHANGELOG, or the folder is not empty.
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
(cd "$folder" && sha256sum -- *.whl "$name"* >SHA256SUMS && sha256sum --quiet -c SHA256SUMS)
ls -l "$folder"
