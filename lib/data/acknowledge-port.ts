import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Acknowledges a rule of cdk-nag that asks for another port than the protocol's default. */
export function acknowledgePort(construct: IConstruct, id: string): void {
  Validations.of(construct).acknowledge({
    id,
    reason: 'Isolated subnets and a security group protect it; another port number would hide nothing.',
  });
}
