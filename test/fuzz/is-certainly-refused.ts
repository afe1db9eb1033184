import { isUtf8 } from 'node:buffer';
import type { ApiOperation } from '../support/http/api-document.ts';
import type { FuzzWorld } from './fuzz-world.ts';
import type { Message } from './render-message.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * Whether the document alone guarantees that a request changes nothing: it only reads, has no matching
 * operation, or is invalid in a way that must be rejected. Returns false if in doubt. Does not use the app's
 * own validation, so an accepted request for which this returned true is a finding.
 */
export function isCertainlyRefused(message: Message, world: FuzzWorld): boolean {
  const name = world.contract.operationOf(message.method, message.target);
  const operation = name === undefined ? undefined : world.operations.get(name);
  if (name === undefined || operation === undefined || name.startsWith('GET ')) return true;
  return (
    hasNoSession(operation, message, world) ||
    hasNoRight(name, operation, message, world) ||
    hasUnknownQuery(operation, message) ||
    leadsNowhere(name, message, world) ||
    lacksHeader(operation, message) ||
    hasWrongBody(name, message, world)
  );
}

function headersOf({ headers }: Message, name: string): string[] {
  return headers.flatMap(([other, value]) => (other.toLowerCase() === name.toLowerCase() ? [value] : []));
}

/** Ignores a cookie with the right token, because its effect depends on Origin. */
function bearsToken(message: Message, token: string): boolean {
  return headersOf(message, 'authorization').some(
    (value) => value.trim().toLowerCase() === `bearer ${token}`.toLowerCase(),
  );
}

function hasNoSession({ security }: ApiOperation, message: Message, { tokens }: FuzzWorld): boolean {
  // Empty: anyone may call.
  if (security === undefined || security.length === 0) return false;
  const known = Object.values(tokens);
  const mayHaveCookie = headersOf(message, 'cookie').some((value) =>
    known.some((token) => value.includes(token)),
  );
  if (mayHaveCookie || known.some((token) => bearsToken(message, token))) return false;
  const isForGuests = security.some((requirement) => Object.keys(requirement).length === 0);
  return !isForGuests || headersOf(message, 'authorization').length > 0;
}

/**
 * True if the caller lacks a right: the customer is no admin and has no money, and an invented account cannot
 * log in.
 */
function hasNoRight(
  name: string,
  operation: ApiOperation & { readonly 'x-role'?: string },
  message: Message,
  { tokens }: FuzzWorld,
): boolean {
  if (name === 'POST /auth/login') return true;
  if (!bearsToken(message, tokens.customer)) return false;
  return operation['x-role'] !== undefined || name === 'POST /orders';
}

function hasUnknownQuery({ parameters = [] }: ApiOperation, { target }: Message): boolean {
  const query = /\?([^#]*)/.exec(target)?.[1] ?? '';
  const names = parameters.flatMap((parameter) => (parameter.in === 'query' ? [parameter.name] : []));
  // Considers only names that have a single reading.
  const given = query.split('&').map((pair) => pair.split('=')[0] ?? '');
  return given.some((name) => /^[a-z]+$/i.test(name) && !names.includes(name));
}

/**
 * True if an id in the path is invalid or unknown, except for deletions, which succeed for missing objects.
 */
function leadsNowhere(name: string, { target }: Message, { ids }: FuzzWorld): boolean {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '').split(/[?#]/, 1)[0] ?? '';
  const segments = path.split('/');
  return (name.split(' ')[1] ?? '').split('/').some((part, index) => {
    // Ids are case-insensitive.
    const given = (segments[index] ?? '').toLowerCase();
    if (!part.startsWith('{') || given.includes('%')) return false;
    return !UUID.test(given) || !(name.startsWith('DELETE ') || Object.values(ids).includes(given));
  });
}

function lacksHeader({ parameters = [] }: ApiOperation, message: Message): boolean {
  return parameters.some(({ name, in: place, required }) => {
    if (place !== 'header') return false;
    const given = headersOf(message, name);
    if (given.length === 0) return required;
    return name === 'Idempotency-Key' && given.length === 1 && !KEY.test(given[0]?.trim() ?? '');
  });
}

function hasWrongBody(name: string, message: Message, { bodyChecks }: FuzzWorld): boolean {
  const { body } = message;
  const check = bodyChecks.get(name);
  if (body.length === 0) return check !== undefined;
  if (!isUtf8(body)) return true;
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return true;
  }
  if (check !== undefined) return !check(value);
  return value === null || typeof value !== 'object' || Object.keys(value).length > 0;
}
