import type { ProcessName } from './instance-settings.ts';

export interface UserDataOptions {
  readonly bundleBucket: string;
  readonly bundleKey: string;
  readonly region: string;
  readonly stackName: string;
  readonly groupLogicalId: string;
  /** JSON of InstanceSettings. */
  readonly settings: string;
  readonly processes: readonly ProcessName[];
}

/**
 * Script that runs once on a new instance: it downloads and unpacks the bundle and runs its installer. It
 * loads nothing from the internet and contains no secret.
 */
export function userData(options: UserDataOptions): string {
  return `#!/bin/bash
set -euo pipefail

# A failed start rolls the deployment back at once, instead of after the time limit of the signal.
report_failure() {
  /opt/aws/bin/cfn-signal --success false --region '${options.region}' \\
    --stack '${options.stackName}' --resource '${options.groupLogicalId}'
}
trap report_failure ERR

mkdir -p /opt/rowlock /etc/rowlock
aws s3 cp --only-show-errors --region '${options.region}' \\
  's3://${options.bundleBucket}/${options.bundleKey}' /var/tmp/rowlock.tar.gz
tar -xzf /var/tmp/rowlock.tar.gz -C /opt/rowlock --no-same-owner
rm /var/tmp/rowlock.tar.gz
cat >/etc/rowlock/settings.json <<'SETTINGS'
${options.settings}
SETTINGS
/opt/rowlock/instance/install.sh ${options.processes.join(' ')}
`;
}
