import type { DeploymentOptions } from '../../lib/settings/deployment-options.ts';
import type { StageSettings } from '../../lib/settings/stage-settings.ts';
import { vpcLinkZones } from '../../lib/edge/vpc-link-zones.ts';
import type { AccountFacts, Fact } from './account-facts.ts';
import type { AccountNeeds } from './account-needs.ts';
import { check, type Finding, judge, judgeLeftover, ok, wrong } from './findings.ts';

/** What the account lacks for the stage, before anything is created. Pure: readAccount has read `facts`. */
export function judgeAccount(
  facts: AccountFacts,
  needs: AccountNeeds,
  options: Pick<DeploymentOptions, 'zones'>,
): Finding[] {
  const { settings } = needs;
  return [
    ...judgeZones(facts, needs, options.zones),
    ...judgeVcpus(facts, needs),
    ...judgeNetworkQuotas(facts, settings),
    ...judgeLeftovers(facts, settings),
    ...facts.bootstrapped.map(({ region, found }) =>
      judge(found, (isThere) =>
        isThere
          ? ok(`bootstrapped: ${region}`)
          : wrong(`not bootstrapped: npx cdk bootstrap aws://ACCOUNT/${region}`),
      ),
    ),
    judge(facts.distributions, (count) =>
      count > 0
        ? ok(`CloudFront has ${count} distribution(s) in this account`)
        : check(
            'CloudFront: no distribution yet. AWS Support may have to verify a new account first; no API ' +
              'reports it',
          ),
    ),
  ];
}

function judgeZones(
  facts: AccountFacts,
  needs: AccountNeeds,
  chosen: readonly string[] | undefined,
): Finding[] {
  const { region, zones } = facts;
  const { settings, usesVpcLink } = needs;
  const usable = zones
    .filter(({ name }) => faultsOf(name, facts, needs).length === 0)
    .map(({ name }) => name);
  const remedy =
    usable.length < settings.network.zones
      ? `${region} has only ${usable.length} usable zone(s) for this stage`
      : `deploy with -c zones=${usable.slice(0, settings.network.zones).join(',')}`;
  const names = chosen ?? zonesThatCloudFormationTakes(facts, settings.network.zones);
  const findings = names.flatMap((name) => {
    const zone = zones.find((candidate) => candidate.name === name);
    if (zone === undefined) return [wrong(`zone ${name}: ${region} has no zone of that name; ${remedy}`)];
    const faults = faultsOf(name, facts, needs);
    return faults.length === 0
      ? [ok(`zone ${name} (${zone.id})`)]
      : faults.map((fault) => wrong(`zone ${name} (${zone.id}): ${fault}; ${remedy}`));
  });
  if (names.length !== settings.network.zones) {
    findings.push(
      wrong(
        `${names.length} zone(s) would be used, and the stage needs ${settings.network.zones}; ${remedy}`,
      ),
    );
  }
  if (usesVpcLink && vpcLinkZones[region] === undefined) {
    findings.push(
      check(
        `VPC links V2: lib/edge/vpc-link-zones.ts does not list ${region}; ` +
          'compare the zone ids with the page named there',
      ),
    );
  }
  if (!('value' in facts.databaseZones)) findings.push(judge(facts.databaseZones, () => ok('')));
  return findings;
}

/** Fn::GetAZs returns the zones that have a default subnet, or all zones if none has one. */
function zonesThatCloudFormationTakes({ zones, defaultSubnetZones }: AccountFacts, count: number): string[] {
  const names = zones.map(({ name }) => name).toSorted();
  const withSubnet = names.filter((name) => defaultSubnetZones.includes(name));
  return (withSubnet.length === 0 ? names : withSubnet).slice(0, count);
}

function faultsOf(name: string, facts: AccountFacts, needs: AccountNeeds): string[] {
  const { region, zones, offerings, databaseZones } = facts;
  const { database } = needs.settings;
  const id = zones.find((zone) => zone.name === name)?.id ?? '';
  const links = needs.usesVpcLink ? vpcLinkZones[region] : undefined;
  return [
    ...(links === undefined || links.includes(id) ? [] : ['API Gateway offers no VPC link V2 there']),
    ...needs.instanceTypes
      .filter((types) => !types.some((type) => offerings.get(type)?.includes(name)))
      .map((types) => `EC2 offers no ${types.join(' or ')} there`),
    ...('value' in databaseZones && !databaseZones.value.includes(name)
      ? [`RDS offers no db.${database.instanceType} with MySQL there`]
      : []),
  ];
}

function judgeVcpus({ vcpus, runningVcpus, vcpuQuota }: AccountFacts, needs: AccountNeeds): Finding[] {
  const { duringRelease, atFullSize } = needs.vcpus((type) => vcpus.get(type) ?? 0);
  return [
    judge(vcpuQuota, (quota) => {
      const text =
        `quota L-1216C47A is ${quota} vCPUs, ${runningVcpus} in use outside this stage; ` +
        `a release needs ${duringRelease}, the full fleet ${atFullSize}`;
      const free = quota - runningVcpus;
      if (free < duringRelease) return wrong(`${text}: request an increase (Service Quotas, EC2)`);
      return free < atFullSize ? check(`${text}: the fleet cannot grow that far`) : ok(text);
    }),
  ];
}

function judgeNetworkQuotas(facts: AccountFacts, { name, network }: StageSettings): Finding[] {
  // A deployed network already counts as used.
  if (facts.stacks.has(`Rowlock-${name}-Network`)) return [];
  const left = (what: string, quota: Fact<number>, used: number, needed: number) =>
    judge(quota, (limit) => {
      const text = `${what}: ${used} of ${limit} used, ${needed} needed`;
      return limit - used < needed ? wrong(`${text}: request an increase (Service Quotas)`) : ok(text);
    });
  return [
    left('VPCs (L-F678F1CE)', facts.vpcQuota, facts.vpcs, 1),
    left('Elastic IP addresses (L-0263D0A3)', facts.addressQuota, facts.addresses, network.natGateways),
  ];
}

/** What an earlier deployment has left. */
function judgeLeftovers(
  { stacks, protectedRemains, leftovers }: AccountFacts,
  { name }: StageSettings,
): Finding[] {
  const isOfStage = (stack: string) => stack.startsWith(`Rowlock-${name}-`);
  const how = 'see "A deployment that failed" in docs/deploy.md';
  return [
    ...[...stacks].flatMap(([stack, status]) =>
      isOfStage(stack) && status.endsWith('_FAILED') ? [wrong(`stack ${stack} is ${status}: ${how}`)] : [],
    ),
    ...protectedRemains
      .filter(isOfStage)
      .map((stack) => wrong(`stack ${stack} is empty and has termination protection: ${how}`)),
    ...leftovers.map((leftover) => judge(leftover, (names) => judgeLeftover(names, stacks))),
  ];
}
