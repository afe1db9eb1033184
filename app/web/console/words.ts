import { dictionaryOf } from '../shared/language.ts';

/** What the console says. */
const en = {
  title: 'Console',
  about: 'Orders, money, stock and events of this shop.',
};

export type ConsoleWords = typeof en;

const ko: ConsoleWords = {
  title: '콘솔',
  about: '이 상점의 주문, 돈, 재고, 이벤트.',
};

export const consoleWords = dictionaryOf<ConsoleWords>({ en, ko });
