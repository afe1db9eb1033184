/**
 * The embedded server, run as a process of its own: fauxqs (S3 and SQS in one Node process) with a proxy in
 * front that gives it the CORS answers of the bucket, which it lacks itself, so that a browser can upload.
 *
 *   node localstack/aws/embedded-server.ts PORT DATA_DIR READY_FILE REGION
 *
 * Writes {pid, port} to READY_FILE once it answers. Ends on SIGTERM. Not a judge of upload rules: fauxqs
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

/** fauxqs always binds every interface of the machine; a laptop's shop is nobody else's business. */
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

/** Streams everything through. Only requests that name an Origin get CORS headers, as S3 does it. */
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
