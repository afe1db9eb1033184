import { useTitle } from '../use-title.ts';
import { words } from '../words/shop-words.ts';
import { CartView } from './cart-view.tsx';

export function CartPage() {
  const { cart } = words.value;
  useTitle(cart.title);
  return (
    <section class="narrow cart-page">
      <h1>{cart.title}</h1>
      <CartView />
    </section>
  );
}
