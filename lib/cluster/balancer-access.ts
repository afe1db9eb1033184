import { Validations } from 'aws-cdk-lib';
import { CfnSecurityGroupIngress, type IVpc, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { acknowledgeAwsCalls } from '../functions/acknowledge-aws-calls.ts';
import { appPort } from '../settings/app-port.ts';
import type { EksCluster } from './eks-cluster.ts';

export interface BalancerAccessProps {
  readonly vpc: IVpc;
  readonly eks: EksCluster;
  /** The one port of the listener. */
  readonly port: 80 | 443;
}

const PREFIX_LIST = 'com.amazonaws.global.cloudfront.origin-facing';

/** Security group of the public balancer: from CloudFront's servers in, to the pods of the API out. */
export class BalancerAccess extends Construct {
  readonly group: SecurityGroup;

  constructor(scope: Construct, id: string, { vpc, eks, port }: BalancerAccessProps) {
    super(scope, id);
    const { clusterSecurityGroupId } = eks.cluster;
    this.group = new SecurityGroup(this, 'Group', { vpc, allowAllOutbound: false });
    // The list counts as 55 of a group's 60 rules, so it fits for one port only.
    this.group.addIngressRule(
      Peer.prefixList(this.cloudFrontPrefixList()),
      Port.tcp(port),
      'from CloudFront',
    );
    this.group.addEgressRule(
      Peer.securityGroupId(clusterSecurityGroupId),
      Port.tcp(appPort),
      'to the pods of the API',
    );
    // oxlint-disable-next-line no-new -- a construct adds itself to its scope
    new CfnSecurityGroupIngress(this, 'ToPods', {
      groupId: clusterSecurityGroupId,
      sourceSecurityGroupId: this.group.securityGroupId,
      ipProtocol: 'tcp',
      fromPort: appPort,
      toPort: appPort,
      description: 'from the balancer',
    });
  }

  /** Its id differs between regions, and a lookup at synthesis would need an account. */
  private cloudFrontPrefixList(): string {
    const field = 'PrefixLists.0.PrefixListId';
    const call = {
      service: 'EC2',
      action: 'describeManagedPrefixLists',
      parameters: { Filters: [{ Name: 'prefix-list-name', Values: [PREFIX_LIST] }] },
      physicalResourceId: PhysicalResourceId.of('cloudfront-prefix-list'),
      outputPaths: [field],
    };
    const lookup = new AwsCustomResource(this, 'PrefixList', {
      onCreate: call,
      onUpdate: call,
      installLatestAwsSdk: false,
      policy: AwsCustomResourcePolicy.fromSdkCalls({ resources: AwsCustomResourcePolicy.ANY_RESOURCE }),
    });
    acknowledgeAwsCalls(this);
    Validations.of(lookup).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'DescribeManagedPrefixLists only reads and does not support resources.',
    });
    return lookup.getResponseField(field);
  }
}
