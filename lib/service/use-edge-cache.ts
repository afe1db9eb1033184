import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ProcessName } from '../instance/instance-settings.ts';
import type { ProcessHost } from './process-host.ts';

/** Lets the worker end CloudFront's copies of the catalogue: one permission on one distribution. */
export function useEdgeCache(
  host: ProcessHost,
  distributionId: string,
  options: { for: readonly ProcessName[] },
): void {
  const distribution = Stack.of(host.role).formatArn({
    service: 'cloudfront',
    region: '',
    resource: 'distribution',
    resourceName: distributionId,
  });
  host.role.addToPolicy(
    new PolicyStatement({
      sid: 'EdgeCache',
      actions: ['cloudfront:CreateInvalidation'],
      resources: [distribution],
    }),
  );
  host.setVariables(options.for, { EDGE_DISTRIBUTION_ID: distributionId });
}
