import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { RestApiOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { AaaaRecord, ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { ApiGatewayDomain, CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { InternalBalancer } from './internal-balancer.ts';
import { RestFrontDoor } from './rest-front-door.ts';
import { originTimeout, ShopDistribution } from './shop-distribution.ts';
import { WebAcl } from './web-acl.ts';
import type { DeploymentOptions } from '../settings/deployment-options.ts';
import { distributionIdOutput } from './distribution-id-output.ts';
import { gatewayStagePath } from './gateway-stage-path.ts';
import type { StageSettings } from '../settings/stage-settings.ts';

export interface EdgeStackProps extends StackProps {
  readonly settings: StageSettings;
  readonly options: DeploymentOptions;
  readonly vpc: IVpc;
  readonly images: IBucket;
  readonly pages: IBucket;
  readonly logs: IBucket;
  /** Web ACL of the distribution. */
  readonly webAclArn: string | undefined;
}

/**
 * Everything between a client and an instance: distribution, gateway, balancer. The balancer is in this stack
 * and not beside the instances, because the instances must know the distribution's address to link to images.
 */
export class EdgeStack extends Stack {
  readonly balancer: InternalBalancer;
  readonly frontDoor: RestFrontDoor;
  readonly shop: ShopDistribution;

  constructor(scope: Construct, id: string, props: EdgeStackProps) {
    super(scope, id, props);
    const { settings, options, vpc } = props;
    const { name: stage, logDays } = settings;
    const { disposable, domain } = options;
    const certificate = (id: string, arn: string | undefined) =>
      arn === undefined ? undefined : Certificate.fromCertificateArn(this, id, arn);
    const regional = certificate('RegionalCertificate', options.regionalCertificateArn);
    const atEdge = certificate('EdgeCertificate', options.edgeCertificateArn);
    const named = <C>(found: C | undefined) =>
      domain === undefined || found === undefined ? undefined : { name: domain, certificate: found };

    this.balancer = new InternalBalancer(this, 'Balancer', {
      vpc,
      logs: props.logs,
      certificate: regional,
      gatewayStagePath,
    });
    this.frontDoor = new RestFrontDoor(this, 'FrontDoor', {
      vpc,
      stage,
      logDays,
      disposable,
      settings: settings.gateway,
      balancer: this.balancer,
      domain: named(regional),
    });
    // oxlint-disable no-new -- a construct adds itself to its scope
    if (settings.gateway.hasWebAcl) this.guardGateway(settings);
    this.shop = new ShopDistribution(this, 'Shop', {
      stage,
      apiOrigin: new RestApiOrigin(this.frontDoor.api, {
        customHeaders: { 'x-api-key': this.frontDoor.storefrontKey.secretValue.unsafeUnwrap() },
        readTimeout: originTimeout,
      }),
      images: props.images,
      pages: props.pages,
      domain: named(atEdge),
      webAclArn: props.webAclArn,
    });
    this.addRecords(options);
    new CfnOutput(this, 'ShopUrl', { value: this.shop.origin, description: 'The shop and its console' });
    new CfnOutput(this, distributionIdOutput, {
      value: this.shop.distribution.distributionId,
      description: 'CloudFront distribution of the shop',
    });
    new CfnOutput(this, 'ApiUrl', {
      description: 'The REST API for clients with a key',
      value: domain === undefined ? this.frontDoor.api.url : `https://api.${domain}`,
    });
  }

  /**
   * Web ACL for callers that bypass CloudFront with a key. It has no rule for rate or reputation, because
   * most requests come from CloudFront's addresses and the web ACL of the distribution has both rules.
   */
  private guardGateway({ name: stage, logDays }: StageSettings): void {
    const acl = new WebAcl(this, 'WebAcl', {
      stage,
      logDays,
      scope: 'REGIONAL',
      managed: ['common', 'knownBadInputs'],
    });
    // oxlint-disable-next-line no-new -- a construct adds itself to its scope
    new CfnWebACLAssociation(this, 'WebAclOfStage', {
      webAclArn: acl.arn,
      resourceArn: this.frontDoor.api.deploymentStage.stageArn,
    });
  }

  private addRecords({ domain, hostedZoneId, hostedZoneName }: DeploymentOptions): void {
    const { domainName } = this.frontDoor;
    if (domain === undefined || hostedZoneId === undefined || hostedZoneName === undefined) return;
    const zone = HostedZone.fromHostedZoneAttributes(this, 'Zone', {
      hostedZoneId,
      zoneName: hostedZoneName,
    });
    const shop = RecordTarget.fromAlias(new CloudFrontTarget(this.shop.distribution));
    new ARecord(this, 'ShopAddress', { zone, recordName: domain, target: shop });
    new AaaaRecord(this, 'ShopAddress6', { zone, recordName: domain, target: shop });
    if (domainName === undefined) return;
    const api = RecordTarget.fromAlias(new ApiGatewayDomain(domainName));
    new ARecord(this, 'ApiAddress', { zone, recordName: `api.${domain}`, target: api });
  }
}
