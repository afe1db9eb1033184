import { createHash } from 'node:crypto';
import { Duration } from 'aws-cdk-lib';
import {
  type CfnMethod,
  ConnectionType,
  Integration,
  type IntegrationConfig,
  IntegrationType,
  type IResource,
  type IVpcLink,
  type Method,
  type MethodOptions,
} from 'aws-cdk-lib/aws-apigateway';
import type { IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';

export interface AlbRestIntegrationProps {
  readonly link: IVpcLink;
  /** Placement of the link. Another subnet or group replaces the link under the same name in the template. */
  readonly linkPlacement: {
    readonly subnetIds: readonly string[];
    readonly securityGroupIds: readonly string[];
  };
  readonly balancer: IApplicationLoadBalancer;
  /** Scheme and host of the balancer's listener, without a trailing slash. */
  readonly origin: string;
  /** `/{proxy}` for every path below the root, `/` for the root. */
  readonly path: '/{proxy}' | '/';
  readonly timeoutMs: number;
}

/** Headers that the app may trust: the gateway overwrites whatever a client sends. */
const contextHeaders = {
  'integration.request.header.X-Rowlock-Source-Address': 'context.identity.sourceIp',
  'integration.request.header.X-Rowlock-Key-Id': 'context.identity.apiKeyId',
  // One id for gateway, app and reply.
  'integration.request.header.X-Request-Id': 'context.requestId',
} as const;

/**
 * Integration of a REST API with an internal application load balancer through a VPC link V2. The CDK has no
 * class for it, so an override sets IntegrationTarget, the balancer's ARN.
 */
export class AlbRestIntegration extends Integration {
  readonly #props: AlbRestIntegrationProps;

  constructor(props: AlbRestIntegrationProps) {
    super({
      type: IntegrationType.HTTP_PROXY,
      integrationHttpMethod: 'ANY',
      uri: `${props.origin}${props.path}`,
      options: {
        connectionType: ConnectionType.VPC_LINK,
        vpcLink: props.link,
        timeout: Duration.millis(props.timeoutMs),
        requestParameters: {
          ...contextHeaders,
          ...(props.path === '/' ? {} : { 'integration.request.path.proxy': 'method.request.path.proxy' }),
        },
      },
    });
    this.#props = props;
  }

  /** Use this instead of `addMethod`, which omits the target. */
  addTo(resource: IResource, options: MethodOptions): Method {
    const method = resource.addMethod('ANY', this, options);
    const cfnMethod = method.node.defaultChild as CfnMethod;
    cfnMethod.addPropertyOverride('Integration.IntegrationTarget', this.#props.balancer.loadBalancerArn);
    return method;
  }

  override bind(method: Method): IntegrationConfig {
    // The hash of a deployment ignores overrides; without this token a change would not go live.
    const { balancer, link, linkPlacement } = this.#props;
    const target = createHash('sha256').update(balancer.node.path).digest('hex');
    const deploymentToken = JSON.stringify({ target, link: link.vpcLinkId, ...linkPlacement });
    return { ...super.bind(method), deploymentToken };
  }
}
