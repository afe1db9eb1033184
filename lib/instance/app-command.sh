#!/usr/bin/env bash
# In the bundle as admin.sh and audit.sh. Run on an instance of the API:
#   sudo /opt/rowlock/instance/admin.sh create EMAIL
#   sudo /opt/rowlock/instance/audit.sh
# Runs the app's command of that name as the user and with the settings of the running API, whose environment is in
# memory and readable by nobody else.
set -euo pipefail

command=$(basename "$0" .sh)
environment=/run/rowlock-api/environment
if [[ ! -r $environment ]]; then
  echo "$command.sh: $environment is not there: run it as root on an instance where rowlock-api has started" >&2
  exit 2
fi
export NODE_ENV=production NODE_EXTRA_CA_CERTS=/opt/rowlock/rds-ca.pem
set -a
# shellcheck source=/dev/null
. "$environment"
set +a
cd /opt/rowlock
exec runuser -u rowlock -- /opt/rowlock/bin/node /opt/rowlock/app/main.mjs "$command" "$@"
