import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Acknowledges a policy whose resource must end in a star. cdk-nag expects one acknowledgement per such
 * resource, as the template writes it: `<LogicalId.Attribute>` for a reference.
 */
export function acknowledgeWildcard(construct: IConstruct, resource: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason });
}
