import { z } from 'zod';
import { passwordHashing } from '../../app/config/variable-types.ts';

const arn = (service: string) =>
  z.string().regex(new RegExp(`^arn:aws[a-z-]*:${service}:`), {
    error: `must be an ARN of ${service}`,
  });
const inUsEast1 = (service: string) =>
  z.string().regex(new RegExp(`^arn:aws:${service}:us-east-1:`), {
    error: `must be an ARN of ${service} in us-east-1, where CloudFront looks for it`,
  });
const host = z.string().regex(/^([a-z0-9-]+\.)+[a-z]{2,}$/, { error: 'must be a host name' });

/** Zone names such as us-east-1a, separated by commas. */
const zoneNames = z
  .string()
  .regex(/^[a-z]{2}(-[a-z]+)+-[0-9][a-z](,[a-z]{2}(-[a-z]+)+-[0-9][a-z])*$/, {
    error: 'must be names of zones such as us-east-1a,us-east-1b',
  })
  .transform((list) => list.split(','))
  .refine((names) => new Set(names).size === names.length, { error: 'names one zone twice' })
  .refine((names) => new Set(names.map((name) => name.slice(0, -1))).size === 1, {
    error: 'names zones of more than one region',
  });

/** Options of one deployment, independent of its stage. Each is a `-c name=value` of the CDK command line. */
const optionsSchema = z.object({
  /**
   * Zones of the network, as many as the stage has. By default CloudFormation takes the account's first
   * zones, which may lack VPC links or an instance type. Never change them on a deployed stage: another zone
   * replaces its subnets.
   */
  zones: zoneNames.optional(),
  /** The shop's host name. The deployment also uses `api.` and `origin.` in front of it. */
  domain: host.optional(),
  hostedZoneId: z
    .string()
    .regex(/^Z[A-Z0-9]+$/, { error: 'must be the id of a hosted zone' })
    .optional(),
  hostedZoneName: host.optional(),
  /** Certificate for `domain`. */
  edgeCertificateArn: inUsEast1('acm').optional(),
  /** Certificate for `api.domain` and `origin.domain`, in the region of the stacks. */
  regionalCertificateArn: arn('acm').optional(),
  /** Existing web ACL of scope CLOUDFRONT, such as the organisation's, used instead of the stage's own. */
  edgeWebAclArn: inUsEast1('wafv2').optional(),
  /** IAM role of the operators, who may do anything in the cluster (shape=cluster). */
  clusterAdminRoleArn: arn('iam').optional(),
  /**
   * Who makes the balancer (shape=cluster). `ingress` leaves it to the controller of the cluster, `bound` to
   * CloudFormation, with the pods joined by a TargetGroupBinding.
   */
  front: z.enum(['ingress', 'bound']).default('ingress'),
  /**
   * EVENTS_FORMAT of the app. Set 1 while a release before 2 existed may count events, so during an upgrade
   * from it and before a return to it.
   */
  eventsFormat: z.enum(['1', '2'], { error: 'must be 1 or 2' }).optional(),
  /**
   * PASSWORD_HASHING of the app. Set `scrypt:17` while processes of 0.1.0 run or may return: they cannot read
   * what the default writes.
   */
  passwordHashing: z
    .string()
    .refine((text) => passwordHashing.safeParse(text).success, {
      error: 'must be argon2id:m=1024..1048576,t=1..16 or scrypt:12..20',
    })
    .optional(),
  /** Receives an e-mail for every alarm. */
  alarmEmail: z.email().optional(),
  /** HTTPS address of a pager that accepts SNS messages; receives the alarms of severity `page`. */
  alarmPageUrl: z.url({ protocol: /^https$/, error: 'must be an HTTPS URL' }).optional(),
  /** Monthly budget of the account: an e-mail is sent at 80 % of it, or when AWS forecasts all of it. */
  budgetUsd: z.coerce.number({ error: 'must be an amount in USD' }).positive().optional(),
  /** Hour (UTC) at which the shop's night begins. Backups and maintenance run in the four hours after it. */
  quietHourUtc: z
    .string()
    .regex(/^([0-9]|1[0-9]|2[0-3])$/, { error: 'must be an hour from 0 to 23' })
    .transform(Number)
    // 2:00 in Seoul.
    .default(17),
  /**
   * For development: the stage is deleted with its data, without deletion protection or retained resources.
   */
  disposable: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .default(false),
});

export const optionNames: readonly string[] = Object.keys(optionsSchema.shape);

export type DeploymentOptions = Readonly<z.infer<typeof optionsSchema>>;

const domainParts = [
  'hostedZoneId',
  'hostedZoneName',
  'edgeCertificateArn',
  'regionalCertificateArn',
] as const;

/** Reads the options with `context`. Throws an Error that names every wrong or missing option. */
export function deploymentOptions(context: (name: string) => unknown): DeploymentOptions {
  const given = optionNames.flatMap((name) => {
    const value = context(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const { data, error } = optionsSchema.safeParse(Object.fromEntries(given));
  const reasons = (error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  if (data !== undefined) {
    const missing = domainParts.filter((part) => (data[part] === undefined) !== (data.domain === undefined));
    if (missing.length > 0) {
      reasons.push(`domain, ${domainParts.join(', ')} belong together: check ${missing.join(', ')}`);
    }
    if (data.domain !== undefined && data.hostedZoneName !== undefined) {
      const isInZone = data.domain === data.hostedZoneName || data.domain.endsWith(`.${data.hostedZoneName}`);
      if (!isInZone) reasons.push('hostedZoneName: domain is not in this zone');
    }
  }
  if (data === undefined || reasons.length > 0) {
    throw new Error(`invalid options (-c name=value): ${reasons.join('; ')}`);
  }
  return data;
}
