import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * For a policy whose resource has to end in a star. cdk-nag takes one acknowledgement for each such resource,
 * written as it stands in the template: `<LogicalId.Attribute>` for a reference.
 */
export function acknowledgeWildcard(construct: IConstruct, resource: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason });
}
