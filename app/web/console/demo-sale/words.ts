import { count } from '../../shared/format.ts';
import { dictionaryOf } from '../../shared/language.ts';

const seconds = (ms: number): string => (ms / 1000).toFixed(ms < 10_000 ? 2 : 1);

const en = {
  title: 'A sale to watch',
  intro: 'Sells a demo product to a made-up crowd, from processes of its own, and shows whether it adds up.',
  terms: 'The next sale',
  buyers: 'Buyers',
  units: 'Units',
  overS: 'Seconds to arrive',
  naive: 'Then sell as many again the usual way: one transaction an order',
  start: (buyers: number, units: number) => `Sell ${count(units)} units to ${count(buyers)} buyers`,
  stop: 'Stop the sale',
  stopping: 'Stopping …',
  onlyHere:
    'Only a shop of ./scripts/up sells to a made-up crowd. On another shop its owner uses the command:',
  none: 'No sale in the last hour. Start one.',
  states: {
    waiting: 'the crowd gathers',
    running: 'selling',
    done: 'over',
    stopped: 'stopped',
    failed: 'failed',
    silent: 'silent',
  },
  silent: 'The process of this sale has not reported for 15 seconds.',
  about: (units: number, buyers: number, overS: number) =>
    `${count(units)} units · ${count(buyers)} buyers in ${overS} s`,
  sellers: { rowlock: 'Rowlock', usual: 'The usual way' },
  how: { rowlock: 'a group of orders shares one commit', usual: 'one transaction an order, same durability' },
  soldOutAfter: (ms: number) => `sold out after ${seconds(ms)} s`,
  selling: 'still selling',
  endedWith: (left: number) => `ended with ${count(left)} left`,
  leftOf: (units: number) => `left of ${count(units)}`,
  perSecond: 'orders per second',
  p99: 'p99 of placed orders',
  milliseconds: (ms: number) => `${count(Math.round(ms))} ms`,
  answered: 'buyers answered',
  oversold: 'oversold',
  refused: 'refused, and told why',
  notYet: 'known at the end',
  chart: (seller: string, units: number, left: number, ms: number) =>
    `${seller}: from ${count(units)} units to ${count(left)} in ${seconds(ms)} s`,
  axis: (ms: number) => `${(ms / 1000).toFixed(1)} s`,
  addsUp: 'adds up',
  broken: 'does not add up',
  auditing: 'The audit reads every row once all buyers have their answer.',
  verdict: (units: number) =>
    `${count(units)} units: each sold once or still there, every order paid, every event recorded.`,
  openAudit: 'Open the audit',
};

export type DemoSaleWords = typeof en;

const ko: DemoSaleWords = {
  title: '지켜보는 세일',
  intro: '데모 상품 하나를 가상의 구매자들에게 별도 프로세스로 판매하고, 합이 맞는지 보여 줍니다.',
  terms: '다음 세일',
  buyers: '구매자 수',
  units: '수량',
  overS: '도착하는 시간 (초)',
  naive: '이어서 주문마다 트랜잭션 하나인 일반 방식으로도 같은 수량 판매',
  start: (buyers: number, units: number) => `${count(buyers)}명에게 ${count(units)}개 판매`,
  stop: '세일 중지',
  stopping: '중지하는 중 …',
  onlyHere:
    './scripts/up으로 연 상점에서만 가상의 구매자에게 판매합니다. 다른 상점에서는 소유자가 명령을 씁니다:',
  none: '최근 한 시간 동안 세일이 없습니다. 시작해 보세요.',
  states: {
    waiting: '구매자가 모이는 중',
    running: '판매 중',
    done: '종료',
    stopped: '중지됨',
    failed: '실패',
    silent: '응답 없음',
  },
  silent: '이 세일의 프로세스가 15초 동안 소식이 없습니다.',
  about: (units: number, buyers: number, overS: number) =>
    `${count(units)}개 · ${overS}초 동안 구매자 ${count(buyers)}명`,
  sellers: { rowlock: 'Rowlock', usual: '일반 방식' },
  how: { rowlock: '여러 주문이 커밋 하나를 나눕니다', usual: '주문마다 트랜잭션 하나, 같은 내구성' },
  soldOutAfter: (ms: number) => `${seconds(ms)}초 만에 매진`,
  selling: '판매 중',
  endedWith: (left: number) => `${count(left)}개를 남기고 종료`,
  leftOf: (units: number) => `${count(units)}개 중 남음`,
  perSecond: '초당 주문',
  p99: '성공한 주문의 p99',
  milliseconds: (ms: number) => `${count(Math.round(ms))} ms`,
  answered: '답을 받은 구매자',
  oversold: '초과 판매',
  refused: '이유와 함께 거절',
  notYet: '끝나면 알 수 있음',
  chart: (seller: string, units: number, left: number, ms: number) =>
    `${seller}: ${seconds(ms)}초 동안 ${count(units)}개에서 ${count(left)}개로`,
  axis: (ms: number) => `${(ms / 1000).toFixed(1)}초`,
  addsUp: '합이 맞습니다',
  broken: '합이 맞지 않습니다',
  auditing: '모든 구매자가 답을 받으면 감사가 모든 행을 읽습니다.',
  verdict: (units: number) =>
    `${count(units)}개 모두 한 번 팔렸거나 남아 있고, 모든 주문이 결제되고, 모든 이벤트가 기록되었습니다.`,
  openAudit: '감사 열기',
};

export const demoSaleWords = dictionaryOf<DemoSaleWords>({ en, ko });
