import { documentedPath } from './documented-path.ts';
import type { MessagePlan } from './message-plan.ts';
import { isCertainlyRefused } from './is-certainly-refused.ts';
import { renderBody } from './render-body.ts';
import type { FuzzWorld } from './fuzz-world.ts';

/** A request that is ready to send. Texts are Latin-1, one character per byte. */
export interface Message {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly chunks: readonly number[] | undefined;
  /** Value of `X-Request-Id`, which the response repeats; undefined if a different header is sent. */
  readonly requestId: string | undefined;
}

/**
 * Renders the request of a plan. A request that could write is made clearly invalid according to the
 * document, unless it already is: no request may both be valid and write.
 */
export function renderMessage(plan: MessagePlan, world: FuzzWorld, requestId: string): Message {
  const message = usualMessage(plan, world, requestId);
  return isCertainlyRefused(message, world)
    ? message
    : { ...message, target: withQuery(message.target, 'unexpected=1') };
}

function usualMessage(plan: MessagePlan, world: FuzzWorld, requestId: string): Message {
  const { operation, session, key } = plan;
  const body = renderBody(plan);
  const headers: (readonly [string, string])[] = [['Host', plan.host]];
  const credentials = credentialsOf(session, world);
  if (credentials !== undefined) headers.push(credentials);
  const ownId = plan.headers.some(([name]) => name.toLowerCase() === 'x-request-id');
  if (!ownId) headers.push(['X-Request-Id', requestId]);
  if (body.length > 0 || plan.contentType !== undefined) {
    headers.push(['Content-Type', plan.contentType ?? 'application/json']);
  }
  if (plan.contentEncoding !== undefined) headers.push(['Content-Encoding', plan.contentEncoding]);
  for (const { name, in: place } of operation.operation.parameters ?? []) {
    if (place === 'header') headers.push([name, name === 'If-Match' ? (key ?? '*') : (key ?? requestId)]);
  }
  headers.push(...plan.headers);
  return {
    method: plan.method ?? operation.method,
    target: targetOf(plan, world),
    headers,
    body,
    chunks: body.length === 0 ? undefined : plan.chunks,
    requestId: ownId ? undefined : requestId,
  };
}

function credentialsOf(
  session: MessagePlan['session'],
  { tokens }: FuzzWorld,
): readonly [name: string, value: string] | undefined {
  if (session === 'nobody') return undefined;
  if (session === 'admin' || session === 'customer') return ['Authorization', `Bearer ${tokens[session]}`];
  const [name, value] = session;
  return [name, value.replaceAll('TOKEN', tokens.admin)];
}

function targetOf({ operation, segment, query, form }: MessagePlan, world: FuzzWorld): string {
  const path = documentedPath(operation.path, (name) => segment ?? world.ids[name] ?? name);
  const names = (operation.operation.parameters ?? []).flatMap((parameter) =>
    parameter.in === 'query' ? [parameter.name] : [],
  );
  const text =
    typeof query === 'string' ? query : query?.map(([name, value]) => `${names[name]}=${value}`).join('&');
  const target = text === undefined ? path : `${path}?${text}`;
  switch (form) {
    case 'usual':
      return target;
    case 'absolute':
      return `http://shop${target}`;
    case 'other authority':
      return `http://user:pass@evil.example:1${target}`;
    case 'capitals':
      return target.toUpperCase();
    case 'slash at the end':
      return text === undefined ? `${path}/` : `${path}/?${text}`;
    case 'two slashes':
      return `/${target}`;
    case 'dots':
      return `/./x/..${target}`;
    case 'fragment':
      return `${target}#x`;
    case 'backslash':
      return target.replaceAll('/', '\\');
    case 'encoded':
      return target.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
  }
}

/** Inserts a query before a fragment, which would otherwise contain it. */
function withQuery(target: string, query: string): string {
  const [before = '', ...fragment] = target.split('#');
  const joined = `${before}${before.includes('?') ? '&' : '?'}${query}`;
  return [joined, ...fragment].join('#');
}
