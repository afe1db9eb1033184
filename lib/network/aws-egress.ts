import { type IVpc, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';

/**
 * A security group of something that calls AWS (S3, SQS, Secrets Manager, …) over HTTPS. Every other way is
 * opened by name, and nothing comes in before somebody is let in.
 */
export function awsEgress(scope: Construct, id: string, vpc: IVpc, description: string): SecurityGroup {
  const group = new SecurityGroup(scope, id, { vpc, allowAllOutbound: false, description });
  group.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'endpoints of AWS');
  return group;
}
