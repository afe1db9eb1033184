import { execFileSync } from 'node:child_process';
import type { LockedPackage } from './locked-packages.ts';

/** The parts of CycloneDX 1.5 that are used here. */
export interface SoftwareBill {
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: string;
  readonly metadata: { readonly component: { name: string; readonly version: string } };
  readonly components: readonly BillComponent[];
}

interface BillComponent {
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly scope: string;
  readonly licenses?: readonly unknown[];
  hashes?: readonly { readonly alg: string; readonly content: string }[];
}

const TIMEOUT_MS = 60_000;
const SIZE_MAX_BYTES = 32 * 1024 * 1024;

/** The software bill, from the lock file alone: needs no network and no installed package. */
export function softwareBill(top: string, packages: readonly LockedPackage[]): SoftwareBill {
  const text = execFileSync('npm', ['sbom', '--sbom-format=cyclonedx', '--package-lock-only', '--offline'], {
    cwd: top,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    maxBuffer: SIZE_MAX_BYTES,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const bill = JSON.parse(text) as SoftwareBill;
  // npm would name the project after the clone's folder.
  bill.metadata.component.name = 'rowlock';
  // npm omits the hash of a package that is also part of another package's archive.
  const hashes = new Map(packages.map((locked) => [purlOf(locked), sha512Of(locked)]));
  for (const component of bill.components) {
    const content = hashes.get(component.purl);
    if (component.hashes === undefined && content !== undefined) {
      component.hashes = [{ alg: 'SHA-512', content }];
    }
  }
  return bill;
}

function purlOf({ name, version }: LockedPackage): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

/** In hex, as CycloneDX requires. */
function sha512Of({ integrity }: LockedPackage): string | undefined {
  const hash = integrity?.startsWith('sha512-') === true ? integrity.slice('sha512-'.length) : undefined;
  return hash === undefined ? undefined : Buffer.from(hash, 'base64').toString('hex');
}

/** One line per locked package that the bill lacks, or lists without its known hash or licence. */
export function billBreaches(bill: SoftwareBill, packages: readonly LockedPackage[]): string[] {
  const components = new Map(bill.components.map((component) => [component.purl, component]));
  const form =
    bill.bomFormat === 'CycloneDX' && bill.components.length > 0 ? [] : ['it is not in the CycloneDX format'];
  const gaps = packages.flatMap((locked) => {
    const purl = purlOf(locked);
    const component = components.get(purl);
    if (component === undefined) return [`${purl} is missing`];
    const hash = sha512Of(locked);
    const hasHash = hash === undefined || component.hashes?.some(({ content }) => content === hash) === true;
    const hasLicence = locked.license === undefined || (component.licenses?.length ?? 0) > 0;
    return [
      ...(hasHash ? [] : [`${purl} lacks the hash of the lock file`]),
      ...(hasLicence ? [] : [`${purl} has no licence`]),
    ];
  });
  return [...form, ...gaps];
}
