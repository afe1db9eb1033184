import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  ApiKey,
  BasePathMapping,
  DomainName,
  EndpointType,
  type IApiKey,
  LogGroupLogDestination,
  MethodLoggingLevel,
  Period,
  RestApi,
  SecurityPolicy,
  type UsagePlan,
  VpcLink as RestVpcLink,
} from 'aws-cdk-lib/aws-apigateway';
import { VpcLink } from 'aws-cdk-lib/aws-apigatewayv2';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { type IVpc, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { deadlines } from '../settings/deadlines.ts';
import { gatewayStagePath } from './gateway-stage-path.ts';
import type { StageSettings } from '../settings/stage-settings.ts';
import { AlbRestIntegration } from './alb-rest-integration.ts';
import { addGatewayProblems } from './gateway-problems.ts';
import type { InternalBalancer } from './internal-balancer.ts';
import { logRetention } from '../observability/log-retention.ts';

export interface RestFrontDoorProps {
  readonly vpc: IVpc;
  readonly stage: string;
  readonly settings: StageSettings['gateway'];
  readonly balancer: Pick<InternalBalancer, 'balancer' | 'listener'>;
  readonly logDays: StageSettings['logDays'];
  readonly disposable: boolean;
  /** The shop's host name; the gateway uses `api.` in front of it. */
  readonly domain: { readonly name: string; readonly certificate: ICertificate } | undefined;
}

/** The REST API: requires a key on every path, and has a rate for each kind of caller. */
export class RestFrontDoor extends Construct {
  readonly api: RestApi;
  readonly accessLog: LogGroup;
  /** Value that CloudFront sends as x-api-key. */
  readonly storefrontKey: Secret;
  /** Ids of the storefront's keys. The gateway sends the id of a request's key to the app. */
  readonly storefrontKeyIds: readonly string[];
  readonly domainName: DomainName | undefined;

  constructor(scope: Construct, id: string, props: RestFrontDoorProps) {
    super(scope, id);
    const { stage, settings, domain } = props;
    this.accessLog = new LogGroup(this, 'AccessLog', {
      retention: logRetention(props.logDays),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.api = new RestApi(this, 'Api', {
      restApiName: `rowlock-${stage}`,
      description: 'Rowlock: orders, catalogue, wallets',
      endpointTypes: [EndpointType.REGIONAL],
      // The stage can only log with this role of the account.
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      deployOptions: {
        stageName: gatewayStagePath,
        accessLogDestination: new LogGroupLogDestination(this.accessLog),
        accessLogFormat: accessLogFormat(),
        loggingLevel: MethodLoggingLevel.ERROR,
        // Bodies contain passwords and addresses.
        dataTraceEnabled: false,
        // Metrics of the whole API are free; metrics per method are not.
        metricsEnabled: false,
      },
    });
    this.limitExecutionLog(logRetention(props.logDays));
    addGatewayProblems(this.api);
    this.addMethods(props);
    const [sent, ...alsoValid] = settings.storefrontKeys.map((version) => this.addSecret(version, stage));
    if (sent === undefined) throw new Error('gateway.storefrontKeys: name at least one version');
    this.storefrontKey = sent;
    this.storefrontKeyIds = this.addPlans(settings, stage, [sent, ...alsoValid]);
    if (domain !== undefined) {
      this.domainName = new DomainName(this, 'Domain', {
        domainName: `api.${domain.name}`,
        certificate: domain.certificate,
        endpointType: EndpointType.REGIONAL,
        securityPolicy: SecurityPolicy.TLS_1_2,
      });
      // oxlint-disable-next-line no-new -- a construct adds itself to its scope
      new BasePathMapping(this, 'Paths', { domainName: this.domainName, restApi: this.api });
    }
    this.acknowledge(settings.hasWebAcl);
  }

  /** Creates the log of the gateway's own errors, which the gateway would create without an expiry. */
  private limitExecutionLog(retention: RetentionDays): void {
    const log = new LogGroup(this, 'ExecutionLog', {
      logGroupName: `API-Gateway-Execution-Logs_${this.api.restApiId}/${gatewayStagePath}`,
      retention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.api.deploymentStage.node.addDependency(log);
  }

  private addMethods({ vpc, balancer, domain }: RestFrontDoorProps): void {
    const securityGroup = new SecurityGroup(this, 'LinkAccess', { vpc, allowAllOutbound: false });
    const port = domain === undefined ? 80 : 443;
    securityGroup.connections.allowTo(balancer.listener, Port.tcp(port), 'the gateway to the balancer');
    const subnets = { subnetGroupName: 'private' };
    const link = new VpcLink(this, 'Link', {
      vpc,
      subnets,
      securityGroups: [securityGroup],
    });
    const shared = {
      link: RestVpcLink.fromVpcLinkId(this, 'RestLink', link.vpcLinkId),
      linkPlacement: {
        subnetIds: vpc.selectSubnets(subnets).subnetIds,
        securityGroupIds: [securityGroup.securityGroupId],
      },
      balancer: balancer.balancer,
      // The certificate names the host. Without one, the hop inside the network is not encrypted.
      origin:
        domain === undefined
          ? `http://${balancer.balancer.loadBalancerDnsName}`
          : `https://origin.${domain.name}`,
      timeoutMs: deadlines.gatewayTimeoutMs,
    };
    const options = { apiKeyRequired: true };
    new AlbRestIntegration({ ...shared, path: '/' }).addTo(this.api.root, options);
    new AlbRestIntegration({ ...shared, path: '/{proxy}' }).addTo(this.api.root.addResource('{proxy+}'), {
      ...options,
      requestParameters: { 'method.request.path.proxy': true },
    });
  }

  /**
   * CloudFormation resolves a secret only when it creates a resource, so a new value needs a new secret and
   * key.
   */
  private addSecret(version: number, stage: string): Secret {
    const secret = new Secret(this, `StorefrontKey${suffixOf(version, '')}`, {
      secretName: `rowlock/${stage}/storefront-key${suffixOf(version, '-')}`,
      generateSecretString: { passwordLength: 40, excludePunctuation: true },
    });
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'The key only identifies the distribution; a deployment with another version changes it.',
    });
    return secret;
  }

  private addPlans(
    { storefront, storefrontKeys, client }: StageSettings['gateway'],
    stage: string,
    secrets: readonly Secret[],
  ): string[] {
    const addPlan = (name: string, plan: Parameters<RestApi['addUsagePlan']>[1]): UsagePlan =>
      this.api.addUsagePlan(`Plan-${name}`, {
        ...plan,
        name: `rowlock-${stage}-${name}`,
        apiStages: [{ stage: this.api.deploymentStage }],
      });
    // Every visitor shares this key: a used-up quota would close the shop.
    const storefrontPlan = addPlan('storefront', {
      description: 'The key that CloudFront adds: a rate, no quota',
      throttle: { rateLimit: storefront.ratePerS, burstLimit: storefront.burst },
    });
    const clientPlan = addPlan('client', {
      description: 'API clients: a rate and a daily quota per key',
      throttle: { rateLimit: client.ratePerS, burstLimit: client.burst },
      quota: { limit: client.quotaPerDay, period: Period.DAY },
    });
    const key = (name: string, value?: string): IApiKey =>
      new ApiKey(this, `Key-${name}`, {
        apiKeyName: `rowlock-${stage}-${name}`,
        ...(value === undefined ? {} : { value }),
      });
    clientPlan.addApiKey(key('first-client'));
    return secrets.map((secret, index) => {
      // CloudFormation resolves the value, so no template contains it.
      const value = secret.secretValue.unsafeUnwrap();
      const made = key(`storefront${suffixOf(storefrontKeys[index] ?? 1, '-')}`, value);
      storefrontPlan.addApiKey(made);
      return made.keyId;
    });
  }

  private acknowledge(hasWebAcl: boolean): void {
    Validations.of(this.api).acknowledge(
      { id: 'AwsSolutions-APIG2', reason: 'The app validates every request against its schemas.' },
      {
        id: 'AwsSolutions-APIG4',
        reason: 'The key only passes the gateway; the app authenticates the user on every route.',
      },
      {
        id: 'AwsSolutions-COG4',
        reason: "Sessions are the app's opaque tokens in Redis, which also work on a laptop.",
      },
      {
        id:
          'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/' +
          'service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
        reason: "AWS's own policy for the role with which API Gateway writes its log.",
      },
    );
    if (!hasWebAcl) {
      Validations.of(this.api).acknowledge({
        id: 'AwsSolutions-APIG3',
        reason: 'The stage minimal has no web ACL here; one on the distribution is an option.',
      });
    }
  }
}

/** Suffix of a version in names; empty for the first version. */
function suffixOf(version: number, separator: string): string {
  return version === 1 ? '' : `${separator}${version}`;
}

/** One JSON object per request: caller, path, outcome and durations. No query string, no body. */
function accessLogFormat(): AccessLogFormat {
  return AccessLogFormat.custom(
    JSON.stringify({
      requestId: '$context.requestId',
      sourceAddress: '$context.identity.sourceIp',
      keyId: '$context.identity.apiKeyId',
      method: '$context.httpMethod',
      path: '$context.path',
      status: '$context.status',
      errorType: '$context.error.responseType',
      durationMs: '$context.responseLatency',
      integrationMs: '$context.integrationLatency',
    }),
  );
}
