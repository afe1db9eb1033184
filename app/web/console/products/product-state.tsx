import { count } from '../../shared/format.ts';
import type { AdminProduct } from './product.ts';
import { productWords } from './words.ts';

export function StatusPill({ status }: Pick<AdminProduct, 'status'>) {
  return <span class={status === 'ACTIVE' ? 'pill ok' : 'pill'}>{productWords.value.statuses[status]}</span>;
}

export function StockFigure({ stock }: Pick<AdminProduct, 'stock'>) {
  return stock === 0 ? <span class="pill warn">{productWords.value.soldOut}</span> : <>{count(stock)}</>;
}
