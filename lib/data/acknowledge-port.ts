import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** For the rules of cdk-nag that want another port than the protocol's own. */
export function acknowledgePort(construct: IConstruct, id: string): void {
  Validations.of(construct).acknowledge({
    id,
    reason: 'Isolated subnets and a security group guard it; another port number would hide nothing.',
  });
}
