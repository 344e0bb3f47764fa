#!/bin/sh
# Makes the passwords of the docker-compose stack, once: files in deploy/secrets (not in version control), and the
# address of the database for each role. What is there is kept. `deploy/secrets.sh FOLDER` makes them elsewhere.
#
# The files are readable by all, since the containers' users have other numbers than yours; the folder is not.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
folder=${1:-$root/deploy/secrets}
mkdir -p "$folder"
chmod 700 "$folder"

put() { # NAME: standard input becomes the secret, unless it is there
  if [ ! -s "$folder/$1" ]; then
    (umask 022 && cat >"$folder/$1.new" && mv "$folder/$1.new" "$folder/$1")
  fi
}
random() { head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'; }

random | put postgres_password
random | put grafana_password
random | put console_token
random | put webhook_secret
for role in owner writer reader; do
  random | put "${role}_password"
  printf 'postgresql+psycopg://news_%s:%s@postgres/news' "$role" "$(cat "$folder/${role}_password")" |
    put "${role}_database_url"
done

# What `docker compose` calls the stack, and which optional parts it starts.
if [ "$#" -eq 0 ]; then
  for setting in COMPOSE_PROJECT_NAME=news-pipeline COMPOSE_PROFILES=grafana; do
    grep -qs "^${setting%%=*}=" "$root/.env" || echo "$setting" >>"$root/.env"
  done
fi
