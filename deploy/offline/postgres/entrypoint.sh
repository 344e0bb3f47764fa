#!/usr/bin/env bash
# The part of the official image's entry script that docker-compose.yml relies on: on an empty data folder make
# the cluster with POSTGRES_USER and POSTGRES_PASSWORD_FILE, create POSTGRES_DB, and run the scripts of
# /docker-entrypoint-initdb.d against a server that listens on its socket alone; then serve.
set -euo pipefail
if [ "${1:-}" != postgres ]; then exec "$@"; fi

user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$PGDATA" && chmod 700 "$PGDATA"
  # shellcheck disable=SC2086 - the variable holds options
  initdb --username="$user" --pwfile="${POSTGRES_PASSWORD_FILE:?}" ${POSTGRES_INITDB_ARGS:-} >/dev/null
  echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
  export PGUSER=$user PGDATABASE=$database
  PGPASSWORD=$(cat "$POSTGRES_PASSWORD_FILE")
  export PGPASSWORD
  pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" --wait --silent start
  [ "$database" = postgres ] || createdb --maintenance-db=postgres "$database"
  for script in /docker-entrypoint-initdb.d/*; do
    case $script in
      *.sh) POSTGRES_USER=$user POSTGRES_DB=$database bash "$script" ;;
      *.sql) psql --no-psqlrc -v ON_ERROR_STOP=1 -f "$script" ;;
    esac
  done
  pg_ctl -D "$PGDATA" --wait --silent -m fast stop
  unset PGPASSWORD PGUSER PGDATABASE
fi
exec "$@" -c listen_addresses='*'
