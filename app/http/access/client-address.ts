import { isIP } from 'node:net';
import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';
import type { TrustedProxies } from './trusted-proxies.ts';

/**
 * Headers that the gateway overwrites. CloudFront writes the viewer's address; a client that reaches the
 * gateway past CloudFront could forge it.
 */
const SOURCE_HEADER = 'x-rowlock-source-address';
const KEY_ID_HEADER = 'x-rowlock-key-id';
const VIEWER_HEADER = 'x-rowlock-viewer-address';

/** The address that a request is limited by; undefined when it is unknown. */
export type AddressOf = (request: IncomingMessage) => string | undefined;

/**
 * Finds the address of a request that no client can forge.
 *
 * Behind the REST API (`storefrontKeyIds` is set) that is the address the gateway saw. Requests with the
 * storefront's API key come from CloudFront: their address is the one CloudFront saw. A hop count for
 * X-Forwarded-For could not tell the two ways apart: the count that is right for one lets clients of the
 * other choose their address. Paths whose cache policy drops the viewer's headers have no address here; the
 * cache protects them.
 *
 * Elsewhere the trusted proxies decide which entries of X-Forwarded-For count.
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
 * The IPv4 address itself; the /64 prefix of an IPv6 address, because one home line owns all addresses of a
 * /64. Undefined for any other text, such as two joined header values.
 */
export function addressKey(text: string | undefined): string | undefined {
  const address = text?.trim() ?? '';
  const kind = isIP(address);
  // Most requests: no parsing.
  if (kind === 4) return address;
  if (kind !== 6) return undefined;
  // ipaddr.js throws for zones that Node accepts, such as %eth0.1.
  const withoutZone = address.replace(/%.*$/s, '');
  // A dual-stack socket shows IPv4 clients as ::ffff:a.b.c.d. ipaddr.js also reads ::a.b.c.d so, but not
  // 0::a.b.c.d.
  const parsed = ipaddr.process(withoutZone.replace(/^::(?=\d+\.)/, '0::'));
  if (parsed.kind() === 'ipv4') return parsed.toString();
  const prefix = (parsed as ipaddr.IPv6).parts.slice(0, 4).map((part) => part.toString(16));
  return `${prefix.join(':')}::/64`;
}
