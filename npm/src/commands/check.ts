/** `authlint check`: the findings. */
import { existsSync, realpathSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { readBaseline, sortByBaseline, writeBaseline, type Accepted } from '../baseline.js';
import { findingsOfChange } from '../changed-since.js';
import type { CheckResult } from '../check-result.js';
import type { ConfigFile } from '../config.js';
import { changesSince } from '../git.js';
import { printFindings } from '../print/findings.js';
import { harmless } from '../print/terminal.js';
import { hidesCode, SEVERITIES, type Finding, type Findings, type Report, type Severity } from '../report.js';
import { UserError } from '../user-error.js';
import { analyseLocated, locate, printJson, type CommonOptions, type Located } from './common.js';

export interface CheckOptions extends CommonOptions {
  format: 'text' | 'json' | 'sarif' | 'github';
  failOn?: string;
  allowErrors?: boolean;
  baseline?: string;
  updateBaseline?: boolean;
  changedSince?: string;
  watch?: boolean;
}

/** Gives the exit code. */
export async function runCheck(paths: readonly string[], given: CheckOptions): Promise<number> {
  refuseWhatDoesNotFit(paths, given);
  if (given.root !== undefined) prefixesOf(paths, locate(given)); // A path that is wrong is said before anything is analysed.
  if (given.watch) {
    const options = given.root === undefined ? (await analyseLocated(given)).options : locate(given);
    const { runWatch } = await import('./watch.js');
    return runWatch(prefixesOf(paths, options), options);
  }
  const { report, config, options } = await analyseLocated(given);
  const prefixes = prefixesOf(paths, options);
  const result = select(report, config, prefixes, options);
  await print(result, options.format);
  return exitCode(result.report.findings, options.failOn ?? config?.host.failOn, options.allowErrors);
}

/** What counts of a report: what neither the baseline accepts nor the user has asked to leave out. */
export function select(report: Report, config: ConfigFile | undefined, prefixes: readonly string[], options: Located<CheckOptions>): CheckResult {
  const { root } = options;
  const path = options.baseline ?? (config?.host.baseline === undefined ? undefined : relative(process.cwd(), config.host.baseline));
  const { findings } = report.findings;
  let fresh = findings;
  let accepted: Accepted[] = [];
  let baseline: CheckResult['baseline'];
  if (path !== undefined) {
    const sorted = sortByBaseline(findings, options.updateBaseline ? update(path, findings) : existingBaseline(path));
    ({ fresh, accepted } = sorted);
    baseline = { path, unused: sorted.unused };
  } else if (options.updateBaseline) {
    throw new UserError('--update-baseline: which file? Say --baseline FILE, or `baseline` in the configuration');
  }
  const isShown = (finding: Finding) => isWithin(finding, prefixes);
  fresh = fresh.filter(isShown);
  let since: CheckResult['since'];
  if (options.changedSince !== undefined) {
    const changes = changesSince(root, options.changedSince);
    const comparison = { root, config, isConfigNamed: options.config !== undefined, baseline: options.baseline, cache: options.cache ?? true };
    const { findings: blamed, remark } = findingsOfChange({ ...report, findings: { ...report.findings, findings: fresh } }, changes, comparison);
    if (remark !== undefined) process.stderr.write(`authlint: --changed-since ${harmless(options.changedSince)}: all findings count, since nobody can tell which are new: ${harmless(remark)}\n`);
    fresh = blamed;
    since = { ref: options.changedSince, files: changes.files.size };
  }
  return {
    root,
    report: { ...report, findings: { ...report.findings, findings: fresh } },
    accepted: accepted.filter(({ finding }) => isShown(finding)),
    ...(baseline ? { baseline } : {}),
    ...(since ? { since } : {}),
  };
}

async function print(result: CheckResult, format: CheckOptions['format']): Promise<void> {
  const { report, accepted, baseline } = result;
  switch (format) {
    case 'json':
      return printJson(baseline ? { ...report.findings, baseline: { file: baseline.path, accepted: accepted.length, unused: baseline.unused } } : report.findings);
    case 'sarif': {
      const { sarif } = await import('../format/sarif.js');
      return printJson(sarif(result));
    }
    case 'github': {
      const { githubAnnotations, writeStepSummary } = await import('../format/github.js');
      process.stdout.write(githubAnnotations(result));
      return writeStepSummary(result);
    }
    case 'text':
      return printFindings(report, { ...result, stream: process.stdout });
  }
}

/** As for ESLint and Ruff, what could not be read or parsed counts as much as the worst finding: an open endpoint may stand in it. */
export function exitCode({ findings, errors }: Findings, failOn: string | undefined, allowErrors = false): number {
  if (failOn === 'never') return 0;
  return (!allowErrors && errors.some(hidesCode)) || findings.some(({ severity }) => fails(severity, failOn)) ? 1 : 0;
}

function fails(severity: Severity, threshold: string | undefined): boolean {
  if (threshold === undefined) return true;
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(threshold.toUpperCase() as Severity);
}

function existingBaseline(path: string) {
  const entries = readBaseline(path);
  if (!entries) throw new UserError(`the baseline ${path} does not exist; --update-baseline makes it from what is found now`);
  return entries;
}

/** What is found now becomes the baseline. */
function update(path: string, findings: readonly Finding[]) {
  const { added, removed } = writeBaseline(path, findings, readBaseline(path) ?? []);
  const what = added + removed === 0 ? 'nothing changed' : `${added} added, ${removed} removed`;
  process.stderr.write(`${harmless(path)} holds what is found now: ${what}\n`);
  return readBaseline(path)!;
}

/** Combinations that would do something else than they seem to. */
function refuseWhatDoesNotFit(paths: readonly string[], { updateBaseline, changedSince, watch, format }: CheckOptions): void {
  if (updateBaseline && paths.length > 0) throw new UserError('--update-baseline takes the whole project; leave the paths out');
  if (updateBaseline && changedSince !== undefined) throw new UserError('--update-baseline takes the whole project; leave --changed-since out');
  if (watch && updateBaseline) throw new UserError('--watch and --update-baseline do not go together');
  if (watch && changedSince !== undefined) throw new UserError('--watch and --changed-since do not go together');
  if (watch && format !== 'text') throw new UserError(`--watch prints text; leave --format ${format} out`);
}

/** What is to be shown: what the user named, else the folder of the project that he stands in. */
function prefixesOf(paths: readonly string[], { root, within }: Located<CheckOptions>): string[] {
  if (paths.length === 0) return within === '' ? [] : [within];
  return paths.map((path) => relativeToRoot(path, root));
}

/** A path that the user gave, relative to the root, with `/`; empty for the root itself. */
function relativeToRoot(path: string, root: string): string {
  // As it stands, or as seen from the root.
  const place = [path, resolve(root, path)].find((candidate) => existsSync(candidate));
  if (place === undefined) throw new UserError(`${path} does not exist`);
  const inner = relative(realpathSync(root), realpathSync(place)).split(sep).join('/');
  if (inner === '..' || inner.startsWith('../')) throw new UserError(`${path} lies outside of the project ${root}; choose the project with --root`);
  return inner;
}

function isWithin(finding: Finding, prefixes: readonly string[]): boolean {
  const within = (prefix: string) => prefix === '' || finding.file === prefix || finding.file.startsWith(`${prefix}/`);
  return prefixes.length === 0 || prefixes.some(within);
}
