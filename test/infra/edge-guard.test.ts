import { expect } from 'chai';
import { problemTable } from '../../app/http/contract/problem-table.ts';
import {
  type Resource,
  synthesisedStage,
  type SynthesisedStage,
} from '../support/observe/synthesised-stage.ts';

describe('the guard of the edge', function () {
  const rulesOf = ({ Properties }: Resource) =>
    Properties['Rules'] as {
      Name: string;
      Priority: number;
      Action?: { Block: { CustomResponse: { ResponseCode: number; CustomResponseBodyKey: string } } };
      Statement: {
        RateBasedStatement?: Record<string, unknown>;
        ManagedRuleGroupStatement?: { RuleActionOverrides: { Name: string; ActionToUse: object }[] };
      };
    }[];
  const aclOf = (stage: SynthesisedStage, scope: string) =>
    stage.ofType('AWS::WAFv2::WebACL').find(({ Properties }) => Properties['Scope'] === scope);
  const webAclOf = (stage: SynthesisedStage) =>
    stage.one('AWS::CloudFront::Distribution').Properties['DistributionConfig']['WebACLId'] as unknown;

  it("is the distribution's web ACL in us-east-1, whatever the stage's region", () => {
    const stage = synthesisedStage('production');
    expect(aclOf(stage, 'CLOUDFRONT')?.stack).to.equal('EdgeGuard');
    expect(stage.regionOf('EdgeGuard')).to.equal('us-east-1');
    expect(stage.regionOf('Edge')).to.equal(undefined);
    expect(webAclOf(stage)).to.deep.equal({
      'Fn::GetStackOutput': {
        StackName: 'Rowlock-production-EdgeGuard',
        OutputName: 'WebAclArn',
        Region: 'us-east-1',
      },
    });
    expect(stage.outputsOf('EdgeGuard')).to.have.property('WebAclArn');
  });

  it('answers 429 to an address with too many requests, except for files of the buckets', () => {
    const stage = synthesisedStage('production');
    const acl = aclOf(stage, 'CLOUDFRONT');
    if (acl === undefined) throw new Error('no web ACL');
    const [rate] = rulesOf(acl).toSorted((a, b) => a.Priority - b.Priority);
    expect(rate?.Action?.Block.CustomResponse.ResponseCode).to.equal(429);
    expect(rate?.Statement.RateBasedStatement).to.include({
      AggregateKeyType: 'IP',
      EvaluationWindowSec: 60,
      Limit: stage.settings.edge.addressRequestsPerMinute,
    });
    const excluded = JSON.stringify(rate?.Statement.RateBasedStatement?.['ScopeDownStatement']);
    for (const prefix of ['/images/', '/shop/', '/console/']) expect(excluded).to.contain(`"${prefix}"`);
    const { Content } = acl.Properties['CustomResponseBodies']['rate-limited'];
    const { code, status } = JSON.parse(Content as string) as { code: string; status: number };
    expect(problemTable).to.have.property(code).that.includes({ status });
  });

  // WAF's key IP is the whole address of either version; only a condition in the rule could leave one out.
  it('counts IPv6 addresses like IPv4 ones', () => {
    const stage = synthesisedStage('production');
    const { DistributionConfig: config } = stage.one('AWS::CloudFront::Distribution').Properties;
    expect(config['IPV6Enabled']).to.equal(true);
    const acl = aclOf(stage, 'CLOUDFRONT');
    const rate = acl && rulesOf(acl).find(({ Name }) => Name === 'AddressRate');
    const statement = rate?.Statement.RateBasedStatement;
    expect(statement).to.include({ AggregateKeyType: 'IP' }).and.to.not.have.property('ForwardedIPConfig');
    expect(JSON.stringify(statement)).to.not.match(/IPSet|GeoMatch|Header/);
  });

  it('limits addresses at the edge only, and blocks no large order or missing User-Agent', () => {
    const stage = synthesisedStage('production');
    const managed = (scope: string) => {
      const acl = aclOf(stage, scope);
      return acl === undefined ? [] : rulesOf(acl).map(({ Name }) => Name);
    };
    expect(managed('CLOUDFRONT')).to.include('AWSManagedRulesAmazonIpReputationList');
    // The gateway's rules see only CloudFront's addresses.
    expect(managed('REGIONAL')).to.have.members([
      'AWSManagedRulesCommonRuleSet',
      'AWSManagedRulesKnownBadInputsRuleSet',
    ]);
    for (const acl of stage.ofType('AWS::WAFv2::WebACL')) {
      const common = rulesOf(acl).find(({ Name }) => Name === 'AWSManagedRulesCommonRuleSet');
      expect(common?.Statement.ManagedRuleGroupStatement?.RuleActionOverrides).to.have.deep.members([
        { Name: 'SizeRestrictions_BODY', ActionToUse: { Count: {} } },
        { Name: 'NoUserAgent_HEADER', ActionToUse: { Count: {} } },
      ]);
    }
  });

  it('logs blocked requests without their credentials', () => {
    const stage = synthesisedStage('production');
    const logs = stage.ofType('AWS::WAFv2::LoggingConfiguration');
    expect(logs.map(({ stack }) => stack)).to.have.members(['Edge', 'EdgeGuard']);
    for (const { Properties } of logs) {
      expect(JSON.stringify(Properties['LogDestinationConfigs'])).to.match(/log-group:aws-waf-logs-[a-z-]+"/);
      expect(JSON.stringify(Properties['RedactedFields']))
        .to.contain('authorization')
        .and.contain('x-api-key');
    }
  });

  it('is replaced by an existing web ACL if one is given', () => {
    const edgeWebAclArn = 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/b';
    const stage = synthesisedStage('production', { edgeWebAclArn });
    expect(webAclOf(stage)).to.equal(edgeWebAclArn);
    expect(aclOf(stage, 'CLOUDFRONT')).to.equal(undefined);
  });

  it("has an alarm on visitors' errors in CloudFront's metrics region", () => {
    const stage = synthesisedStage('production');
    expect(stage.regionOf('EdgeWatch')).to.equal('us-east-1');
    const [alarm, ...more] = stage
      .ofType('AWS::CloudWatch::Alarm')
      .filter(({ stack }) => stack === 'EdgeWatch');
    expect(more).to.deep.equal([]);
    const metrics = JSON.stringify(alarm?.Properties['Metrics']);
    expect(metrics).to.contain('5xxErrorRate').and.contain('"Region":"ap-northeast-2"');
    expect(metrics).to.contain('"OutputName":"DistributionId"').and.contain('"Rowlock-production-Edge"');
    expect(stage.outputsOf('Edge')).to.have.property('DistributionId');
  });

  it('logs every request at the edge, cached and blocked ones included, without cookies and queries', () => {
    const stage = synthesisedStage('production');
    const delivery = stage.one('AWS::Logs::Delivery').Properties;
    expect(delivery['RecordFields']).to.include.members([
      'c-ip',
      'cs-uri-stem',
      'sc-status',
      'x-edge-result-type',
    ]);
    expect(delivery['RecordFields']).to.not.include.members(['cs-uri-query']);
    expect(delivery['RecordFields']).to.not.include.members(['cs(Cookie)']);
    const source = stage.one('AWS::Logs::DeliverySource');
    expect(source.stack).to.equal('EdgeWatch');
    expect(delivery['DeliverySourceName']).to.equal(source.Properties['Name']);
    const writers = stage
      .ofType('AWS::S3::BucketPolicy')
      .filter(({ stack }) => stack === 'EdgeWatch')
      .flatMap(
        ({ Properties }) =>
          Properties['PolicyDocument']['Statement'] as { Sid?: string; Condition?: object }[],
      )
      .filter(({ Sid }) => Sid === 'Delivery')
      .map(({ Condition }) => JSON.stringify(Condition));
    expect(writers).to.have.lengthOf(1);
    expect(writers[0]).to.contain(`delivery-source:${source.Properties['Name'] as string}`);
  });
});
