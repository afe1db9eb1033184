import type { Read } from '../platform/mysql/database.ts';
import type { Findings } from './audit-report.ts';
import {
  type Chain,
  type ChainHead,
  findSeqAfter,
  inRanges,
  type LinkRange,
  readBrokenHeads,
  readBrokenLinks,
  readHeadlessLinks,
  readHeads,
} from './chain-sql.ts';

/** Heads read at once, and keys a statement at most: beyond 1,000 MariaDB leaves the index. */
const HEADS_MAX = 500;
/** Links a statement, about: one sort of this many narrow rows takes 0.1 s. */
const LINKS_MAX = 20_000;

const FIRST_ID = Buffer.alloc(16);

/** Checks on the links of a part of the keys, besides that they follow. Returns the rows that break one. */
export type LinkChecks = (read: Read, part: ChainPart) => Promise<number>;

export interface ChainPart {
  readonly ids: readonly Buffer[];
  readonly ranges: readonly LinkRange[];
}

export interface ChainAuditOptions {
  readonly chain: Chain;
  /** Only what is not as the checkpoint has it. */
  readonly changedOnly: boolean;
  readonly findings: Findings;
  readonly alsoCheck: LinkChecks;
  /** Takes heads whose links were all found whole. */
  readonly onVerified: (heads: readonly ChainHead[]) => Promise<void>;
}

/**
 * Follows the chain of every key, a group of keys at a time, and compares its end with the head. When each link
 * follows from the one before and the last one agrees with the head, the head is the sum of all changes: there is
 * no need to add them up as well. Returns how many heads and links were looked at.
 */
export async function auditChains(
  read: Read,
  { chain, changedOnly, findings, alsoCheck, onVerified }: ChainAuditOptions,
): Promise<{ heads: number; links: number }> {
  const seen = { heads: 0, links: 0 };
  // The database refuses them while its foreign keys are on; to look for them takes all links.
  if (!changedOnly) findings.add(chain.headCheck, await readHeadlessLinks(read, chain));
  let afterId: Buffer | undefined = FIRST_ID;
  while (afterId !== undefined) {
    const page: ChainHead[] = await readHeads(read, chain, { afterId, limit: HEADS_MAX, changedOnly });
    for (const group of groupsOf(page)) {
      const ids = group.map(({ id }) => id);
      let broken = findings.add(chain.headCheck, await readBrokenHeads(read, chain, ids));
      for await (const ranges of rangesOf(read, chain, group)) {
        broken += findings.add(chain.linkCheck, await readBrokenLinks(read, chain, ranges));
        broken += await alsoCheck(read, { ids, ranges });
      }
      seen.heads += group.length;
      seen.links += group.reduce((sum, head) => sum + linksOf(head), 0);
      if (broken === 0) await onVerified(group);
    }
    afterId = page.length < HEADS_MAX ? undefined : page.at(-1)?.id;
  }
  return seen;
}

/** The rows of a part in one of the chain's link tables, as a condition on the alias. */
export function inPart(part: ChainPart, alias: string, key: string, seq: string) {
  return inRanges(part.ranges, `${alias}.${key}`, `${alias}.${seq}`);
}

function linksOf({ version, verifiedSeq }: ChainHead): number {
  return Math.max(0, version - verifiedSeq);
}

/** Neighbours whose links together are about as many as a statement takes. A version may lie: it decides nothing. */
function groupsOf(heads: readonly ChainHead[]): ChainHead[][] {
  const groups: ChainHead[][] = [];
  let links = Infinity;
  for (const head of heads) {
    links += linksOf(head);
    if (links > LINKS_MAX) {
      groups.push([]);
      links = linksOf(head);
    }
    groups.at(-1)?.push(head);
  }
  return groups;
}

/** One statement's ranges for a group; for a single long chain one slice after the other. */
async function* rangesOf(
  read: Read,
  chain: Chain,
  group: readonly ChainHead[],
): AsyncGenerator<readonly LinkRange[]> {
  const [head] = group;
  if (group.length > 1 || head === undefined) {
    yield group.map(({ id, verifiedSeq }) => ({ id, fromSeq: verifiedSeq }));
    return;
  }
  const { id } = head;
  for (let fromSeq: number | undefined = head.verifiedSeq; fromSeq !== undefined; ) {
    const toSeq = await findSeqAfter(read, chain, { id, fromSeq, count: LINKS_MAX });
    yield [toSeq === undefined ? { id, fromSeq } : { id, fromSeq, toSeq }];
    fromSeq = toSeq;
  }
}
