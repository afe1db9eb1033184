/**
 * A script of its own, of some hundred bytes: asks for what the first view needs while the main script and
 * the words still load.
 */
import { earlyAnswers } from '../shared/early-answers.ts';
import { frontPageQuery } from './catalogue/front-page-query.ts';

const { pathname, search } = location;

if (pathname === '/shop/' && search === '') {
  const { list, popular } = frontPageQuery;
  ask(`/products?sort=${list.sort}&limit=${list.limit}`);
  ask(`/products/popular?limit=${popular.limit}`);
} else if (pathname.startsWith('/shop/products/')) {
  ask(pathname.slice('/shop'.length));
}

function ask(address: string): void {
  const answer = fetch(address);
  // The view that takes it says what went wrong.
  answer.catch(() => undefined);
  earlyAnswers.set(address, answer);
}
