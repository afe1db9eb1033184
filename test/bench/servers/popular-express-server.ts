/**
 * `GET /products/popular` as it is usually written: Express reads Redis for every request and forwards the
 * stored response. It has the shop's access log and headers.
 */
import express, { type Request, type Response } from 'express';
import { Redis } from 'ioredis';
import { flatConfig } from '../../support/shop/flat-config.ts';
import { createLog } from '../../../app/platform/observe/log.ts';
import { newUuid } from '../../../app/platform/uuid.ts';

const KEY = 'bench:popular-answer';
const TTL_S = 60;
const config = flatConfig(process.env);
const log = createLog({ level: config.LOG_LEVEL, role: 'popular', stage: config.STAGE });
const redis = new Redis(config.REDIS_CACHE_URL, { commandTimeout: 1000 });

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.get('/readyz', (_request, response) => {
  response.json({ status: 'ready' });
});
// Returns the promise, which Express 5 awaits.
app.get('/products/popular', (request, response) => popular(request, response));
app.listen(config.HTTP_PORT, config.HTTP_HOST);
process.once('SIGTERM', () => process.exit(0));

async function popular(request: Request, response: Response): Promise<void> {
  const startMs = Date.now();
  const requestId = newUuid();
  response.once('close', () => {
    log.info('http_request', {
      requestId,
      method: request.method,
      path: request.path,
      status: response.statusCode,
      completed: response.writableFinished,
      durationMs: Date.now() - startMs,
    });
  });
  const body = await redis.get(KEY);
  if (body === null) throw new Error('Redis does not hold the answer');
  response.set({
    'X-Request-Id': requestId,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': `public, max-age=${TTL_S}`,
  });
  response.type('json').send(body);
}
