import { dictionaryOf } from './language.ts';

/** What the parts that both rooms share say. */
const en = {
  skip: 'Skip to the content',
  language: 'Language',
  theme: 'Colours',
  themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
  close: 'Close',
  retry: 'Try again',
  loading: 'Loading',
  offline: 'You are offline. What you see is from before; it refreshes when you are back.',
  stale: (at: string) => `This is from ${at}. Refreshing failed, and is tried again.`,
  troubles: {
    offline: ['You are offline', 'This loads as soon as your connection is back.'],
    busy: ['Many people are here right now', 'It is tried again in a moment. You need to do nothing.'],
    unavailable: ['The shop does not answer', 'It is tried again in a moment. Nothing you did is lost.'],
    missing: ['This does not exist', 'It may have been removed, or the address is not complete.'],
    refused: ['This is not yours to see', 'Log in with an account that may.'],
    session: ['You are logged out', 'Log in again to go on where you were.'],
    broken: [
      'Something went wrong here',
      'It is not your fault. Try again; if it stays, tell us the number.',
    ],
  },
  number: (id: string) => `Number of this request: ${id}`,
};

export type SharedWords = typeof en;

const ko: SharedWords = {
  skip: '본문으로 건너뛰기',
  language: '언어',
  theme: '화면 색',
  themes: { system: '시스템 설정', light: '밝게', dark: '어둡게' },
  close: '닫기',
  retry: '다시 시도',
  loading: '불러오는 중',
  offline: '인터넷 연결이 끊겼습니다. 지금 보이는 것은 이전 내용이며, 연결되면 새로 고칩니다.',
  stale: (at: string) => `${at} 기준입니다. 새로 고치지 못해 다시 시도하고 있습니다.`,
  troubles: {
    offline: ['인터넷 연결이 끊겼습니다', '연결되면 바로 불러옵니다.'],
    busy: ['손님이 몰렸습니다', '잠시 뒤 자동으로 다시 시도합니다. 그대로 기다려 주세요.'],
    unavailable: [
      '상점이 응답하지 않습니다',
      '잠시 뒤 자동으로 다시 시도합니다. 입력한 내용은 사라지지 않습니다.',
    ],
    missing: ['찾을 수 없습니다', '삭제되었거나 주소가 올바르지 않습니다.'],
    refused: ['볼 수 있는 권한이 없습니다', '권한이 있는 계정으로 로그인해 주세요.'],
    session: ['로그아웃되었습니다', '다시 로그인하면 이어서 볼 수 있습니다.'],
    broken: ['문제가 생겼습니다', '다시 시도해 주세요. 계속되면 아래 번호를 알려 주세요.'],
  },
  number: (id: string) => `요청 번호: ${id}`,
};

export const sharedWords = dictionaryOf<SharedWords>({ en, ko });
