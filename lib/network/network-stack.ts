import { Stack, type StackProps } from 'aws-cdk-lib';
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
}

/**
 * The network: NAT gateways in public subnets, balancer and instances in private ones, data in isolated ones.
 */
export class NetworkStack extends Stack {
  readonly vpc: Vpc;
  readonly natGatewayIds: readonly string[];

  constructor(scope: Construct, id: string, { settings, zones, logs, ...props }: NetworkStackProps) {
    super(scope, id, props);
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
  }
}
