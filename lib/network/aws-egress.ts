import { type IVpc, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';

/**
 * Security group of a client of AWS (S3, SQS, Secrets Manager, …) over HTTPS. It allows no other outbound and
 * no inbound traffic until a construct opens a connection by name.
 */
export function awsEgress(scope: Construct, id: string, vpc: IVpc, description: string): SecurityGroup {
  const group = new SecurityGroup(scope, id, { vpc, allowAllOutbound: false, description });
  group.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'endpoints of AWS');
  return group;
}
