import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decode } from 'node:querystring';
import { onCleanup } from '../cleanup.ts';

export interface AwsCall {
  /** Such as `GetSecretValue`. */
  readonly action: string;
  readonly protocol: 'json' | 'query';
  readonly input: Readonly<Record<string, unknown>>;
  readonly body: string;
}

export type AwsAnswer =
  | { readonly json: object }
  | { readonly xml: string }
  | { readonly error: string; readonly status: number };

/**
 * Replaces the control plane of AWS, which no emulator here offers: it accepts calls of the JSON and query
 * protocols, records them, and sends the answers that the test defines. It is also the metadata service of an
 * instance.
 */
export async function awsCalls(
  answer: (call: AwsCall) => AwsAnswer,
  metadata: Readonly<Record<string, () => string | undefined>> = {},
): Promise<{ url: string; calls: AwsCall[] }> {
  const calls: AwsCall[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const path = request.url ?? '';
      if (path === '/latest/api/token') return response.end('token');
      if (path.startsWith('/latest/meta-data/')) {
        const value = metadata[path.slice('/latest/meta-data/'.length)]?.();
        response.statusCode = value === undefined ? 404 : 200;
        if (request.headers['x-aws-ec2-metadata-token'] !== 'token') response.statusCode = 401;
        return response.end(value);
      }
      const call = callOf(request, body);
      calls.push(call);
      const given = answer(call);
      if ('json' in given) {
        response.setHeader('content-type', 'application/x-amz-json-1.1');
        return response.end(JSON.stringify(given.json));
      }
      if ('xml' in given) {
        response.setHeader('content-type', 'text/xml');
        return response.end(given.xml);
      }
      response.statusCode = given.status;
      response.setHeader('x-amzn-errortype', given.error);
      if (call.protocol === 'json') return response.end('{"message":"no"}');
      response.setHeader('content-type', 'text/xml');
      const error = `<Error><Type>Sender</Type><Code>${given.error}</Code><Message>no</Message></Error>`;
      return response.end(`<ErrorResponse>${error}</ErrorResponse>`);
    });
  });
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  onCleanup(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}

function callOf(request: IncomingMessage, body: string): AwsCall {
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') {
    return {
      action: target.split('.').at(-1) ?? '',
      protocol: 'json',
      input: JSON.parse(body) as Record<string, unknown>,
      body,
    };
  }
  const input = { ...decode(body) };
  return { action: String(input['Action'] ?? request.url), protocol: 'query', input, body };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
