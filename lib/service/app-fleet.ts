import { type CfnElement, Duration, Lazy, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import {
  AdditionalHealthCheckType,
  AutoScalingGroup,
  GroupMetrics,
  HealthChecks,
  LifecycleTransition,
  DefaultResult,
  Signals,
  UpdatePolicy,
} from 'aws-cdk-lib/aws-autoscaling';
import {
  AmazonLinux2023ImageSsmParameter,
  AmazonLinuxCpuType,
  BlockDeviceVolume,
  Connections,
  EbsDeviceVolumeType,
  type IMachineImage,
  InstanceType,
  type IVpc,
  LaunchTemplate,
  LaunchTemplateHttpTokens,
  MachineImage,
  OperatingSystemType,
  type SecurityGroup,
  UserData,
} from 'aws-cdk-lib/aws-ec2';
import type { IApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { type IPrincipal, ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { deadlines } from '../settings/deadlines.ts';
import type {
  EnvironmentName,
  InstanceSettings,
  ProcessName,
  ProcessSettings,
  SecretVariable,
} from '../instance/instance-settings.ts';
import { instanceLogGroup } from '../instance/instance-metrics.ts';
import { userData } from '../instance/user-data.ts';
import { acknowledgeWildcard } from './acknowledge-wildcard.ts';
import { type ProcessHost, requireUnset } from './process-host.ts';
import { awsEgress } from '../network/aws-egress.ts';
import type { StageSettings } from '../settings/stage-settings.ts';
import { logRetention } from '../observability/log-retention.ts';

export interface AppFleetProps {
  readonly vpc: IVpc;
  /** Last part of names: `rowlock-<stage>-<name>`. */
  readonly name: string;
  readonly stage: string;
  readonly instanceType: string;
  readonly instancesMin: number;
  readonly instancesMax: number;
  readonly instanceDaysMax: number;
  readonly imageId: string | undefined;
  readonly logDays: StageSettings['logDays'];
  /** Path of the linux-arm64 bundle that scripts/bundle creates. */
  readonly bundleFile: string;
  /** Units of an instance, in start order. */
  readonly processes: readonly ProcessName[];
  /** An instance must be healthy here before the next one is replaced. */
  readonly targets: IApplicationTargetGroup | undefined;
  /** A file that a process of the instance creates once it works; for fleets without targets. */
  readonly readyFile?: string;
}

const TERMINATE_HOOK = 'drain';
/** The Linux image takes two thirds. */
const VOLUME_GB = 8;

/**
 * Instances that run processes of the app under systemd. The `use…` functions beside this file grant a host
 * what its processes need: permission, network access and environment variable together.
 */
export class AppFleet extends Construct implements ProcessHost {
  readonly connections: Connections;
  readonly role: Role;
  readonly grantPrincipal: IPrincipal;
  readonly group: AutoScalingGroup;
  readonly groupName: string;
  readonly log: LogGroup;
  readonly #variables = new Map<ProcessName, Partial<Record<EnvironmentName, string>>>();
  readonly #secretVariables = new Map<ProcessName, Partial<Record<EnvironmentName, SecretVariable>>>();

  constructor(scope: Construct, id: string, props: AppFleetProps) {
    super(scope, id);
    const { vpc } = props;
    this.groupName = `rowlock-${props.stage}-${props.name}`;
    const securityGroup = awsEgress(this, 'Access', vpc, `Instances of ${this.groupName}`);
    this.connections = new Connections({ securityGroups: [securityGroup] });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
      // A shell for operators through Systems Manager; there is no SSH.
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('AmazonSSMManagedInstanceCore')],
    });
    this.grantPrincipal = this.role.grantPrincipal;
    this.log = new LogGroup(this, 'Log', {
      logGroupName: instanceLogGroup(props.stage, props.name),
      retention: logRetention(props.logDays),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    for (const process of props.processes) {
      this.#variables.set(process, {});
      this.#secretVariables.set(process, {});
    }

    const bundle = new Asset(this, 'Bundle', { path: props.bundleFile });
    const instanceData = UserData.custom(Lazy.string({ produce: () => this.renderUserData(props, bundle) }));
    this.group = this.makeGroup(props, securityGroup, instanceData);
    this.grantOwnRights(props, bundle);
  }

  setVariables(
    processes: readonly ProcessName[],
    variables: Readonly<Partial<Record<EnvironmentName, string>>>,
  ): void {
    for (const process of processes) {
      const own = known(this.#variables, process);
      requireUnset(own, Object.keys(variables));
      Object.assign(own, variables);
    }
  }

  setSecretVariable(processes: readonly ProcessName[], name: EnvironmentName, value: SecretVariable): void {
    for (const process of processes) {
      requireUnset(known(this.#variables, process), [name]);
      known(this.#secretVariables, process)[name] = value;
    }
  }

  private makeGroup(
    props: AppFleetProps,
    securityGroup: SecurityGroup,
    instanceData: UserData,
  ): AutoScalingGroup {
    const template = new LaunchTemplate(this, 'Template', {
      instanceType: new InstanceType(props.instanceType),
      machineImage: machineImage(props.imageId),
      role: this.role,
      securityGroup,
      userData: instanceData,
      httpTokens: LaunchTemplateHttpTokens.REQUIRED,
      // One hop: the units run on the instance itself, not in containers.
      httpPutResponseHopLimit: 1,
      // Gives scaling a value per minute instead of one per five minutes.
      detailedMonitoring: props.targets !== undefined,
      blockDevices: [
        {
          deviceName: '/dev/xvda',
          volume: BlockDeviceVolume.ebs(VOLUME_GB, { encrypted: true, volumeType: EbsDeviceVolumeType.GP3 }),
        },
      ],
    });
    const { targets } = props;
    const group = new AutoScalingGroup(this, 'Group', {
      vpc: props.vpc,
      vpcSubnets: { subnetGroupName: 'private' },
      autoScalingGroupName: this.groupName,
      launchTemplate: template,
      minCapacity: props.instancesMin,
      maxCapacity: props.instancesMax,
      // Limits the age of Linux images.
      maxInstanceLifetime: Duration.days(props.instanceDaysMax),
      // An old or unhealthy instance leaves after its replacement serves. AWS counts in percent of the
      // desired number; a group at its minimum stays within its maximum, for which the database's connections
      // are counted.
      minHealthyPercentage: 100,
      maxHealthyPercentage: Math.min(200, Math.floor((100 * props.instancesMax) / props.instancesMin)),
      defaultInstanceWarmup: Duration.seconds(deadlines.instanceWarmupS),
      healthChecks:
        targets === undefined
          ? HealthChecks.ec2({ gracePeriod: Duration.seconds(deadlines.launchSignalS) })
          : HealthChecks.withAdditionalChecks({
              additionalTypes: [AdditionalHealthCheckType.ELB],
              gracePeriod: Duration.seconds(deadlines.launchSignalS),
            }),
      groupMetrics: [GroupMetrics.all()],
      // Each instance signals for itself once its target is healthy.
      signals: Signals.waitForMinCapacity({ timeout: Duration.seconds(deadlines.launchSignalS) }),
      updatePolicy: UpdatePolicy.rollingUpdate({
        // A fleet of twelve is replaced in four steps. CloudFormation suspends scaling meanwhile.
        maxBatchSize: Math.max(1, Math.floor(props.instancesMax / 4)),
        minInstancesInService: Math.min(props.instancesMin, props.instancesMax - 1),
        minSuccessPercentage: 100,
        waitOnResourceSignals: true,
        pauseTime: Duration.seconds(deadlines.launchSignalS),
      }),
    });
    group.addLifecycleHook('Drain', {
      lifecycleHookName: TERMINATE_HOOK,
      lifecycleTransition: LifecycleTransition.INSTANCE_TERMINATING,
      heartbeatTimeout: Duration.seconds(deadlines.terminateHookS),
      defaultResult: DefaultResult.CONTINUE,
    });
    Validations.of(group).acknowledge({
      id: 'AwsSolutions-AS3',
      reason: 'Alarms watch the number of instances in service; an e-mail per scaling step would be noise.',
    });
    return group;
  }

  private grantOwnRights({ targets }: AppFleetProps, bundle: Asset): void {
    const stack = Stack.of(this);
    const groupName = `*:autoScalingGroupName/${this.groupName}`;
    const allow = (sid: string, actions: string[], resource: string) =>
      this.role.addToPolicy(new PolicyStatement({ sid, actions, resources: [resource] }));
    allow('Bundle', ['s3:GetObject'], bundle.bucket.arnForObjects(bundle.s3ObjectKey));
    allow(
      'Drain',
      ['autoscaling:CompleteLifecycleAction'],
      `arn:${stack.partition}:autoscaling:${stack.region}:${stack.account}:autoScalingGroup:${groupName}`,
    );
    acknowledgeWildcard(
      this.role,
      `arn:<AWS::Partition>:autoscaling:<AWS::Region>:<AWS::AccountId>:autoScalingGroup:${groupName}`,
      "A group's ARN contains an id that is unknown before the group exists; its name is fixed.",
    );
    this.log.grantWrite(this.role);
    if (targets !== undefined) {
      allow('Health', ['elasticloadbalancing:DescribeTargetHealth'], '*');
      acknowledgeWildcard(this.role, '*', 'DescribeTargetHealth only reads and does not support resources.');
    }
    Validations.of(this.role).acknowledge({
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonSSMManagedInstanceCore]',
      reason: "AWS's own policy for Session Manager: a shell without SSH and keys.",
    });
  }

  private renderUserData(props: AppFleetProps, bundle: Asset): string {
    const stack = Stack.of(this);
    const groupLogicalId = stack.getLogicalId(this.group.node.defaultChild as CfnElement);
    const processes = Object.fromEntries(
      props.processes.map((name): [string, ProcessSettings] => [
        name,
        {
          variables: known(this.#variables, name),
          secretVariables: known(this.#secretVariables, name),
        },
      ]),
    );
    const settings: InstanceSettings = {
      region: stack.region,
      stackName: stack.stackName,
      groupLogicalId,
      groupName: this.groupName,
      terminateHook: TERMINATE_HOOK,
      targetGroupArn: props.targets?.targetGroupArn,
      readyFile: props.readyFile,
      logGroup: instanceLogGroup(props.stage, props.name),
      processes,
    };
    return userData({
      bundleBucket: bundle.s3BucketName,
      bundleKey: bundle.s3ObjectKey,
      region: stack.region,
      stackName: stack.stackName,
      groupLogicalId,
      settings: stack.toJsonString(settings, 2),
      processes: props.processes,
    });
  }
}

function known<T>(byProcess: ReadonlyMap<ProcessName, T>, process: ProcessName): T {
  const found = byProcess.get(process);
  if (found === undefined) throw new Error(`the fleet does not run ${process}; add it to its processes`);
  return found;
}

/**
 * The given image, or the newest Amazon Linux 2023 at the time of each launch, which needs no deployment.
 */
function machineImage(imageId: string | undefined): IMachineImage {
  if (imageId !== undefined) {
    const osType = OperatingSystemType.LINUX;
    return { getImage: () => ({ imageId, osType, userData: UserData.forLinux() }) };
  }
  return MachineImage.resolveSsmParameterAtLaunch(
    AmazonLinux2023ImageSsmParameter.ssmParameterName({ cpuType: AmazonLinuxCpuType.ARM_64 }),
  );
}
