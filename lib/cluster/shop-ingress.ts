import { Duration } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { KubernetesManifest, KubernetesObjectValue } from 'aws-cdk-lib/aws-eks-v2';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { BalancerAccess } from './balancer-access.ts';
import type { EksCluster } from './eks-cluster.ts';
import { ingressObjects } from './ingress-objects.ts';
import type { KubernetesObject } from './kubernetes-types.ts';
import { apiServiceName, namespace } from './names.ts';

export interface ShopIngressProps {
  readonly vpc: IVpc;
  readonly eks: EksCluster;
  readonly logs: IBucket;
  /** With a certificate the balancer listens for HTTPS on port 443, without one for HTTP on port 80. */
  readonly certificateArn: string | undefined;
}

/** A new balancer takes two to four minutes. */
const BALANCER_MAX = Duration.minutes(10);

/**
 * Application Load Balancer in the public subnets, which Auto Mode's controller makes for an Ingress of class
 * alb and which sends requests straight to the pods. Its security group admits only CloudFront's servers; the
 * app rejects requests from other customers' distributions by the key of the origin.
 *
 * The group and its rules are ours and not the controller's, so a deleted Ingress leaves nothing behind that
 * holds the network.
 */
export class ShopIngress extends Construct {
  /** Such as k8s-rowlock-….elb.amazonaws.com. */
  readonly hostName: string;

  constructor(scope: Construct, id: string, props: ShopIngressProps) {
    super(scope, id);
    const { vpc, eks, logs, certificateArn } = props;
    const { cluster } = eks;
    const port = certificateArn === undefined ? 80 : 443;
    const access = new BalancerAccess(this, 'Access', { vpc, eks, port });
    const { parameters, ingressClass, service, ingress } = ingressObjects({
      subnetIds: vpc.selectSubnets({ subnetGroupName: 'public' }).subnetIds,
      securityGroupId: access.group.securityGroupId,
      logBucket: logs.bucketName,
      certificateArn,
    });
    const manifest = (name: string, object: KubernetesObject) =>
      new KubernetesManifest(this, name, { cluster, manifest: [object] });
    // Each needs the one before it, and is deleted before it: the class names its parameters, and the Ingress
    // holds a finalizer until the controller has deleted the balancer.
    const named = manifest('ClassParameters', parameters);
    const ofClass = manifest('Class', ingressClass);
    ofClass.node.addDependency(named);
    const target = manifest('Service', service);
    const made = manifest('Ingress', ingress);
    made.node.addDependency(ofClass, target, access);
    const hostName = new KubernetesObjectValue(this, 'HostName', {
      cluster,
      objectType: 'ingress',
      objectName: apiServiceName,
      objectNamespace: namespace,
      jsonPath: '.status.loadBalancer.ingress[0].hostname',
      timeout: BALANCER_MAX,
    });
    hostName.node.addDependency(made);
    this.hostName = hostName.value;
  }
}
