import type { RawReply } from '../support/http/parse-reply.ts';
import type { ReplyContract } from '../support/http/reply-contract.ts';
import type { Message } from './render-message.ts';

export interface JudgedReply {
  /** Name of the operation that replied, or `no route`, or `unreadable`. */
  readonly operation: string;
  readonly status: number;
  readonly isUnreadable: boolean;
  readonly faults: readonly string[];
}

const TEXT_SHOWN = 300;

/** Faults of a reply to a hostile request: anything undocumented, a 5xx, or a successful write. */
export function judgeReply(
  { status, headers, text }: RawReply,
  { method, target, requestId }: Pick<Message, 'method' | 'target' | 'requestId'>,
  contract: ReplyContract,
): JudgedReply {
  const isUnreadable = status >= 400 && /"instance":"","code"/.test(text);
  const operation = isUnreadable ? 'unreadable' : (contract.operationOf(method, target) ?? 'no route');
  const faults = contract.faults({ method, target, status, headers, text });
  if (status >= 500) faults.push(`a ${status}`);
  if (status < 400 && isWrite(operation)) faults.push('a write was accepted');
  if (requestId !== undefined && !isUnreadable && headers.get('x-request-id') !== requestId) {
    faults.push(`X-Request-Id ${headers.get('x-request-id')} in the answer to ${requestId}`);
  }
  const where = `${method} ${target.slice(0, 100)}: `;
  const body = ` (${status} ${text.slice(0, TEXT_SHOWN)})`;
  return { operation, status, isUnreadable, faults: faults.map((fault) => `${where}${fault}${body}`) };
}

function isWrite(operation: string): boolean {
  return /^(POST|PUT|DELETE) /.test(operation);
}
