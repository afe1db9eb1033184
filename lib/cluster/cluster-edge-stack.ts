import { CfnOutput, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { type IOrigin, OriginProtocolPolicy, OriginSslPolicy } from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { AaaaRecord, ARecord, CnameRecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { originKeyHeader } from '../../app/contract/origin-key-header.ts';
import { distributionIdOutput } from '../edge/distribution-id-output.ts';
import { originTimeout, ShopDistribution } from '../edge/shop-distribution.ts';
import type { ClusterSettings } from '../settings/cluster-settings.ts';
import type { DeploymentOptions } from '../settings/deployment-options.ts';
import { BoundBalancer } from './bound-balancer.ts';
import type { EksCluster } from './eks-cluster.ts';
import { ShopIngress } from './shop-ingress.ts';
import type { WorkloadsEdge } from './workloads-stack.ts';

export interface ClusterEdgeStackProps extends StackProps {
  readonly settings: ClusterSettings;
  readonly options: DeploymentOptions;
  readonly vpc: IVpc;
  readonly eks: EksCluster;
  readonly images: IBucket;
  readonly pages: IBucket;
  readonly logs: IBucket;
  readonly webAclArn: string | undefined;
}

/**
 * Everything between a client and a pod: distribution, names and the balancer. It is deployed
 * before the pods, which must know the distribution's address, and deleted after them.
 */
export class ClusterEdgeStack extends Stack {
  readonly shop: ShopDistribution;
  readonly front: ShopIngress | BoundBalancer;
  readonly originKey: Secret;

  constructor(scope: Construct, id: string, props: ClusterEdgeStackProps) {
    super(scope, id, props);
    const { settings, options, vpc, eks, logs } = props;
    const { domain, edgeCertificateArn, regionalCertificateArn } = options;
    const { name: stage } = settings.shared;
    this.originKey = new Secret(this, 'OriginKey', {
      secretName: `rowlock/${stage}/origin-key`,
      generateSecretString: { passwordLength: 40, excludePunctuation: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(this.originKey).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'The key only identifies the distribution; the runbook replaces it with two valid keys.',
    });
    const front = { vpc, eks, logs, certificateArn: regionalCertificateArn };
    this.front =
      options.front === 'bound'
        ? new BoundBalancer(this, 'Bound', front)
        : new ShopIngress(this, 'Ingress', front);
    const certificate =
      edgeCertificateArn === undefined
        ? undefined
        : Certificate.fromCertificateArn(this, 'EdgeCertificate', edgeCertificateArn);
    this.shop = new ShopDistribution(this, 'Shop', {
      stage,
      apiOrigin: this.balancerOrigin(domain),
      images: props.images,
      pages: props.pages,
      domain: domain === undefined || certificate === undefined ? undefined : { name: domain, certificate },
      webAclArn: props.webAclArn,
    });
    if (domain === undefined) {
      Validations.of(this.shop.distribution).acknowledge({
        id: 'AwsSolutions-CFR5',
        reason: 'Without a domain no certificate can name the balancer; with one the hop uses TLS 1.2.',
      });
    }
    this.addRecords(options);
    // oxlint-disable no-new -- a construct adds itself to its scope
    new CfnOutput(this, 'ShopUrl', { value: this.shop.origin, description: 'The shop and its console' });
    new CfnOutput(this, distributionIdOutput, {
      value: this.shop.distribution.distributionId,
      description: 'CloudFront distribution of the shop',
    });
    // oxlint-enable no-new
  }

  get forPods(): WorkloadsEdge {
    const { origin, distribution } = this.shop;
    return { origin, originKey: this.originKey, distributionId: distribution.distributionId };
  }

  /**
   * With a domain the balancer has a certificate for `origin.` in front of it. Without one, CloudFront speaks
   * HTTP to it, over AWS's own network but not encrypted: use a domain for anything real.
   */
  private balancerOrigin(domain: string | undefined): IOrigin {
    const shared = {
      // CloudFormation resolves the value, so no template contains it.
      customHeaders: { [originKeyHeader]: this.originKey.secretValue.unsafeUnwrap() },
      readTimeout: originTimeout,
    };
    return domain === undefined
      ? new HttpOrigin(this.front.hostName, {
          ...shared,
          protocolPolicy: OriginProtocolPolicy.HTTP_ONLY,
        })
      : new HttpOrigin(`origin.${domain}`, {
          ...shared,
          protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
          originSslProtocols: [OriginSslPolicy.TLS_V1_2],
        });
  }

  private addRecords({ domain, hostedZoneId, hostedZoneName }: DeploymentOptions): void {
    if (domain === undefined || hostedZoneId === undefined || hostedZoneName === undefined) return;
    const zone = HostedZone.fromHostedZoneAttributes(this, 'Zone', {
      hostedZoneId,
      zoneName: hostedZoneName,
    });
    const target = RecordTarget.fromAlias(new CloudFrontTarget(this.shop.distribution));
    // oxlint-disable no-new -- a construct adds itself to its scope
    new ARecord(this, 'ShopAddress', { zone, recordName: domain, target });
    new AaaaRecord(this, 'ShopAddress6', { zone, recordName: domain, target });
    // An alias would need the id of the balancer's zone, which no object of Kubernetes has.
    new CnameRecord(this, 'OriginAddress', {
      zone,
      recordName: `origin.${domain}`,
      domainName: this.front.hostName,
    });
    // oxlint-enable no-new
  }
}
