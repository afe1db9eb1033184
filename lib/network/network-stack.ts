import { Fn, Stack, type StackProps, Tags } from 'aws-cdk-lib';
import {
  CfnNatGateway,
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { StageSettings } from '../settings/stage-settings.ts';

export interface NetworkStackProps extends StackProps {
  readonly settings: StageSettings['network'];
  /** Names of the zones to use; undefined means the first ones that CloudFormation offers. */
  readonly zones: readonly string[] | undefined;
  readonly logs: IBucket;
  /** Tags of the subnets by their kind, for controllers that look for them. */
  readonly subnetTags?: Readonly<Record<'public' | 'private', Readonly<Record<string, string>>>>;
}

/** Without an account the CDK names two zones; a region with fewer than three rejects a third one. */
const ZONES_KNOWN = 2;

/**
 * The network: NAT gateways in public subnets, balancer and instances in private ones, data in isolated ones.
 */
export class NetworkStack extends Stack {
  readonly vpc: Vpc;
  readonly natGatewayIds: readonly string[];
  readonly #zonesOfStage: number;

  constructor(
    scope: Construct,
    id: string,
    { settings, zones, logs, subnetTags, ...props }: NetworkStackProps,
  ) {
    super(scope, id, props);
    this.#zonesOfStage = settings.zones;
    if (zones !== undefined && zones.length !== settings.zones) {
      throw new Error(`zones: ${zones.length} given, but the stage has ${settings.zones}`);
    }
    this.vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr('10.20.0.0/16'),
      ...(zones === undefined ? { maxAzs: settings.zones } : { availabilityZones: [...zones] }),
      natGateways: settings.natGateways,
      subnetConfiguration: [
        // Only NAT gateways are here: no instance ever has a public address.
        { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 26, mapPublicIpOnLaunch: false },
        {
          name: 'private',
          subnetType: settings.natGateways > 0 ? SubnetType.PRIVATE_WITH_EGRESS : SubnetType.PRIVATE_ISOLATED,
          cidrMask: 22,
        },
        { name: 'isolated', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 26 },
      ],
      // Free, and carries most of an instance's start: the bundle comes from S3.
      gatewayEndpoints: { S3: { service: GatewayVpcEndpointAwsService.S3 } },
      flowLogs: {
        Rejected: {
          // Traffic that the security groups rejected; accepted traffic is in the access logs.
          trafficType: FlowLogTrafficType.REJECT,
          destination: FlowLogDestination.toS3(logs, 'network'),
        },
      },
    });
    this.natGatewayIds = this.vpc.node
      .findAll()
      .flatMap((found) => (found instanceof CfnNatGateway ? [found.attrNatGatewayId] : []));
    for (const name of settings.interfaceEndpoints) {
      this.vpc.addInterfaceEndpoint(`Endpoint-${name}`, {
        service: new InterfaceVpcEndpointAwsService(name),
        subnets: { subnetGroupName: 'private' },
      });
    }
    for (const [kind, tags] of Object.entries(subnetTags ?? {})) {
      for (const subnet of this.vpc.selectSubnets({ subnetGroupName: kind }).subnets) {
        for (const [name, value] of Object.entries(tags)) Tags.of(subnet).add(name, value);
      }
    }
  }

  override get availabilityZones(): string[] {
    const wanted = this.#zonesOfStage;
    if (wanted <= ZONES_KNOWN) return super.availabilityZones;
    return Array.from({ length: wanted }, (_, index) => Fn.select(index, Fn.getAzs()));
  }
}
