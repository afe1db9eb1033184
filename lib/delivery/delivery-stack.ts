import { Arn, ArnFormat, CfnOutput, Duration, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { OidcProviderNative, PolicyStatement, Role, WebIdentityPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { StageName } from '../settings/stage-settings.ts';
import { edgeRegion } from '../settings/edge-region.ts';

export interface DeliveryStackProps extends StackProps {
  readonly stage: StageName;
  /** GitHub repository, as OWNER/NAME. */
  readonly repository: string;
  /** GitHub's OIDC provider, if the account has one already; an account can have only one. */
  readonly oidcProviderArn: string | undefined;
}

const issuer = 'token.actions.githubusercontent.com';
/** A release of a full fleet takes about an hour. */
const SESSION_MAX_HOURS = 4;
/** Roles that `cdk bootstrap` creates with its default qualifier. */
const bootstrapRoles = ['deploy', 'file-publishing', 'lookup'];

/**
 * The role that .github/workflows/deploy.yml assumes. There is no key to steal: GitHub signs the identity of
 * the job, and only jobs of the stage's own GitHub environment are accepted. The role may only assume the
 * roles of the CDK's bootstrap stack, list the alarms of two regions, and set the stage's.
 */
export class DeliveryStack extends Stack {
  constructor(scope: Construct, id: string, props: DeliveryStackProps) {
    const { stage, repository, oidcProviderArn, ...stackProps } = props;
    super(scope, id, stackProps);
    const providerArn =
      oidcProviderArn ??
      new OidcProviderNative(this, 'GitHub', { url: `https://${issuer}`, clientIds: ['sts.amazonaws.com'] })
        .oidcProviderArn;
    const role = new Role(this, 'Role', {
      roleName: `rowlock-${stage}-delivery`,
      description: `Deploys the stage ${stage} from ${repository}`,
      maxSessionDuration: Duration.hours(SESSION_MAX_HOURS),
      assumedBy: new WebIdentityPrincipal(providerArn, {
        StringEquals: {
          [`${issuer}:aud`]: 'sts.amazonaws.com',
          [`${issuer}:sub`]: `repo:${repository}:environment:${stage}`,
        },
      }),
    });
    const regions = [...new Set([this.region, edgeRegion])];
    role.addToPolicy(
      new PolicyStatement({
        sid: 'Bootstrap',
        actions: ['sts:AssumeRole'],
        resources: bootstrapRoles.flatMap((name) =>
          regions.map((region) =>
            Arn.format(
              {
                service: 'iam',
                region: '',
                resource: 'role',
                resourceName: `cdk-hnb659fds-${name}-role-${this.account}-${region}`,
              },
              this,
            ),
          ),
        ),
      }),
    );
    const alarms = (name: string) =>
      regions.map((region) =>
        Arn.format(
          {
            service: 'cloudwatch',
            region,
            resource: 'alarm',
            resourceName: name,
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          },
          this,
        ),
      );
    const ofStage = `rowlock-${stage}-*`;
    role.addToPolicy(
      new PolicyStatement({
        sid: 'SetAlarms',
        actions: ['cloudwatch:DescribeAlarmHistory', 'cloudwatch:SetAlarmState'],
        resources: alarms(ofStage),
      }),
    );
    // A list by prefix is authorised against all alarms of the region, not against those that it returns.
    role.addToPolicy(
      new PolicyStatement({
        sid: 'ListAlarms',
        actions: ['cloudwatch:DescribeAlarms'],
        resources: alarms('*'),
      }),
    );
    const reasons = {
      [ofStage]: 'The smoke test sets one alarm per topic of the stage; all have this prefix.',
      '*': 'CloudWatch lists alarms by prefix only for those who may list all.',
    };
    for (const [name, reason] of Object.entries(reasons)) {
      for (const region of ['<AWS::Region>', edgeRegion]) {
        Validations.of(role).acknowledge({
          id:
            `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:cloudwatch:${region}:<AWS::AccountId>` +
            `:alarm:${name}]`,
          reason,
        });
      }
    }
    // oxlint-disable-next-line no-new -- a construct adds itself to its scope
    new CfnOutput(this, 'RoleArn', {
      value: role.roleArn,
      description: 'Role for .github/workflows/deploy.yml',
    });
  }
}
