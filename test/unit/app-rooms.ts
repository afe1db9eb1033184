/**
 * Rooms of the foundations, and the other rooms that each may import. Features may import all of them and
 * other features. Config is below them. Wiring and main may import anything.
 */
const roomsBelow: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  platform: ['contract'],
  'platform/observe': ['platform'],
  'platform/load': ['platform', 'platform/observe'],
  'platform/mysql': ['platform', 'platform/observe', 'platform/load'],
  'platform/redis': ['platform', 'platform/observe', 'platform/load'],
  'platform/aws': ['platform', 'platform/observe', 'platform/load'],
  'platform/kafka': ['platform', 'platform/observe', 'platform/load'],
  config: ['contract'],
  migrations: ['platform', 'platform/observe', 'platform/load', 'platform/mysql'],
  'http/contract': ['contract', 'platform', 'platform/observe'],
  'http/access': ['http/contract', 'platform', 'platform/observe', 'platform/load'],
  'http/server': [
    'contract',
    'http/contract',
    'http/access',
    'platform',
    'platform/observe',
    'platform/load',
  ],
  'http/docs': ['http/contract'],
  'http/pages': ['contract', 'http/contract', 'http/server'],
  'web/client': [],
  'web/shared': ['web/client'],
};

export function isForbiddenBetweenRooms(from: string, target: string, isType: boolean): boolean {
  if (from === target) return false;
  if (from.startsWith('web/')) return isForbiddenInWeb(from, target);
  // The server's code knows nothing of what runs in browsers.
  if (target.startsWith('web/')) return true;
  const below = roomsBelow[from];
  if (below === undefined) return false;
  return !below.includes(target) && !(isType && typesOnly.has(`${from} ${target}`));
}

/** Pages import what they share and the client. A room of pages knows no other room of pages. */
function isForbiddenInWeb(from: string, target: string): boolean {
  const below = roomsBelow[from] ?? [from.split('/').slice(0, 2).join('/'), 'web/shared', 'web/client'];
  return !below.some((room) => target === room || target.startsWith(`${room}/`));
}

/** Pairs of rooms in which the first may import types from the second; the bundle does not contain types. */
const typesOnly: ReadonlySet<string> = new Set([
  'platform/load platform/redis',
  'platform/aws platform/mysql',
]);

/** Returns `platform/mysql`, `orders`, or an empty string for a file at the top of the app. */
export function roomOf(path: string): string {
  return path.split('/').slice(1, -1).join('/');
}
