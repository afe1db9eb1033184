import { isDeepStrictEqual } from 'node:util';
import type {
  BeginLine,
  CouponBody,
  CouponFields,
  InvokeLine,
  OkLine,
  Requests,
  SampleLine,
} from '../history/history-line.ts';
import type { FinalState } from './final-state.ts';
import type { Operation } from './operations.ts';
import { created, type Version } from './product-terms.ts';

export type CouponVersion = Version<CouponFields>;

interface Sources {
  readonly begin: BeginLine;
  readonly state: Pick<FinalState, 'coupons'>;
  readonly operations: ReadonlyMap<string, Operation>;
  readonly samples: readonly SampleLine[];
}

/** An attempt that may have made a version. */
interface Maker {
  readonly invokedMs: number;
  /** Undefined for an unknown outcome. */
  readonly version: number | undefined;
  /** Undefined for a stop, which keeps all fields but the status. */
  readonly edit: { readonly fields: CouponFields; readonly named: number } | undefined;
}

/**
 * All versions of each coupon, by coupon. An edit names the version that it replaces; a stop does not. A stop
 * with an unknown outcome may therefore have made any later version that has no other certain maker.
 */
export function couponVersions(sources: Sources): Map<string, readonly CouponVersion[]> {
  const { begin, state, operations } = sources;
  const makers = makersByCoupon(operations);
  const sightings = sightingsByCoupon(sources);
  const stored = new Map(state.coupons.map(({ couponId, version }) => [couponId, version]));
  const first = [
    ...begin.shop.coupons.map(({ couponId, name, quantity, terms }) => ({
      couponId,
      candidates: [{ name, quantity, status: 'ACTIVE', terms } as const],
      fromMs: -Infinity,
    })),
    ...created(operations, 'create-coupon').map(({ id, requests, fromMs }) => ({
      couponId: id,
      candidates: requests.map((request) => couponFields(request)),
      fromMs,
    })),
  ];
  return new Map(
    first.map(({ couponId, candidates, fromMs }) => {
      const seen = sightings.get(couponId) ?? [];
      const last = Math.max(stored.get(couponId) ?? 1, ...seen.map(({ version }) => version));
      const versions: CouponVersion[] = [];
      for (let version = 1; version <= last; version += 1) {
        const made =
          version === 1
            ? { candidates, fromMs }
            : versionMade(makers.get(couponId) ?? [], version, versions.at(-1)?.candidates ?? []);
        const later = seen.filter((look) => look.version > version).map(({ atMs }) => atMs);
        versions.push({ version, ...made, untilMs: Math.min(Infinity, ...later) });
      }
      return [couponId, versions];
    }),
  );
}

function versionMade(
  makers: readonly Maker[],
  version: number,
  before: readonly CouponFields[],
): Pick<CouponVersion, 'candidates' | 'fromMs'> {
  const certain = makers.filter((maker) => maker.version === version);
  const isStopped = certain.some(({ edit }) => edit === undefined);
  const edits = certain.filter(({ edit }) => edit !== undefined);
  // A stop reports the version that it made, or the version that an earlier stop or edit had made.
  const able =
    edits.length > 0
      ? edits
      : makers.filter(({ edit, version: reported }) =>
          reported === undefined ? edit === undefined || edit.named === version - 1 : reported === version,
        );
  const made = able
    .flatMap(({ edit, invokedMs }) => {
      const fields = edit === undefined ? before.filter(isActive).map(stopped) : [edit.fields];
      return fields.map((candidate) => ({ candidate, invokedMs }));
    })
    .filter(({ candidate }) => !isStopped || candidate.status === 'STOPPED');
  return {
    candidates: distinct(made.map(({ candidate }) => candidate)),
    fromMs: Math.min(...made.map(({ invokedMs }) => invokedMs)),
  };
}

const isActive = ({ status }: CouponFields): boolean => status === 'ACTIVE';
const stopped = (fields: CouponFields): CouponFields => ({ ...fields, status: 'STOPPED' });

function distinct(all: readonly CouponFields[]): CouponFields[] {
  return all.filter((fields, index) => all.findIndex((each) => isDeepStrictEqual(each, fields)) === index);
}

function makersByCoupon(operations: ReadonlyMap<string, Operation>): Map<string, Maker[]> {
  const makers = new Map<string, Maker[]>();
  for (const { kind, attempts } of operations.values()) {
    if (kind !== 'edit-coupon' && kind !== 'stop-coupon') continue;
    for (const { invoke, answer } of attempts) {
      if (answer?.type === 'fail') continue;
      const { couponId, version: named } = invoke.request as Requests['edit-coupon'];
      if (named === null) continue;
      const edit = kind === 'edit-coupon' ? { fields: requestedFields(invoke), named } : undefined;
      const version = answer?.type === 'ok' ? answer.version : undefined;
      const maker = { invokedMs: invoke.atMs, version, edit };
      makers.set(couponId, [...(makers.get(couponId) ?? []), maker]);
    }
  }
  return makers;
}

interface Sighting {
  readonly version: number;
  readonly atMs: number;
}

function sightingsByCoupon({ operations, samples }: Sources): Map<string, Sighting[]> {
  const sightings = new Map<string, Sighting[]>();
  const see = (couponId: string, sighting: Sighting): void => {
    sightings.set(couponId, [...(sightings.get(couponId) ?? []), sighting]);
  };
  for (const { coupons, atMs } of samples) {
    for (const { couponId, version } of coupons) see(couponId, { version, atMs });
  }
  for (const { kind, attempts } of operations.values()) {
    if (kind !== 'edit-coupon' && kind !== 'stop-coupon' && kind !== 'read-coupon') continue;
    for (const { invoke, answer } of attempts) {
      if (answer?.type !== 'ok' || answer.version === undefined) continue;
      const { couponId } = invoke.request as Requests['read-coupon'];
      see(couponId, { version: answer.version, atMs: answer.atMs });
    }
  }
  return sightings;
}

/** Fields in the request of an edit. */
export function requestedFields({ request }: InvokeLine): CouponFields {
  const { status, ...body } = request as Requests['edit-coupon'];
  return couponFields(body, status);
}

/** Fields in an answer about a coupon. */
export function answeredFields({ response }: OkLine): CouponFields {
  const { status, ...body } = response as CouponBody & Pick<CouponFields, 'status'>;
  return couponFields(body, status);
}

function couponFields(
  { name, quantity, discount, minimumOrder, validFrom, validUntil }: CouponBody,
  status: CouponFields['status'] = 'ACTIVE',
): CouponFields {
  const isShare = discount.kind === 'PERCENT';
  return {
    name,
    quantity,
    status,
    terms: {
      kind: discount.kind,
      amountKrw: isShare ? discount.max : discount.amount,
      percent: isShare ? discount.percent : null,
      minimumOrderKrw: minimumOrder,
      validFromMs: Date.parse(validFrom),
      validUntilMs: Date.parse(validUntil),
    },
  };
}
