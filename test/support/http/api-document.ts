import { parseConfig } from '../../../app/config/read-config.ts';
import { openApiDocument } from '../../../app/http/contract/openapi.ts';
import { createLog } from '../../../app/platform/observe/log.ts';
import { wireProcess } from '../../../app/wiring/process.ts';

/** The parts of the OpenAPI document that tests read. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
  readonly components: {
    readonly schemas: {
      readonly Problem: {
        readonly properties: Readonly<Record<string, { readonly description?: string }>>;
      };
    };
    readonly headers: Readonly<Record<string, { readonly required?: boolean }>>;
  };
}

export interface ApiOperation {
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: 'path' | 'query' | 'header';
    readonly required: boolean;
    readonly schema: object;
  }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: object } } };
  readonly responses: Readonly<Record<string, ApiResponse>>;
}

export interface ApiResponse {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly 'x-problem-codes'?: readonly string[];
}

/** Placeholder address; no request is sent to it; see below. */
const NOWHERE = '127.0.0.1:1';

let made: ApiDocument | undefined;

/**
 * The document of this release, which no setting changes, made by the app's own composition root. Needs no
 * server.
 */
export function apiDocument(): ApiDocument {
  if (made !== undefined) return made;
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
  const wiring = wireProcess(config, ['api'], createLog({ level: 'error', role: 'test', stage: 'test' }));
  void wiring.close();
  // As sent: fields that JSON omits are not documented.
  made = JSON.parse(JSON.stringify(openApiDocument(wiring.routes))) as ApiDocument;
  return made;
}
