import { CfnOutput, Fn, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { edgeRegion } from '../settings/edge-region.ts';
import { WebAcl } from './web-acl.ts';
import type { StageSettings } from '../settings/stage-settings.ts';

export interface EdgeGuardStackProps extends StackProps {
  readonly settings: StageSettings;
}

const webAclArnOutput = 'WebAclArn';

/** The web ACL of the distribution, in us-east-1. */
export class EdgeGuardStack extends Stack {
  /**
   * For a stack in another region. It uses Fn::GetStackOutput, because an export cannot leave its region.
   * CloudFormation may therefore try to delete this stack first; WAF then keeps a web ACL that a distribution
   * uses.
   */
  readonly webAclArn: string;

  constructor(scope: Construct, id: string, { settings, ...props }: EdgeGuardStackProps) {
    super(scope, id, { ...props, env: { region: edgeRegion } });
    const acl = new WebAcl(this, 'WebAcl', {
      stage: settings.name,
      logDays: settings.logDays,
      scope: 'CLOUDFRONT',
      managed: ['ipReputation', 'common', 'knownBadInputs'],
      addressRequestsPerMinute: settings.edge.addressRequestsPerMinute,
    });
    // oxlint-disable-next-line no-new -- a construct adds itself to its scope
    new CfnOutput(this, webAclArnOutput, { value: acl.arn });
    this.webAclArn = Fn.getStackOutput(this.stackName, webAclArnOutput, edgeRegion);
  }
}
