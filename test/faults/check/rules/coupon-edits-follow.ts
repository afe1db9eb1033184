import { isDeepStrictEqual } from 'node:util';
import type { CouponFields, Requests } from '../../history/history-line.ts';
import type { Finding } from '../check-history.ts';
import { fixedFields } from '../coupon-edits.ts';
import { issuedBetween } from '../coupon-untruths.ts';
import { answeredFields, requestedFields } from '../coupon-versions.ts';
import type { Facts } from '../facts.ts';
import { type Acknowledged, acknowledgedOf } from '../operations.ts';
import { termsWithin } from '../product-terms.ts';

/**
 * The versions of a coupon have no gap. Each comes from a stop, or from an edit that named the version before
 * it. Readers and the final row agree with them, and no edit changed the terms of an issued coupon.
 */
export function couponEditsFollow(facts: Facts): Finding[] {
  return [...wrongEdits(facts), ...wrongLooks(facts), ...wrongCoupons(facts)];
}

function wrongEdits(facts: Facts): Finding[] {
  const makers = new Map<string, string>();
  return [...facts.operations.values()].flatMap((operation): Finding[] => {
    if (operation.kind !== 'edit-coupon') return [];
    return acknowledgedOf(operation).flatMap((acknowledged): Finding[] => {
      const { invoke, answer } = acknowledged;
      const { couponId, version: named } = invoke.request as Requests['edit-coupon'];
      const { version } = answer;
      const made = `${couponId} v${version}`;
      const other = makers.get(made);
      makers.set(made, `attempt ${invoke.op}`);
      const wrong: string[] = [];
      if (other !== undefined) wrong.push(`version ${version} was made by ${other} as well`);
      if (named === null || version !== named + 1) wrong.push(`made version ${version} of version ${named}`);
      if (!isDeepStrictEqual(answeredFields(answer), requestedFields(invoke))) {
        wrong.push(
          `${JSON.stringify(invoke.request)} was acknowledged as ${JSON.stringify(answer.response)}`,
        );
      }
      wrong.push(...worsenedForHolders(facts, acknowledged));
      return wrong.map((detail) => ({ key: operation.name, detail }));
    });
  });
}

/** Terms that the edit changed although a claim had been acknowledged before it. */
function worsenedForHolders(facts: Facts, { invoke, answer }: Acknowledged): string[] {
  const { couponId } = invoke.request as Requests['edit-coupon'];
  const { least } = issuedBetween(facts, couponId, { fromMs: invoke.atMs, toMs: answer.atMs });
  if (least === 0) return [];
  const { terms, quantity } = requestedFields(invoke);
  const before = facts.couponVersions
    .get(couponId)
    ?.find(({ version }) => version === (answer.version ?? 0) - 1);
  const changed = (before?.candidates ?? []).map((candidate) => fixedFields(candidate.terms, terms));
  const wrong: string[] = [];
  if (changed.length > 0 && changed.every(({ length }) => length > 0)) {
    wrong.push(`${least} were issued, and ${changed[0]?.join(', ')} changed`);
  }
  if (quantity < least) wrong.push(`${least} were issued, and ${quantity} are left of them`);
  return wrong;
}

/** Reads and stops whose answer, which contains the coupon, matches no version. */
function wrongLooks({ operations, couponVersions }: Facts): Finding[] {
  return [...operations.values()].flatMap((operation): Finding[] => {
    const { kind, name: key } = operation;
    if (kind !== 'read-coupon' && kind !== 'stop-coupon') return [];
    return acknowledgedOf(operation).flatMap(({ invoke, answer }): Finding[] => {
      const { couponId } = invoke.request as Requests['read-coupon'];
      const fields = answeredFields(answer);
      const versions = couponVersions.get(couponId)?.filter(({ version }) => version === answer.version);
      const span = { fromMs: invoke.atMs, toMs: answer.atMs };
      const findings: Finding[] = [];
      if (!says(termsWithin(versions, span), fields)) {
        const detail = `version ${answer.version} is ${JSON.stringify(fields)}, which it was not then`;
        findings.push({ key, detail });
      }
      if (kind === 'stop-coupon' && fields.status !== 'STOPPED') findings.push({ key, detail: 'it goes on' });
      return findings;
    });
  });
}

function wrongCoupons({ state, couponVersions }: Facts): Finding[] {
  return state.coupons.flatMap(({ couponId, version, name, quantity, status, terms }): Finding[] => {
    const fields = { name, quantity, status, terms };
    const versions = couponVersions.get(couponId) ?? [];
    const gap = versions.find(({ candidates }) => candidates.length === 0);
    if (gap !== undefined)
      return [{ detail: `no request created version ${gap.version} of coupon ${couponId}` }];
    const isLast = versions.length === version;
    if (versions.length === 0 || (isLast && says(versions.at(-1)?.candidates ?? [], fields))) return [];
    return [{ detail: `coupon ${couponId} ends as version ${version}: ${JSON.stringify(fields)}` }];
  });
}

function says(candidates: readonly CouponFields[], fields: CouponFields): boolean {
  return candidates.some((each) => isDeepStrictEqual(each, fields));
}
