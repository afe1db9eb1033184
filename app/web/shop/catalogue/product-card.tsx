import { krw } from '../../shared/format.ts';
import { paths } from '../paths.ts';
import { Picture } from '../picture.tsx';
import { StockPill } from '../product/stock-pill.tsx';
import type { Product } from './catalogue-page.tsx';

const sizes = '(max-width: 720px) 46vw, 220px';

export function ProductCard({ product, isFirst = false }: { product: Product; isFirst?: boolean }) {
  return (
    <a class="item" href={paths.product(product.id)}>
      <Picture image={product.images[0]} alt="" sizes={sizes} isFirst={isFirst} class="lifts" />
      <div>
        <span>{product.name}</span>
        <span class="of">
          <b class="num">{krw(product.price)}</b>
          <StockPill stock={product.stock} />
        </span>
      </div>
    </a>
  );
}

export function ProductSkeleton() {
  return (
    <div class="item" aria-hidden="true">
      <div class="picture skeleton" />
      <div>
        <span class="skeleton">Product name</span>
        <span class="skeleton">₩00,000</span>
      </div>
    </div>
  );
}
