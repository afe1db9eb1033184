import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { instanceLogGroup } from '../instance/instance-metrics.ts';
import { logRetention } from '../observability/log-retention.ts';
import type { ClusterSettings } from '../settings/cluster-settings.ts';
import { ClusterAddOns } from './cluster-add-ons.ts';
import { EksCluster } from './eks-cluster.ts';

export interface ClusterStackProps extends StackProps {
  readonly settings: ClusterSettings;
  readonly vpc: IVpc;
  readonly adminRoleArn: string | undefined;
}

/** The cluster with its nodes and add-ons. It outlives releases, which change only the workloads. */
export class ClusterStack extends Stack {
  readonly eks: EksCluster;
  /** API and worker share one, as on an instance. */
  readonly logs: Readonly<Record<'api' | 'data-platform', LogGroup>>;

  constructor(scope: Construct, id: string, props: ClusterStackProps) {
    const { settings, vpc, adminRoleArn, ...stackProps } = props;
    super(scope, id, stackProps);
    const { name: stage, logDays } = settings.shared;
    const group = (name: 'api' | 'data-platform') =>
      new LogGroup(this, `Log-${name}`, {
        logGroupName: instanceLogGroup(stage, name),
        retention: logRetention(logDays),
        removalPolicy: RemovalPolicy.DESTROY,
      });
    this.logs = { api: group('api'), 'data-platform': group('data-platform') };
    this.eks = new EksCluster(this, 'Eks', { vpc, settings, adminRoleArn });
    // oxlint-disable-next-line no-new -- a construct adds itself to its scope
    new ClusterAddOns(this, 'AddOns', {
      eks: this.eks,
      logs: [
        { name: 'api', group: this.logs.api },
        { name: 'worker', group: this.logs.api },
        { name: 'migrate', group: this.logs.api },
        { name: 'data-platform', group: this.logs['data-platform'] },
      ],
    });
    // oxlint-disable-next-line no-new -- a construct adds itself to its scope
    new CfnOutput(this, 'ClusterName', { value: this.eks.cluster.clusterName });
  }
}
