/**
 * The findings that a change is to blame for: those whose trace touches a changed file, and those that were not there before it. The
 * second kind is what a guard leaves behind that is removed in a file which then no trace leads to any more, or what the configuration or
 * the baseline let pass before: the earlier state is judged by those of its time.
 */
import { dirname, join, resolve } from 'node:path';
import { parseBaseline, baselineText, sortByBaseline } from './baseline.js';
import { CONFIG_NAMES, isModule, parseConfig, type ConfigFile } from './config.js';
import { isWanted } from './discover.js';
import { ConfigError } from './engine.js';
import type { Changes } from './git.js';
import { createProject, type ProjectOptions } from './project.js';
import type { Finding, Report } from './report.js';
import { UserError } from './user-error.js';

export interface Comparison {
  root: string;
  /** As it is now, and whether the user named its file. */
  config: ConfigFile | undefined;
  isConfigNamed: boolean;
  /** The baseline, where the user named its file. */
  baseline: string | undefined;
  cache: ProjectOptions['cache'];
}

export interface Blamed {
  findings: Finding[];
  /** Why the earlier state could not be judged, so that all findings count. */
  remark?: string;
}

/** `report`: without what the baseline accepts. */
export function findingsOfChange(report: Report, changes: Changes, comparison: Comparison): Blamed {
  const { findings } = report.findings;
  if (findings.length === 0) return { findings: [] };
  let rules: Rules | undefined;
  try {
    rules = earlierRules(changes, comparison);
  } catch (error) {
    if (error instanceof UserError) return { findings: [...findings], remark: error.message };
    throw error;
  }
  const touched = new Set(findings.filter((finding) => filesOf(finding, report).some((file) => changes.files.has(file))));
  if (touched.size < findings.length) {
    try {
      for (const finding of newIn(findings, changes, comparison, rules)) touched.add(finding);
    } catch (error) {
      if (error instanceof ConfigError) return { findings: [...findings], remark: `the configuration of then is not valid: ${error.message}` };
      throw error;
    }
  }
  return { findings: findings.filter((finding) => touched.has(finding)) };
}

/** The files of the trace, of the endpoint's handler and of its guards. */
function filesOf(finding: Finding, { inventory }: Report): string[] {
  const files = [finding.file, ...finding.trace.map((step) => step.file)];
  const endpoints = inventory.endpoints.filter(({ method, path, rules }) => method === finding.endpoint?.method && path === finding.endpoint.path && rules.includes(finding.rule));
  for (const { file, handler, guards } of endpoints) files.push(file, ...(handler ? [handler.file] : []), ...guards.map((guard) => guard.file));
  return files;
}

/** Findings that an analysis of the earlier state does not have. */
function newIn(findings: readonly Finding[], changes: Changes, { root, cache }: Comparison, { config, accepts, isOther }: Rules): Finding[] {
  const files = [...changes.files].filter((file) => isWanted(file.slice(file.lastIndexOf('/') + 1)));
  if (files.length === 0 && !isOther) return [];
  const project = createProject({ root, config: config ?? {}, ...(cache === undefined ? {} : { cache }) });
  try {
    const before = changes.before(files);
    for (const file of files) project.setText(file, before.get(file)?.toString('utf8') ?? '');
    const left = new Map<string, number>();
    for (const { fingerprint } of accepts(project.report().findings.findings)) left.set(fingerprint, (left.get(fingerprint) ?? 0) + 1);
    return findings.filter(({ fingerprint }) => {
      const count = left.get(fingerprint) ?? 0;
      left.set(fingerprint, count - 1);
      return count <= 0;
    });
  } finally {
    project.dispose();
  }
}

/** By what the earlier state was judged. */
interface Rules {
  config: unknown;
  /** The findings that its baseline left over. */
  accepts: (findings: readonly Finding[]) => readonly Finding[];
  /** They are not those of now. */
  isOther: boolean;
}

/** Throws a {@link UserError} where nobody knows them. */
function earlierRules(changes: Changes, comparison: Comparison): Rules {
  const config = earlierConfig(changes, comparison);
  const path = comparison.baseline ?? config?.host.baseline;
  const change = path === undefined ? undefined : changes.earlier(resolve(path));
  const text = path === undefined ? undefined : change ? change.text : baselineText(path);
  const entries = text === undefined ? [] : parseBaseline(path!, text);
  return {
    config: config?.value,
    accepts: (findings) => (entries.length === 0 ? findings : sortByBaseline(findings, entries).fresh),
    isOther: config !== comparison.config || change !== undefined,
  };
}

function earlierConfig(changes: Changes, { root, config, isConfigNamed }: Comparison): ConfigFile | undefined {
  const now = config && resolve(config.path);
  const folder = now === undefined ? resolve(root) : dirname(now);
  const places = isConfigNamed && now !== undefined ? [now] : CONFIG_NAMES.map((name) => join(folder, name));
  const changed = places.map((path) => ({ path, change: changes.earlier(path) })).filter(({ change }) => change !== undefined);
  // Another one may have stood beside it, and was given up.
  if (changed.length === 0 || (now !== undefined && !changed.some(({ path }) => path === now))) return config;
  const before = changed.find(({ change }) => change!.text !== undefined);
  if (!before) return undefined;
  if (isModule(before.path)) throw new UserError(`${before.path} changed, and what it said before is code, which is not run`);
  return parseConfig(before.path, before.change!.text!);
}
