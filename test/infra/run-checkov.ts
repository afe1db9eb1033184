import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

export interface Check {
  readonly check_id: string;
  readonly check_name: string;
  readonly file_path: string;
  readonly resource: string;
}

export const checkovTimeoutMs = 300_000;

/** Copies the templates of a synthesis into a folder for checkov. */
export function copyTemplates(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const file of readdirSync(from)) {
    if (file.endsWith('.template.json')) cpSync(join(from, file), join(to, basename(file)));
  }
}

/** Runs checkov over every template below a folder. */
export async function runCheckov(
  python: string,
  folder: string,
): Promise<{ results: Record<'failed_checks' | 'skipped_checks' | 'passed_checks', Check[]> }> {
  const args = ['-m', 'checkov.main', '--directory', folder, '--framework', 'cloudformation'];
  const { stdout } = await promisify(execFile)(
    python,
    [...args, '--output', 'json', '--skip-download', '--soft-fail'],
    { timeout: checkovTimeoutMs, maxBuffer: 256 * 1024 * 1024 },
  );
  return JSON.parse(stdout) as Awaited<ReturnType<typeof runCheckov>>;
}
