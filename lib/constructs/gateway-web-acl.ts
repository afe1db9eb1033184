import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';

/** A rule that looks at large bodies would refuse orders of many lines; the app has a limit of its own. */
const counted: Readonly<Record<string, readonly string[]>> = {
  AWSManagedRulesCommonRuleSet: ['SizeRestrictions_BODY'],
  AWSManagedRulesKnownBadInputsRuleSet: [],
  AWSManagedRulesAmazonIpReputationList: [],
};

/**
 * Rules that AWS keeps, in front of the gateway. No rule by rate: behind CloudFront it would count the
 * addresses of CloudFront. A rate belongs into the web ACL of the distribution.
 */
export class GatewayWebAcl extends Construct {
  constructor(scope: Construct, id: string, { api, stage }: { api: RestApi; stage: string }) {
    super(scope, id);
    const visibility = (metricName: string) => ({
      metricName,
      cloudWatchMetricsEnabled: true,
      sampledRequestsEnabled: true,
    });
    const acl = new CfnWebACL(this, 'Acl', {
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visibility(`rowlock-${stage}`),
      rules: Object.entries(counted).map(([name, countedRules], priority) => ({
        name,
        priority,
        overrideAction: { none: {} },
        statement: {
          managedRuleGroupStatement: {
            vendorName: 'AWS',
            name,
            ruleActionOverrides: countedRules.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
          },
        },
        visibilityConfig: visibility(name),
      })),
    });
    // oxlint-disable-next-line no-new -- a construct adds itself to its scope
    new CfnWebACLAssociation(this, 'Stage', {
      webAclArn: acl.attrArn,
      resourceArn: api.deploymentStage.stageArn,
    });
  }
}
