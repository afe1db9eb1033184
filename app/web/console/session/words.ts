import { dictionaryOf } from '../../shared/language.ts';
import type { AdminRole } from './session-state.ts';

const en = {
  title: 'Operations console',
  lead: 'For the people who run this shop.',
  email: 'E-mail',
  password: 'Password',
  logIn: 'Log in',
  busy: 'Logging in …',
  logOut: 'Log out',
  ended: 'Your session has ended. Log in again to go on where you were.',
  wrong: 'E-mail or password is wrong.',
  throttled: 'Too many failed attempts. Wait a few minutes, then try again.',
  invalid: 'This is not an e-mail address.',
  failed: 'The shop did not answer. Nothing was changed; try again.',
  customerTitle: 'This account cannot use the console',
  customer: (email: string) =>
    `You are logged in as ${email}, a customer. The console needs the account of an admin.`,
  toShop: 'Go to the shop',
  other: 'Log in with another account',
  roles: { viewer: 'viewer', operator: 'operator', owner: 'owner' } satisfies Record<AdminRole, string>,
  needs: (role: string) => `Only an ${role} may do this.`,
};

export type SessionWords = typeof en;

const ko: SessionWords = {
  title: '운영 콘솔',
  lead: '이 상점을 운영하는 사람을 위한 화면입니다.',
  email: '이메일',
  password: '비밀번호',
  logIn: '로그인',
  busy: '로그인하는 중 …',
  logOut: '로그아웃',
  ended: '세션이 끝났습니다. 다시 로그인하면 이어서 볼 수 있습니다.',
  wrong: '이메일 또는 비밀번호가 올바르지 않습니다.',
  throttled: '실패한 시도가 너무 많습니다. 몇 분 뒤에 다시 시도해 주세요.',
  invalid: '이메일 주소가 아닙니다.',
  failed: '상점이 응답하지 않았습니다. 바뀐 것은 없습니다. 다시 시도해 주세요.',
  customerTitle: '이 계정으로는 콘솔을 쓸 수 없습니다',
  customer: (email: string) =>
    `지금 고객 계정 ${email}(으)로 로그인되어 있습니다. 콘솔은 관리자 계정이 필요합니다.`,
  toShop: '상점으로 가기',
  other: '다른 계정으로 로그인',
  roles: { viewer: '조회자', operator: '운영자', owner: '소유자' },
  needs: (role: string) => `${role} 권한이 있어야 할 수 있습니다.`,
};

export const sessionWords = dictionaryOf<SessionWords>({ en, ko });
