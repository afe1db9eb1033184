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
  /** With a certificate the balancer listens for HTTPS on port 443, without one for HTTP on port 80. */
  readonly certificate: IListenerCertificate | undefined;
  /** Prefix that the balancer removes from a path: with `live`, `/live/orders` becomes `/orders`. */
  readonly gatewayStagePath: string;
}

/** The balancer in the private subnets. It admits no client until another construct allows one. */
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
      // The balancer has no data, and deletion protection would break the rollback of a failed first
      // deployment.
      deletionProtection: false,
    });
    // `logAccessLogs` requires a known region. The bucket's policy works in every region, so set the
    // attributes directly.
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
   * A private integration of a REST API sends the stage as part of the path ("API Gateway includes the stage
   * portion of the API endpoint in the request to your backend resources": developer guide,
   * private-integration.html). The remedy there, a mapping template, supports only text bodies, so the
   * balancer removes the stage. A path without the stage matches the default action and stays unchanged, so
   * both behaviours of the gateway work.
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
