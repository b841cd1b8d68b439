/** `authlint check`: the findings. */
import { existsSync, realpathSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { printFindings } from '../print/findings.js';
import { SEVERITIES, type Finding, type Severity } from '../report.js';
import { UserError } from '../user-error.js';
import { analyse, printJson, type CommonOptions } from './common.js';

export interface CheckOptions extends CommonOptions {
  failOn?: string;
}

/** Gives the exit code. */
export async function runCheck(paths: readonly string[], options: CheckOptions): Promise<number> {
  const prefixes = existsSync(options.root) ? paths.map((path) => relativeToRoot(path, options.root)) : [];
  const { report, config } = await analyse(options);
  const findings = report.findings.findings.filter((finding) => isWithin(finding, prefixes));
  const shown = { ...report, findings: { ...report.findings, findings } };
  if (options.format === 'json') printJson(shown.findings);
  else printFindings(shown, { root: options.root, stream: process.stdout });
  return findings.some((finding) => fails(finding.severity, options.failOn ?? config?.host.failOn)) ? 1 : 0;
}

/** A path that the user gave, relative to the root, with `/`; empty for the root itself. */
function relativeToRoot(path: string, root: string): string {
  if (!existsSync(path)) throw new UserError(`${path} does not exist`);
  const inner = relative(realpathSync(root), realpathSync(path)).split(sep).join('/');
  if (inner === '..' || inner.startsWith('../')) throw new UserError(`${path} lies outside of the project ${root}; choose the project with --root`);
  return inner;
}

function isWithin(finding: Finding, prefixes: readonly string[]): boolean {
  const within = (prefix: string) => prefix === '' || finding.file === prefix || finding.file.startsWith(`${prefix}/`);
  return prefixes.length === 0 || prefixes.some(within);
}

function fails(severity: Severity, threshold: string | undefined): boolean {
  if (threshold === undefined) return true;
  if (threshold === 'never') return false;
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(threshold.toUpperCase() as Severity);
}
