import { count } from '../../shared/format.ts';
import { dictionaryOf } from '../../shared/language.ts';

/** What several views of the console say. */
const en = {
  nav: {
    label: 'Views of the console',
    menu: 'Menu',
    overview: 'Overview',
    orders: 'Orders',
    customers: 'Customers',
    products: 'Products',
    coupons: 'Coupons',
    saleRoom: 'Sale room',
    events: 'Events',
    deadLetters: 'dead letters',
    audit: 'Audit',
    operators: 'Operators',
  },
  asOf: (at: string) => `as of ${at}`,
  missingTitle: 'There is no such page',
  missing: 'The address may be mistyped, or the page may have moved.',
  more: 'Show more',
  shownSoFar: (n: number) => `${count(n)} shown, there are more`,
  shownAll: (n: number) => `${count(n)}, all of them`,
  find: 'Find in this list',
  foundNone: (text: string) => `Nothing in this list matches “${text}”.`,
  invalid: 'The shop does not accept these values:',
  save: 'Save',
  saving: 'Saving …',
  discard: 'Discard changes',
  cancel: 'Back',
  reason: 'Reason (kept in the trail)',
  changed: 'Not saved yet',
  unknown: 'not known',
  won: 'whole won',
  none: 'none',
  localTime: (zone: string) => `Times are in ${zone}.`,
};

export type FrameWords = typeof en;

const ko: FrameWords = {
  nav: {
    label: '콘솔 화면',
    menu: '메뉴',
    overview: '개요',
    orders: '주문',
    customers: '고객',
    products: '상품',
    coupons: '쿠폰',
    saleRoom: '세일 룸',
    events: '이벤트',
    deadLetters: '배달 못 한 이벤트',
    audit: '감사',
    operators: '운영자',
  },
  asOf: (at: string) => `${at} 기준`,
  missingTitle: '없는 페이지입니다',
  missing: '주소가 잘못되었거나 페이지가 옮겨졌습니다.',
  more: '더 보기',
  shownSoFar: (n: number) => `${count(n)}건 표시, 더 있음`,
  shownAll: (n: number) => `전체 ${count(n)}건`,
  find: '이 목록에서 찾기',
  foundNone: (text: string) => `이 목록에 “${text}”에 맞는 것이 없습니다.`,
  invalid: '상점이 받지 않은 값이 있습니다:',
  save: '저장',
  saving: '저장하는 중 …',
  discard: '변경 취소',
  cancel: '돌아가기',
  reason: '사유 (기록에 남습니다)',
  changed: '아직 저장되지 않음',
  unknown: '알 수 없음',
  won: '원 단위',
  none: '없음',
  localTime: (zone: string) => `시각은 ${zone} 기준입니다.`,
};

export const frameWords = dictionaryOf<FrameWords>({ en, ko });
