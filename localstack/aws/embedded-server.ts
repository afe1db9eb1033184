/**
 * The embedded server as its own process: fauxqs (S3 and SQS in one Node process) behind a proxy that adds
 * the bucket's CORS responses, which fauxqs lacks, so that browsers can upload.
 *
 *     node localstack/aws/embedded-server.ts PORT DATA_DIR READY_FILE REGION
 *
 * Writes {pid, port} to READY_FILE once it responds. Exits on SIGTERM. It cannot verify upload rules: fauxqs
 * checks no signature, no expiry and no POST policy.
 */
import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { Server as NetServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import cors from 'cors';
import { startFauxqs } from 'fauxqs';
import { createProxyServer } from 'httpxy';
import { imagesBucket } from '../../app/contract/images-bucket.ts';

const [portText = '0', dataDir = '', readyFile = '', region = ''] = process.argv.slice(2);
if (dataDir === '' || readyFile === '' || region === '')
  throw new Error('usage: embedded-server.ts PORT DATA_DIR READY_FILE REGION');

bindLoopbackOnly();
const fauxqs = await startFauxqs({
  port: 0,
  logger: false,
  defaultRegion: region,
  dataDir,
  s3StorageDir: join(dataDir, 's3'),
});
const front = await listen(createServer(corsProxy(`http://127.0.0.1:${fauxqs.port}`)), Number(portText));
writeFileSync(readyFile, JSON.stringify({ pid: process.pid, port: portOf(front) }));
console.log(
  JSON.stringify({ event: 'embedded_server_started', port: portOf(front), innerPort: fauxqs.port }),
);

process.once('SIGTERM', () => {
  front.close();
  front.closeAllConnections();
  void fauxqs.stop().finally(() => process.exit(0));
});

/** fauxqs binds all interfaces; limit it to loopback, so that the network cannot reach a laptop's shop. */
function bindLoopbackOnly(): void {
  // oxlint-disable-next-line typescript/unbound-method
  const original = NetServer.prototype.listen;
  NetServer.prototype.listen = function listenOnLoopback(this: NetServer, ...args: unknown[]): NetServer {
    const [first, ...rest] = args;
    const onLoopback = typeof first === 'object' && first !== null ? { ...first, host: '127.0.0.1' } : first;
    Reflect.apply(original, this, [onLoopback, ...rest]);
    return this;
  };
}

/** Streams everything through. Like S3, adds CORS headers only to requests with an Origin. */
function corsProxy(target: string): RequestListener {
  const proxy = createProxyServer({ target });
  const allow = cors({
    origin: '*',
    methods: [...imagesBucket.cors.methods],
    exposedHeaders: [...imagesBucket.cors.exposedHeaders],
    maxAge: imagesBucket.cors.maxAgeS,
    optionsSuccessStatus: 200,
  });
  return (request, response) => {
    const forward = () => {
      proxy.web(request, response).catch((error: unknown) => {
        console.error(JSON.stringify({ event: 'proxy_failed', reason: String(error) }));
        if (!response.headersSent) response.writeHead(502);
        response.end();
      });
    };
    if (request.headers.origin === undefined) forward();
    else allow(request, response, forward);
  };
}

function listen(server: Server, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1' }, () => resolve(server));
  });
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('not listening');
  return address.port;
}
