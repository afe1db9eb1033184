import { count } from '../../shared/format.ts';
import { words } from '../words/shop-words.ts';

/** From here on, the number left is worth knowing. */
const FEW = 60;

/** Says when few or none are left, and nothing otherwise. */
export function StockPill({ stock }: { stock: number }) {
  const { product } = words.value;
  if (stock === 0) return <span class="pill">{product.soldOut}</span>;
  return stock <= FEW ? <span class="pill warn num">{product.left(count(stock))}</span> : null;
}
