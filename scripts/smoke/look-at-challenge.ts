import type { ShopApi } from './shop-api.ts';

/** A 401 must say how to authenticate (RFC 9110, 15.5.2). REST APIs of API Gateway rename the header. */
export async function lookAtChallenge(api: ShopApi): Promise<string> {
  const { challengeHeader } = await api.ask('GET', '/me', 401);
  if (challengeHeader === undefined) throw new Error('GET /me answered 401 without WWW-Authenticate');
  return challengeHeader === 'www-authenticate'
    ? 'a 401 without a token carries WWW-Authenticate'
    : `a 401 without a token carries its challenge as ${challengeHeader}: API Gateway has renamed it`;
}
