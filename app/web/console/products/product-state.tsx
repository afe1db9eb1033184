import { count, dateTime } from '../../shared/format.ts';
import type { AdminProduct } from './product.ts';
import { productWords } from './words.ts';

/** Whether customers can order it now: its status, then its window. */
export function StatusPill({ product }: { product: AdminProduct }) {
  const { status, saleFrom, saleUntil } = product;
  const words = productWords.value;
  const nowMs = Date.now();
  if (status === 'ACTIVE' && saleFrom !== null && nowMs < Date.parse(saleFrom))
    return <span class="pill accent num">{words.planned(dateTime(saleFrom))}</span>;
  if (status === 'ACTIVE' && saleUntil !== null && nowMs >= Date.parse(saleUntil))
    return <span class="pill">{words.over}</span>;
  return <span class={status === 'ACTIVE' ? 'pill ok' : 'pill'}>{words.statuses[status]}</span>;
}

export function StockFigure({ stock }: Pick<AdminProduct, 'stock'>) {
  return stock === 0 ? <span class="pill warn">{productWords.value.soldOut}</span> : <>{count(stock)}</>;
}
