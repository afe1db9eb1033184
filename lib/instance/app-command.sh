#!/usr/bin/env bash
# The bundle contains this script as admin.sh and audit.sh. Run it on an instance of the API:
#   sudo /opt/rowlock/instance/admin.sh create EMAIL
#   sudo /opt/rowlock/instance/admin.sh invite EMAIL --role owner
#   sudo /opt/rowlock/instance/audit.sh
# It runs the app's command of that name as the service's user, with the settings of the running API. Their
# file is in memory and readable only by root and that user.
set -euo pipefail

command=$(basename "$0" .sh)
environment=/run/rowlock-api/environment
if [[ ! -r $environment ]]; then
  echo "$command.sh: cannot read $environment: run as root, on an instance where rowlock-api has started" >&2
  exit 2
fi
export NODE_ENV=production NODE_EXTRA_CA_CERTS=/opt/rowlock/rds-ca.pem
set -a
# shellcheck source=/dev/null
. "$environment"
set +a
cd /opt/rowlock
exec runuser -u rowlock -- /opt/rowlock/bin/node /opt/rowlock/app/main.mjs "$command" "$@"
