import { useEffect, useState } from 'preact/hooks';
import { clock } from '../../shared/format.ts';
import { words } from '../words/shop-words.ts';
import { type SaleTimes, saleStateOf } from './sale-window.ts';

/** Counts down to the start or the end of a sale; nothing for products that are always sold. */
export function SaleClock({ times }: { times: SaleTimes }) {
  const { product } = words.value;
  const [now, setNow] = useState(Date.now());
  const sale = saleStateOf(times, now);
  const isTicking = sale.code === 'before' || (sale.code === 'open' && sale.endsInMs !== undefined);
  useEffect(() => {
    if (!isTicking) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isTicking]);
  if (sale.code === 'before') return <span class="small num">{product.starts(clock(sale.startsInMs))}</span>;
  if (sale.code === 'over') return <span class="small">{product.over}</span>;
  if (sale.code === 'always' || sale.endsInMs === undefined) return null;
  return <span class="small num">{product.ends(clock(sale.endsInMs))}</span>;
}
