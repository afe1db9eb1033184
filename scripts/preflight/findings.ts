import type { Fact, Leftover } from './account-facts.ts';

export interface Finding {
  /** `error`: a deployment would fail. `check`: only a person can tell. */
  readonly verdict: 'ok' | 'error' | 'check';
  readonly text: string;
}

export const ok = (text: string): Finding => ({ verdict: 'ok', text });
export const wrong = (text: string): Finding => ({ verdict: 'error', text });
export const check = (text: string): Finding => ({ verdict: 'check', text });

export function judge<T>(fact: Fact<T>, verdict: (value: T) => Finding): Finding {
  return 'value' in fact ? verdict(fact.value) : check(`${fact.what}: could not be read: ${fact.unread}`);
}

/** Names that a stack needs and that are taken: CloudFormation would answer "already exists". */
export function judgeLeftover({ stack, names }: Leftover, stacks: ReadonlyMap<string, string>): Finding {
  return names.length === 0 || stacks.has(stack)
    ? ok(`no leftover where ${stack} goes`)
    : wrong(
        `${names.join(', ')} exist(s) without ${stack}: see "A deployment that failed" in docs/deploy.md`,
      );
}
