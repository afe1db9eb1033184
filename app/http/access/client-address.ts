import { isIP } from 'node:net';
import type { IncomingMessage } from 'node:http';
import type { TrustedProxies } from './trusted-proxies.ts';

/**
 * Headers of the gateway, which overwrites what a client sends under these names. The viewer's is written by
 * CloudFront, and anybody could write it who comes to the gateway past CloudFront.
 */
const SOURCE_HEADER = 'x-rowlock-source-address';
const KEY_ID_HEADER = 'x-rowlock-key-id';
const VIEWER_HEADER = 'x-rowlock-viewer-address';

/** What requests are counted by: a party that has one network address. Undefined where there is none to go by. */
export type AddressOf = (request: IncomingMessage) => string | undefined;

/**
 * Where a request comes from, as far as nobody can forge it.
 *
 * Behind the REST API (`storefrontKeyIds` is set) it is the address that the gateway saw, except for requests with the
 * key of the storefront, which come from CloudFront: for those it is the one that CloudFront saw. A number of hops in
 * X-Forwarded-For cannot tell the two ways apart: right for one, it lets the other choose its address. A path whose
 * cache policy leaves the visitor's headers out has no address there; the cache is what protects it.
 *
 * Anywhere else the trusted proxies decide how much of X-Forwarded-For counts.
 */
export function clientAddress(
  storefrontKeyIds: readonly string[] | undefined,
  proxies: TrustedProxies,
): AddressOf {
  const peer = (request: IncomingMessage) => addressKey(request.socket.remoteAddress) ?? 'unknown';
  if (storefrontKeyIds === undefined)
    return (request) => addressKey(proxies.addressOf(request)) ?? peer(request);
  return (request) =>
    storefrontKeyIds.includes(request.headers[KEY_ID_HEADER] as string)
      ? addressKey(request.headers[VIEWER_HEADER]?.toString())
      : (addressKey(request.headers[SOURCE_HEADER]?.toString()) ?? peer(request));
}

/**
 * An IPv4 address as it is; of an IPv6 address the first 64 bits, because a line at home has all the others to itself.
 * Undefined for anything else, such as a header that was sent twice.
 */
export function addressKey(text: string | undefined): string | undefined {
  const address = text?.trim() ?? '';
  switch (isIP(address)) {
    case 4:
      return address;
    case 6:
      return ipv6Key(address);
    default:
      return undefined;
  }
}

function ipv6Key(address: string): string {
  const [withoutZone = ''] = address.toLowerCase().split('%');
  // A socket that listens for both kinds shows IPv4 so.
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(withoutZone)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = withoutZone.split('::');
  const groupsOf = (part: string | undefined) => (part === undefined || part === '' ? [] : part.split(':'));
  const front = groupsOf(head);
  const back = groupsOf(tail);
  // The last one may be IPv4, which stands for two.
  const backLength = back.length + (back.at(-1)?.includes('.') === true ? 1 : 0);
  const zeros = tail === undefined ? 0 : 8 - front.length - backLength;
  const groups = [...front, ...Array.from({ length: zeros }, () => '0'), ...back];
  const firstFour = groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
  return `${firstFour.join(':')}::/64`;
}
