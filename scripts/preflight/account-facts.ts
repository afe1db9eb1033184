import { CloudFormationClient, paginateDescribeStacks } from '@aws-sdk/client-cloudformation';
import { CloudFrontClient, ListDistributionsCommand } from '@aws-sdk/client-cloudfront';
import {
  DescribeAddressesCommand,
  DescribeAvailabilityZonesCommand,
  DescribeInstanceTypesCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  type _InstanceType,
  paginateDescribeInstances,
  paginateDescribeInstanceTypeOfferings,
} from '@aws-sdk/client-ec2';
import {
  DescribeDBInstancesCommand,
  paginateDescribeOrderableDBInstanceOptions,
  RDSClient,
} from '@aws-sdk/client-rds';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { edgeRegion } from '../../lib/settings/edge-region.ts';
import { orderEventsQueue } from '../../app/contract/order-events-queue.ts';
import type { StageSettings } from '../../lib/settings/stage-settings.ts';
import type { AccountNeeds } from './account-needs.ts';

/** The value, or why it could not be read: a missing permission must not hide the other facts. */
export type Fact<T> = { readonly value: T } | { readonly what: string; readonly unread: string };

export interface Leftover {
  /** The stack that would create these resources. */
  readonly stack: string;
  readonly names: readonly string[];
}

export interface AccountFacts {
  readonly region: string;
  readonly zones: readonly { readonly name: string; readonly id: string }[];
  readonly defaultSubnetZones: readonly string[];
  /** Zones by the instance type that EC2 offers in them. */
  readonly offerings: ReadonlyMap<string, readonly string[]>;
  readonly databaseZones: Fact<readonly string[]>;
  readonly vcpus: ReadonlyMap<string, number>;
  /** vCPUs of running instances outside this stage. */
  readonly runningVcpus: number;
  readonly vpcs: number;
  readonly addresses: number;
  readonly vcpuQuota: Fact<number>;
  readonly vpcQuota: Fact<number>;
  readonly addressQuota: Fact<number>;
  /** Status by stack name, of the stacks that hold resources. */
  readonly stacks: ReadonlyMap<string, string>;
  /** Names of stacks whose creation was rolled back, and that cannot be deleted: they are protected. */
  readonly protectedRemains: readonly string[];
  readonly bootstrapped: readonly { readonly region: string; readonly found: Fact<boolean> }[];
  readonly leftovers: readonly Fact<Leftover>[];
  readonly distributions: Fact<number>;
}

export const client = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 5000, requestTimeout: 20_000, throwOnRequestTimeout: true },
};

/** Reads the account without changing anything. Throws when EC2 or CloudFormation does not respond. */
export async function readAccount(region: string, needs: AccountNeeds): Promise<AccountFacts> {
  const { settings } = needs;
  const ec2 = new EC2Client({ ...client, region });
  const types = needs.instanceTypes.flat();
  const [network, offerings, vcpus, runningVcpus, { stacks, protectedRemains }] = await Promise.all([
    readNetwork(ec2),
    readOfferings(ec2, types),
    readVcpus(ec2, types),
    readRunningVcpus(ec2, settings.name),
    readStacks(region),
  ]);
  const quotas = new ServiceQuotasClient({ ...client, region });
  const quota = (what: string, ServiceCode: string, QuotaCode: string) =>
    fact(`quota of ${what} (${QuotaCode})`, async () => {
      const { Quota } = await quotas.send(new GetServiceQuotaCommand({ ServiceCode, QuotaCode }));
      if (Quota?.Value === undefined) throw new Error('no value');
      return Quota.Value;
    });
  return {
    region,
    ...network,
    offerings,
    vcpus,
    runningVcpus,
    stacks,
    protectedRemains,
    databaseZones: await fact('zones of the database class', () => readDatabaseZones(region, settings)),
    vcpuQuota: await quota('vCPUs', 'ec2', 'L-1216C47A'),
    vpcQuota: await quota('VPCs', 'vpc', 'L-F678F1CE'),
    addressQuota: await quota('Elastic IP addresses', 'ec2', 'L-0263D0A3'),
    bootstrapped: [
      { region, found: { value: stacks.has('CDKToolkit') } },
      ...(settings.edge.hasWebAcl && region !== edgeRegion
        ? [{ region: edgeRegion, found: await readBootstrapped(edgeRegion) }]
        : []),
    ],
    leftovers: await readLeftovers(region, needs),
    distributions: await fact('CloudFront distributions', async () => {
      const cloudFront = new CloudFrontClient({ ...client, region });
      const { DistributionList } = await cloudFront.send(new ListDistributionsCommand({ MaxItems: 1 }));
      return DistributionList?.Quantity ?? 0;
    }),
  };
}

export async function fact<T>(what: string, read: () => Promise<T>): Promise<Fact<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    return { what, unread: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

async function readNetwork(ec2: EC2Client) {
  const { AvailabilityZones = [] } = await ec2.send(
    new DescribeAvailabilityZonesCommand({
      Filters: [
        { Name: 'state', Values: ['available'] },
        { Name: 'zone-type', Values: ['availability-zone'] },
      ],
    }),
  );
  const { Subnets = [] } = await ec2.send(
    new DescribeSubnetsCommand({ Filters: [{ Name: 'default-for-az', Values: ['true'] }] }),
  );
  const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({}));
  const { Addresses = [] } = await ec2.send(new DescribeAddressesCommand({}));
  return {
    zones: AvailabilityZones.map(({ ZoneName = '', ZoneId = '' }) => ({ name: ZoneName, id: ZoneId })),
    defaultSubnetZones: Subnets.map(({ AvailabilityZone = '' }) => AvailabilityZone),
    vpcs: Vpcs.length,
    addresses: Addresses.length,
  };
}

async function readOfferings(ec2: EC2Client, types: string[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>(types.map((type) => [type, []]));
  const pages = paginateDescribeInstanceTypeOfferings(
    { client: ec2 },
    { LocationType: 'availability-zone', Filters: [{ Name: 'instance-type', Values: types }] },
  );
  for await (const { InstanceTypeOfferings = [] } of pages) {
    for (const { InstanceType = '', Location = '' } of InstanceTypeOfferings) {
      found.get(InstanceType)?.push(Location);
    }
  }
  return found;
}

async function readVcpus(ec2: EC2Client, types: string[]): Promise<Map<string, number>> {
  const { InstanceTypes = [] } = await ec2.send(
    new DescribeInstanceTypesCommand({ InstanceTypes: types as _InstanceType[] }),
  );
  return new Map(
    InstanceTypes.map(({ InstanceType = '', VCpuInfo }) => [InstanceType, VCpuInfo?.DefaultVCpus ?? 0]),
  );
}

async function readRunningVcpus(ec2: EC2Client, stage: string): Promise<number> {
  let vcpus = 0;
  const pages = paginateDescribeInstances(
    { client: ec2 },
    { Filters: [{ Name: 'instance-state-name', Values: ['pending', 'running'] }] },
  );
  for await (const { Reservations = [] } of pages) {
    for (const { Tags = [], CpuOptions } of Reservations.flatMap(({ Instances = [] }) => Instances)) {
      if (Tags.some(({ Key, Value }) => Key === 'rowlock:stage' && Value === stage)) continue;
      vcpus += (CpuOptions?.CoreCount ?? 0) * (CpuOptions?.ThreadsPerCore ?? 1);
    }
  }
  return vcpus;
}

async function readStacks(region: string): Promise<Pick<AccountFacts, 'stacks' | 'protectedRemains'>> {
  const stacks = new Map<string, string>();
  const protectedRemains: string[] = [];
  const cloudFormation = new CloudFormationClient({ ...client, region });
  for await (const { Stacks = [] } of paginateDescribeStacks({ client: cloudFormation }, {})) {
    for (const { StackName = '', StackStatus = '', EnableTerminationProtection } of Stacks) {
      if (StackStatus !== 'ROLLBACK_COMPLETE') stacks.set(StackName, StackStatus);
      else if (EnableTerminationProtection === true) protectedRemains.push(StackName);
    }
  }
  return { stacks, protectedRemains };
}

function readBootstrapped(region: string): Promise<Fact<boolean>> {
  return fact(`bootstrap stack in ${region}`, async () =>
    (await readStacks(region)).stacks.has('CDKToolkit'),
  );
}

async function readDatabaseZones(region: string, { database }: StageSettings): Promise<string[]> {
  const names = new Set<string>();
  const pages = paginateDescribeOrderableDBInstanceOptions(
    { client: new RDSClient({ ...client, region }) },
    { Engine: 'mysql', DBInstanceClass: `db.${database.instanceType}`, Vpc: true },
  );
  for await (const { OrderableDBInstanceOptions = [] } of pages) {
    for (const { AvailabilityZones = [], EngineVersion = '' } of OrderableDBInstanceOptions) {
      if (!EngineVersion.startsWith('8.4')) continue;
      for (const { Name = '' } of AvailabilityZones) names.add(Name);
    }
  }
  if (names.size === 0) throw new Error(`RDS names no zone for db.${database.instanceType}`);
  return [...names];
}

async function readLeftovers(
  region: string,
  { settings: { name: stage }, cluster }: AccountNeeds,
): Promise<Fact<Leftover>[]> {
  const data = `Rowlock-${stage}-Data`;
  const rds = new RDSClient({ ...client, region });
  return [
    await fact('databases', async () => {
      const { DBInstances = [] } = await rds.send(new DescribeDBInstancesCommand({}));
      const names = DBInstances.map(({ DBInstanceIdentifier = '' }) => DBInstanceIdentifier);
      return {
        stack: data,
        names: names.filter((name) => name === `rowlock-${stage}`).map((name) => `database ${name}`),
      };
    }),
    await fact('secrets', () => readSecrets(region, `rowlock/${stage}/redis-`, data)),
    ...(cluster === undefined ? [await queueLeftover(region, stage)] : []),
  ];
}

/** A deleted secret keeps its name until its recovery window, of up to 30 days, is over. */
export async function readSecrets(region: string, prefix: string, stack: string): Promise<Leftover> {
  const secrets = new SecretsManagerClient({ ...client, region });
  const { SecretList = [] } = await secrets.send(
    new ListSecretsCommand({
      IncludePlannedDeletion: true,
      Filters: [{ Key: 'name', Values: [prefix] }],
    }),
  );
  return { stack, names: SecretList.map(({ Name = '' }) => `secret ${Name}`) };
}

function queueLeftover(region: string, stage: string): Promise<Fact<Leftover>> {
  const sqs = new SQSClient({ ...client, region });
  return fact('queues', async () => {
    const { QueueUrls = [] } = await sqs.send(
      new ListQueuesCommand({ QueueNamePrefix: orderEventsQueue.name }),
    );
    return {
      stack: `Rowlock-${stage}-Messaging`,
      names: QueueUrls.map((url) => `queue ${url.split('/').at(-1)}`),
    };
  });
}
