import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnLoggingConfiguration, CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import type { StageSettings } from '../settings/stage-settings.ts';
import { logRetention } from '../observability/log-retention.ts';

const managedGroups = {
  common: 'AWSManagedRulesCommonRuleSet',
  knownBadInputs: 'AWSManagedRulesKnownBadInputsRuleSet',
  ipReputation: 'AWSManagedRulesAmazonIpReputationList',
} as const;

type ManagedGroup = keyof typeof managedGroups;

/** Rules of AWS's groups that only count, because they would block legitimate requests. */
const countedRules: Readonly<Record<ManagedGroup, readonly string[]>> = {
  common: [
    // An order with many lines has a large body; the app has its own limit.
    'SizeRestrictions_BODY',
    // API clients need not send User-Agent, and a bot would just invent one.
    'NoUserAgent_HEADER',
  ],
  knownBadInputs: [],
  ipReputation: [],
};

/** Served from buckets by CloudFront: reads of these never reach a process. */
const staticPrefixes = ['/images/', '/shop/', '/console/'];
const RATE_WINDOW_S = 60;
const RATE_LIMITED = 'rate-limited';

export interface WebAclProps {
  readonly stage: string;
  readonly scope: 'CLOUDFRONT' | 'REGIONAL';
  readonly logDays: StageSettings['logDays'];
  readonly managed: readonly ManagedGroup[];
  /**
   * Requests per address and minute, without pages and images; further ones get 429. Undefined means no
   * limit.
   */
  readonly addressRequestsPerMinute?: number;
}

/**
 * Web ACL with a rate per address and AWS's managed rule groups. Logs blocked requests without credentials.
 */
export class WebAcl extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: WebAclProps) {
    super(scope, id);
    const { addressRequestsPerMinute: limit } = props;
    const rules = [
      ...(limit === undefined ? [] : [rateRule(limit)]),
      ...props.managed.map((group) => managedRule(group)),
    ];
    this.arn = new CfnWebACL(this, 'Acl', {
      scope: props.scope,
      defaultAction: { allow: {} },
      visibilityConfig: visibility(`rowlock-${props.stage}`),
      customResponseBodies: limit === undefined ? undefined : { [RATE_LIMITED]: rateLimitedBody },
      rules: rules.map((rule, priority) => ({ ...rule, priority })),
    }).attrArn;
    this.logBlocked(props);
  }

  private logBlocked({ stage, scope, logDays }: WebAclProps): void {
    // WAF writes only to log groups with this prefix.
    const logGroupName = `aws-waf-logs-rowlock-${stage}-${scope.toLowerCase()}`;
    const log = new LogGroup(this, 'Blocked', {
      logGroupName,
      retention: logRetention(logDays),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const logging = new CfnLoggingConfiguration(this, 'Logging', {
      resourceArn: this.arn,
      // Formatted here, because the group's own ARN ends in ":*".
      logDestinationConfigs: [
        Stack.of(this).formatArn({
          service: 'logs',
          resource: 'log-group',
          resourceName: logGroupName,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ],
      loggingFilter: {
        DefaultBehavior: 'DROP',
        Filters: [
          {
            Behavior: 'KEEP',
            Requirement: 'MEETS_ANY',
            Conditions: [{ ActionCondition: { Action: 'BLOCK' } }],
          },
        ],
      },
      redactedFields: ['authorization', 'cookie', 'x-api-key'].map((Name) => ({ singleHeader: { Name } })),
    });
    logging.node.addDependency(log);
  }
}

type Rule = Omit<CfnWebACL.RuleProperty, 'priority'>;

function rateRule(limit: number): Rule {
  const isStatic = staticPrefixes.map((searchString) => ({
    byteMatchStatement: {
      searchString,
      fieldToMatch: { uriPath: {} },
      positionalConstraint: 'STARTS_WITH',
      textTransformations: [{ priority: 0, type: 'NONE' }],
    },
  }));
  return {
    name: 'AddressRate',
    action: {
      block: {
        customResponse: {
          responseCode: 429,
          customResponseBodyKey: RATE_LIMITED,
          responseHeaders: [{ name: 'Retry-After', value: `${RATE_WINDOW_S}` }],
        },
      },
    },
    statement: {
      rateBasedStatement: {
        limit,
        evaluationWindowSec: RATE_WINDOW_S,
        aggregateKeyType: 'IP',
        scopeDownStatement: {
          notStatement: { statement: { orStatement: { statements: isStatic } } },
        },
      },
    },
    visibilityConfig: visibility('AddressRate'),
  };
}

function managedRule(group: ManagedGroup): Rule {
  const name = managedGroups[group];
  return {
    name,
    overrideAction: { none: {} },
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name,
        ruleActionOverrides: countedRules[group].map((rule) => ({ name: rule, actionToUse: { count: {} } })),
      },
    },
    visibilityConfig: visibility(name),
  };
}

/** The app's own wording. A web ACL sends it as application/json and cannot add a trace id. */
const rateLimitedBody: CfnWebACL.CustomResponseBodyProperty = {
  contentType: 'APPLICATION_JSON',
  content: JSON.stringify({
    type: 'urn:rowlock:problem:rate_limited',
    title: 'Too many requests.',
    status: 429,
    code: 'rate_limited',
  }),
};

function visibility(metricName: string): CfnWebACL.VisibilityConfigProperty {
  return { metricName, cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true };
}
