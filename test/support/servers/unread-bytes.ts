import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** Bytes that clients have sent to this port of the machine, and that its process has not read. */
export function unreadBytes(port: number): number {
  const queues = existsSync('/proc/net/tcp') ? linuxQueues(port) : netstatQueues(port);
  return queues.reduce((sum, bytes) => sum + bytes, 0);
}

/** proc(5): local address and port, remote ones, state, and both queues, in hexadecimal numbers. */
function linuxQueues(port: number): number[] {
  const name = port.toString(16).toUpperCase().padStart(4, '0');
  return ['/proc/net/tcp', '/proc/net/tcp6']
    .filter((table) => existsSync(table))
    .flatMap((table) => readFileSync(table, 'utf8').split('\n'))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(`:${name}`) && state === ESTABLISHED)
    .map(([, , , , queues]) => Number.parseInt(queues?.split(':')[1] ?? '', 16));
}

const ESTABLISHED = '01';

function netstatQueues(port: number): number[] {
  return execFileSync('netstat', ['-an', '-p', 'tcp'], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , local, , state]) => local?.endsWith(`.${port}`) && state === 'ESTABLISHED')
    .map(([, received]) => Number(received));
}
