import { dictionaryOf } from '../shared/language.ts';

/** What the shop says. */
const en = {
  title: 'Rowlock',
  about: 'A shop that sells each unit exactly once.',
};

export type ShopWords = typeof en;

const ko: ShopWords = {
  title: 'Rowlock',
  about: '하나하나를 정확히 한 번만 파는 상점.',
};

export const shopWords = dictionaryOf<ShopWords>({ en, ko });
