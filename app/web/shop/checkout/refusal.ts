import { dateTime, krw } from '../../shared/format.ts';
import type { ShopWords } from '../words/en.ts';

/** A refused order in plain words: what is wrong, with the figures that the shop named. */
export function refusalOf(
  problem: Readonly<Record<string, unknown>>,
  said: ShopWords['outcome'],
): { readonly title: string; readonly text: string } {
  const figure = (name: string) => (typeof problem[name] === 'number' ? problem[name] : 0);
  switch (problem['code']) {
    case 'out_of_stock':
      return { title: said.soldOut, text: said.soldOutText(figure('requested'), figure('available')) };
    case 'purchase_limit_exceeded':
      return { title: said.limit, text: said.limitText(figure('limit'), figure('held')) };
    case 'insufficient_balance':
      return { title: said.balance, text: said.balanceText(krw(figure('total')), krw(figure('balance'))) };
    case 'price_changed':
      return { title: said.price, text: said.priceText(krw(figure('total'))) };
    case 'coupon_not_usable': {
      const reason = typeof problem['reason'] === 'string' ? problem['reason'] : '';
      return { title: said.coupon, text: said.couponReasons[reason] ?? '' };
    }
    case 'product_not_found':
      return { title: said.gone, text: '' };
    case 'cart_empty':
      return { title: said.cartEmpty, text: '' };
    case 'sale_not_open': {
      const { reason, saleFrom } = problem;
      if (reason !== 'not_started') return { title: said.over, text: '' };
      const starts = typeof saleFrom === 'string' ? said.startsAt(dateTime(saleFrom)) : '';
      return { title: said.notStarted, text: starts };
    }
    default:
      return { title: said.refused, text: typeof problem['title'] === 'string' ? problem['title'] : '' };
  }
}
