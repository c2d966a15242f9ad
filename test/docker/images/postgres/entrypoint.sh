#!/bin/bash
# First start: make the cluster, the user and the database that POSTGRES_* name, with a server that only its socket reaches.
set -euo pipefail

if [ "${1:-}" != postgres ]; then exec "$@"; fi

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA"
  chmod 0700 "$PGDATA"
  find "$PGDATA" \! -user postgres -exec chown postgres {} +
  # Under a read-only root it is a tmpfs that belongs to root.
  find /var/run/postgresql \! -user postgres -exec chown postgres:postgres {} +
  exec setpriv --reuid postgres --regid postgres --init-groups bash "$0" "$@"
fi

value() { # NAME or NAME_FILE
  local file_name="$1_FILE"
  if [ -n "${!file_name:-}" ]; then cat "${!file_name}"; else printf %s "${!1:-}"; fi
}

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  user=$(value POSTGRES_USER)
  user=${user:-postgres}
  database=$(value POSTGRES_DB)
  database=${database:-$user}
  password=$(value POSTGRES_PASSWORD)
  method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  if [ -z "$password" ] && [ "$method" != trust ]; then
    echo 'Error: the database is not initialised and POSTGRES_PASSWORD is not set' >&2
    exit 1
  fi
  # shellcheck disable=SC2086
  initdb --username="$user" --pwfile=<(printf '%s\n' "$password") --auth-local=trust --auth-host=scram-sha-256 ${POSTGRES_INITDB_ARGS:-}
  printf '\nhost all all all %s\n' "$method" >> "$PGDATA/pg_hba.conf"
  pg_ctl --wait -o "-c listen_addresses=''" start
  if [ "$database" != postgres ]; then createdb --username="$user" --maintenance-db=postgres "$database"; fi
  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sh) bash "$file" ;;
      *.sql) psql --set ON_ERROR_STOP=1 --username="$user" --dbname="$database" --file="$file" ;;
    esac
  done
  pg_ctl --wait --mode=fast stop
  echo 'PostgreSQL init process complete; ready for start up.'
fi

exec "$@" -c listen_addresses='*'
