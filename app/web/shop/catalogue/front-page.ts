import type { Answer } from '../../client/rowlock-client.ts';
import { api } from '../../shared/api.ts';
import { frontPageQuery } from './front-page-query.ts';

/** The front page waits no longer for its best sellers: they are a hint. */
const POPULAR_WAIT_MS = 500;

/** What the front page needs before it can be laid out without moving again. */
export interface FrontPage {
  readonly list: Answer<'listProducts'>;
  /** Undefined if the shop did not say it in time. */
  readonly popular: Answer<'listPopularProducts'> | undefined;
}

export async function readFrontPage(signal: AbortSignal): Promise<FrontPage> {
  const popular = api
    .call('listPopularProducts', { query: frontPageQuery.popular, signal })
    .catch(() => undefined);
  const list = await api.call('listProducts', { query: frontPageQuery.list, signal });
  const tooLate = new Promise<undefined>((resolve) => setTimeout(resolve, POPULAR_WAIT_MS, undefined));
  return { list, popular: await Promise.race([popular, tooLate]) };
}
