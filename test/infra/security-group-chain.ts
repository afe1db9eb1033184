import type { Resource, SynthesisedStage } from '../support/observe/synthesised-stage.ts';

/**
 * Lists the permitted connections of a stage, such as `FrontDoorLink → Balancer :80`, from every ingress
 * rule. A rule for an address range shows the range instead of a group.
 */
export function securityGroupChain(stage: SynthesisedStage): string[] {
  const inline = stage
    .ofType('AWS::EC2::SecurityGroup')
    .flatMap((group) =>
      rulesOf(group, 'SecurityGroupIngress').map((rule) => ({ ...rule, GroupId: group.logicalId })),
    );
  const separate = stage.ofType('AWS::EC2::SecurityGroupIngress').map(({ Properties }) => Properties);
  return [...inline, ...separate].map(describe).toSorted();
}

/** Lists permitted destinations other than groups: `Api → 0.0.0.0/0 :443`. */
export function openEgress(stage: SynthesisedStage): string[] {
  return stage
    .ofType('AWS::EC2::SecurityGroup')
    .flatMap((group) =>
      rulesOf(group, 'SecurityGroupEgress')
        // CDK writes this range for "nowhere", because EC2 allows all egress without a rule.
        .filter(({ CidrIp }) => CidrIp !== '255.255.255.255/32')
        .map((rule) => `${groupName(group.logicalId)} → ${String(rule['CidrIp'])} :${portOf(rule)}`),
    )
    .toSorted();
}

type Rule = Readonly<Record<string, unknown>>;

function rulesOf(group: Resource, property: string): Rule[] {
  return (group.Properties[property] ?? []) as Rule[];
}

function describe(rule: Rule): string {
  const source = rule['SourceSecurityGroupId'] ?? rule['CidrIp'] ?? rule['CidrIpv6'] ?? 'anything';
  return `${groupName(source)} → ${groupName(rule['GroupId'])} :${portOf(rule)}`;
}

function portOf(rule: Rule): string {
  if (rule['IpProtocol'] === '-1') return 'any';
  const port = (value: unknown) =>
    /DatabaseInstance.*Port/.test(JSON.stringify(value)) ? 'mysql' : String(value);
  const [from, to] = [port(rule['FromPort']), port(rule['ToPort'])];
  return from === to ? from : `${from}-${to}`;
}

/**
 * Returns `FrontDoorLink` for the logical id `FrontDoorLinkAccessA14B4DF7`, for a reference to it, and for
 * its export in another stack.
 */
function groupName(reference: unknown): string {
  const text = typeof reference === 'string' ? reference : JSON.stringify(reference);
  return /(?:FnGetAtt|^|")([A-Za-z]+?)Access[0-9A-F]{8}/.exec(text)?.[1] ?? text;
}
