import { composeService } from '../processes/compose-service.ts';
import type { AwsEndpoint } from './aws-endpoint.ts';
import { startEmbeddedServer } from './start-embedded-server.ts';
import { type HostModeOptions, startHostMode } from './start-host-mode.ts';

/** The preferred port is ignored for containers. */
export interface AwsEndpointOptions extends HostModeOptions {
  readonly mode: AwsEndpoint['kind'];
  /** Endpoint for mode `url`. */
  readonly url?: string;
  /** Mode localstack-compose: stop() removes the container. */
  readonly isThrowaway?: boolean;
}

/** Starts S3 and SQS in one of three ways, or uses the given URL. Resolves once they respond. */
export async function startAwsEndpoint(options: AwsEndpointOptions): Promise<AwsEndpoint> {
  switch (options.mode) {
    case 'url':
      return givenEndpoint(options.url);
    case 'embedded':
      return startEmbeddedServer(options);
    case 'localstack-host':
      return startHostMode(options);
    case 'localstack-compose':
      return startContainer(options);
  }
}

function givenEndpoint(url: string | undefined): AwsEndpoint {
  if (url === undefined || !URL.canParse(url)) throw new Error('AWS_ENDPOINT_URL must be a URL');
  return {
    kind: 'url',
    product: 'S3 and SQS',
    version: 'as given',
    endpoint: url.replace(/\/$/, ''),
    pid: undefined,
    origin: 'AWS_ENDPOINT_URL is set',
    hasBucketConfiguration: true,
    checksUploads: true,
    keepsData: true,
    exited: new Promise(() => undefined),
    logTail: () => Promise.resolve(''),
    stop: () => Promise.resolve(),
  };
}

async function startContainer(options: AwsEndpointOptions): Promise<AwsEndpoint> {
  const container = await composeService({
    service: 'localstack',
    projectKey: options.dataDir,
    log: options.log,
    isThrowaway: options.isThrowaway ?? false,
  });
  return {
    kind: 'localstack-compose',
    product: 'LocalStack',
    version: container.tag,
    endpoint: `http://127.0.0.1:${container.port}`,
    pid: undefined,
    origin: `${container.origin}; its data is lost when it stops`,
    hasBucketConfiguration: true,
    checksUploads: true,
    keepsData: false,
    exited: new Promise(() => undefined),
    logTail: container.logTail,
    stop: container.stop,
  };
}
