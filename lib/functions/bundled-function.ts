import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { buildSync } from 'esbuild';
import type { StageSettings } from '../settings/stage-settings.ts';
import { awsEgress } from '../network/aws-egress.ts';
import { logRetention } from '../observability/log-retention.ts';

export interface BundledFunctionProps {
  /** A file that exports `handler`. */
  readonly entry: string;
  readonly vpc: IVpc;
  readonly timeoutS: number;
  readonly logDays: StageSettings['logDays'];
  /** Fixed names of the function and its log group, for a function that operators call. */
  readonly names?: { readonly function: string; readonly log: string };
  readonly environment?: Readonly<Record<string, string>>;
  /** Text of further files beside the code, by file name. */
  readonly files?: Readonly<Record<string, string>>;
}

const top = join(import.meta.dirname, '../..');

const CODE = 'index.mjs';

/** Lambda function in the private subnets, bundled from one file and its imports. */
export class BundledFunction extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: BundledFunctionProps) {
    super(scope, id);
    const { entry, vpc, timeoutS, logDays, names, environment, files = {} } = props;
    const directory = join(top, '.local/functions', basename(entry, '.ts'));
    writeFiles(directory, files);
    buildSync({
      entryPoints: [entry],
      outfile: join(directory, CODE),
      bundle: true,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      minify: true,
      // Paths relative to the repository, so that the same source gives the same asset on every machine.
      absWorkingDir: top,
      banner: {
        js:
          "import { createRequire as bundleRequire } from 'node:module'; " +
          'const require = bundleRequire(import.meta.url);',
      },
      logLevel: 'error',
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      managedPolicies: [
        ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSLambdaVPCAccessExecutionRole'),
      ],
    });
    Validations.of(role).acknowledge({
      id:
        'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/' +
        'service-role/AWSLambdaVPCAccessExecutionRole]',
      reason: "AWS's own policy for a function in a VPC: network interfaces and log.",
    });
    this.function = new LambdaFunction(this, 'Function', {
      ...(names === undefined ? {} : { functionName: names.function }),
      ...(environment === undefined ? {} : { environment: { ...environment } }),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(directory),
      role,
      vpc,
      securityGroups: [awsEgress(this, 'Access', vpc, `Function ${this.node.path}`)],
      vpcSubnets: { subnetGroupName: 'private' },
      timeout: Duration.seconds(timeoutS),
      memorySize: 256,
      logGroup: new LogGroup(this, 'Log', {
        ...(names === undefined ? {} : { logGroupName: names.log }),
        retention: logRetention(logDays),
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    });
  }
}

/** Writes the files and removes those of earlier releases, because the whole folder is the asset. */
function writeFiles(directory: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(directory, { recursive: true });
  for (const name of readdirSync(directory)) {
    if (name !== CODE && !(name in files)) rmSync(join(directory, name), { recursive: true });
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
}
