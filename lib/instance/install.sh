#!/usr/bin/env bash
# Runs once on a new instance, from the unpacked bundle: install.sh PROCESS...
# Creates the service's user, installs the units of the named processes and of the instance itself, and starts
# them. It does not wait for the start; the signal to CloudFormation does.
set -euo pipefail

here=/opt/rowlock
if ! id rowlock >/dev/null 2>&1; then
  useradd --system --no-create-home --shell /usr/sbin/nologin rowlock
fi
chown -R root:root "$here"
chmod -R go-w,a+rX "$here"
# Contains names, ARNs and addresses: the service may read it, and only root may write it.
chmod 0644 /etc/rowlock/settings.json

# The journal keeps unshipped lines within limits, and does not split the lines that are shipped.
mkdir -p /etc/systemd/journald.conf.d
printf '[Journal]\nStorage=persistent\nSystemMaxUse=512M\nRateLimitIntervalSec=0\nLineMax=256K\n' \
  >/etc/systemd/journald.conf.d/rowlock.conf
systemctl restart systemd-journald

units=()
for process in "$@" logs drain ready; do
  units+=("rowlock-$process.service")
done
install -m 0644 -t /etc/systemd/system "${units[@]/#/$here/instance/units/}" \
  "$here/instance/units/rowlock-failed.service"
systemctl daemon-reload
systemctl enable "${units[@]}"
systemctl start --no-block "${units[@]}"
