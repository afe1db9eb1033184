import { apiDocument } from './api-document.ts';
import { type ObservedReply, type ReplyContract, replyContract } from './reply-contract.ts';

const TEXT_SHOWN = 500;

let contract: ReplyContract | undefined;

/** The contract of the release under test; built at its first use, which takes 1 s of a core. */
export function contractOfThisRelease(): ReplyContract {
  return (contract ??= replyContract(apiDocument()));
}

/** A reply arrived that the app's own document does not contain. */
export class UndocumentedReply extends Error {}

/**
 * Throws UndocumentedReply unless status, problem code, headers and body of a reply match the OpenAPI
 * document.
 */
export function expectDocumented(reply: ObservedReply): void {
  const faults = contractOfThisRelease().faults(reply);
  if (faults.length === 0) return;
  const { method, target, status, text } = reply;
  throw new UndocumentedReply(
    `${method} ${target.slice(0, 200)} has a response that contradicts the OpenAPI document: ` +
      `${faults.join('; ')}\n${status} ${text.slice(0, TEXT_SHOWN)}`,
  );
}
