import { keptForever } from './kept-values.ts';

const NAME = 'session';

/**
 * Id of the account whose session this browser may have. Shop and console share it, as they share the cookie;
 * without it they ask for no session, so that a first visit gets no 401.
 */
export const sessionMark = {
  read: () => keptForever.read(NAME),
  write: (accountId: string | undefined) => keptForever.write(NAME, accountId),
};

// Another tab has logged in or out: whatever this one shows and would send belongs to another session.
addEventListener('storage', ({ key }) => {
  if (key?.endsWith(`.${NAME}`) === true) location.reload();
});
