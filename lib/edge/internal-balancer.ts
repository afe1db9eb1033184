import { Duration } from 'aws-cdk-lib';
import { type IVpc, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationLoadBalancer,
  type ApplicationListener,
  ApplicationProtocol,
  ApplicationTargetGroup,
  CfnListenerRule,
  type IListenerCertificate,
  Protocol,
  SslPolicy,
  TargetGroupLoadBalancingAlgorithmType,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { appPort } from '../settings/app-port.ts';
import { deadlines } from '../settings/deadlines.ts';
import { healthCheck } from './health-check.ts';
import { balancerLogPrefix } from '../storage/log-bucket.ts';

export interface InternalBalancerProps {
  readonly vpc: IVpc;
  readonly logs: IBucket;
  /** HTTPS on 443 with it; without one plain HTTP on port 80. */
  readonly certificate: IListenerCertificate | undefined;
  /** Taken off the front of a path before the app sees it: `live` makes `/live/orders` into `/orders`. */
  readonly gatewayStagePath: string;
}

/** The balancer in the private subnets. Whoever is to reach it says so: it opens itself to nobody. */
export class InternalBalancer extends Construct {
  readonly balancer: ApplicationLoadBalancer;
  readonly listener: ApplicationListener;
  readonly targets: ApplicationTargetGroup;
  readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, props: InternalBalancerProps) {
    super(scope, id);
    const { vpc, logs, certificate } = props;
    this.securityGroup = new SecurityGroup(this, 'Access', { vpc, allowAllOutbound: false });
    this.balancer = new ApplicationLoadBalancer(this, 'Balancer', {
      vpc,
      vpcSubnets: { subnetGroupName: 'private' },
      internetFacing: false,
      securityGroup: this.securityGroup,
      dropInvalidHeaderFields: true,
      idleTimeout: Duration.seconds(deadlines.balancerIdleS),
      // It holds nothing. Deletion protection would make the rollback of a failed first deployment fail.
      deletionProtection: false,
    });
    // `logAccessLogs` wants to know the region; the bucket's policy is written for any.
    this.balancer.setAttribute('access_logs.s3.enabled', 'true');
    this.balancer.setAttribute('access_logs.s3.bucket', logs.bucketName);
    this.balancer.setAttribute('access_logs.s3.prefix', balancerLogPrefix);
    this.targets = new ApplicationTargetGroup(this, 'Targets', {
      vpc,
      targetType: TargetType.INSTANCE,
      protocol: ApplicationProtocol.HTTP,
      port: appPort,
      deregistrationDelay: Duration.seconds(deadlines.deregistrationS),
      loadBalancingAlgorithmType: TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
      healthCheck: {
        path: healthCheck.path,
        protocol: Protocol.HTTP,
        healthyHttpCodes: '200',
        interval: Duration.seconds(healthCheck.intervalS),
        timeout: Duration.seconds(healthCheck.timeoutS),
        healthyThresholdCount: healthCheck.healthyCount,
        unhealthyThresholdCount: healthCheck.unhealthyCount,
      },
    });
    this.listener = this.balancer.addListener('Listener', {
      open: false,
      defaultTargetGroups: [this.targets],
      ...(certificate === undefined
        ? { port: 80, protocol: ApplicationProtocol.HTTP }
        : {
            port: 443,
            protocol: ApplicationProtocol.HTTPS,
            certificates: [certificate],
            sslPolicy: SslPolicy.RECOMMENDED_TLS,
          }),
    });
    this.stripStage(props.gatewayStagePath);
  }

  /**
   * A private integration of a REST API sends the stage along ("API Gateway includes the stage portion of the API
   * endpoint in the request to your backend resources": its developer guide, private-integration.html), and its
   * remedy, a mapping template, is for text bodies. So the balancer takes it off. A path that comes without it
   * meets the default action and stays as it is, so that either behaviour of the gateway is right.
   */
  private stripStage(stagePath: string): void {
    // oxlint-disable-next-line no-new -- a construct adds itself to its scope
    new CfnListenerRule(this, 'WithoutStage', {
      listenerArn: this.listener.listenerArn,
      priority: 1,
      conditions: [
        { field: 'path-pattern', pathPatternConfig: { values: [`/${stagePath}`, `/${stagePath}/*`] } },
      ],
      actions: [{ type: 'forward', targetGroupArn: this.targets.targetGroupArn }],
      transforms: [
        {
          type: 'url-rewrite',
          urlRewriteConfig: { rewrites: [{ regex: `^/${stagePath}/?(.*)$`, replace: '/$1' }] },
        },
      ],
    });
  }
}
