#!/usr/bin/env bash
# At the database's first start: three roles with no more rights than their work needs.
#
# news_owner   owns the database and its tables; migrates them
# news_writer  reads and writes rows; the stages that use the store
# news_reader  reads; the console and people
set -euo pipefail
export SECRETS=${SECRETS:-/run/secrets}
for role in owner writer reader; do
  [ -s "$SECRETS/${role}_password" ] || { echo "roles.sh: $SECRETS/${role}_password is missing or empty" >&2; exit 1; }
done

# psql reads the passwords itself: what it is given as an argument is for everybody to see.
psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  -v database="$POSTGRES_DB" <<'SQL'
\set owner `cat "$SECRETS/owner_password"`
\set writer `cat "$SECRETS/writer_password"`
\set reader `cat "$SECRETS/reader_password"`
CREATE ROLE news_owner LOGIN PASSWORD :'owner';
CREATE ROLE news_writer LOGIN PASSWORD :'writer';
CREATE ROLE news_reader LOGIN PASSWORD :'reader';

ALTER DATABASE :"database" OWNER TO news_owner;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO news_writer, news_reader;

ALTER SCHEMA public OWNER TO news_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO news_writer, news_reader;

ALTER DEFAULT PRIVILEGES FOR ROLE news_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO news_writer;
ALTER DEFAULT PRIVILEGES FOR ROLE news_owner IN SCHEMA public GRANT USAGE ON SEQUENCES TO news_writer;
ALTER DEFAULT PRIVILEGES FOR ROLE news_owner IN SCHEMA public GRANT SELECT ON TABLES TO news_reader;
SQL
