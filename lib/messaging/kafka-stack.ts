import { Stack, type StackProps } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { ClusterSettings } from '../settings/cluster-settings.ts';
import { KafkaCluster } from './kafka-cluster.ts';

export interface KafkaStackProps extends StackProps {
  readonly settings: ClusterSettings;
  readonly vpc: IVpc;
  readonly disposable: boolean;
}

/** The brokers and topics of order events, in a stack of their own because they outlive releases. */
export class KafkaStack extends Stack {
  readonly kafka: KafkaCluster;

  constructor(scope: Construct, id: string, { settings, vpc, disposable, ...props }: KafkaStackProps) {
    super(scope, id, props);
    this.kafka = new KafkaCluster(this, 'Kafka', { vpc, settings, disposable });
  }
}
