import { gzipSync } from 'node:zlib';
import type { BodyChange, MessagePlan } from './message-plan.ts';

type Step = string | number;

const MARK = '\u0001mark\u0001';

/** Renders the bytes of a plan's body; empty without one. */
export function renderBody({ body, change }: Pick<MessagePlan, 'body' | 'change'>): Buffer {
  switch (change.kind) {
    case 'whole':
      return Buffer.from(change.json);
    case 'bytes':
      return Buffer.from(change.bytes);
    case 'large':
      return Buffer.from(change.filler.repeat(Math.ceil(change.bytes / change.filler.length)));
    default:
      return body === undefined ? Buffer.alloc(0) : changed(body, change);
  }
}

function changed(body: unknown, change: BodyChange): Buffer {
  const text = JSON.stringify(body);
  switch (change.kind) {
    case 'value':
      return Buffer.from(withValue(body, pick(placesIn(body), change.place), change.json));
    case 'missing': {
      const members = placesIn(body).filter((place) => place.length > 0);
      return Buffer.from(members.length === 0 ? '{}' : without(body, pick(members, change.place)));
    }
    case 'extra': {
      const objects = [...text.matchAll(/\{/g)].map(({ index }) => index);
      const at = pick(objects, change.place) + 1;
      const isEmpty = text[at] === '}';
      return Buffer.from(`${text.slice(0, at)}${change.member}${isEmpty ? '' : ','}${text.slice(at)}`);
    }
    case 'cut': {
      const bytes = Buffer.from(text);
      return bytes.subarray(0, Math.floor(bytes.length * change.at));
    }
    case 'encoded':
      return encoded(text, change.how);
    default:
      return Buffer.from(text);
  }
}

function encoded(text: string, how: Extract<BodyChange, { kind: 'encoded' }>['how']): Buffer {
  switch (how) {
    case 'utf16le':
      return Buffer.from(text, 'utf16le');
    case 'byte order mark':
      return Buffer.from(`\ufeff${text}`);
    case 'bytes that are no UTF-8': {
      // Inserts into the first text value, if there is one: the rest may stay valid.
      const at = Buffer.from(text.slice(0, text.indexOf(':"') + 2));
      return Buffer.concat([at, Buffer.from([0xed, 0xa0, 0x80]), Buffer.from(text).subarray(at.length)]);
    }
    case 'gzip':
      return gzipSync(text);
    case 'twice':
      return Buffer.from(text + text);
    case 'single quotes':
      return Buffer.from(text.replaceAll('"', "'"));
    case 'zeros':
      return Buffer.alloc(text.length);
    case 'form':
      return Buffer.from(`body=${encodeURIComponent(text)}`);
  }
}

function pick<T>(list: readonly T[], index: number): T {
  return list[index % list.length] as T;
}

/** Paths to every value inside a JSON value, including itself. */
function placesIn(value: unknown, at: readonly Step[] = []): (readonly Step[])[] {
  if (value === null || typeof value !== 'object') return [at];
  const inside = Array.isArray(value)
    ? value.flatMap((item, index) => placesIn(item, [...at, index]))
    : Object.entries(value).flatMap(([name, item]) => placesIn(item, [...at, name]));
  return [at, ...inside];
}

function withValue(body: unknown, place: readonly Step[], json: string): string {
  if (place.length === 0) return json;
  const copy = structuredClone(body);
  const last = place.at(-1) as Step;
  (parentOf(copy, place) as Record<Step, unknown>)[last] = MARK;
  return JSON.stringify(copy).replace(JSON.stringify(MARK), () => json);
}

function without(body: unknown, place: readonly Step[]): string {
  const copy = structuredClone(body);
  const parent = parentOf(copy, place);
  const last = place.at(-1) as Step;
  if (Array.isArray(parent)) parent.splice(last as number, 1);
  else delete (parent as Record<Step, unknown>)[last];
  return JSON.stringify(copy);
}

function parentOf(body: unknown, place: readonly Step[]): unknown {
  return place.slice(0, -1).reduce((value, step) => (value as Record<Step, unknown>)[step], body);
}
