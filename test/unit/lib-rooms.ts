/**
 * Rooms of lib/ and the other rooms that each may import from. Files at the top of lib/ combine the rooms and
 * may import from all of them. No room imports from the top.
 */
const roomsBelow: Readonly<Record<string, readonly string[]>> = {
  settings: [],
  instance: [],
  storage: [],
  cost: ['settings', 'instance'],
  delivery: ['settings'],
  observability: ['settings'],
  network: ['settings', 'observability'],
  messaging: ['settings', 'observability', 'functions'],
  functions: ['settings', 'observability', 'network'],
  data: ['settings', 'observability', 'network', 'functions'],
  // From the instance room, this room uses the line format of the log.
  container: ['settings', 'observability', 'network', 'functions', 'instance'],
  edge: ['settings', 'observability', 'network', 'storage'],
  // From the data room, this room uses the names of database and users, not the resources.
  service: ['settings', 'observability', 'network', 'functions', 'instance', 'data'],
  // Of the service room it uses the functions that grant a process what it needs, and of the edge the
  // distribution: both shapes share them.
  cluster: [
    'settings',
    'observability',
    'network',
    'functions',
    'instance',
    'storage',
    'data',
    'edge',
    'messaging',
    'service',
  ],
};

/** True if a file of lib/ imports from a room that is not allowed to it, or a construct imports a stack. */
export function isForbiddenInLib(from: string, target: string): boolean {
  const [room, targetRoom] = [roomOf(from), roomOf(target)];
  if (room === undefined) return false;
  if (isStack(target) && (room !== targetRoom || !isStack(from))) return true;
  if (room === targetRoom) return false;
  return targetRoom === undefined || !(roomsBelow[room] ?? []).includes(targetRoom);
}

function isStack(path: string): boolean {
  return path.endsWith('-stack.ts');
}

/** Returns undefined for a file at the top. */
function roomOf(path: string): string | undefined {
  const [, room, ...rest] = path.split('/');
  return rest.length === 0 ? undefined : room;
}
