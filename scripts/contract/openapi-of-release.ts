import { parseConfig } from '../../app/config/read-config.ts';
import { openApiDocument } from '../../app/http/contract/openapi.ts';
import { createLog } from '../../app/platform/observe/log.ts';
import { wireProcess } from '../../app/wiring/process.ts';

/** Placeholder address; no request is sent to it; see below. */
const NOWHERE = '127.0.0.1:1';

/**
 * The OpenAPI document of this release, which no setting changes, made by the app's own composition root.
 * Needs no server.
 */
export function openApiOfRelease({ hasRedirect = false } = {}): Record<string, unknown> {
  const config = parseConfig(
    {
      DATABASE_URL: `mysql://nobody:none@${NOWHERE}/none`,
      REDIS_STATE_URL: `redis://${NOWHERE}`,
      REDIS_CACHE_URL: `redis://${NOWHERE}`,
      ORDER_EVENTS_QUEUE_URL: `http://${NOWHERE}/none`,
      IMAGES_BUCKET: 'none',
      IMAGES_BASE_URL: `http://${NOWHERE}`,
    },
    ['api'],
  );
  const wiring = wireProcess(
    config,
    ['api'],
    createLog({ level: 'error', role: 'contract', stage: 'local' }),
  );
  void wiring.close();
  // The redirect from the root to the page is not part of the API, but a test may meet it.
  const routes = wiring.routes.filter(({ path }) => hasRedirect || path !== '/');
  // As sent: fields that JSON omits are not documented.
  return JSON.parse(JSON.stringify(openApiDocument(routes))) as Record<string, unknown>;
}
