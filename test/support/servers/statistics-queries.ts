import type { FaultProxy } from './fault-proxy.ts';

/** Counts the queries of the statistics table that reach the database through this proxy. */
export function statisticsQueries(proxy: FaultProxy): { readonly count: number } {
  let count = 0;
  proxy.watchClient((bytes) => {
    count += bytes.toString('latin1').split('FROM product_sales_hourly').length - 1;
    return 'forward';
  });
  return {
    get count() {
      return count;
    },
  };
}
