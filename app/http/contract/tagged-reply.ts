import { createHash } from 'node:crypto';
import type { Reply } from './route.ts';

/**
 * A public reply, the same bytes for every caller, that shared caches keep for `freshS` seconds and then
 * revalidate with its ETag. Browsers revalidate each time, against CloudFront's copy. No `Vary`: only the
 * request target changes the reply.
 */
export function taggedReply(body: unknown, freshS: number): Reply {
  const text = JSON.stringify(body);
  return {
    status: 200,
    headers: { ETag: tagOf(text), 'Cache-Control': `public, max-age=0, s-maxage=${freshS}` },
    body: text,
  };
}

/** The strong ETag of these bytes. */
export function tagOf(content: string | Buffer): string {
  return `"${createHash('sha256').update(content).digest('base64url').slice(0, 27)}"`;
}

/** Whether `If-None-Match` names the ETag. Weak tags match too: caches that compress weaken them. */
export function hasTag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const plain = (tag: string) => tag.trim().replace(/^W\//, '');
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || plain(tag) === plain(etag));
}

/** Whether `If-Match` names this version (RFC 9110, 13.1.1: strong comparison). */
export function matchesTag(ifMatch: string, etag: string): boolean {
  return ifMatch.split(',').some((tag) => tag.trim() === '*' || tag.trim() === etag);
}
