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
  readVanishedHeads,
} from './chain-sql.ts';

/** Heads per read, and maximum keys per statement: beyond 1,000 MariaDB stops using the index. */
const HEADS_MAX = 500;
/** Approximate links per statement: sorting this many narrow rows takes 0.1 s. */
const LINKS_MAX = 20_000;

const FIRST_ID = Buffer.alloc(16);

/** Further checks on the links of some keys. Returns the number of broken rows. */
export type LinkChecks = (read: Read, part: ChainPart) => Promise<number>;

export interface ChainPart {
  readonly ids: readonly Buffer[];
  readonly ranges: readonly LinkRange[];
}

export interface ChainAuditOptions {
  readonly chain: Chain;
  /** Check only heads that differ from the checkpoint. */
  readonly changedOnly: boolean;
  readonly findings: Findings;
  readonly alsoCheck: LinkChecks;
  /** Receives heads whose links have all been verified. */
  readonly onVerified: (heads: readonly ChainHead[]) => Promise<void>;
}

/**
 * Follows the chain of every key, one group of keys at a time, and compares its end with the head. If each
 * link follows from the one before and the last link equals the head, the head is the sum of all changes:
 * adding them up again is unnecessary. Returns the numbers of heads and links checked.
 */
export async function auditChains(
  read: Read,
  { chain, changedOnly, findings, alsoCheck, onVerified }: ChainAuditOptions,
): Promise<{ heads: number; links: number }> {
  const seen = { heads: 0, links: 0 };
  const headless = changedOnly ? readVanishedHeads(read, chain) : readHeadlessLinks(read, chain);
  findings.add(chain.headCheck, await headless);
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

/** SQL condition that selects the rows of a part in one of the chain's link tables. */
export function inPart(part: ChainPart, alias: string, key: string, seq: string) {
  return inRanges(part.ranges, `${alias}.${key}`, `${alias}.${seq}`);
}

function linksOf({ version, verifiedSeq }: ChainHead): number {
  return Math.max(0, version - verifiedSeq);
}

/** Groups heads whose links fit into about one statement. Versions may be wrong: only sizes use them. */
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

/** The ranges of one statement for a group. A single long chain gives one slice after the other. */
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
