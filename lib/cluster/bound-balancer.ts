import { Duration, Tags } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { KubernetesManifest } from 'aws-cdk-lib/aws-eks-v2';
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  ListenerCertificate,
  SslPolicy,
  TargetGroupLoadBalancingAlgorithmType,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { healthCheck } from '../edge/health-check.ts';
import { appPort } from '../settings/app-port.ts';
import { deadlines } from '../settings/deadlines.ts';
import { balancerLogPrefix } from '../storage/log-bucket.ts';
import { BalancerAccess } from './balancer-access.ts';
import type { EksCluster } from './eks-cluster.ts';
import { apiService } from './ingress-objects.ts';
import type { TargetGroupBinding } from './kubernetes-types.ts';
import { apiServiceName, namespace } from './names.ts';

export interface BoundBalancerProps {
  readonly vpc: IVpc;
  readonly eks: EksCluster;
  readonly logs: IBucket;
  readonly certificateArn: string | undefined;
}

/**
 * The same balancer as that of the Ingress, but made by CloudFormation (`-c front=bound`): the controller
 * only registers the pods in its target group. Nothing is left to a finalizer, so a failed deletion in the
 * cluster cannot keep a balancer, and CloudFormation deletes it in its own order.
 */
export class BoundBalancer extends Construct {
  readonly hostName: string;

  constructor(scope: Construct, id: string, { vpc, eks, logs, certificateArn }: BoundBalancerProps) {
    super(scope, id);
    const { cluster } = eks;
    const port = certificateArn === undefined ? 80 : 443;
    const access = new BalancerAccess(this, 'Access', { vpc, eks, port });
    const balancer = new ApplicationLoadBalancer(this, 'Balancer', {
      vpc,
      vpcSubnets: { subnetGroupName: 'public' },
      internetFacing: true,
      securityGroup: access.group,
      dropInvalidHeaderFields: true,
      idleTimeout: Duration.seconds(deadlines.balancerIdleS),
      deletionProtection: false,
    });
    // `logAccessLogs` requires a known region.
    balancer.setAttribute('access_logs.s3.enabled', 'true');
    balancer.setAttribute('access_logs.s3.bucket', logs.bucketName);
    balancer.setAttribute('access_logs.s3.prefix', balancerLogPrefix);
    const targets = new ApplicationTargetGroup(this, 'Targets', {
      vpc,
      targetType: TargetType.IP,
      protocol: ApplicationProtocol.HTTP,
      port: appPort,
      deregistrationDelay: Duration.seconds(deadlines.deregistrationS),
      loadBalancingAlgorithmType: TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
      healthCheck: {
        path: healthCheck.path,
        healthyHttpCodes: '200',
        interval: Duration.seconds(healthCheck.intervalS),
        timeout: Duration.seconds(healthCheck.timeoutS),
        healthyThresholdCount: healthCheck.healthyCount,
        unhealthyThresholdCount: healthCheck.unhealthyCount,
      },
    });
    // AmazonEKSLoadBalancingPolicy lets the controller register targets only if this tag names its cluster.
    Tags.of(targets).add('eks:eks-cluster-name', cluster.clusterName);
    balancer.addListener('Listener', {
      open: false,
      port,
      defaultTargetGroups: [targets],
      ...(certificateArn === undefined
        ? { protocol: ApplicationProtocol.HTTP }
        : {
            protocol: ApplicationProtocol.HTTPS,
            certificates: [ListenerCertificate.fromArn(certificateArn)],
            sslPolicy: SslPolicy.RECOMMENDED_TLS,
          }),
    });
    const binding: TargetGroupBinding = {
      apiVersion: 'eks.amazonaws.com/v1',
      kind: 'TargetGroupBinding',
      metadata: { name: apiServiceName, namespace },
      spec: {
        serviceRef: { name: apiServiceName, port: 80 },
        targetGroupARN: targets.targetGroupArn,
        targetType: 'ip',
      },
    };
    const service = new KubernetesManifest(this, 'Service', { cluster, manifest: [apiService] });
    const bound = new KubernetesManifest(this, 'Binding', { cluster, manifest: [binding] });
    bound.node.addDependency(service, access);
    this.hostName = balancer.loadBalancerDnsName;
  }
}
