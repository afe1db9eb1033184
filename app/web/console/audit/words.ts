import { count } from '../../shared/format.ts';
import { dictionaryOf } from '../../shared/language.ts';

const en = {
  title: 'Audit',
  lead:
    'Recomputes stock, balances, orders, events and statistics from their records, ' +
    'in one consistent snapshot.',
  full: 'Check every row',
  incremental: 'Check what is new',
  checking: 'Checking …',
  slow: 'A large shop takes longer than one request; the audit goes on and the answer comes on the next try.',
  clean: 'adds up',
  broken: (n: number) => `${count(n)} rules broken`,
  cleanText: 'Every rule holds in this snapshot.',
  modes: { full: 'every row', incremental: 'rows since the last full audit' },
  took: (ms: number) => `took ${count(Math.round(ms))} ms`,
  checked: 'Looked at',
  kinds: {
    products: 'products',
    stockChanges: 'changes of stock',
    wallets: 'wallets',
    ledgerEntries: 'ledger entries',
    orders: 'orders',
    coupons: 'coupons',
    events: 'events',
    statistics: 'hours of statistics',
  },
  inFlight: (n: number) => `${count(n)} events are under way and not counted yet; that is no break.`,
  rows: (shown: number, total: number) =>
    shown === total ? `${count(total)} rows` : `${count(shown)} of ${count(total)} rows`,
  row: 'Row',
  detail: 'What does not add up',
  runbook: 'What to do: runbook, drift',
};

export type AuditWords = typeof en;

const ko: AuditWords = {
  title: '감사',
  lead: '재고, 잔액, 주문, 이벤트, 통계를 한 시점의 기록에서 다시 계산합니다.',
  full: '모든 행 확인',
  incremental: '새 행만 확인',
  checking: '확인하는 중 …',
  slow: '큰 상점은 요청 하나보다 오래 걸립니다. 감사는 계속되고 다음 시도에 답이 옵니다.',
  clean: '합이 맞음',
  broken: (n: number) => `규칙 ${count(n)}개 어긋남`,
  cleanText: '이 시점에 모든 규칙이 지켜지고 있습니다.',
  modes: { full: '모든 행', incremental: '지난 전체 감사 이후의 행' },
  took: (ms: number) => `${count(Math.round(ms))}ms 걸림`,
  checked: '확인한 것',
  kinds: {
    products: '상품',
    stockChanges: '재고 변경',
    wallets: '지갑',
    ledgerEntries: '원장 기록',
    orders: '주문',
    coupons: '쿠폰',
    events: '이벤트',
    statistics: '시간별 통계',
  },
  inFlight: (n: number) => `이벤트 ${count(n)}건이 이동 중이라 아직 집계 전입니다. 어긋난 것이 아닙니다.`,
  rows: (shown: number, total: number) =>
    shown === total ? `${count(total)}행` : `${count(total)}행 중 ${count(shown)}행`,
  row: '행',
  detail: '맞지 않는 것',
  runbook: '대응 안내서: drift',
};

export const auditWords = dictionaryOf<AuditWords>({ en, ko });
