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
  /** What a link is made from. Another subnet or group replaces it, under the same name in the template. */
  readonly linkPlacement: {
    readonly subnetIds: readonly string[];
    readonly securityGroupIds: readonly string[];
  };
  readonly balancer: IApplicationLoadBalancer;
  /** Scheme and host that the balancer's listener answers to, without a slash at the end. */
  readonly origin: string;
  /** `/{proxy}`, or nothing for the root. */
  readonly path: '/{proxy}' | '/';
  readonly timeoutMs: number;
}

/** What the app may believe about a request, because the gateway overwrites whatever a client sends. */
const contextHeaders = {
  'integration.request.header.X-Rowlock-Source-Address': 'context.identity.sourceIp',
  'integration.request.header.X-Rowlock-Key-Id': 'context.identity.apiKeyId',
  // One id for gateway, app and answer.
  'integration.request.header.X-Request-Id': 'context.requestId',
} as const;

/**
 * A method of a REST API that goes through a VPC link of the second kind to an internal application load
 * balancer. The CDK has no class for it: IntegrationTarget, the balancer's ARN, is set as an override.
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

  /** Use this in place of `addMethod`, which leaves the target out. */
  addTo(resource: IResource, options: MethodOptions): Method {
    const method = resource.addMethod('ANY', this, options);
    const cfnMethod = method.node.defaultChild as CfnMethod;
    cfnMethod.addPropertyOverride('Integration.IntegrationTarget', this.#props.balancer.loadBalancerArn);
    return method;
  }

  override bind(method: Method): IntegrationConfig {
    // Overrides are not part of what a deployment is hashed from; without this a change would not go live.
    const { balancer, link, linkPlacement } = this.#props;
    const target = createHash('sha256').update(balancer.node.path).digest('hex');
    const deploymentToken = JSON.stringify({ target, link: link.vpcLinkId, ...linkPlacement });
    return { ...super.bind(method), deploymentToken };
  }
}
