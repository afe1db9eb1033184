import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { outputOf, reasonOf } from '../processes/reason-of.ts';
import { localOutputs, localStacks } from './local-stacks.ts';
import { atEndpoint, emulatorEnvironment, type Provisioned } from './provision.ts';

const run = promisify(execFile);
const top = join(import.meta.dirname, '../..');
const DEPLOY_TIMEOUT_MS = 180_000;
const OUTPUT_MAX_BYTES = 16 * 1024 * 1024;

/**
 * Creates the bucket and the queues by deploying the storage and messaging stacks of lib/ to LocalStack, with
 * the CDK command line through aws-cdk-local. Idempotent. Throws with the end of the CDK's output.
 */
export async function provisionByCdk(options: {
  readonly endpoint: string;
  readonly region: string;
  /** Folder for templates and outputs. */
  readonly workDir: string;
}): Promise<Provisioned> {
  const { endpoint, region, workDir } = options;
  await mkdir(workDir, { recursive: true });
  const outputsFile = join(workDir, 'outputs.json');
  const cdklocal = createRequire(import.meta.url).resolve('aws-cdk-local/bin/cdklocal');
  const args = [
    'deploy',
    '--all',
    '--app',
    'node localstack/aws/cdk-app.ts',
    '--output',
    join(workDir, 'cdk.out'),
    '--outputs-file',
    outputsFile,
    '--require-approval',
    'never',
    '--progress',
    'events',
    '--ci',
    '--no-notices',
  ];
  try {
    await run(process.execPath, [cdklocal, ...args], {
      cwd: top,
      env: {
        ...process.env,
        PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`,
        ...emulatorEnvironment,
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_ENDPOINT_URL: endpoint,
        // aws-cdk-local's default S3 host name does not resolve on every machine.
        AWS_ENDPOINT_URL_S3: endpoint,
        // aws-cdk-local removes all other AWS variables.
        AWS_ENVAR_ALLOWLIST: 'AWS_REGION,AWS_DEFAULT_REGION,AWS_CONFIG_FILE,AWS_SHARED_CREDENTIALS_FILE',
      },
      timeout: DEPLOY_TIMEOUT_MS,
      maxBuffer: OUTPUT_MAX_BYTES,
    });
  } catch (error) {
    const said = outputOf(error).split('\n').slice(-8).join('\n');
    throw new Error(`the stacks could not be deployed to LocalStack: ${said || reasonOf(error)}`, {
      cause: error,
    });
  }
  const outputs = JSON.parse(await readFile(outputsFile, 'utf8')) as Record<string, Record<string, string>>;
  const output = (stack: string, name: string): string => {
    const value = outputs[stack]?.[name];
    if (value === undefined) throw new Error(`${stack} has no output ${name}`);
    return value;
  };
  const bucket = output(localStacks.storage, localOutputs.bucket);
  return {
    queueUrl: atEndpoint(output(localStacks.messaging, localOutputs.queueUrl), endpoint),
    deadLetterQueueUrl: atEndpoint(output(localStacks.messaging, localOutputs.deadLetterQueueUrl), endpoint),
    bucket,
    imagesBaseUrl: new URL(`/${bucket}`, endpoint).href,
  };
}
