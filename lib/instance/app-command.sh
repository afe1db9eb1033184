#!/usr/bin/env bash
# Run on an instance of the API: sudo /opt/rowlock/instance/admin.sh create EMAIL
# Makes an admin, as the user and with the settings of the running API, whose environment is memory and nobody else's.
set -euo pipefail

environment=/run/rowlock-api/environment
if [[ ! -r $environment ]]; then
  echo "admin.sh: $environment is not there: run it as root on an instance where rowlock-api has started" >&2
  exit 2
fi
export NODE_ENV=production NODE_EXTRA_CA_CERTS=/opt/rowlock/rds-ca.pem
set -a
# shellcheck source=/dev/null
. "$environment"
set +a
cd /opt/rowlock
exec runuser -u rowlock -- /opt/rowlock/bin/node /opt/rowlock/app/main.mjs admin "$@"
