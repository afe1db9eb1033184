import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
  readonly passes: readonly unknown[];
}

/** Runs axe-core on the page as it is: one line for each finding, and how many rules passed. */
export async function axeFindings(page: Page): Promise<{ findings: string[]; passed: number }> {
  // Through the debugger, which the page's policy does not restrict.
  await page.evaluate(source);
  const result = await page.evaluate<AxeResult>('axe.run(document)');
  return {
    findings: result.violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 160)}: ${failureSummary}`),
    ),
    passed: result.passes.length,
  };
}
