import { randomUUID } from 'node:crypto';
import { insistOnBusyMachine } from './insist.ts';
import { onThisMachine } from '../on-this-machine.ts';
import { contractOfThisRelease, expectDocumented } from '../http/expect-documented.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- chai checks the fields that a test reads
type AnyJson = any;

export interface HttpReply<B = AnyJson> {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; the text for any other content type. */
  readonly body: B;
  readonly text: string;
}

export interface HttpRequest {
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent unchanged instead of `body`, for requests that no client library would send. */
  readonly rawBody?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Idempotency-Key. */
  readonly key?: string;
  readonly timeoutMs?: number;
}

export interface OrderLine {
  readonly productId: string;
  readonly quantity: number;
}

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

export interface HttpClient {
  readonly url: string;
  /**
   * Sends any request. Never throws for a status. Throws when there is no answer within 10 s, and when the
   * OpenAPI document does not contain its status, problem code, headers or body.
   */
  request<B = AnyJson>(method: string, path: string, request?: HttpRequest): Promise<HttpReply<B>>;
  get<B = AnyJson>(path: string, request?: HttpRequest): Promise<HttpReply<B>>;
  post<B = AnyJson>(path: string, body?: unknown, request?: HttpRequest): Promise<HttpReply<B>>;
  /** The same server with another session, or with none. */
  withToken(token: string | undefined): HttpClient;
  /** The same session against another process. */
  at(url: string): HttpClient;
  signUp(credentials?: Partial<Credentials>): Promise<Credentials & { readonly id: string }>;
  /** A client with the new session's bearer token. Throws when the login is refused. */
  logIn(credentials: Credentials): Promise<HttpClient & { readonly token: string }>;
  /** A new customer with a session and, when `amount` is given, a balance. */
  newCustomer(amount?: number): Promise<HttpClient & { readonly token: string; readonly userId: string }>;
  charge<B = AnyJson>(amount: number, key?: string): Promise<HttpReply<B>>;
  postOrder<B = AnyJson>(items: readonly OrderLine[], request?: HttpRequest): Promise<HttpReply<B>>;
}

const REQUEST_TIMEOUT_MS = 30_000;
const CHARGE_MAX_KRW = 1_000_000;

/**
 * A thin client of the shop's HTTP interface. Every order and charge gets its own key unless a key is given.
 */
export function httpClient(url: string, token?: string): HttpClient {
  const request = <B>(method: string, path: string, options: HttpRequest = {}) =>
    send<B>(url, token, method, path, options);
  // A login ends the session that it is sent with.
  const asNobody = <B>(path: string, body: unknown) => send<B>(url, undefined, 'POST', path, { body });
  const client: HttpClient = {
    url,
    request,
    get: (path, options) => request('GET', path, options),
    post: (path, body, options) => request('POST', path, { ...options, body }),
    withToken: (other) => httpClient(url, other),
    at: (otherUrl) => httpClient(otherUrl, token),
    async signUp({ email: given, password = 'correct horse battery' } = {}) {
      let email = '';
      const reply = await insistOnBusyMachine(() => {
        // A sign-up that was answered with 503 may have happened: the next one needs another address.
        email = given ?? `${randomUUID()}@example.com`;
        return asNobody<{ id: string }>('/auth/signup', { email, password });
      });
      return { email, password, id: expectStatus(reply, 201).id };
    },
    async logIn(body) {
      const reply = await insistOnBusyMachine(() => asNobody<{ token: string }>('/auth/login', body));
      const session = expectStatus(reply, 200);
      return { ...httpClient(url, session.token), token: session.token };
    },
    async newCustomer(amount = 0) {
      const { id, ...credentials } = await client.signUp();
      const customer = await client.logIn(credentials);
      for (let left = amount; left > 0; left -= CHARGE_MAX_KRW) {
        const key = randomUUID();
        const part = Math.min(left, CHARGE_MAX_KRW);
        expectStatus(await insistOnBusyMachine(() => customer.charge(part, key)), 200);
      }
      return { ...customer, userId: id };
    },
    charge: (amount, key = randomUUID()) => request('POST', '/me/balance/charges', { body: { amount }, key }),
    postOrder: (items, options = {}) =>
      request('POST', '/orders', { body: { items }, ...options, key: options.key ?? randomUUID() }),
  };
  return client;
}

async function send<B>(
  url: string,
  token: string | undefined,
  method: string,
  path: string,
  { body, rawBody, headers, key, timeoutMs = REQUEST_TIMEOUT_MS }: HttpRequest,
): Promise<HttpReply<B>> {
  // Built beforehand, so that it does not count towards the request's time.
  contractOfThisRelease();
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(key === undefined ? {} : { 'Idempotency-Key': key }),
      ...headers,
    },
    body: rawBody ?? (body === undefined ? null : JSON.stringify(body)),
    redirect: 'manual',
    signal: AbortSignal.timeout(onThisMachine(timeoutMs)),
  });
  const text = await response.text();
  expectDocumented({ method, target: path, status: response.status, headers: response.headers, text });
  // The answer to a HEAD has the content type of a body but no body.
  const isJson = text !== '' && /[/+]json/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: (isJson ? JSON.parse(text) : text) as B,
  };
}

function expectStatus<B>(reply: HttpReply<B>, status: number): B {
  if (reply.status !== status)
    throw new Error(`expected ${status}, got ${reply.status}: ${reply.text.slice(0, 500)}`);
  return reply.body;
}
