import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { problemTable } from '../../app/http/contract/problem-table.ts';
import { gatewayProblems } from '../../lib/edge/gateway-problems.ts';
import { stageNames } from '../../lib/settings/stage-settings.ts';
import { apiDocument } from '../support/http/api-document.ts';
import { synthesisedStage, type SynthesisedStage } from '../support/observe/synthesised-stage.ts';

const withDomain = {
  domain: 'shop.example.com',
  hostedZoneId: 'Z0123456789ABC',
  hostedZoneName: 'example.com',
  edgeCertificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/a',
  regionalCertificateArn: 'arn:aws:acm:ap-northeast-2:123456789012:certificate/b',
};

interface Behaviour {
  readonly PathPattern?: string;
  readonly TargetOriginId: string;
  readonly CachePolicyId: unknown;
  readonly OriginRequestPolicyId?: unknown;
  readonly ResponseHeadersPolicyId?: unknown;
  readonly ViewerProtocolPolicy: string;
  readonly AllowedMethods: readonly string[];
  readonly Compress?: boolean;
}

/** Query parameters of the routes that CloudFront may cache, according to the app's OpenAPI document. */
const catalogueParameters = () => {
  const names = Object.entries(apiDocument().paths)
    .filter(([path]) => path.startsWith('/products'))
    .flatMap(([, { get }]) => get?.parameters ?? [])
    .filter((parameter) => parameter.in === 'query')
    .map(({ name }) => name);
  return [...new Set(names)];
};

/** Paths as the route tables define them. */
const appPaths = () => {
  const top = join(import.meta.dirname, '../../app');
  return readdirSync(top, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [...readFileSync(join(top, file), 'utf8').matchAll(/\bpath: '(\/[^']*)'/g)])
    .map(([, path = '']) => path);
};

for (const name of stageNames)
  describe(`the edge of ${name}`, function () {
    let stage: SynthesisedStage;
    before(() => {
      stage = synthesisedStage(name);
    });

    it('forwards every path and method through the link to the balancer, if the caller has a key', () => {
      const methods = stage.ofType('AWS::ApiGateway::Method');
      expect(methods).to.have.lengthOf(2);
      for (const { Properties } of methods) {
        expect(Properties).to.include({ HttpMethod: 'ANY', ApiKeyRequired: true });
        expect(Properties['Integration']).to.include({
          Type: 'HTTP_PROXY',
          ConnectionType: 'VPC_LINK',
          IntegrationHttpMethod: 'ANY',
        });
        const balancer = stage.one('AWS::ElasticLoadBalancingV2::LoadBalancer').logicalId;
        expect(Properties['Integration']['IntegrationTarget']).to.deep.equal({ Ref: balancer });
        expect(Properties['Integration']['RequestParameters']).to.include({
          'integration.request.header.X-Rowlock-Source-Address': 'context.identity.sourceIp',
          'integration.request.header.X-Rowlock-Key-Id': 'context.identity.apiKeyId',
        });
      }
    });

    it("forwards paths without the gateway's stage name, whether or not the gateway removes it", () => {
      const stagePath = stage.one('AWS::ApiGateway::Stage').Properties['StageName'] as string;
      const rule = stage.one('AWS::ElasticLoadBalancingV2::ListenerRule').Properties;
      const [condition] = rule['Conditions'];
      expect(condition).to.deep.include({
        Field: 'path-pattern',
        PathPatternConfig: { Values: [`/${stagePath}`, `/${stagePath}/*`] },
      });
      expect(rule['Actions'][0]).to.include({ Type: 'forward' });
      expect(rule['Transforms']).to.have.lengthOf(1);
      expect(rule['Transforms'][0].Type).to.equal('url-rewrite');
      const [{ Regex, Replace }] = rule['Transforms'][0].UrlRewriteConfig.Rewrites;
      const rewritten = (url: string) => url.replace(new RegExp(Regex as string), Replace as string);
      expect(rewritten(`/${stagePath}`)).to.equal('/');
      expect(rewritten(`/${stagePath}/`)).to.equal('/');
      expect(rewritten(`/${stagePath}/orders`)).to.equal('/orders');
      expect(rewritten(`/${stagePath}/products?q=a%2Fb&limit=3`)).to.equal('/products?q=a%2Fb&limit=3');
      // No path of the app matches the rule, because none begins with the stage name.
      const paths = appPaths();
      expect(paths).to.include.members(['/orders', '/products/:productId', '/readyz']);
      for (const path of paths) expect(path).to.not.match(new RegExp(`^/${stagePath}(/|$)`));
    });

    it('answers its own errors as the app would', () => {
      const responses = stage.ofType('AWS::ApiGateway::GatewayResponse');
      expect(responses).to.have.lengthOf(gatewayProblems.length);
      for (const { Properties } of responses) {
        const templates = Object.values(Properties['ResponseTemplates'] as Record<string, string>);
        expect(Object.keys(Properties['ResponseTemplates'] as object)[0]).to.equal(
          'application/problem+json',
        );
        for (const template of templates) {
          const body = JSON.parse(template) as Record<string, unknown>;
          expect(body).to.have.all.keys('type', 'title', 'status', 'instance', 'code', 'traceId');
          expect(String(body['status'])).to.equal(Properties['StatusCode']);
        }
      }
      for (const { code, status } of gatewayProblems) {
        expect(problemTable).to.have.property(code).that.includes({ status });
      }
    });

    it("limits the storefront's key by rate, and clients by rate and quota", () => {
      const plans = stage.ofType('AWS::ApiGateway::UsagePlan').map(({ Properties }) => Properties);
      const { storefront, client } = stage.settings.gateway;
      const plan = (kind: string) => plans.find(({ UsagePlanName }) => String(UsagePlanName).endsWith(kind));
      expect(plans).to.have.lengthOf(2);
      expect(plan('storefront')).to.deep.include({
        Throttle: { RateLimit: storefront.ratePerS, BurstLimit: storefront.burst },
      });
      expect(plan('storefront')).to.not.have.property('Quota');
      expect(plan('client')).to.deep.include({
        Throttle: { RateLimit: client.ratePerS, BurstLimit: client.burst },
        Quota: { Limit: client.quotaPerDay, Period: 'DAY' },
      });
    });

    it('keeps the key of the storefront out of every template', () => {
      const key = stage.one('AWS::ApiGateway::ApiKey', 'FrontDoorKeystorefront').Properties['Value'];
      const [origin] = distribution()['Origins'].filter(
        ({ OriginCustomHeaders }: Record<string, unknown>) => OriginCustomHeaders !== undefined,
      );
      const [header] = origin.OriginCustomHeaders;
      expect(header.HeaderName).to.equal('x-api-key');
      expect(JSON.stringify(header.HeaderValue)).to.match(/resolve:secretsmanager:/);
      expect(key).to.deep.equal(header.HeaderValue);
    });

    it('logs requests without bodies', () => {
      const deployed = stage.one('AWS::ApiGateway::Stage').Properties;
      expect(deployed['AccessLogSetting']).to.have.property('DestinationArn');
      expect(deployed['AccessLogSetting']['Format']).to.contain('$context.requestId').and.not.contain('body');
      expect(deployed['MethodSettings'][0]).to.include({ DataTraceEnabled: false, LoggingLevel: 'ERROR' });
    });

    it('keeps no log forever, including the one that the gateway creates itself', () => {
      for (const { Properties, logicalId } of stage.ofType('AWS::Logs::LogGroup')) {
        expect(Properties['RetentionInDays'], logicalId).to.equal(stage.settings.logDays);
      }
      const own = stage.one('AWS::Logs::LogGroup', 'FrontDoorExecutionLog');
      expect(JSON.stringify(own.Properties['LogGroupName'])).to.match(
        /API-Gateway-Execution-Logs_.*FrontDoorApi.*\/live/,
      );
      // The log group must exist before the stage, which would otherwise create its own.
      expect(stage.one('AWS::ApiGateway::Stage').DependsOn).to.include(own.logicalId);
    });

    it("has an internal balancer that checks the app's readiness", () => {
      expect(stage.one('AWS::ElasticLoadBalancingV2::LoadBalancer').Properties['Scheme']).to.equal(
        'internal',
      );
      expect(stage.one('AWS::ElasticLoadBalancingV2::TargetGroup').Properties).to.include({
        HealthCheckPath: '/readyz',
        Port: 8080,
        Protocol: 'HTTP',
        TargetType: 'instance',
      });
      expect(balancerAttributes()).to.include({
        'routing.http.drop_invalid_header_fields.enabled': 'true',
        'access_logs.s3.enabled': 'true',
        // Otherwise the rollback of a failed first deployment could not delete it.
        'deletion_protection.enabled': 'false',
      });
    });

    const distribution = () =>
      stage.one('AWS::CloudFront::Distribution').Properties['DistributionConfig'] as Record<
        string,
        any // oxlint-disable-line typescript/no-explicit-any -- a template is any JSON
      >;
    const balancerAttributes = () =>
      Object.fromEntries(
        (
          stage.one('AWS::ElasticLoadBalancingV2::LoadBalancer').Properties['LoadBalancerAttributes'] as {
            Key: string;
            Value: string;
          }[]
        ).map(({ Key, Value }) => [Key, Value]),
      );

    it('is one origin for pages, images and API, all over HTTPS', () => {
      const config = distribution();
      const behaviours = config['CacheBehaviors'] as Behaviour[];
      expect(behaviours.map(({ PathPattern }) => PathPattern)).to.have.members([
        '/products*',
        '/shop',
        '/shop/*',
        '/console',
        '/console/*',
        '/images/*',
      ]);
      for (const behaviour of [...behaviours, config['DefaultCacheBehavior'] as Behaviour]) {
        expect(behaviour.ViewerProtocolPolicy).to.equal('redirect-to-https');
      }
      expect(config['CustomErrorResponses'], 'they would replace the problems of the API').to.equal(
        undefined,
      );
    });

    it('restricts browsers to HTTPS, and pages to their own origin', () => {
      const { DefaultCacheBehavior, CacheBehaviors } = distribution();
      const behaviours = [DefaultCacheBehavior as Behaviour, ...(CacheBehaviors as Behaviour[])];
      const { Properties, logicalId } = stage.one('AWS::CloudFront::ResponseHeadersPolicy');
      for (const { PathPattern, ResponseHeadersPolicyId } of behaviours) {
        // The id of AWS's SecurityHeadersPolicy, which contains Strict-Transport-Security.
        const expected = /^\/(shop|console)/.test(PathPattern ?? '')
          ? { Ref: logicalId }
          : '67f7725c-6f97-4210-82d7-5512b31e9d03';
        expect(ResponseHeadersPolicyId, PathPattern).to.deep.equal(expected);
      }
      const headers = Properties['ResponseHeadersPolicyConfig']['SecurityHeadersConfig'];
      expect(headers['StrictTransportSecurity']).to.deep.include({ AccessControlMaxAgeSec: 31_536_000 });
      expect(headers['FrameOptions']).to.deep.equal({ FrameOption: 'DENY', Override: true });
      expect(headers['ContentTypeOptions']).to.deep.equal({ Override: true });
      const policy = JSON.stringify(headers['ContentSecurityPolicy']);
      for (const directive of ["default-src 'self'", "object-src 'none'", "frame-ancestors 'none'"]) {
        expect(policy).to.include(directive);
      }
      expect(policy).not.to.match(/unsafe-|\*/);
    });

    it('caches only the catalogue, by its headers, without cookies or Authorization', () => {
      const { DefaultCacheBehavior, CacheBehaviors } = distribution();
      // The ids of AWS's CachingDisabled and AllViewerExceptHostHeader.
      expect(DefaultCacheBehavior).to.include({
        CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
        OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
      });
      const catalogue = (CacheBehaviors as Behaviour[]).find(
        ({ PathPattern }) => PathPattern === '/products*',
      );
      expect(catalogue?.AllowedMethods).to.deep.equal(['GET', 'HEAD']);
      const policy = stage.one('AWS::CloudFront::CachePolicy').Properties['CachePolicyConfig'];
      expect(policy).to.include({ MinTTL: 0, DefaultTTL: 0, MaxTTL: 60 });
      expect(policy['ParametersInCacheKeyAndForwardedToOrigin']).to.deep.include({
        CookiesConfig: { CookieBehavior: 'none' },
        HeadersConfig: { HeaderBehavior: 'none' },
        EnableAcceptEncodingBrotli: true,
        EnableAcceptEncodingGzip: true,
      });
      expect(catalogue?.Compress).to.equal(true);
      // A parameter outside the cache key does not reach the gateway, so it cannot change a cached response.
      expect(catalogue?.OriginRequestPolicyId).to.equal(undefined);
    });

    it('caches the catalogue by the query parameters of its routes and forwards no others', () => {
      const policy = stage.one('AWS::CloudFront::CachePolicy').Properties['CachePolicyConfig'];
      const { QueryStringBehavior, QueryStrings } =
        policy['ParametersInCacheKeyAndForwardedToOrigin']['QueryStringsConfig'];
      expect(QueryStringBehavior).to.equal('whitelist');
      expect(QueryStrings).to.have.members(catalogueParameters());
      // CloudFront's quota for a cache policy.
      expect(QueryStrings).to.have.length.of.at.most(10);
    });

    it('lets only CloudFront read the private buckets, and only public images', () => {
      const origins = distribution()['Origins'] as Record<string, unknown>[];
      const controlled = origins.filter(({ OriginAccessControlId }) => OriginAccessControlId !== undefined);
      expect(controlled).to.have.length.of.at.least(2);
      const policies = stage.ofType('AWS::S3::BucketPolicy').flatMap(({ Properties }) => {
        return (Properties['PolicyDocument']['Statement'] as Record<string, unknown>[]).filter(
          ({ Sid }) => Sid === 'CloudFront',
        );
      });
      expect(policies).to.have.lengthOf(2);
      for (const { Principal, Condition } of policies) {
        expect(Principal).to.deep.equal({ Service: 'cloudfront.amazonaws.com' });
        // The ARN contains the account; a condition on a key that is not sent would reject every read.
        expect(Condition).to.have.all.keys('ArnLike');
        expect(JSON.stringify(Condition)).to.match(/cloudfront::.*AWS::AccountId.*:distribution/);
      }
      expect(policies.map(({ Resource }) => JSON.stringify(Resource)).join()).to.contain('/images/*');
    });

    it('has a web ACL if the stage asks for one', () => {
      const { gateway, edge } = stage.settings;
      const scopes = stage.ofType('AWS::WAFv2::WebACL').map(({ Properties }) => Properties['Scope']);
      expect(scopes).to.have.members([
        ...(edge.hasWebAcl ? ['CLOUDFRONT'] : []),
        ...(gateway.hasWebAcl ? ['REGIONAL'] : []),
      ]);
      const expected = gateway.hasWebAcl ? 1 : 0;
      expect(stage.ofType('AWS::WAFv2::WebACLAssociation')).to.have.lengthOf(expected);
    });
  });

describe('the edge with a domain', function () {
  let stage: SynthesisedStage;
  before(() => {
    stage = synthesisedStage('minimal', withDomain);
  });

  it('encrypts the hop from the gateway to the balancer', () => {
    expect(stage.one('AWS::ElasticLoadBalancingV2::Listener').Properties).to.deep.include({
      Port: 443,
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: withDomain.regionalCertificateArn }],
    });
    for (const { Properties } of stage.ofType('AWS::ApiGateway::Method')) {
      expect(Properties['Integration']['Uri']).to.match(/^https:\/\/origin\.shop\.example\.com\//);
    }
  });

  it('names the shop and the API in DNS and in their certificates', () => {
    const names = stage.ofType('AWS::Route53::RecordSet').map(({ Properties }) => Properties['Name']);
    expect(names).to.have.members(['shop.example.com.', 'shop.example.com.', 'api.shop.example.com.']);
    expect(
      stage.one('AWS::CloudFront::Distribution').Properties['DistributionConfig']['ViewerCertificate'],
    ).to.deep.include({
      AcmCertificateArn: withDomain.edgeCertificateArn,
      MinimumProtocolVersion: 'TLSv1.2_2021',
    });
    expect(stage.one('AWS::ApiGateway::DomainName').Properties).to.include({ SecurityPolicy: 'TLS_1_2' });
  });

  it('allows uploads only from pages of that domain', () => {
    const images = stage.one('AWS::S3::Bucket', 'Images').Properties;
    expect(images['CorsConfiguration']['CorsRules'][0]['AllowedOrigins']).to.deep.equal([
      'https://shop.example.com',
    ]);
  });
});
