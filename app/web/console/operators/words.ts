import { dictionaryOf } from '../../shared/language.ts';
import type { ActionName } from './action.ts';

const en = {
  recent: 'Done by operators',
  all: 'all',
  none: 'No operator has changed anything here.',
  commandLine: 'command line',
  actions: {
    product_created: 'created the product',
    product_edited: 'edited the product',
    stock_adjusted: 'changed the stock',
    image_announced: 'uploaded a picture',
    image_removed: 'removed a picture',
    coupon_created: 'created the coupon',
    coupon_edited: 'edited the coupon',
    coupon_stopped: 'stopped the coupon',
    order_cancelled: 'cancelled the order',
    balance_adjusted: 'changed the balance',
    events_redriven: 'redrove events',
    operator_created: 'created an operator',
    operator_invited: 'invited an operator',
    operator_joined: 'joined as operator',
    operator_changed: 'changed an operator',
  } satisfies Record<ActionName, string>,
  values: 'Values before and after',
};

export type OperatorWords = typeof en;

const ko: OperatorWords = {
  recent: '운영자가 한 일',
  all: '전체',
  none: '여기서 운영자가 바꾼 것이 없습니다.',
  commandLine: '명령줄',
  actions: {
    product_created: '상품을 만들었습니다',
    product_edited: '상품을 수정했습니다',
    stock_adjusted: '재고를 조정했습니다',
    image_announced: '사진을 올렸습니다',
    image_removed: '사진을 지웠습니다',
    coupon_created: '쿠폰을 만들었습니다',
    coupon_edited: '쿠폰을 수정했습니다',
    coupon_stopped: '쿠폰을 중지했습니다',
    order_cancelled: '주문을 취소했습니다',
    balance_adjusted: '잔액을 조정했습니다',
    events_redriven: '이벤트를 다시 보냈습니다',
    operator_created: '운영자를 만들었습니다',
    operator_invited: '운영자를 초대했습니다',
    operator_joined: '운영자로 참여했습니다',
    operator_changed: '운영자를 변경했습니다',
  },
  values: '변경 전후 값',
};

export const operatorWords = dictionaryOf<OperatorWords>({ en, ko });
