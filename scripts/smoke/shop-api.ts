export interface Reply {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- the caller knows the shape of the response
  readonly body: any;
  readonly etag: string | undefined;
  /** Name of the header with the challenge of a 401; REST APIs of API Gateway rename it. */
  readonly challengeHeader: string | undefined;
  readonly replayed: boolean;
}

export interface ShopApi {
  /** Throws with status and problem when the response has another status than expected. */
  ask(method: string, path: string, expected: number, options?: AskOptions): Promise<Reply>;
  as(token: string): ShopApi;
}

export interface AskOptions {
  readonly body?: object;
  /** Idempotency-Key. */
  readonly key?: string;
  readonly ifMatch?: string | undefined;
}

const TIMEOUT_MS = 30_000;
const challengeHeaders = ['www-authenticate', 'x-amzn-remapped-www-authenticate'];

/** A client of a deployed shop; `apiKey` is the key that the gateway requires. */
export function shopApi(url: string, apiKey: string | undefined, token?: string): ShopApi {
  return {
    async ask(method, path, expected, { body, key, ifMatch } = {}) {
      const reply = await fetch(`${url}${path}`, {
        method,
        headers: {
          ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
          ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await reply.text();
      if (reply.status !== expected) {
        throw new Error(
          `${method} ${path} answered ${reply.status} instead of ${expected}: ${text.slice(0, 300)}`,
        );
      }
      return {
        status: reply.status,
        body: text === '' ? undefined : JSON.parse(text),
        challengeHeader: challengeHeaders.find((name) => reply.headers.has(name)),
        etag: reply.headers.get('etag') ?? undefined,
        replayed: reply.headers.get('idempotent-replayed') === 'true',
      };
    },
    as: (other) => shopApi(url, apiKey, other),
  };
}
