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
 * What runs once on a new instance: fetch the bundle, unpack it, let it install itself. Nothing comes from
 * the internet, and nothing here is secret.
 */
export function userData(options: UserDataOptions): string {
  return `#!/bin/bash
set -euo pipefail

# A start that fails rolls the deployment back at once, instead of after the time for the signal.
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
