import { Aspects, CfnResource, type IAspect } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

export interface AcknowledgedCheck {
  /** Of checkov, for CloudFormation. */
  readonly id: string;
  /** Resources that it is acknowledged for, by their path in the app. */
  readonly at: RegExp;
  readonly reason: string;
  /** For a deployment without a domain alone. */
  readonly withoutDomain?: true;
}

const ownKey =
  "encrypted with AWS's own key; a customer key is 1 USD a month each and one more policy that can lock the shop out. For a compliance rule that asks for it, give the construct a key.";

/** What checkov finds and what stays, each with the reason. A test fails on any other finding, and on a row that nothing needs. */
export const acknowledgedChecks: readonly AcknowledgedCheck[] = [
  { id: 'CKV_AWS_149', at: /Secret|Token|StorefrontKey/, reason: `Secrets are ${ownKey}` },
  { id: 'CKV_AWS_158', at: /Log|Blocked/, reason: `Logs are ${ownKey}` },
  {
    id: 'CKV_AWS_26',
    at: /Topic|Alarms\/(Page|Mail)/,
    reason:
      'CloudWatch may not publish to a topic under the key of AWS, alias/aws/sns. A message names an alarm, its metric and its values, and nothing of a customer.',
  },
  {
    id: 'CKV_AWS_27',
    at: /Messaging\/(DeadLetters|OrderEvents)/,
    reason: 'Not seen by the check: SqsManagedSseEnabled is written out, with the key of SQS.',
  },
  {
    id: 'CKV_AWS_21',
    at: /Logs?\/Bucket|Storage\/Pages/,
    reason:
      'Access logs are written once under a name of their own, and expire. Pages are written by a release and come back with it. Pictures have versions.',
  },
  {
    id: 'CKV_AWS_18',
    at: /Logs?\/Bucket/,
    reason: 'This is a bucket of access logs: logging its own writes would feed itself.',
  },
  {
    id: 'CKV_AWS_2',
    withoutDomain: true,
    at: /Balancer\/Balancer\/Listener/,
    reason:
      'Without a domain there is no certificate that could name the balancer. The hop is inside the VPC, open to the VPC link alone; with a domain it is TLS 1.2.',
  },
  {
    id: 'CKV_AWS_103',
    withoutDomain: true,
    at: /Balancer\/Balancer\/Listener/,
    reason: 'As above: without a domain the listener is HTTP; with one it has a TLS policy from 1.2.',
  },
  {
    id: 'CKV_AWS_174',
    withoutDomain: true,
    at: /Shop\/Distribution/,
    reason: 'The name under cloudfront.net takes no other TLS policy; a domain of its own gets TLS 1.2.',
  },
  {
    id: 'CKV_AWS_86',
    at: /Shop\/Distribution/,
    reason:
      'The check knows legacy logging alone, which needs a bucket with ACLs. Production has standard logging v2 (DistributionLog); minimal has the logs of gateway and buckets.',
  },
  {
    id: 'CKV_AWS_68',
    at: /minimal-Edge\/Shop\/Distribution/,
    reason: 'The stage minimal says so (edge.hasWebAcl); production has a web ACL of its own.',
  },
  {
    id: 'CKV_AWS_120',
    at: /FrontDoor\/Api\/DeploymentStage/,
    reason: 'Replies are of one customer each. What may be cached, the catalogue, CloudFront caches.',
  },
  {
    id: 'CKV_AWS_73',
    at: /FrontDoor\/Api\/DeploymentStage/,
    reason:
      'One request id goes through gateway, app and reply and is in both logs, with the times of each; X-Ray would add its price a request and see no further than the balancer.',
  },
  {
    id: 'CKV_AWS_115',
    at: /(Accounts\/Maker|Migrations\/Runner)\/Function/,
    reason:
      'CloudFormation calls it once per deployment. A new account may run 10 functions at once and has to leave 10 unreserved, so that a reservation would fail there.',
  },
  {
    id: 'CKV_AWS_116',
    at: /(Accounts\/Maker|Migrations\/Runner)\/Function/,
    reason:
      'A failure is the answer to CloudFormation, which stops the deployment; nobody would read a queue.',
  },
  {
    id: 'CKV_AWS_173',
    at: /Migrations\/Runner\/Function/,
    reason: `Its variables hold names and ARNs and no secret, ${ownKey}`,
  },
  {
    id: 'CKV_AWS_161',
    at: /Data\/Database\/Instance/,
    reason:
      'The three users have passwords that rotate; a token of IAM for each new connection adds a service to every reconnection after a failover.',
  },
  {
    id: 'CKV_AWS_157',
    at: /minimal-Data\/Database\/Instance|Data\/Database\/Replica/,
    reason:
      'The stage minimal has one database and says so. Without the replica catalogue reads go to the writer, which has a standby.',
  },
  {
    id: 'CKV_AWS_16',
    at: /Data\/Database\/Replica/,
    reason: 'A replica is encrypted as its source is, which is; RDS refuses the setting.',
  },
  {
    id: 'CKV_AWS_118',
    at: /minimal-Data\/Database\/Instance/,
    reason:
      'The stage minimal does without: the metrics of RDS every minute are enough for its one database.',
  },
];

/** Writes the reasons into the templates, where checkov reads them. */
export function acknowledgeChecks(scope: IConstruct, { hasDomain }: { hasDomain: boolean }): void {
  const aspect: IAspect = {
    visit(node) {
      if (!CfnResource.isCfnResource(node)) return;
      const skip = acknowledgedChecks
        .filter(({ at, withoutDomain }) => at.test(node.node.path) && !(hasDomain && withoutDomain))
        .map(({ id, reason }) => ({ id, comment: reason }));
      if (skip.length > 0) node.addMetadata('checkov', { skip });
    },
  };
  Aspects.of(scope).add(aspect);
}
