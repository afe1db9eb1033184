import { request as httpsRequest, Agent } from 'node:https';

/** What every object of the API has; the rest is the caller's business. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

export interface KubernetesAddress {
  readonly url: string;
  readonly token: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly authority: string;
}

export interface KubernetesReply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** Texts of Warning headers, such as those of pod security. */
  readonly warnings: readonly string[];
}

export interface KubernetesApi {
  /** Resolves for every status; rejects if no reply arrives. */
  request(
    method: string,
    path: string,
    body?: unknown,
    contentType?: string,
    token?: string,
  ): Promise<KubernetesReply>;
  /** The parsed body of a 2xx reply. Throws with the server's message otherwise. */
  read(path: string): Promise<Readonly<Record<string, unknown>>>;
  /**
   * Creates or changes the object by server-side apply. Unknown and repeated fields are errors, as with
   * `kubectl apply --validate=strict`. Throws with the server's message if admission refuses it.
   */
  apply(object: KubernetesObject): Promise<KubernetesReply>;
  /** Path of the object, found by discovery. Throws for a kind that the server does not know. */
  pathOf(object: KubernetesObject): Promise<string>;
  close(): void;
}

const TIMEOUT_MS = 30_000;
const FIELD_MANAGER = 'rowlock';

/**
 * A client for the few calls that local runs and tests make. Throws for a refused call, but see `request`.
 */
export function kubernetesApi({ url, token: ownToken, authority }: KubernetesAddress): KubernetesApi {
  const agent = new Agent({ keepAlive: true, ca: authority, maxSockets: 16 });
  const resources = new Map<string, Promise<readonly Resource[]>>();

  const request: KubernetesApi['request'] = (
    method,
    path,
    body,
    contentType = 'application/json',
    token = ownToken,
  ) =>
    new Promise((resolve, reject) => {
      const payload = body === undefined ? '' : JSON.stringify(body);
      const call = httpsRequest(new URL(path, url), {
        method,
        agent,
        timeout: TIMEOUT_MS,
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json',
          // Node does not set the length of a DELETE's body.
          'content-length': Buffer.byteLength(payload),
          ...(body !== undefined && { 'content-type': contentType }),
        },
      });
      call.on('timeout', () => call.destroy(new Error(`no reply to ${method} ${path} within 30 s`)));
      call.on('error', reject);
      call.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const warnings = [response.headers['warning'] ?? []].flat().map(String);
          resolve({ status: response.statusCode ?? 0, body: parsed(text), warnings });
        });
      });
      call.end(payload);
    });

  const read = async (path: string) => {
    const reply = await request('GET', path);
    if (reply.status >= 300) throw new Error(messageOf(reply));
    return reply.body;
  };

  const resourcesOf = (apiVersion: string): Promise<readonly Resource[]> => {
    const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const known =
      resources.get(apiVersion) ?? read(base).then((list) => list['resources'] as readonly Resource[]);
    resources.set(apiVersion, known);
    known.catch(() => resources.delete(apiVersion));
    return known;
  };

  const pathOf = async ({ apiVersion, kind, metadata }: KubernetesObject) => {
    const found = (await resourcesOf(apiVersion)).find((one) => one.kind === kind && !one.name.includes('/'));
    if (found === undefined) throw new Error(`the server knows no ${kind} of ${apiVersion}`);
    const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const scope = found.namespaced ? `/namespaces/${metadata.namespace ?? 'default'}` : '';
    return `${base}${scope}/${found.name}/${metadata.name}`;
  };

  return {
    request,
    read,
    pathOf,
    async apply(object) {
      const query = `fieldManager=${FIELD_MANAGER}&force=true&fieldValidation=Strict`;
      const path = `${await pathOf(object)}?${query}`;
      const reply = await request('PATCH', path, object, 'application/apply-patch+yaml');
      if (reply.status >= 300) {
        throw new Error(`${object.kind} ${object.metadata.name}: ${messageOf(reply)}`);
      }
      return reply;
    },
    close: () => agent.destroy(),
  };
}

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return { message: text };
  }
}

function messageOf({ status, body }: KubernetesReply): string {
  return `${status} ${typeof body['message'] === 'string' ? body['message'] : JSON.stringify(body)}`;
}
