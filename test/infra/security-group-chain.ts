import type { Resource, SynthesisedStage } from '../support/observe/synthesised-stage.ts';

/**
 * Who may open a connection to whom, as `FrontDoorLink → Balancer :80`, from every ingress rule of a stage.
 * A rule for addresses stands with the address in place of a group.
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

/** Where groups may go besides other groups: `Api → 0.0.0.0/0 :443`. */
export function openEgress(stage: SynthesisedStage): string[] {
  return stage
    .ofType('AWS::EC2::SecurityGroup')
    .flatMap((group) =>
      rulesOf(group, 'SecurityGroupEgress')
        // What CDK writes for "nowhere": without a rule, EC2 would allow everything.
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
 * `FrontDoorLink` of `FrontDoorLinkAccessA14B4DF7`, of a reference to it, and of its export in another stack.
 */
function groupName(reference: unknown): string {
  const text = typeof reference === 'string' ? reference : JSON.stringify(reference);
  return /(?:FnGetAtt|^|")([A-Za-z]+?)Access[0-9A-F]{8}/.exec(text)?.[1] ?? text;
}
