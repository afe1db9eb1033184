import { count } from '../../shared/format.ts';
import { dictionaryOf } from '../../shared/language.ts';

const en = {
  title: 'Sale room',
  lead: 'Watch one product sell, second by second. Choose the product.',
  empty: 'There is no product to watch yet.',
  leftOf: (units: number) => `left of ${count(units)}`,
  soldOut: 'sold out',
  soldOutAfter: (seconds: string) => `sold out, ${seconds} s after you began to watch`,
  since: (at: string) => `watched since ${at}; what sold before is not in the curve`,
  limit: (n: number) => `${count(n)} per customer`,
  unitsPerS: 'units per second, last five seconds',
  ordersPerS: 'orders per second, whole shop',
  p99: 'p99, all requests of the last minute',
  sold: 'sold while you watched',
  refusals: 'Refused, whole shop, last minute',
  curve: 'Units left',
  chart: (left: number, units: number) => `Units left over time. Now ${count(left)} of ${count(units)}.`,
  raised: (n: number) => `The stock was raised by ${count(n)} meanwhile.`,
  stop: 'Stop the sale',
  stopTitle: (name: string) => `Take ${name} off sale?`,
  stopText:
    'Customers can no longer buy it or see it, from the next order on. Orders that were placed stay. ' +
    'Nothing is refunded. You can put it back on sale at any time.',
  doStop: 'Take it off sale',
  keep: 'Keep selling',
  resume: 'Put it back on sale',
  didStop: 'It is off sale. Orders from now on are refused.',
  didResume: 'It is on sale again.',
  audit: 'Open the audit',
  orders: 'Its orders',
  product: 'The product',
  auditText: 'Whether every unit was sold once is what the audit says, not this page.',
  before: 'Before a sale: runbook',
  notYet: 'measured after five seconds',
  notReported: 'no process reports',
  noRequests: 'no request yet',
};

export type SaleWords = typeof en;

const ko: SaleWords = {
  title: '세일 룸',
  lead: '상품 하나가 팔리는 모습을 초 단위로 봅니다. 상품을 고르세요.',
  empty: '아직 볼 상품이 없습니다.',
  leftOf: (units: number) => `/ ${count(units)}개 남음`,
  soldOut: '품절',
  soldOutAfter: (seconds: string) => `보기 시작하고 ${seconds}초 뒤 품절`,
  since: (at: string) => `${at}부터 보는 중. 그 전에 팔린 것은 그래프에 없습니다`,
  limit: (n: number) => `1인당 ${count(n)}개`,
  unitsPerS: '초당 판매, 최근 5초',
  ordersPerS: '초당 주문, 상점 전체',
  p99: 'p99, 지난 1분 모든 요청',
  sold: '보는 동안 판매',
  refusals: '거절, 상점 전체, 지난 1분',
  curve: '남은 수량',
  chart: (left: number, units: number) =>
    `시간에 따른 남은 수량. 현재 ${count(units)}개 중 ${count(left)}개.`,
  raised: (n: number) => `그사이 재고가 ${count(n)}개 늘었습니다.`,
  stop: '판매 중지',
  stopTitle: (name: string) => `${name} 판매를 중지할까요?`,
  stopText:
    '다음 주문부터 고객이 살 수 없고 볼 수도 없습니다. 이미 된 주문은 그대로이며 환불되지 않습니다. 언제든 다시 판매할 수 있습니다.',
  doStop: '판매 중지하기',
  keep: '계속 판매',
  resume: '다시 판매',
  didStop: '판매를 중지했습니다. 지금부터 주문은 거절됩니다.',
  didResume: '다시 판매합니다.',
  audit: '감사 열기',
  orders: '이 상품의 주문',
  product: '상품',
  auditText: '모든 수량이 한 번씩만 팔렸는지는 이 화면이 아니라 감사가 말해 줍니다.',
  before: '세일 전 준비: 대응 안내서',
  notYet: '5초 뒤부터 잽니다',
  notReported: '보고하는 프로세스가 없습니다',
  noRequests: '아직 요청 없음',
};

export const saleWords = dictionaryOf<SaleWords>({ en, ko });
