import { api, troubleOf } from '../../shared/api.ts';
import { say } from '../parts/say.tsx';
import { endSession } from './session-state.ts';
import { sessionWords } from './words.ts';

/** Ends the session. Without an answer it stays, and the page says so: the cookie would still be valid. */
export function useLogOut(): () => Promise<void> {
  return async () => {
    try {
      await api.call('logOut');
    } catch (error) {
      if (troubleOf(error) !== 'session') return say('bad', sessionWords.value.failed);
    }
    endSession();
  };
}
