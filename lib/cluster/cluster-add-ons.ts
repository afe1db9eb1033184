import { Stack, Validations } from 'aws-cdk-lib';
import { CfnAddon } from 'aws-cdk-lib/aws-eks';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { type AppLog, fluentBitConfiguration } from './app-logs.ts';
import type { EksCluster } from './eks-cluster.ts';
import { ServiceAccountRole } from './service-account-role.ts';

export interface ClusterAddOnsProps {
  readonly eks: EksCluster;
  readonly logs: readonly AppLog[];
}

const AGENT_POLICY = 'CloudWatchAgentServerPolicy';

/**
 * Add-ons that EKS installs and updates: metrics-server, which the autoscaler of the API asks, and CloudWatch
 * Container Insights with the shipping of logs. They run on the nodes, so they are deleted before them.
 */
export class ClusterAddOns extends Construct {
  constructor(scope: Construct, id: string, { eks, logs }: ClusterAddOnsProps) {
    super(scope, id);
    const { clusterName } = eks.cluster;
    const metrics = new CfnAddon(this, 'MetricsServer', { clusterName, addonName: 'metrics-server' });
    const { role } = new ServiceAccountRole(this, 'Agent', {
      provider: eks.provider,
      namespace: 'amazon-cloudwatch',
      name: 'cloudwatch-agent',
    });
    role.addManagedPolicy(ManagedPolicy.fromAwsManagedPolicyName(AGENT_POLICY));
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${AGENT_POLICY}]`,
      reason: "AWS's own policy for the agent that writes metrics and logs of the nodes.",
    });
    const observability = new CfnAddon(this, 'Observability', {
      clusterName,
      addonName: 'amazon-cloudwatch-observability',
      serviceAccountRoleArn: role.roleArn,
      configurationValues: Stack.of(this).toJsonString({
        containerLogs: {
          enabled: true,
          fluentBit: {
            config: {
              extraFiles: {
                'application-log.conf': fluentBitConfiguration(logs, Stack.of(this).region),
                // Logs of the system and of nodes, which Auto Mode manages, would cost more than the app's.
                'dataplane-log.conf': '',
                'host-log.conf': '',
              },
            },
          },
        },
        // Traces would add an agent to every pod.
        manager: { applicationSignals: { autoMonitor: { monitorAllServices: false } } },
      }),
    });
    for (const addOn of [metrics, observability]) addOn.node.addDependency(eks.ready);
  }
}
