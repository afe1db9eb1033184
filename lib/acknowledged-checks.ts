import { Aspects, CfnResource, type IAspect } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

export interface AcknowledgedCheck {
  /** Id of a check of checkov for CloudFormation. */
  readonly id: string;
  /** Paths in the app of the resources for which it is acknowledged. */
  readonly at: RegExp;
  readonly reason: string;
  /** Applies only to a deployment without a domain. */
  readonly withoutDomain?: true;
}

const ownKey =
  "encrypted with AWS's own key. A customer key costs 1 USD per month and adds a policy that can lock the " +
  'shop out. If a compliance rule requires one, give the construct a key.';

/**
 * Functions that only CloudFormation calls: ours, and in the cluster those of the CDK for kubectl, for JSON
 * and for single calls of AWS.
 */
const deploymentFunctions =
  /(Accounts\/Maker|Migrations\/Runner|Image\/Pusher|Pages\/Publisher)\/Function|KubectlProvider|CfnUtilsProvider|AWS679f53fa/;

/** Findings of checkov that stay, with reasons. A test fails on any other finding and on unused rows. */
export const acknowledgedChecks: readonly AcknowledgedCheck[] = [
  { id: 'CKV_AWS_149', at: /Secret|Token|StorefrontKey|OriginKey/, reason: `Secrets are ${ownKey}` },
  { id: 'CKV_AWS_158', at: /Log|Blocked/, reason: `Logs are ${ownKey}` },
  {
    id: 'CKV_AWS_26',
    at: /Topic|Alarms\/(Page|Mail)/,
    reason:
      'CloudWatch cannot publish to a topic with the AWS-managed key alias/aws/sns. A message contains an ' +
      'alarm, its metric and its values, and no customer data.',
  },
  {
    id: 'CKV_AWS_27',
    at: /Messaging\/(DeadLetters|OrderEvents)/,
    reason: "The check does not see SqsManagedSseEnabled, which encrypts with SQS's own key.",
  },
  {
    id: 'CKV_AWS_21',
    at: /Logs?\/Bucket|Storage\/Pages/,
    reason:
      'Each access log is written once under its own name and expires. A release writes the pages and can ' +
      'restore them. Images have versions.',
  },
  {
    id: 'CKV_AWS_18',
    at: /Logs?\/Bucket/,
    reason: 'This bucket holds access logs; logging its own writes would never end.',
  },
  {
    id: 'CKV_AWS_2',
    withoutDomain: true,
    at: /Balancer\/Balancer\/Listener/,
    reason:
      'Without a domain no certificate can name the balancer. The hop is inside the VPC and open only to ' +
      'the VPC link; with a domain it uses TLS 1.2.',
  },
  {
    id: 'CKV_AWS_103',
    withoutDomain: true,
    at: /Balancer\/Balancer\/Listener/,
    reason: 'Without a domain the listener is HTTP; with one it has a TLS policy from 1.2.',
  },
  {
    id: 'CKV_AWS_174',
    withoutDomain: true,
    at: /Shop\/Distribution/,
    reason: 'A name below cloudfront.net allows no other TLS policy; an own domain gets TLS 1.2.',
  },
  {
    id: 'CKV_AWS_86',
    at: /Shop\/Distribution/,
    reason:
      'The check knows only legacy logging, which needs a bucket with ACLs. Production has standard ' +
      'logging v2 (DistributionLog); minimal has only the logs of gateway and buckets.',
  },
  {
    id: 'CKV_AWS_68',
    at: /minimal(-cluster)?-Edge\/Shop\/Distribution/,
    reason: 'Chosen for the stage minimal (edge.hasWebAcl); production has its own web ACL.',
  },
  {
    id: 'CKV_AWS_120',
    at: /FrontDoor\/Api\/DeploymentStage/,
    reason:
      'Replies belong to one customer each. CloudFront caches the catalogue, which is the same for all.',
  },
  {
    id: 'CKV_AWS_73',
    at: /FrontDoor\/Api\/DeploymentStage/,
    reason:
      'Gateway, app and reply share a request id, which is in both logs together with durations. X-Ray ' +
      'would cost extra per request and would see no further than the balancer.',
  },
  {
    id: 'CKV_AWS_115',
    at: deploymentFunctions,
    reason:
      'CloudFormation calls it once per deployment. A new account may run 10 functions at once and must ' +
      'leave 10 unreserved, so a reservation would fail there.',
  },
  {
    id: 'CKV_AWS_116',
    at: deploymentFunctions,
    reason: 'CloudFormation receives each failure and stops the deployment; a queue would have no reader.',
  },
  {
    id: 'CKV_AWS_173',
    at: /Migrations\/Runner\/Function|KubectlProvider/,
    reason: `Its variables contain names and ARNs but no secret; they are ${ownKey}`,
  },
  {
    id: 'CKV_AWS_161',
    at: /Data\/Database\/Instance/,
    reason:
      'The passwords of the three users rotate. An IAM token per new connection would add a service to ' +
      'every reconnection after a failover.',
  },
  {
    id: 'CKV_AWS_157',
    at: /minimal(-cluster)?-Data\/Database\/Instance|Data\/Database\/Replica/,
    reason:
      'The stage minimal has one database on purpose. Without the replica, catalogue reads go to the ' +
      'writer, which has a standby.',
  },
  {
    id: 'CKV_AWS_16',
    at: /Data\/Database\/Replica/,
    reason: 'A replica is encrypted like its source, which is encrypted; RDS rejects the setting.',
  },
  {
    id: 'CKV_AWS_118',
    at: /minimal(-cluster)?-Data\/Database\/Instance/,
    reason: "The stage minimal has none: RDS's metrics per minute are enough for its one database.",
  },
];

/** Further findings in the templates of the cluster. */
export const acknowledgedInCluster: readonly AcknowledgedCheck[] = [
  {
    id: 'CKV_AWS_117',
    at: /CfnUtilsProvider|AWS679f53fa/,
    reason: 'The CDK makes this function. It calls public APIs of AWS only, and nothing in the network.',
  },
  {
    id: 'CKV_AWS_136',
    at: /Image\/Repository/,
    reason: `Images are built from public sources and are ${ownKey}`,
  },
];

/** Writes the reasons to the templates, where checkov reads them. */
export function acknowledgeChecks(scope: IConstruct, { hasDomain }: { hasDomain: boolean }): void {
  const aspect: IAspect = {
    visit(node) {
      if (!CfnResource.isCfnResource(node)) return;
      const skip = [...acknowledgedChecks, ...acknowledgedInCluster]
        .filter(({ at, withoutDomain }) => at.test(node.node.path) && !(hasDomain && withoutDomain))
        .map(({ id, reason }) => ({ id, comment: reason }));
      if (skip.length > 0) node.addMetadata('checkov', { skip });
    },
  };
  Aspects.of(scope).add(aspect);
}
